//! Mails that the product sends: what they are about, where they stand, and what staff sees of them.

use serde::{Deserialize, Serialize};

use crate::lang::Lang;
use crate::time::Millis;

/// A file up to this size travels with the mail; of a larger one the mail has a link (EXP-06).
pub const MAX_ATTACHMENT_BYTES: i64 = 5 * 1024 * 1024;
/// Days before the end of a key at which its owner is told (KEY-08).
pub const KEY_WARNINGS_DAYS: [i64; 3] = [30, 7, 1];

/// What a mail is about (MAIL-05).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MailKind {
    /// An API key was made.
    KeyCreated,
    /// An API key was replaced.
    KeyRotated,
    /// An API key was revoked.
    KeyRevoked,
    /// An API key ends soon.
    KeyExpiring,
    /// An export is ready: with the file, or with a link to it.
    ExportReady,
    /// Somebody is invited.
    UserInvite,
    /// Somebody asked for a new password.
    PasswordReset,
    /// A password was replaced.
    PasswordChanged,
    /// Staff tries the way out.
    Test,
}

impl MailKind {
    /// All kinds.
    pub const ALL: [Self; 9] = [
        Self::KeyCreated,
        Self::KeyRotated,
        Self::KeyRevoked,
        Self::KeyExpiring,
        Self::ExportReady,
        Self::UserInvite,
        Self::PasswordReset,
        Self::PasswordChanged,
        Self::Test,
    ];

    /// The stored and published name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::KeyCreated => "key_created",
            Self::KeyRotated => "key_rotated",
            Self::KeyRevoked => "key_revoked",
            Self::KeyExpiring => "key_expiring",
            Self::ExportReady => "export_ready",
            Self::UserInvite => "user_invite",
            Self::PasswordReset => "password_reset",
            Self::PasswordChanged => "password_changed",
            Self::Test => "test",
        }
    }

    /// Finds a kind by its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// Where a mail stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum MailState {
    /// Waits for its turn, or for another attempt.
    Queued,
    /// The mail server has taken it.
    Sent,
    /// Given up; staff can have it tried again.
    Failed,
    /// Not sent: the mail server says that the address does not exist.
    Suppressed,
    /// Kept, because there is no mail server.
    Held,
}

impl MailState {
    /// All states.
    pub const ALL: [Self; 5] = [Self::Queued, Self::Sent, Self::Failed, Self::Suppressed, Self::Held];

    /// The stored and published name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Suppressed => "suppressed",
            Self::Held => "held",
        }
    }

    /// Finds a state by its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// Whether staff can have it sent from here.
    #[must_use]
    pub const fn can_retry(self) -> bool {
        matches!(self, Self::Failed | Self::Suppressed | Self::Held)
    }
}

/// A mail in the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailOut {
    /// Its id.
    pub id: String,
    /// What it is about.
    pub kind: MailKind,
    /// Where it stands.
    pub state: MailState,
    /// The customer that it concerns.
    pub customer_id: Option<i64>,
    /// Address of the recipient.
    pub recipient: String,
    /// Language of its words.
    pub language: Lang,
    /// Subject.
    pub subject: String,
    /// Name of the file that travels with it.
    pub attachment: Option<String>,
    /// How often it was tried.
    pub attempts: i64,
    /// When it was written.
    pub created_at: Millis,
    /// When it is tried (again), while it is queued.
    pub next_attempt_at: Option<Millis>,
    /// When the mail server took it.
    pub sent_at: Option<Millis>,
    /// What the mail server, or the way to it, said last.
    pub answer: Option<String>,
}

/// A mail with its words. Links that open something without signing in are left out: they are for the recipient alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailDetailOut {
    /// The mail.
    pub mail: MailOut,
    /// Its words as plain text.
    pub text: String,
    /// Its words as HTML.
    pub html: String,
}

/// Mails in one state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailCount {
    /// The state.
    pub state: MailState,
    /// How many mails are in it.
    pub count: i64,
}

/// How mail leaves this installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailSetupOut {
    /// Mail server with its port; absent when none is set, and mails are held.
    pub server: Option<String>,
    /// How the way to it is protected: `starttls`, `tls` or `none`.
    pub security: Option<String>,
    /// Whether it is signed in to.
    pub signs_in: bool,
    /// Sender of the mails.
    pub from: Option<String>,
    /// Mails in each state.
    pub counts: Vec<MailCount>,
}

/// A mail as it would look, with sample data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailPreviewOut {
    /// What it is about.
    pub kind: MailKind,
    /// Language of its words.
    pub language: Lang,
    /// Subject.
    pub subject: String,
    /// Its words as plain text.
    pub text: String,
    /// Its words as HTML.
    pub html: String,
}

/// Where a test mail goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MailTestIn {
    /// Address of the recipient.
    #[cfg_attr(feature = "openapi", schema(max_length = 254, example = "beheer@mvai.example"))]
    pub to: String,
}

/// How far a conversation with the mail server got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MailStage {
    /// Reaching the server and hearing its greeting.
    Connect,
    /// Protecting the way, and checking the certificate.
    Tls,
    /// Signing in.
    SignIn,
    /// Naming the sender.
    Sender,
    /// Naming the recipient.
    Recipient,
    /// Handing the mail over.
    Content,
    /// All of it: the server has taken the mail.
    Taken,
}

/// What became of a test mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailTestOut {
    /// Whether the mail server has taken it.
    pub accepted: bool,
    /// How far the conversation got.
    pub stage: MailStage,
    /// What the mail server, or the way to it, said last.
    pub answer: String,
}
