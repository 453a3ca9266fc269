//! Who may do what, operation by operation, kept by hand: the second opinion beside the product's own annotations.

use shared::access::{MATRIX, Permission, Role, Scope};

/// What guards an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// Anybody.
    Public,
    /// Whoever has a valid credential.
    SignedIn,
    /// People with a session, not systems with a key.
    Person,
    /// People who have a password: users and staff.
    WithPassword,
    /// Callers of a customer with a permission.
    Tenant(Permission),
    /// Staff with a permission.
    Staff(Permission),
}

use Guard::{Person, Public, SignedIn, Staff, Tenant, WithPassword};
use Permission as P;

/// One line for each operation. A new operation without a line fails the build.
pub const POLICY: &[(&str, Guard)] = &[
    ("change_password", WithPassword),
    ("change_password_by_link", Public),
    ("check_kind", Tenant(P::KindsManage)),
    ("check_link", Public),
    ("compute_funnel", Tenant(P::AnalyticsRead)),
    ("create_archive", Tenant(P::AccountManage)),
    ("create_customer", Staff(P::CustomersWrite)),
    ("create_decision", Staff(P::SecurityManage)),
    ("create_epcis_capture", Tenant(P::LogsWrite)),
    ("create_epcis_event", Tenant(P::LogsWrite)),
    ("create_erasure", Tenant(P::LogsErase)),
    ("create_es_bulk", Tenant(P::LogsWrite)),
    ("create_es_bulk_in", Tenant(P::LogsWrite)),
    ("create_export", Tenant(P::ExportRead)),
    ("create_key", Tenant(P::KeysManage)),
    ("create_kind", Tenant(P::KindsManage)),
    ("create_log", Tenant(P::LogsWrite)),
    ("create_log_alias", Tenant(P::LogsWrite)),
    ("create_logs", Tenant(P::LogsWrite)),
    ("create_loki_push", Tenant(P::LogsWrite)),
    ("create_mail_test", Staff(P::MailManage)),
    ("create_otlp_logs", Tenant(P::LogsWrite)),
    ("create_otm_events", Tenant(P::LogsWrite)),
    ("create_password_reset", Public),
    ("create_saved_search", Tenant(P::SearchesWrite)),
    ("create_security_acknowledgement", Staff(P::SecurityManage)),
    ("create_session", Public),
    ("create_user", Tenant(P::UsersManage)),
    ("create_user_invitation", Tenant(P::UsersManage)),
    ("delete_customer_session", Staff(P::CustomersWrite)),
    ("delete_decision", Staff(P::SecurityManage)),
    ("delete_job", Tenant(P::ExportRead)),
    ("delete_kind", Tenant(P::KindsManage)),
    ("delete_my_other_sessions", Person),
    ("delete_my_session", Person),
    ("delete_next_retention", Tenant(P::LogsErase)),
    ("delete_past_searches", Tenant(P::LogsRead)),
    ("delete_quarantined", Tenant(P::LogsErase)),
    ("delete_saved_search", Tenant(P::SearchesWrite)),
    ("delete_session", Public),
    ("delete_session_of_user", Tenant(P::UsersManage)),
    ("delete_user", Tenant(P::UsersManage)),
    ("delete_user_sessions", Tenant(P::UsersManage)),
    ("export_all_audit", Staff(P::AllAuditRead)),
    ("export_all_logs", Staff(P::AllLogsRead)),
    ("export_audit", Tenant(P::AuditRead)),
    ("export_customers", Staff(P::CustomersWrite)),
    ("export_json", Tenant(P::ExportRead)),
    ("export_logs", Tenant(P::ExportRead)),
    ("export_security_events", Staff(P::SecurityRead)),
    ("get_admin_overview", Staff(P::CustomersRead)),
    ("get_all_audit_check", Staff(P::AllAuditRead)),
    ("get_all_searches", Staff(P::CustomersRead)),
    ("get_any_audit_event", Staff(P::AllAuditRead)),
    ("get_audit_check", Tenant(P::AuditRead)),
    ("get_audit_event", Tenant(P::AuditRead)),
    ("get_cohorts", Tenant(P::AnalyticsRead)),
    ("get_customer", Staff(P::CustomersRead)),
    ("get_download", Public),
    ("get_epcis_capture", Tenant(P::LogsRead)),
    ("get_epcis_event", Tenant(P::LogsRead)),
    ("get_erasure", Tenant(P::LogsErase)),
    ("get_erasure_preview", Tenant(P::LogsErase)),
    ("get_es_info", SignedIn),
    ("get_export_file", Tenant(P::ExportRead)),
    ("get_export_manifest", Tenant(P::ExportRead)),
    ("get_forecast", Tenant(P::AnalyticsRead)),
    ("get_growth", Tenant(P::AnalyticsRead)),
    ("get_health", Public),
    ("get_histogram", Tenant(P::LogsRead)),
    ("get_job", Tenant(P::ExportRead)),
    ("get_kind", Tenant(P::LogsRead)),
    ("get_live", Public),
    ("get_log", Tenant(P::LogsRead)),
    ("get_log_proof", Tenant(P::LogsRead)),
    ("get_mail", Staff(P::MailManage)),
    ("get_mail_preview", Staff(P::MailManage)),
    ("get_mail_setup", Staff(P::MailManage)),
    ("get_me", SignedIn),
    ("get_overview", Tenant(P::AnalyticsRead)),
    ("get_pattern", Tenant(P::AnalyticsRead)),
    ("get_performance", Tenant(P::AnalyticsRead)),
    ("get_product_figures", Staff(P::CustomersRead)),
    ("get_quarantined", Tenant(P::LogsRead)),
    ("get_retention", Tenant(P::LogsRead)),
    ("get_saved_search", Tenant(P::SearchesRead)),
    ("get_savings", Tenant(P::AnalyticsRead)),
    ("get_search_patterns", Tenant(P::AnalyticsRead)),
    ("get_security", Staff(P::SecurityRead)),
    ("get_security_event", Staff(P::SecurityRead)),
    ("get_series", Tenant(P::AnalyticsRead)),
    ("get_stats", Tenant(P::AnalyticsRead)),
    ("get_stats_alias", Tenant(P::AnalyticsRead)),
    ("get_status", Tenant(P::LogsRead)),
    ("get_usage", Tenant(P::AnalyticsRead)),
    ("get_user", Tenant(P::UsersManage)),
    ("get_verification", Tenant(P::LogsRead)),
    ("list_all_audit", Staff(P::AllAuditRead)),
    ("list_all_logs", Staff(P::AllLogsRead)),
    ("list_audit", Tenant(P::AuditRead)),
    ("list_customer_activity", Staff(P::CustomersRead)),
    ("list_customer_cohorts", Staff(P::CustomersRead)),
    ("list_customer_keys", Staff(P::CustomersRead)),
    ("list_customer_sessions", Staff(P::CustomersRead)),
    ("list_customers", Staff(P::CustomersRead)),
    ("list_days", Tenant(P::AnalyticsRead)),
    ("list_decisions", Staff(P::SecurityRead)),
    ("list_epcis_captures", Tenant(P::LogsRead)),
    ("list_epcis_events", Tenant(P::LogsRead)),
    ("list_erasures", Tenant(P::LogsErase)),
    ("list_exports", Tenant(P::ExportRead)),
    ("list_facets", Tenant(P::LogsRead)),
    ("list_findings", Tenant(P::AnalyticsRead)),
    ("list_key_uses", Tenant(P::KeysManage)),
    ("list_keys", Tenant(P::KeysRead)),
    ("list_kinds", Tenant(P::LogsRead)),
    ("list_logs", Tenant(P::LogsRead)),
    ("list_logs_alias", Tenant(P::LogsRead)),
    ("list_logs_around", Tenant(P::LogsRead)),
    ("list_mails", Staff(P::MailManage)),
    ("list_my_sessions", Person),
    ("list_past_searches", Tenant(P::LogsRead)),
    ("list_permissions", Public),
    ("list_quarantine", Tenant(P::LogsRead)),
    ("list_requests", Tenant(P::KeysRead)),
    ("list_saved_searches", Tenant(P::SearchesRead)),
    ("list_seals", Tenant(P::LogsRead)),
    ("list_security_events", Staff(P::SecurityRead)),
    ("list_sessions", Tenant(P::UsersManage)),
    ("list_top_values", Tenant(P::AnalyticsRead)),
    ("list_usage_days", Tenant(P::AnalyticsRead)),
    ("list_usage_months", Tenant(P::AnalyticsRead)),
    ("list_users", Tenant(P::UsersManage)),
    ("reactivate_customer", Staff(P::CustomersWrite)),
    ("refresh_session", Public),
    ("replay_mail", Staff(P::MailManage)),
    ("replay_quarantine", Tenant(P::LogsWrite)),
    ("replay_quarantined", Tenant(P::LogsWrite)),
    ("revoke_customer_key", Staff(P::CustomerKeysRevoke)),
    ("revoke_key", Tenant(P::KeysManage)),
    ("rotate_access_code", Tenant(P::AccountManage)),
    ("rotate_customer_code", Staff(P::CustomersWrite)),
    ("rotate_key", Tenant(P::KeysManage)),
    ("search_installation", Staff(P::CustomersRead)),
    ("search_logs", Tenant(P::LogsRead)),
    ("search_logs_alias", Tenant(P::LogsRead)),
    ("stream_logs", Tenant(P::LogsRead)),
    ("suspend_customer", Staff(P::CustomersWrite)),
    ("update_access_code_role", Tenant(P::UsersManage)),
    ("update_customer", Staff(P::CustomersWrite)),
    ("update_decision", Staff(P::SecurityManage)),
    ("update_detector_modes", Staff(P::SecurityManage)),
    ("update_key", Tenant(P::KeysManage)),
    ("update_kind", Tenant(P::KindsManage)),
    ("update_me", Tenant(P::AccountManage)),
    ("update_retention", Tenant(P::LogsErase)),
    ("update_saved_search", Tenant(P::SearchesWrite)),
    ("update_savings", Tenant(P::AccountManage)),
    ("update_user", Tenant(P::UsersManage)),
];

/// Operations that may answer with what the checker takes for a leak. May only shrink; it is empty.
pub const ALLOWED_LEAKS: &[&str] = &[];

/// Operations in which admins see what customers recorded; each time is a row of the audit log. What is new here is decided
/// by the table of permissions in the product catalogue.
pub const SHOWN_TO_ADMINS: &[&str] = &["export_all_logs", "list_all_logs", "search_installation"];

/// The kinds of callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Anonymous,
    Viewer,
    Member,
    Owner,
    KeyWithAllScopes,
    KeyWithoutUse,
    Analyst,
    Admin,
    OwnerOfAnother,
    KeyOfAnother,
    /// A session from before the suspension.
    SuspendedSession,
    /// A session made while suspended.
    SuspendedOwner,
    SuspendedKey,
}

impl Who {
    /// The scopes of a key.
    pub const fn scopes(self) -> Option<&'static [Scope]> {
        match self {
            Self::KeyWithAllScopes | Self::KeyOfAnother | Self::SuspendedKey => Some(&Scope::ALL),
            Self::KeyWithoutUse => Some(&[Scope::WebhooksManage]),
            _ => None,
        }
    }

    pub const fn is_staff(self) -> bool {
        matches!(self, Self::Admin | Self::Analyst)
    }

    const fn role(self) -> Option<Role> {
        match self {
            Self::Viewer => Some(Role::Viewer),
            Self::Member => Some(Role::Member),
            Self::Owner | Self::OwnerOfAnother | Self::SuspendedOwner => Some(Role::Owner),
            Self::Analyst => Some(Role::Analyst),
            Self::Admin => Some(Role::Admin),
            _ => None,
        }
    }
}

/// What must happen to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Allowed,
    Refused(u16, &'static str),
}

use Verdict::{Allowed, Refused};

/// What the policy and the published matrix make of a guard and a caller.
pub fn verdict(guard: Guard, who: Who) -> Verdict {
    let grant = |permission| MATRIX.iter().find(|grant| grant.permission == permission).unwrap();
    let forbidden = Refused(403, "forbidden");
    match (guard, who) {
        (Public, _) => Allowed,
        (_, Who::Anonymous) => Refused(401, "unauthenticated"),
        (_, Who::SuspendedSession) => Refused(401, "invalid_token"),
        (_, Who::SuspendedKey) => Refused(403, "customer_suspended"),
        (SignedIn, _) => Allowed,
        (Person, who) if who.scopes().is_some() => forbidden,
        (Person, _) => Allowed,
        (WithPassword, who) => {
            if who.is_staff() || matches!(who, Who::Viewer | Who::Member) {
                Allowed
            } else {
                forbidden
            }
        }
        (Staff(permission), who) => match who.role().filter(|_| who.is_staff()) {
            Some(role) if grant(permission).roles.contains(&role) => Allowed,
            _ => forbidden,
        },
        (Tenant(P::ExportRead), Who::SuspendedOwner) => Allowed,
        (Tenant(_), Who::SuspendedOwner) => Refused(403, "customer_suspended"),
        (Tenant(permission), who) => match (who.scopes(), grant(permission).scope, who.role()) {
            (Some(scopes), Some(needed), _) => {
                if scopes.contains(&needed) {
                    Allowed
                } else {
                    Refused(403, "insufficient_scope")
                }
            }
            (Some(_), None, _) => forbidden,
            (None, _, Some(role)) if grant(permission).roles.contains(&role) && !who.is_staff() => Allowed,
            _ => forbidden,
        },
    }
}
