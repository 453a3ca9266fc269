//! Who is signed in.

use shared::access::Permission;
use shared::auth::MeOut;
use shared::problem::Code;

use crate::api::ApiError;
use crate::prelude::*;

/// Where the session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Nobody has asked yet whether there is one.
    Unknown,
    /// Being restored from the cookie.
    Restoring,
    /// Signed in.
    In,
    /// Signed out.
    Out,
    /// The server could not be asked.
    Unreachable,
}

/// Why the app signed somebody out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// The person asked for it.
    SignedOut,
    /// The session expired, or the server ended it without saying why.
    Expired,
    /// The customer is suspended.
    Suspended,
    /// The access code was replaced, which ends all sessions.
    CodeReplaced,
    /// The password was changed elsewhere.
    PasswordChanged,
}

impl EndReason {
    const ALL: [Self; 5] =
        [Self::SignedOut, Self::Expired, Self::Suspended, Self::CodeReplaced, Self::PasswordChanged];

    /// Name in the address of the sign-in page.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "afgemeld",
            Self::Expired => "verlopen",
            Self::Suspended => "opgeschort",
            Self::CodeReplaced => "nieuwe-code",
            Self::PasswordChanged => "wachtwoord",
        }
    }

    /// Finds a reason by its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == name)
    }

    /// The reason that the server gives with its refusal; expired when it gives none.
    #[must_use]
    pub fn of(error: &ApiError) -> Self {
        let named = error.problem().and_then(|problem| problem.args.get("reason")).map(String::as_str);
        match named {
            _ if error.is(Code::CustomerSuspended) => Self::Suspended,
            Some("suspended") => Self::Suspended,
            Some("code_rotated") => Self::CodeReplaced,
            Some("password_changed") => Self::PasswordChanged,
            _ => Self::Expired,
        }
    }
}

/// Handle on the session: what pages may know about it.
#[derive(Debug, Clone, Copy)]
pub struct Session {
    /// Who is signed in.
    pub me: Signal<Option<MeOut>>,
    /// Where the session stands.
    pub phase: Signal<Phase>,
    /// Why the last session ended, once it did.
    pub ended: Signal<Option<EndReason>>,
    pub(crate) set_me: RwSignal<Option<MeOut>>,
    pub(crate) set_phase: RwSignal<Phase>,
    pub(crate) set_ended: RwSignal<Option<EndReason>>,
}

impl Default for Session {
    fn default() -> Self {
        Self::new()
    }
}

impl Session {
    /// Creates a session that nobody has asked for yet.
    #[must_use]
    pub fn new() -> Self {
        let (me, phase, ended) = (RwSignal::new(None), RwSignal::new(Phase::Unknown), RwSignal::new(None));
        Self {
            me: me.into(),
            phase: phase.into(),
            ended: ended.into(),
            set_me: me,
            set_phase: phase,
            set_ended: ended,
        }
    }

    /// Whether the caller may do something (tracked); what may not be done is not rendered.
    #[must_use]
    pub fn can(self, permission: Permission) -> bool {
        self.me.with(|me| me.as_ref().is_some_and(|me| me.permissions.contains(&permission)))
    }

    /// Whether a member of staff is signed in (tracked).
    #[must_use]
    pub fn is_staff(self) -> bool {
        self.me.with(|me| me.as_ref().is_some_and(|me| me.role.is_staff()))
    }
}

/// The session of the app.
#[must_use]
pub fn use_session() -> Session {
    use_context::<Session>().unwrap_or_default()
}
