//! On whose behalf work is done, for the audit log. It goes with the task: a request sets it in `frame` and names the
//! caller once that one is known, the command line sets it for a command, and work on schedule has none, which is the
//! product itself. Whoever continues a request in a task of its own takes it along with [`carried`].

use std::sync::{Arc, OnceLock};

use shared::audit::AuditActorKind;

use super::frame::RequestInfo;

tokio::task_local! {
    static ACTING: Acting;
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Somebody who is not known.
    Anonymous,
    /// Somebody with the access code of a customer, by the session.
    Person(String),
    /// A user of a customer, by identifier.
    User(String),
    /// A system of a customer, by the identifier of its key.
    Key(String),
    /// A staff member, by identifier.
    Staff(String),
    /// The product itself.
    System,
    /// Somebody at the command line.
    Cli,
}

impl Actor {
    /// Kind and identifier, as they are stored.
    #[must_use]
    pub fn stored(&self) -> (AuditActorKind, Option<&str>) {
        match self {
            Self::Anonymous => (AuditActorKind::Anonymous, None),
            Self::Person(session) => (AuditActorKind::Person, Some(session)),
            Self::User(id) => (AuditActorKind::User, Some(id)),
            Self::Key(id) => (AuditActorKind::Key, Some(id)),
            Self::Staff(id) => (AuditActorKind::Staff, Some(id)),
            Self::System => (AuditActorKind::System, None),
            Self::Cli => (AuditActorKind::Cli, None),
        }
    }
}

/// On whose behalf, and how it was asked for.
#[derive(Debug, Clone, Default)]
pub struct Acting {
    actor: Arc<OnceLock<Actor>>,
    /// Whoever is not named is this.
    otherwise: Option<Actor>,
    /// Number of the request.
    pub request_id: Option<String>,
    /// Address of the client.
    pub ip: Option<String>,
    /// What the client calls itself.
    pub client: Option<String>,
}

impl Acting {
    /// A request whose caller is not known yet.
    #[must_use]
    pub fn request(info: &RequestInfo) -> Self {
        Self {
            otherwise: Some(Actor::Anonymous),
            request_id: Some(info.id.clone()),
            ip: info.ip.addr.map(|addr| addr.to_string()),
            client: info.client.as_deref().map(str::to_owned),
            ..Self::default()
        }
    }

    /// A command.
    #[must_use]
    pub fn cli() -> Self {
        Self { otherwise: Some(Actor::Cli), ..Self::default() }
    }

    /// Who acts.
    #[must_use]
    pub fn actor(&self) -> Actor {
        self.actor.get().or(self.otherwise.as_ref()).cloned().unwrap_or(Actor::System)
    }
}

/// Does work on somebody's behalf.
pub async fn scope<F: Future>(acting: Acting, work: F) -> F::Output {
    ACTING.scope(acting, work).await
}

/// Work for another task, on the same behalf.
pub fn carried<F: Future>(work: F) -> impl Future<Output = F::Output> {
    ACTING.scope(current(), work)
}

/// On whose behalf the present work is done.
#[must_use]
pub fn current() -> Acting {
    ACTING.try_with(Clone::clone).unwrap_or_default()
}

/// Names the caller; the first one counts.
pub fn by(actor: Actor) {
    // Outside a request there is nobody to be told apart from the product itself.
    let _outside = ACTING.try_with(|acting| drop(acting.actor.set(actor)));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SEC-16: whose work it is goes with the task, and into another one when it is taken along.
    #[tokio::test]
    async fn whose_work_it_is_goes_along() {
        by(Actor::Staff("nobody".to_owned()));
        assert_eq!(current().actor(), Actor::System, "on schedule");
        let kept = scope(Acting::cli(), async {
            let at_first = current().actor();
            by(Actor::Key("k".to_owned()));
            by(Actor::Key("other".to_owned()));
            let along = tokio::spawn(carried(async { current().actor() })).await.unwrap();
            let alone = tokio::spawn(async { current().actor() }).await.unwrap();
            (at_first, current().actor(), along, alone)
        });
        let key = Actor::Key("k".to_owned());
        assert_eq!(kept.await, (Actor::Cli, key.clone(), key, Actor::System));
    }
}
