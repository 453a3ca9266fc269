//! From a credential to a caller. The state of session, key and customer counts at every request; it is kept
//! for a second at most, and a change made here is seen by the next request.

use std::sync::Arc;

use axum::http::HeaderMap;
use shared::access::Permission;
use shared::keys::KeyStatus;
use shared::problem::Code;
use shared::requests::Refusal;
use shared::tenancy::CustomerStatus;

use super::model::{Session, Subject};
use super::token::Refresh;
use super::{cookie, repo, token};
use crate::app::App;
use crate::db::Scope;
use crate::domain::keys::model::StoredKey;
use crate::domain::{keys, tenancy};
use crate::http::auth::{Caller, Credential, Customer, Principal};
use crate::http::cors::Origins;
use crate::http::frame::RequestInfo;
use crate::http::problem::{Answer, Problem};
use crate::http::sender::{By, Sent};
use crate::util::crypto::{self, Purpose};
use crate::util::ids::CustomerId;

impl App {
    /// Finds out who calls.
    ///
    /// # Errors
    /// 401 with one answer for everything that is wrong with the credential; 403 for a suspended customer's key.
    pub async fn authenticate(
        &self,
        credential: &Credential,
        info: &RequestInfo,
        operation: &str,
    ) -> Answer<Arc<Principal>> {
        match credential {
            Credential::Token(text) => self.by_token(text, info).await,
            Credential::Key(text) => self.by_key(text, info, operation).await,
        }
    }

    /// Checks again a caller who has been let in before: a stream or an export outlives its first request.
    ///
    /// # Errors
    /// As [`App::authenticate`], and as [`Principal::require`] in the present state of customer and key.
    pub async fn still(&self, principal: &Principal, permission: Permission) -> Answer<()> {
        let now = self.clock.now();
        let mut present = principal.clone();
        match &mut present.caller {
            Caller::Person { session, .. } | Caller::Staff { session, .. } => {
                let session = self.live_session(session).await?;
                return self.principal(&session).await?.require(permission);
            }
            Caller::Key { id, scopes, .. } => {
                let customer = principal.customer.as_ref().map_or(CustomerId(0), |customer| customer.id);
                let key = keys::service::find(self, customer, id).await?;
                if !key.is_active(now) {
                    return Err(Problem::new(Code::InvalidKey));
                }
                scopes.clone_from(&key.scopes);
            }
        }
        if let Some(customer) = &principal.customer {
            present.customer =
                Some(self.customer(customer.id).await?.ok_or_else(|| Problem::new(Code::InvalidToken))?);
        }
        present.require(permission)
    }

    async fn by_token(&self, text: &str, info: &RequestInfo) -> Answer<Arc<Principal>> {
        let refused = || Problem::new(Code::InvalidToken);
        let claims = token::verify(&self.keys, text, self.clock.now()).ok_or_else(refused)?;
        let session = self.live_session(&claims.sid).await?;
        if session.subject.customer().is_some_and(|customer| claims.tid != customer.0) {
            return Err(refused());
        }
        let principal = self.principal(&session).await?;
        if let Some(customer) = &principal.customer {
            let by = By::Person { session: session.id.clone(), actor: principal.actor_ref() };
            info.sender.note(Sent { customer: Arc::clone(customer), by });
        }
        Ok(Arc::new(principal))
    }

    /// The caller of a session, with the role that counts now.
    ///
    /// # Errors
    /// `invalid_token` when nobody may call with it any more.
    pub(super) async fn principal(&self, session: &Session) -> Answer<Principal> {
        let refused = || Problem::new(Code::InvalidToken);
        let id = session.id.clone();
        let session_expires_at = Some(session.expires_at);
        let (number, member) = match &session.subject {
            Subject::Customer(number) => (*number, None),
            Subject::User(number, member) => (*number, Some(member)),
            Subject::Staff(member) => {
                let caller = Caller::Staff {
                    session: id,
                    id: member.id.clone(),
                    username: member.username.clone(),
                    role: member.role,
                    must_change_password: member.must_change_password,
                };
                return Ok(Principal { caller, customer: None, session_expires_at });
            }
        };
        let customer = self.customer(number).await?;
        let customer =
            customer.filter(|customer| customer.status != CustomerStatus::Closed).ok_or_else(refused)?;
        let role =
            member.map_or_else(|| customer.by_code(), |member| Some(member.role)).ok_or_else(refused)?;
        let user = member.map(|member| member.user.clone());
        let caller = Caller::Person { session: id, role, user };
        Ok(Principal { caller, customer: Some(customer), session_expires_at })
    }

    async fn by_key(&self, text: &str, info: &RequestInfo, operation: &str) -> Answer<Arc<Principal>> {
        let refused = || Problem::new(Code::InvalidKey);
        let parsed = crypto::parse_api_key(text).ok_or_else(refused)?;
        let key = self.stored_key(parsed.key_id).await?.ok_or_else(refused)?;
        let root = self.keys.by_version(&key.key_version).ok_or_else(refused)?;
        if !crypto::same(&root.digest(Purpose::ApiKey, &[text.as_bytes()]), &key.digest) {
            return Err(refused());
        }
        let customer = self.customer(key.customer).await?.ok_or_else(refused)?;
        let now = self.clock.now();
        let sent = |refused| {
            let by = By::Key { id: key.id.clone(), space: key.space, refused };
            info.sender.note(Sent { customer: Arc::clone(&customer), by });
        };
        match customer.status {
            CustomerStatus::Closed => return Err(refused()),
            CustomerStatus::Suspended => {
                sent(None);
                return Err(suspended(&customer));
            }
            CustomerStatus::Active | CustomerStatus::ReadOnly | CustomerStatus::Closing => {}
        }
        if !key.is_active(now) {
            // Its owner sees why (KEY-06).
            let revoked = key.status(now) == KeyStatus::Revoked;
            sent(Some(if revoked { Refusal::Revoked } else { Refusal::Expired }));
            return Err(refused());
        }
        let from_here = key.cidrs.is_empty()
            || info.ip.addr.is_some_and(|addr| key.cidrs.iter().any(|net| net.contains(&addr)));
        if !from_here {
            sent(Some(Refusal::Network));
            return Err(refused());
        }
        // A key that lists origins lies open in web pages; those of others may not use it.
        let page = info.foreign_origin.as_deref().filter(|_| !key.origins.is_empty());
        let mut open_to = key.origins.iter().chain(&self.config.cors_origins);
        if page.is_some_and(|page| open_to.all(|origin| origin.as_str() != page)) {
            sent(Some(Refusal::Origin));
            return Err(refused());
        }
        sent(None);
        self.key_usage.note(key.customer, &key.id, now, info.ip, operation);
        if key.overlap_until.is_some() {
            self.key_usage.note_late(key.customer, &key.id, now, info, operation);
        }
        let caller = Caller::Key {
            id: key.id.clone(),
            name: key.name.clone(),
            scopes: key.scopes.clone(),
            cidrs: key.cidrs.clone(),
            origins: key.origins.clone(),
            space: key.space,
        };
        Ok(Arc::new(Principal { caller, customer: Some(customer), session_expires_at: None }))
    }

    /// Whether a browser brings the cookie of a session that lives: somebody who is known, before any token is shown.
    pub async fn has_session(&self, headers: &HeaderMap) -> bool {
        let refresh = cookie::read(headers).and_then(|text| Refresh::read(&self.keys, &text));
        match refresh {
            Some(refresh) => self.live_session(&refresh.session).await.is_ok(),
            None => false,
        }
    }

    async fn live_session(&self, id: &str) -> Answer<Arc<Session>> {
        let found = match self.auth.sessions.get(id) {
            Ok(found) => found,
            Err(epoch) => {
                let mut conn = self.db.read(Scope::Installation).await?;
                let found = repo::find_session(&mut conn, id).await?.map(Arc::new);
                self.auth.sessions.keep(epoch, id.to_owned(), found.clone());
                found
            }
        };
        let alive = |session: &Arc<Session>| {
            session.subject.is_active()
                && session.revoked_at.is_none()
                && session.expires_at > self.clock.now()
        };
        found.filter(alive).ok_or_else(|| Problem::new(Code::InvalidToken))
    }

    /// API-08: origins that working keys of any customer list: a preflight names no key.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn origins_of_keys(&self) -> Answer<Origins> {
        match self.auth.origins.get(&()) {
            Ok(found) => Ok(found),
            Err(epoch) => {
                let found: Origins = Arc::new(keys::service::list_origins(self).await?);
                self.auth.origins.keep(epoch, (), Arc::clone(&found));
                Ok(found)
            }
        }
    }

    /// A key by the id inside it; whether the rest of it is right is not judged.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn stored_key(&self, key_id: &str) -> Answer<Option<Arc<StoredKey>>> {
        match self.auth.keys.get(key_id) {
            Ok(found) => Ok(found),
            Err(epoch) => {
                let found = keys::service::find_by_key_id(self, key_id).await?.map(Arc::new);
                self.auth.keys.keep(epoch, key_id.to_owned(), found.clone());
                Ok(found)
            }
        }
    }

    /// A customer by number.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn customer(&self, id: CustomerId) -> Answer<Option<Arc<Customer>>> {
        match self.auth.customers.get(&id) {
            Ok(found) => Ok(found),
            Err(epoch) => {
                let found = tenancy::service::find_for_auth(self, id).await?.map(Arc::new);
                self.auth.customers.keep(epoch, id, found.clone());
                Ok(found)
            }
        }
    }
}

fn suspended(customer: &Customer) -> Problem {
    Problem::new(Code::CustomerSuspended).with("reason", customer.status_reason.as_deref().unwrap_or("–"))
}
