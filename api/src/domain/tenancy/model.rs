//! What may be said about a customer, and how customers are listed.

use axum::http::HeaderMap;
use axum::http::header::IF_MATCH;
use serde::{Deserialize, Serialize};
use shared::lang::Lang;
use shared::problem::Code;
use shared::tenancy::{CustomerIn, CustomerOut, CustomerPatch, CustomerStatus, Plan, Segment};
use shared::time::Millis;
use shared::validate::{Checks, FieldCode};

use crate::config::Config;
use crate::http::extract::no_faults;
use crate::http::page::{Cursor, ListKey, Position};
use crate::http::params::{Params, invalid};
use crate::http::problem::{Answer, Problem};
use crate::util::zone;

const MAX_NAME: usize = 120;
const MAX_INFO: usize = 2_000;
const MAX_VAT: usize = 32;
const MAX_QUERY: usize = 200;
const DEFAULT_COUNTRY: &str = "NL";

/// A customer with its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned {
    /// The customer.
    pub customer: CustomerOut,
    /// Grows with every change by a person; the `ETag`.
    pub version: i64,
}

/// How long a customer's logs are kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Retention {
    /// Days; none is without limit.
    pub days: Option<i64>,
    /// A shorter time that counts from an instant on.
    pub next: Option<(i64, Millis)>,
    /// Kinds with a time of their own, by name.
    pub kinds: Vec<OfKind>,
    /// Whether totals of deleted logs are kept.
    pub totals: bool,
}

/// How long logs of a kind are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfKind {
    /// Name of the kind as it stands in logs.
    pub kind: String,
    /// Days; none is as long as all others.
    pub days: Option<i64>,
    /// A shorter time that counts from an instant on, unix milliseconds.
    pub next: Option<(Option<i64>, i64)>,
}

impl OfKind {
    /// What the audit log is told.
    #[must_use]
    pub fn in_words(&self) -> String {
        let days = |days: Option<i64>| days.map_or_else(|| "–".to_owned(), |days| days.to_string());
        let next = self.next.map(|(then, at)| format!(" → {} ({})", days(then), Millis(at).to_rfc3339()));
        format!("{} {}{}", self.kind, days(self.days), next.unwrap_or_default())
    }
}

/// What is edited of a customer, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Name.
    pub name: String,
    /// Contact address.
    pub contact_email: String,
    /// Notes about the company.
    pub company_info: Option<String>,
    /// VAT number.
    pub vat_number: Option<String>,
    /// Country.
    pub country: String,
    /// Company or consumer.
    pub segment: Segment,
    /// Language.
    pub language: Lang,
    /// Name of the time zone.
    pub time_zone: String,
    /// Plan.
    pub plan: Plan,
}

/// What names are compared by (ACC-11: unique without regard to case).
#[must_use]
pub fn name_key(name: &str) -> String {
    name.trim().to_lowercase()
}

fn notes(checks: &mut Checks, given: Option<&str>) -> Option<String> {
    given.map(|text| checks.text("/company_info", text, 0, MAX_INFO)).filter(|text| !text.is_empty())
}

fn vat(checks: &mut Checks, given: Option<&str>) -> Option<String> {
    given.map(|text| checks.line("/vat_number", text, 0, MAX_VAT)).filter(|text| !text.is_empty())
}

fn country(checks: &mut Checks, given: &str) -> String {
    if given.len() != 2 || !given.bytes().all(|byte| byte.is_ascii_uppercase()) {
        checks.fail("/country", FieldCode::Country, &[]);
    }
    given.to_owned()
}

/// Checks an IANA time zone.
pub fn time_zone(checks: &mut Checks, given: &str) -> String {
    if zone::find(given).is_none() {
        checks.fail("/time_zone", FieldCode::TimeZone, &[]);
    }
    given.to_owned()
}

impl Profile {
    /// ACC-11: checks a new customer; what is absent comes from the installation.
    ///
    /// # Errors
    /// `invalid_body` with a fault for each member.
    pub fn judge(input: &CustomerIn, config: &Config) -> Answer<Self> {
        let mut checks = Checks::default();
        let profile = Self {
            name: checks.line("/name", &input.name, 1, MAX_NAME),
            contact_email: checks.email("/contact_email", &input.contact_email),
            company_info: notes(&mut checks, input.company_info.as_deref()),
            vat_number: vat(&mut checks, input.vat_number.as_deref()),
            country: country(&mut checks, input.country.as_deref().unwrap_or(DEFAULT_COUNTRY)),
            segment: input.segment.unwrap_or_default(),
            language: input.language.unwrap_or(config.default_language),
            time_zone: time_zone(&mut checks, input.time_zone.as_deref().unwrap_or(&config.time_zone)),
            plan: input.plan.unwrap_or(config.default_plan),
        };
        no_faults(checks)?;
        Ok(profile)
    }

    /// ADM-03: what a merge patch makes of a customer: absent members stay, `null` clears (RFC 7396).
    ///
    /// # Errors
    /// `invalid_body` with a fault for each member.
    pub fn patched(now: CustomerOut, patch: &CustomerPatch) -> Answer<Self> {
        let mut checks = Checks::default();
        let profile = Self {
            name: patch.name.as_ref().map_or(now.name, |name| checks.line("/name", name, 1, MAX_NAME)),
            contact_email: patch
                .contact_email
                .as_ref()
                .map_or(now.contact_email, |mail| checks.email("/contact_email", mail)),
            company_info: patch
                .company_info
                .as_ref()
                .map_or(now.company_info, |text| notes(&mut checks, text.as_deref())),
            vat_number: patch
                .vat_number
                .as_ref()
                .map_or(now.vat_number, |text| vat(&mut checks, text.as_deref())),
            country: patch.country.as_ref().map_or(now.country, |code| country(&mut checks, code)),
            segment: patch.segment.unwrap_or(now.segment),
            language: patch.language.unwrap_or(now.language),
            time_zone: patch.time_zone.as_ref().map_or(now.time_zone, |name| time_zone(&mut checks, name)),
            plan: patch.plan.unwrap_or(now.plan),
        };
        no_faults(checks)?;
        Ok(profile)
    }
}

/// The version of a resource as an entity tag.
#[must_use]
pub fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

/// Which versions a change is meant for (RFC 9110 §13.1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IfMatch {
    /// The header is absent.
    Absent,
    /// Whatever is there.
    Any,
    /// These.
    Tags(Vec<String>),
}

impl IfMatch {
    /// Reads the header. A proxy that compresses turns our tags into weak ones; the version in them still counts.
    #[must_use]
    pub fn read(headers: &HeaderMap) -> Self {
        let lines: Vec<&str> =
            headers.get_all(IF_MATCH).iter().map(|value| value.to_str().unwrap_or("?")).collect();
        if lines.is_empty() {
            return Self::Absent;
        }
        let tags = lines.iter().flat_map(|line| line.split(',')).map(str::trim);
        let tags: Vec<String> = tags.map(|tag| tag.strip_prefix("W/").unwrap_or(tag).to_owned()).collect();
        if tags == ["*"] { Self::Any } else { Self::Tags(tags) }
    }

    /// Refuses a change that is not meant for this version.
    ///
    /// # Errors
    /// `precondition_required` without the header, `precondition_failed` for another version.
    pub fn check(&self, version: i64) -> Answer<()> {
        match self {
            Self::Absent => Err(Problem::new(Code::PreconditionRequired)),
            Self::Any => Ok(()),
            Self::Tags(tags) if tags.contains(&etag(version)) => Ok(()),
            Self::Tags(_) => Err(Problem::new(Code::PreconditionFailed)),
        }
    }
}

/// Order of a list of customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CustomerSort {
    /// By name.
    #[default]
    Name,
    /// Newest first.
    Newest,
    /// Most logs first.
    Logs,
}

const SORTS: [(&str, CustomerSort); 3] =
    [("name", CustomerSort::Name), ("-created_at", CustomerSort::Newest), ("-logs", CustomerSort::Logs)];

/// Which customers to list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CustomerFilter {
    /// Part of the name or address, or the number.
    pub q: Option<String>,
    /// State.
    pub status: Option<CustomerStatus>,
    /// Plan.
    pub plan: Option<Plan>,
    /// Order.
    pub sort: CustomerSort,
    /// Most rows.
    pub limit: i64,
}

impl CustomerFilter {
    /// ADM-03: reads the parameters of a list.
    ///
    /// # Errors
    /// `unknown_parameter`, `invalid_parameter`.
    pub fn read(params: &Params) -> Answer<Self> {
        params.allow(&["q", "status", "plan", "sort", "limit", "cursor"])?;
        let q = params.get("q").map(|text| text.trim().to_lowercase());
        if q.as_ref()
            .is_some_and(|text| text.chars().count() > MAX_QUERY || text.chars().any(char::is_control))
        {
            return Err(invalid("q", &format!("1 – {MAX_QUERY}")));
        }
        Ok(Self {
            q,
            status: params.choice("status", &CustomerStatus::ALL.map(|status| (status.as_str(), status)))?,
            plan: params.choice("plan", &Plan::ALL.map(|plan| (plan.as_str(), plan)))?,
            sort: params.choice("sort", &SORTS)?.unwrap_or_default(),
            limit: params.int("limit", 50, 1, 1_000)?,
        })
    }

    /// The list that cursors belong to.
    #[must_use]
    pub fn key(&self) -> ListKey {
        let sort = SORTS.iter().find(|(_, sort)| *sort == self.sort).map_or("", |(name, _)| name);
        let status = self.status.map_or("", CustomerStatus::as_str);
        ListKey::new(&[
            "admin/customers",
            self.q.as_deref().unwrap_or(""),
            status,
            self.plan.map_or("", Plan::as_str),
            sort,
        ])
    }

    /// The position behind a row.
    #[must_use]
    pub fn behind(&self, row: &CustomerOut) -> Cursor {
        let at = match self.sort {
            CustomerSort::Name => vec![Position::Text(name_key(&row.name))],
            CustomerSort::Newest => vec![Position::Int(row.created_at.0), Position::Int(row.id)],
            CustomerSort::Logs => vec![Position::Int(row.total_logs), Position::Int(row.id)],
        };
        Cursor { at }
    }

    /// The pattern for `LIKE … ESCAPE '\'`: what was typed is meant literally.
    #[must_use]
    pub fn pattern(&self) -> Option<String> {
        let escape = |text: &String| text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        self.q.as_ref().map(|text| format!("%{}%", escape(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::time::Millis;

    fn config() -> Config {
        Config::development("x.db".into())
    }

    fn input() -> CustomerIn {
        CustomerIn {
            name: " Van Dijk ".to_owned(),
            contact_email: "a@b.nl".to_owned(),
            ..CustomerIn::default()
        }
    }

    fn customer() -> CustomerOut {
        CustomerOut {
            id: 7,
            name: "Van Dijk".to_owned(),
            contact_email: "a@b.nl".to_owned(),
            company_info: Some("info".to_owned()),
            vat_number: Some("NL1".to_owned()),
            country: "NL".to_owned(),
            segment: Segment::Business,
            language: Lang::Nl,
            time_zone: "Europe/Amsterdam".to_owned(),
            plan: Plan::Demo,
            status: CustomerStatus::Active,
            status_reason: None,
            access_code_hint: None,
            last_login_at: None,
            total_logs: 5,
            logs_this_month: 0,
            last_log_at: None,
            active_keys: 0,
            created_at: Millis(1),
            updated_at: Millis(1),
        }
    }

    fn pointers(answer: Answer<Profile>) -> Vec<String> {
        answer.unwrap_err().render(Lang::En, "/", "1").errors.into_iter().map(|error| error.pointer).collect()
    }

    /// ACC-11: what is absent comes from the installation, and every fault has its place.
    #[test]
    fn new_customers_are_checked() {
        let good = Profile::judge(&input(), &config()).unwrap();
        assert_eq!((good.name.as_str(), good.country.as_str(), good.plan), ("Van Dijk", "NL", Plan::Demo));
        assert_eq!(
            (good.time_zone.as_str(), good.language, good.vat_number),
            ("Europe/Amsterdam", Lang::Nl, None)
        );
        let bad = CustomerIn {
            name: "a\u{7}".to_owned(),
            contact_email: "nobody".to_owned(),
            company_info: Some("x".repeat(2_001)),
            vat_number: Some("1\n2".to_owned()),
            country: Some("nl".to_owned()),
            time_zone: Some("CET".to_owned()),
            ..CustomerIn::default()
        };
        let faults = pointers(Profile::judge(&bad, &config()));
        assert_eq!(
            faults,
            ["/name", "/contact_email", "/company_info", "/vat_number", "/country", "/time_zone"]
        );
        for wrong in ["", "N", "NLD", "Nl", "É", "N1"] {
            let bad = CustomerIn { country: Some(wrong.to_owned()), ..input() };
            assert_eq!(pointers(Profile::judge(&bad, &config())), ["/country"], "{wrong}");
        }
    }

    /// ADM-03: absent members stay, `null` clears, and each member is judged as at creation.
    #[test]
    fn patches_are_merged() {
        let same = Profile::patched(customer(), &CustomerPatch::default()).unwrap();
        assert_eq!((same.name.as_str(), same.company_info.as_deref()), ("Van Dijk", Some("info")));
        let patch: CustomerPatch = serde_json::from_str(
            r#"{"company_info": null, "vat_number": " ", "plan": "mkb", "time_zone": "UTC"}"#,
        )
        .unwrap();
        let changed = Profile::patched(customer(), &patch).unwrap();
        assert_eq!((changed.company_info, changed.vat_number), (None, None));
        assert_eq!((changed.plan, changed.time_zone.as_str()), (Plan::Mkb, "UTC"));
        let bad = CustomerPatch {
            name: Some(" ".to_owned()),
            country: Some("Holland".to_owned()),
            ..CustomerPatch::default()
        };
        assert_eq!(pointers(Profile::patched(customer(), &bad)), ["/name", "/country"]);
    }

    /// ADM-03: a change is for the version that was seen, or it is refused.
    #[test]
    fn changes_name_their_version() {
        let judge = |value: Option<&str>| {
            let mut headers = HeaderMap::new();
            if let Some(value) = value {
                headers.insert(IF_MATCH, value.parse().unwrap());
            }
            IfMatch::read(&headers).check(3).map_err(|problem| problem.code.status())
        };
        for good in ["\"3\"", "*", "W/\"3\"", "\"2\", \"3\""] {
            assert_eq!(judge(Some(good)), Ok(()), "{good}");
        }
        for wrong in ["\"2\"", "3", "", "\"33\"", "\"2\", *"] {
            assert_eq!(judge(Some(wrong)), Err(412), "{wrong}");
        }
        assert_eq!(judge(None), Err(428));
    }

    /// ADM-03: parameters are read within their bounds, and what is typed is meant literally.
    #[test]
    fn list_parameters_are_read() {
        let read = |query: &str| CustomerFilter::read(&Params::parse(query));
        let all = read("").unwrap();
        assert_eq!((all.sort, all.limit, all.pattern()), (CustomerSort::Name, 50, None));
        let some = read("q=+50%25_A%5C&status=read_only&plan=mkb&sort=-logs&limit=1000").unwrap();
        assert_eq!(some.pattern().as_deref(), Some("%50\\%\\_a\\\\%"));
        assert_eq!(
            (some.status, some.plan, some.sort),
            (Some(CustomerStatus::ReadOnly), Some(Plan::Mkb), CustomerSort::Logs)
        );
        for wrong in [
            "offset=1",
            "sort=logs",
            "sort=-name",
            "status=gone",
            "plan=gold",
            "limit=0",
            "limit=1001",
            "q=%00",
        ] {
            assert_eq!(read(wrong).unwrap_err().code.status(), 400, "{wrong}");
        }
        assert!(read(&format!("q={}", "x".repeat(201))).is_err());
    }

    /// GEN-07: a position holds what the order is made of, the number last.
    #[test]
    fn positions_follow_the_order() {
        let behind = |sort| CustomerFilter { sort, ..CustomerFilter::default() }.behind(&customer());
        assert_eq!(behind(CustomerSort::Name).text(0), Some("van dijk"));
        assert_eq!(
            (behind(CustomerSort::Newest).int(0), behind(CustomerSort::Newest).int(1)),
            (Some(1), Some(7))
        );
        assert_eq!(
            (behind(CustomerSort::Logs).int(0), behind(CustomerSort::Logs).int(1)),
            (Some(5), Some(7))
        );
    }
}
