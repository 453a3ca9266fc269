//! Customers (tenants) of the installation.

use serde::{Deserialize, Serialize};

use crate::lang::Lang;
use crate::time::Millis;

/// State of a customer; its effects stand in the product catalogue §5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CustomerStatus {
    /// Everything works.
    Active,
    /// Reading only: the trial ended or an invoice is unpaid.
    ReadOnly,
    /// Stopped by the operator.
    Suspended,
    /// Cancelled; 30 days to take the data out.
    Closing,
    /// Erased.
    Closed,
}

impl CustomerStatus {
    /// All states.
    pub const ALL: [Self; 5] = [Self::Active, Self::ReadOnly, Self::Suspended, Self::Closing, Self::Closed];

    /// The stored and published name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::ReadOnly => "read_only",
            Self::Suspended => "suspended",
            Self::Closing => "closing",
            Self::Closed => "closed",
        }
    }

    /// Finds a state by its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

/// The six plans, in price order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Plan {
    /// 14-day trial.
    Demo,
    /// Individuals and freelancers.
    Particulier,
    /// Small business.
    Starter,
    /// 1–50 staff.
    Mkb,
    /// Growing company.
    Professional,
    /// Large or critical.
    Enterprise,
}

impl Plan {
    /// All plans, in price order.
    pub const ALL: [Self; 6] =
        [Self::Demo, Self::Particulier, Self::Starter, Self::Mkb, Self::Professional, Self::Enterprise];

    /// The stored and published name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Demo => "demo",
            Self::Particulier => "particulier",
            Self::Starter => "starter",
            Self::Mkb => "mkb",
            Self::Professional => "professional",
            Self::Enterprise => "enterprise",
        }
    }

    /// Finds a plan by its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|plan| plan.as_str() == name)
    }
}

/// Whether a customer is a company or a consumer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Segment {
    /// A company or freelancer.
    #[default]
    Business,
    /// A private person.
    Consumer,
}

impl Segment {
    /// The stored and published name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Business => "business",
            Self::Consumer => "consumer",
        }
    }
}

/// A new customer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CustomerIn {
    /// Name, 1 to 120 characters, unique without regard to case.
    #[cfg_attr(
        feature = "openapi",
        schema(min_length = 1, max_length = 120, example = "Van Dijk Transport BV")
    )]
    pub name: String,
    /// Contact address.
    #[cfg_attr(feature = "openapi", schema(max_length = 254, example = "planning@vandijk.example"))]
    pub contact_email: String,
    /// Notes about the company, at most 2,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 2000))]
    pub company_info: Option<String>,
    /// VAT number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 32))]
    pub vat_number: Option<String>,
    /// Country (ISO 3166-1 alpha-2); `NL` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(pattern = "^[A-Z]{2}$", example = "NL"))]
    pub country: Option<String>,
    /// Company or consumer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<Segment>,
    /// Language; the installation's default if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Lang>,
    /// IANA time zone; the installation's default if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 64, example = "Europe/Amsterdam"))]
    pub time_zone: Option<String>,
    /// Plan; `DEFAULT_PRICING_TIER` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
}

/// What may be edited of a customer; absent members stay, `null` clears (RFC 7396).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CustomerPatch {
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 120))]
    pub name: Option<String>,
    /// Contact address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 254))]
    pub contact_email: Option<String>,
    /// Notes about the company.
    #[serde(default, with = "crate::validate::clearable", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 2000))]
    pub company_info: Option<Option<String>>,
    /// VAT number.
    #[serde(default, with = "crate::validate::clearable", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 32))]
    pub vat_number: Option<Option<String>>,
    /// Country (ISO 3166-1 alpha-2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(pattern = "^[A-Z]{2}$"))]
    pub country: Option<String>,
    /// Company or consumer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<Segment>,
    /// Language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Lang>,
    /// IANA time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 64))]
    pub time_zone: Option<String>,
    /// Plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
}

/// A customer as staff sees it, without log content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CustomerOut {
    /// Number of the customer.
    pub id: i64,
    /// Name.
    pub name: String,
    /// Contact address.
    pub contact_email: String,
    /// Notes about the company.
    pub company_info: Option<String>,
    /// VAT number.
    pub vat_number: Option<String>,
    /// Country (ISO 3166-1 alpha-2).
    pub country: String,
    /// Company or consumer.
    pub segment: Segment,
    /// Language.
    pub language: Lang,
    /// IANA time zone.
    pub time_zone: String,
    /// Plan.
    pub plan: Plan,
    /// State.
    pub status: CustomerStatus,
    /// Why the state is not `active`.
    pub status_reason: Option<String>,
    /// Last four characters of the access code.
    pub access_code_hint: Option<String>,
    /// When an access code was last used to sign in.
    pub last_login_at: Option<Millis>,
    /// Logs stored in all.
    pub total_logs: i64,
    /// Logs received in the running calendar month of the customer.
    pub logs_this_month: i64,
    /// When the latest log was received.
    pub last_log_at: Option<Millis>,
    /// API keys that work.
    pub active_keys: i64,
    /// When the customer was created.
    pub created_at: Millis,
    /// When it was last changed.
    pub updated_at: Millis,
}

/// A new customer with its access code, which is shown exactly once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CustomerCreatedOut {
    /// The customer.
    #[serde(flatten)]
    pub customer: CustomerOut,
    /// The access code; never shown again.
    pub access_code: String,
}

/// Why a customer is suspended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SuspendIn {
    /// The reason, 3 to 500 characters; the customer's owner sees it.
    #[cfg_attr(
        feature = "openapi",
        schema(min_length = 3, max_length = 500, example = "invoice 2026-014 unpaid")
    )]
    pub reason: String,
}

/// What a suspension or reactivation did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StatusChangeOut {
    /// The customer afterwards.
    #[serde(flatten)]
    pub customer: CustomerOut,
    /// Sessions that ended.
    pub sessions_ended: i64,
    /// Keys that are refused (suspension) or work again (reactivation).
    pub keys_affected: i64,
}

/// The installation at a glance, for staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AdminOverviewOut {
    /// Time zone of the installation: days are counted in it.
    pub time_zone: String,
    /// When the figures were computed.
    pub computed_at: Millis,
    /// Customers by state.
    pub customers: CustomerCounts,
    /// Logs over all customers since midnight.
    pub logs_today: i64,
    /// Logs received over all customers in the last 24 hours.
    pub logs_last_24h: i64,
    /// Logs stored over all customers.
    pub total_logs: i64,
    /// Stored logs that the index for parts of words does not hold yet; a search for a part reads them. A few hundred for
    /// each customer are normal, more of them come in by themselves.
    pub logs_to_index: i64,
    /// Logs per day over all customers, oldest first, zero-filled, the running day last.
    pub daily: Vec<crate::analytics::DayCount>,
    /// The ten most active customers of the last seven days, today included.
    pub most_active: Vec<ActiveCustomer>,
    /// The five newest customers.
    pub newest: Vec<CustomerOut>,
}

/// Customers by state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CustomerCounts {
    /// All customers but closed ones.
    pub total: i64,
    /// Active.
    pub active: i64,
    /// Read only.
    pub read_only: i64,
    /// Suspended.
    pub suspended: i64,
    /// Closing.
    pub closing: i64,
}

/// A customer with its recent activity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActiveCustomer {
    /// Number of the customer.
    pub id: i64,
    /// Name.
    pub name: String,
    /// Logs in the period.
    pub logs: i64,
}
