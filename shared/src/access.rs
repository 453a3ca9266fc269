//! Who may do what: roles × permissions as data, in this one place (product catalogue §3).
//!
//! The API guards with it, the web app hides with it, `GET /api/v1/permissions` publishes it. Deny is the default.

use serde::{Deserialize, Serialize};

/// What a person or system is to the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reads a customer's data.
    Viewer,
    /// Reads and records.
    Member,
    /// Decides about the customer's account.
    Owner,
    /// System of a customer with an API key, limited by its scopes.
    Key,
    /// Staff: reads business and quality figures.
    Analyst,
    /// Staff: runs the installation.
    Admin,
}

impl Role {
    /// The stored and published name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Member => "member",
            Self::Owner => "owner",
            Self::Key => "key",
            Self::Analyst => "analyst",
            Self::Admin => "admin",
        }
    }

    /// Finds a role by its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Viewer, Self::Member, Self::Owner, Self::Key, Self::Analyst, Self::Admin]
            .into_iter()
            .find(|role| role.as_str() == name)
    }

    /// Whether the role belongs to the operator's staff.
    #[must_use]
    pub const fn is_staff(self) -> bool {
        matches!(self, Self::Analyst | Self::Admin)
    }
}

/// What an API key may do (KEY-03).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Scope {
    /// List, search, follow and read logs.
    #[serde(rename = "logs:read")]
    LogsRead,
    /// Record logs.
    #[serde(rename = "logs:write")]
    LogsWrite,
    /// Read figures.
    #[serde(rename = "analytics:read")]
    AnalyticsRead,
    /// Take logs out.
    #[serde(rename = "export:read")]
    ExportRead,
    /// List keys.
    #[serde(rename = "keys:read")]
    KeysRead,
    /// Ask the assistant.
    #[serde(rename = "assistant:use")]
    AssistantUse,
    /// Manage webhooks.
    #[serde(rename = "webhooks:manage")]
    WebhooksManage,
    /// Create, rotate and revoke keys.
    #[serde(rename = "keys:manage")]
    KeysManage,
}

impl Scope {
    /// All scopes.
    pub const ALL: [Self; 8] = [
        Self::LogsRead,
        Self::LogsWrite,
        Self::AnalyticsRead,
        Self::ExportRead,
        Self::KeysRead,
        Self::AssistantUse,
        Self::WebhooksManage,
        Self::KeysManage,
    ];
    /// The scopes of a key that names none.
    pub const DEFAULT: [Self; 5] =
        [Self::LogsRead, Self::LogsWrite, Self::AnalyticsRead, Self::ExportRead, Self::KeysRead];

    /// The stored and published name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LogsRead => "logs:read",
            Self::LogsWrite => "logs:write",
            Self::AnalyticsRead => "analytics:read",
            Self::ExportRead => "export:read",
            Self::KeysRead => "keys:read",
            Self::AssistantUse => "assistant:use",
            Self::WebhooksManage => "webhooks:manage",
            Self::KeysManage => "keys:manage",
        }
    }

    /// Finds a scope by its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == name)
    }
}

/// One thing that may be done; every operation of the API names exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Permission {
    /// Own logs: list, search, detail, live view.
    #[serde(rename = "logs:read")]
    LogsRead,
    /// Own logs: create, batch, upload.
    #[serde(rename = "logs:write")]
    LogsWrite,
    /// Own logs: delete by filter, make fields unreadable, choose how long they are kept.
    #[serde(rename = "logs:erase")]
    LogsErase,
    /// Saved searches: list.
    #[serde(rename = "searches:read")]
    SearchesRead,
    /// Saved searches: save, change, forget.
    #[serde(rename = "searches:write")]
    SearchesWrite,
    /// Own analytics.
    #[serde(rename = "analytics:read")]
    AnalyticsRead,
    /// Own exports.
    #[serde(rename = "export:read")]
    ExportRead,
    /// Kinds of logs: describe, and say what happens to logs that do not fit.
    #[serde(rename = "kinds:manage")]
    KindsManage,
    /// API keys: list.
    #[serde(rename = "keys:read")]
    KeysRead,
    /// API keys: create, rename, narrow, rotate, revoke.
    #[serde(rename = "keys:manage")]
    KeysManage,
    /// Access code rotation and settings of the own account.
    #[serde(rename = "account:manage")]
    AccountManage,
    /// Users of the own customer, their roles and sessions, and what the access code may do.
    #[serde(rename = "users:manage")]
    UsersManage,
    /// All customers: list and detail without log content.
    #[serde(rename = "customers:read")]
    CustomersRead,
    /// All customers: create, edit, suspend, reactivate, rotate the access code.
    #[serde(rename = "customers:write")]
    CustomersWrite,
    /// API keys of a customer: revoke only.
    #[serde(rename = "customer-keys:revoke")]
    CustomerKeysRevoke,
    /// Outgoing mail: read the outbox, have mails tried again, preview, test.
    #[serde(rename = "mail:manage")]
    MailManage,
    /// Own customer's audit log.
    #[serde(rename = "audit:read")]
    AuditRead,
    /// Audit log of all customers and of the installation: read, verify, take out.
    #[serde(rename = "all-audit:read")]
    AllAuditRead,
    /// Logs across customers: list, search, take out. Each time is a row of the audit log.
    #[serde(rename = "all-logs:read")]
    AllLogsRead,
    /// Security of the installation: level, events, decisions about addresses.
    #[serde(rename = "security:read")]
    SecurityRead,
    /// Security of the installation: decide about addresses, set modes, acknowledge.
    #[serde(rename = "security:manage")]
    SecurityManage,
}

/// One row of the matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// What may be done.
    pub permission: Permission,
    /// Who may do it.
    pub roles: &'static [Role],
    /// What a key needs for it; a permission without a scope is closed to keys.
    pub scope: Option<Scope>,
}

use Role::{Admin, Analyst, Member, Owner, Viewer};

/// The matrix (ACC-02). A permission without a row does not exist.
pub const MATRIX: &[Grant] = &[
    Grant { permission: Permission::LogsRead, roles: &[Viewer, Member, Owner], scope: Some(Scope::LogsRead) },
    Grant { permission: Permission::LogsWrite, roles: &[Member, Owner], scope: Some(Scope::LogsWrite) },
    Grant { permission: Permission::LogsErase, roles: &[Owner], scope: None },
    Grant { permission: Permission::SearchesRead, roles: &[Viewer, Member, Owner], scope: None },
    Grant { permission: Permission::SearchesWrite, roles: &[Member, Owner], scope: None },
    Grant {
        permission: Permission::AnalyticsRead,
        roles: &[Viewer, Member, Owner],
        scope: Some(Scope::AnalyticsRead),
    },
    Grant {
        permission: Permission::ExportRead,
        roles: &[Viewer, Member, Owner],
        scope: Some(Scope::ExportRead),
    },
    Grant { permission: Permission::KindsManage, roles: &[Owner], scope: None },
    Grant { permission: Permission::KeysRead, roles: &[Viewer, Member, Owner], scope: Some(Scope::KeysRead) },
    Grant { permission: Permission::KeysManage, roles: &[Owner], scope: Some(Scope::KeysManage) },
    Grant { permission: Permission::AccountManage, roles: &[Owner], scope: None },
    Grant { permission: Permission::UsersManage, roles: &[Owner], scope: None },
    Grant { permission: Permission::CustomersRead, roles: &[Analyst, Admin], scope: None },
    Grant { permission: Permission::CustomersWrite, roles: &[Admin], scope: None },
    Grant { permission: Permission::CustomerKeysRevoke, roles: &[Admin], scope: None },
    Grant { permission: Permission::MailManage, roles: &[Admin], scope: None },
    Grant { permission: Permission::AuditRead, roles: &[Owner], scope: None },
    Grant { permission: Permission::AllAuditRead, roles: &[Admin], scope: None },
    Grant { permission: Permission::AllLogsRead, roles: &[Admin], scope: None },
    Grant { permission: Permission::SecurityRead, roles: &[Analyst, Admin], scope: None },
    Grant { permission: Permission::SecurityManage, roles: &[Admin], scope: None },
];

impl Permission {
    /// The stored and published name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LogsRead => "logs:read",
            Self::LogsWrite => "logs:write",
            Self::LogsErase => "logs:erase",
            Self::SearchesRead => "searches:read",
            Self::SearchesWrite => "searches:write",
            Self::AnalyticsRead => "analytics:read",
            Self::ExportRead => "export:read",
            Self::KindsManage => "kinds:manage",
            Self::KeysRead => "keys:read",
            Self::KeysManage => "keys:manage",
            Self::AccountManage => "account:manage",
            Self::UsersManage => "users:manage",
            Self::CustomersRead => "customers:read",
            Self::CustomersWrite => "customers:write",
            Self::CustomerKeysRevoke => "customer-keys:revoke",
            Self::MailManage => "mail:manage",
            Self::AuditRead => "audit:read",
            Self::AllAuditRead => "all-audit:read",
            Self::AllLogsRead => "all-logs:read",
            Self::SecurityRead => "security:read",
            Self::SecurityManage => "security:manage",
        }
    }

    /// The row of the matrix.
    #[must_use]
    pub fn grant(self) -> Option<&'static Grant> {
        MATRIX.iter().find(|grant| grant.permission == self)
    }

    /// Whether a person or staff member of this role may do it; keys are judged by their scopes.
    #[must_use]
    pub fn allows_role(self, role: Role) -> bool {
        self.grant().is_some_and(|grant| grant.roles.contains(&role))
    }
}

/// One row of the published matrix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PermissionOut {
    /// What may be done.
    pub permission: Permission,
    /// Roles that may do it.
    pub roles: Vec<Role>,
    /// Scope that a key needs, if keys may do it at all.
    pub scope: Option<Scope>,
}

/// The published matrix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PermissionsOut {
    /// All permissions.
    pub permissions: Vec<PermissionOut>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ACC-02: each permission has exactly one row; staff never reads or writes log content through one of customers, and
    /// through one alone of its own.
    #[test]
    fn matrix_is_complete_and_closed() {
        for grant in MATRIX {
            assert_eq!(MATRIX.iter().filter(|g| g.permission == grant.permission).count(), 1);
            assert_eq!(grant.permission.grant(), Some(grant));
            let mixed = grant.roles.iter().any(|r| r.is_staff()) && grant.roles.iter().any(|r| !r.is_staff());
            assert!(!mixed, "{:?} mixes staff and customers", grant.permission);
        }
        assert_eq!(Permission::AllLogsRead.grant().map(|grant| grant.roles), Some(&[Admin][..]));
    }

    /// KEY-03: the five default scopes, and names that survive a round trip.
    #[test]
    fn scopes_have_stable_names() {
        assert_eq!(Scope::DEFAULT.len(), 5);
        for scope in Scope::ALL {
            assert_eq!(Scope::parse(scope.as_str()), Some(scope));
            assert_eq!(serde_json::to_value(scope).unwrap(), scope.as_str());
        }
    }
}
