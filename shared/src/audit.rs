//! The audit log: who did what, when, from where (SEC-16, SEC-17).

use serde::{Deserialize, Serialize};

use crate::time::Millis;

/// Rows on a page of the audit log.
pub const AUDIT_PAGE: i64 = 50;
/// Characters of a text that is kept as it was typed.
pub const MAX_AUDIT_TEXT: usize = 500;

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $text:tt,)+) => {
        /// What was done. The part before the dot says to what.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum AuditAction {
            $($(#[$doc])* #[serde(rename = $text)] $name,)+
        }

        impl AuditAction {
            /// All actions.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The stored and published name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }
    };
}

actions! {
    /// Settings of the own account were changed.
    AccountUpdate = "account.update",
    /// The access code was replaced.
    CodeRotate = "access_code.rotate",
    /// What whoever signs in with the access code may do was changed.
    CodeRole = "access_code.role",
    /// The audit log was taken out.
    AuditExport = "audit.export",
    /// A customer was made.
    CustomerCreate = "customer.create",
    /// A demo customer was removed with everything that was its own.
    CustomerDelete = "customer.delete",
    /// The list of customers was taken out.
    CustomerExport = "customer.export",
    /// A suspended customer continues.
    CustomerReactivate = "customer.reactivate",
    /// A customer was stopped.
    CustomerSuspend = "customer.suspend",
    /// A customer was edited.
    CustomerUpdate = "customer.update",
    /// A decision about addresses was made.
    DecisionCreate = "decision.create",
    /// A decision about addresses was ended.
    DecisionLift = "decision.lift",
    /// A decision about addresses was changed.
    DecisionUpdate = "decision.update",
    /// What the detector may do was changed.
    DetectorUpdate = "detector.update",
    /// Logs, or fields of logs, are erased.
    ErasureStart = "erasure.start",
    /// An export was stopped, or its file removed.
    ExportCancel = "export.cancel",
    /// An export by a job was asked for.
    ExportCreate = "export.create",
    /// The file of a job was fetched.
    ExportDownload = "export.download",
    /// An export came to its end.
    ExportFinish = "export.finish",
    /// Logs are sent as a file at once.
    ExportStart = "export.start",
    /// A file of the former edition was imported.
    ImportRun = "import.run",
    /// A key was made.
    KeyCreate = "key.create",
    /// A key was revoked.
    KeyRevoke = "key.revoke",
    /// A key was replaced.
    KeyRotate = "key.rotate",
    /// A key was renamed or narrowed.
    KeyUpdate = "key.update",
    /// A kind was described.
    KindCreate = "kind.create",
    /// The description of a kind was removed.
    KindDelete = "kind.delete",
    /// The description of a kind was changed.
    KindUpdate = "kind.update",
    /// Logs were taken out by staff, of one customer or of all.
    LogsExport = "logs.export",
    /// Logs were looked at by staff, of one customer or of all.
    LogsSearch = "logs.search",
    /// A mail was put back to be sent.
    MailRetry = "mail.retry",
    /// A test message was sent.
    MailTest = "mail.test",
    /// A line of the quarantine was discarded.
    QuarantineDiscard = "quarantine.discard",
    /// Lines of the quarantine were stored after all.
    QuarantineReplay = "quarantine.replay",
    /// How long logs are kept was changed.
    RetentionUpdate = "retention.update",
    /// Assumptions about hours saved were changed.
    SavingsUpdate = "savings.update",
    /// A search was saved.
    SearchCreate = "search.create",
    /// A saved search was removed.
    SearchDelete = "search.delete",
    /// Somebody's history of searches was removed.
    SearchForget = "search.forget",
    /// A saved search was changed.
    SearchUpdate = "search.update",
    /// Security events were seen to.
    SecurityAcknowledge = "security.acknowledge",
    /// Security events were taken out.
    SecurityExport = "security.export",
    /// Somebody signed out.
    SessionEnd = "session.end",
    /// Somebody could not sign in.
    SessionRefuse = "session.refuse",
    /// Sessions were ended by somebody else, or from another device.
    SessionRevoke = "session.revoke",
    /// A spent refresh token was used: its session was ended.
    SessionReuse = "session.reuse",
    /// Somebody signed in.
    SessionStart = "session.start",
    /// A staff member was made.
    StaffCreate = "staff.create",
    /// A staff member's password was replaced.
    StaffPassword = "staff.password",
    /// An account takes attempts of strangers again.
    StaffUnlock = "staff.unlock",
    /// Somebody was invited, or invited again.
    UserInvite = "user.invite",
    /// Somebody who was invited chose a password.
    UserJoin = "user.join",
    /// A user's password was replaced.
    UserPassword = "user.password",
    /// A user was removed.
    UserRemove = "user.remove",
    /// A link for a new password was asked for.
    UserReset = "user.reset",
    /// A user's account takes attempts of strangers again.
    UserUnlock = "user.unlock",
    /// A user was renamed, got another role, or was kept out.
    UserUpdate = "user.update",
}

impl AuditAction {
    /// Finds an action by its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.as_str() == name)
    }

    /// What it is done to: the part of the name before the dot.
    #[must_use]
    pub fn subject(self) -> &'static str {
        self.as_str().split('.').next().unwrap_or_default()
    }
}

/// Who did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AuditActorKind {
    /// Somebody who was not known.
    Anonymous,
    /// Somebody with the access code of the customer; the identifier is that of the session.
    Person,
    /// A user of the customer.
    User,
    /// A system of the customer; the identifier is that of the key.
    Key,
    /// A staff member of the operator.
    Staff,
    /// The product itself, on schedule.
    System,
    /// Somebody at the command line of the server.
    Cli,
}

impl AuditActorKind {
    /// All kinds.
    pub const ALL: [Self; 7] =
        [Self::Anonymous, Self::Person, Self::User, Self::Key, Self::Staff, Self::System, Self::Cli];

    /// The stored and published name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Person => "person",
            Self::User => "user",
            Self::Key => "key",
            Self::Staff => "staff",
            Self::System => "system",
            Self::Cli => "cli",
        }
    }

    /// Finds a kind by its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A value before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditChange {
    /// Name of the value.
    pub field: String,
    /// Before; absent if there was none.
    pub before: Option<String>,
    /// After; absent if there is none.
    pub after: Option<String>,
}

/// The part of a row that may be about a person. It can be erased; the rest of the row, and the chain, stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditPrivate {
    /// Address of the client.
    pub ip: Option<String>,
    /// What the client called itself.
    pub client: Option<String>,
    /// Texts that people typed, before and after.
    pub changes: Vec<AuditChange>,
}

/// A row of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEventOut {
    /// Permanent identifier.
    pub id: String,
    /// Number of the customer; 0 for what concerns no customer.
    pub customer_id: i64,
    /// Name of the customer, for staff.
    pub customer_name: Option<String>,
    /// Number in the chain of the customer, from 1.
    pub number: i64,
    /// When.
    pub at: Millis,
    /// Who, by kind.
    pub actor_kind: AuditActorKind,
    /// Who: a session, a key or a staff member.
    pub actor_id: Option<String>,
    /// Name of the key; for staff also of the staff member.
    pub actor_name: Option<String>,
    /// The staff member who acted in somebody's place.
    pub impersonator: Option<String>,
    /// What was done, such as `key.create`.
    #[cfg_attr(feature = "openapi", schema(example = "key.create"))]
    pub action: String,
    /// To which one: an identifier.
    pub target: Option<String>,
    /// `ok` or `refused`.
    #[cfg_attr(feature = "openapi", schema(example = "ok"))]
    pub outcome: String,
    /// Number of the request.
    pub request_id: Option<String>,
    /// Values before and after, without secrets.
    pub changes: Vec<AuditChange>,
    /// What may be about a person; absent when there was nothing, or when it was erased.
    pub private: Option<AuditPrivate>,
    /// SHA-256 over `private` with its salt; present without `private` when that was erased.
    pub private_digest: Option<String>,
    /// Salt of the digest; goes with `private`.
    pub private_salt: Option<String>,
    /// Version of the key of the chain.
    pub key_version: String,
    /// Hash of the row before; empty for the first.
    pub prev_hash: String,
    /// Hash of this row.
    pub hash: String,
}

/// What is wrong with a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AuditFault {
    /// The row is not as it was written.
    Changed,
    /// Rows before this one are missing.
    Missing,
    /// The row does not follow the one before.
    Moved,
    /// What may be about a person was exchanged.
    PrivateChanged,
    /// Rows at the end are missing, or the end was rewritten: a signed checkpoint knows more.
    Truncated,
    /// A checkpoint, or the mark of what was cut off, is not signed by this installation.
    CheckpointForged,
    /// The key of the row is not among the secrets of this installation.
    UnknownKey,
}

/// The first thing that is wrong with a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditFindingOut {
    /// Chain: number of the customer, 0 for the installation.
    pub customer_id: i64,
    /// Number of the row.
    pub number: i64,
    /// Identifier of the row, if it is there.
    pub id: Option<String>,
    /// What is wrong.
    pub fault: AuditFault,
}

/// What verifying has come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditCheckOut {
    /// Whether nothing was found.
    pub intact: bool,
    /// Whether every chain was read to its end; a large log is verified in full by `audit verify`.
    pub complete: bool,
    /// Chains that were read.
    pub chains: i64,
    /// Rows that were recomputed.
    pub rows: i64,
    /// The first fault of each chain that has one.
    pub findings: Vec<AuditFindingOut>,
    /// When the newest signed checkpoint was made.
    pub checkpoint_at: Option<Millis>,
    /// When this was computed.
    pub computed_at: Millis,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SEC-16: names of actions are unique and survive a round trip.
    #[test]
    fn actions_have_stable_names() {
        let names: std::collections::BTreeSet<_> =
            AuditAction::ALL.iter().map(|action| action.as_str()).collect();
        assert_eq!(names.len(), AuditAction::ALL.len());
        for action in AuditAction::ALL {
            assert_eq!(AuditAction::parse(action.as_str()), Some(*action));
            assert_eq!(serde_json::to_value(action).unwrap(), action.as_str());
            assert!(action.as_str().split('.').count() == 2 && !action.subject().is_empty());
        }
        assert_eq!(AuditAction::KeyCreate.subject(), "key");
    }
}
