//! The only door to data: a handler names the permission that it needs and receives caller, customer and app.
//!
//! A handler without one of these extractors has no access to the database.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use ipnet::IpNet;
use jiff::tz::TimeZone;
use shared::access::{Permission, Role, Scope};
use shared::lang::Lang;
use shared::problem::Code;
use shared::tenancy::{CustomerStatus, Plan};
use shared::time::Millis;

use super::acting::{self, Actor};
use super::cors::WebOrigin;
use super::frame::RequestInfo;
use super::params::Params;
use super::problem::Problem;
use crate::app::App;
use crate::util::ids::{CustomerId, Space};
use crate::util::zone::Zone;

/// What people who sign in with an access code are called: they cannot be told apart.
pub const BY_ACCESS_CODE: &str = "access_code";

/// A customer as every request needs it.
#[derive(Debug, Clone)]
pub struct Customer {
    /// Number.
    pub id: CustomerId,
    /// Name.
    pub name: String,
    /// Contact address.
    pub contact_email: String,
    /// State.
    pub status: CustomerStatus,
    /// Why the state is not `active`.
    pub status_reason: Option<String>,
    /// Plan.
    pub plan: Plan,
    /// Language.
    pub language: Lang,
    /// Name of the time zone.
    pub time_zone: String,
    /// The time zone.
    pub zone: TimeZone,
    /// When it was created.
    pub created_at: Millis,
    /// How long logs are kept.
    pub retention: Arc<Keeping>,
    /// Whether searches are remembered.
    pub search_history: bool,
    /// Whether there is an active owner by name.
    pub has_owner: bool,
    /// What the access code may do then; nobody signs in with it if absent.
    pub code_role: Option<Role>,
}

/// How long logs are kept, in days after they happened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keeping {
    /// Those of most kinds; none is without limit.
    pub days: Option<i64>,
    /// Those of kinds with a time of their own.
    pub kinds: HashMap<String, i64>,
}

impl Keeping {
    /// Days that logs of a kind are kept.
    #[must_use]
    pub fn days_of(&self, kind: &str) -> Option<i64> {
        self.kinds.get(kind).copied().or(self.days)
    }
}

impl Customer {
    /// What whoever signed in with the access code may do; nothing if nobody is to sign in with it.
    #[must_use]
    pub fn by_code(&self) -> Option<Role> {
        if self.has_owner { self.code_role } else { Some(Role::Owner) }
    }

    /// The zone with its name.
    #[must_use]
    pub fn local(&self) -> Zone {
        Zone { name: self.time_zone.clone(), zone: self.zone.clone() }
    }
}

/// A user of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Identifier.
    pub id: String,
    /// Name.
    pub name: String,
    /// E-mail address.
    pub email: String,
}

/// Who calls.
#[derive(Debug, Clone)]
pub enum Caller {
    /// A person of a customer.
    Person {
        /// The session.
        session: String,
        /// Role in the customer.
        role: Role,
        /// Who it is; people with the same access code cannot be told apart.
        user: Option<User>,
    },
    /// A system of a customer.
    Key {
        /// Identifier of the key.
        id: String,
        /// Name of the key.
        name: String,
        /// What it may do.
        scopes: Vec<Scope>,
        /// Networks that may use it; empty for everywhere.
        cidrs: Vec<IpNet>,
        /// Web sites whose pages may use it; empty for none.
        origins: Vec<WebOrigin>,
        /// Space that it works in.
        space: Space,
    },
    /// A person of the operator.
    Staff {
        /// The session.
        session: String,
        /// Identifier of the staff member.
        id: String,
        /// Username.
        username: String,
        /// Role.
        role: Role,
        /// Whether the password must be replaced first.
        must_change_password: bool,
    },
}

/// A verified caller.
#[derive(Debug, Clone)]
pub struct Principal {
    /// Who calls.
    pub caller: Caller,
    /// The customer, for everybody but staff.
    pub customer: Option<Arc<Customer>>,
    /// When the session ends; keys have none.
    pub session_expires_at: Option<Millis>,
}

impl Principal {
    /// Role of the caller.
    #[must_use]
    pub const fn role(&self) -> Role {
        match &self.caller {
            Caller::Person { role, .. } | Caller::Staff { role, .. } => *role,
            Caller::Key { .. } => Role::Key,
        }
    }

    /// Whether the caller may do something, the state of the customer aside.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        match &self.caller {
            Caller::Person { role, .. } | Caller::Staff { role, .. } => permission.allows_role(*role),
            Caller::Key { scopes, .. } => {
                permission.grant().and_then(|grant| grant.scope).is_some_and(|scope| scopes.contains(&scope))
            }
        }
    }

    /// What stands in a log as its sender.
    #[must_use]
    pub fn actor_ref(&self) -> String {
        match &self.caller {
            Caller::Person { user: Some(user), .. } => format!("user:{}", user.id),
            Caller::Person { .. } => BY_ACCESS_CODE.to_owned(),
            Caller::Key { id, .. } => format!("key:{id}"),
            Caller::Staff { id, .. } => format!("staff:{id}"),
        }
    }

    /// Notes for the audit log that whatever this request does is done by the caller.
    fn acts(&self) {
        acting::by(match &self.caller {
            Caller::Person { user: Some(user), .. } => Actor::User(user.id.clone()),
            Caller::Person { session, .. } => Actor::Person(session.clone()),
            Caller::Key { id, .. } => Actor::Key(id.clone()),
            Caller::Staff { id, .. } => Actor::Staff(id.clone()),
        });
    }

    /// Space of logs that the caller works in.
    #[must_use]
    pub const fn space(&self) -> Space {
        match &self.caller {
            Caller::Key { space, .. } => *space,
            _ => Space::Live,
        }
    }

    /// Refuses what the caller may not do, or what the customer's state forbids.
    ///
    /// # Errors
    /// `forbidden`, `insufficient_scope`, or the state of the customer.
    pub fn require(&self, permission: Permission) -> Result<(), Problem> {
        if let Some(customer) = &self.customer {
            state_allows(customer, &self.caller, permission)?;
        }
        if self.may(permission) {
            return Ok(());
        }
        Err(match (&self.caller, permission.grant().and_then(|grant| grant.scope)) {
            (Caller::Key { .. }, Some(scope)) => {
                Problem::new(Code::InsufficientScope).with("scope", scope.as_str())
            }
            _ => Problem::new(Code::Forbidden).with("permission", permission.as_str()),
        })
    }
}

/// Effects of the customer's state (product catalogue §5).
fn state_allows(customer: &Customer, caller: &Caller, permission: Permission) -> Result<(), Problem> {
    let writes = permission == Permission::LogsWrite
        || (matches!(caller, Caller::Key { .. }) && permission == Permission::KeysManage);
    let code = match customer.status {
        CustomerStatus::Active => return Ok(()),
        CustomerStatus::ReadOnly if writes => Code::CustomerReadOnly,
        CustomerStatus::Closing if writes => Code::CustomerClosing,
        CustomerStatus::ReadOnly | CustomerStatus::Closing => return Ok(()),
        CustomerStatus::Suspended => {
            let person = matches!(caller, Caller::Person { .. });
            if person && permission == Permission::ExportRead {
                return Ok(());
            }
            Code::CustomerSuspended
        }
        CustomerStatus::Closed => return Err(Problem::new(Code::InvalidToken)),
    };
    Err(Problem::new(code).with("reason", customer.status_reason.as_deref().unwrap_or("–")))
}

/// What a request brings to show who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// An access token of a session.
    Token(String),
    /// An API key.
    Key(String),
}

/// Finds the credential of a request. Keys in the address are refused: they end up in log files.
///
/// # Errors
/// `unauthenticated` when there is none, `several_credentials` when two of them differ, `key_in_url`.
pub fn credential(headers: &HeaderMap, query: Option<&str>) -> Result<Credential, Problem> {
    let named = ["api_key", "apikey", "api-key", "x-api-key", "access_token", "token", "key"];
    let in_url = query.is_some_and(|query| {
        Params::parse(query)
            .iter()
            .any(|(name, value)| named.contains(&name.to_ascii_lowercase().as_str()) && !value.is_empty())
    });
    if in_url {
        return Err(Problem::new(Code::KeyInUrl));
    }
    let texts = |name: header::HeaderName| {
        headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok()).map(str::trim)
    };
    let keys = texts(header::HeaderName::from_static("x-api-key")).map(|key| Credential::Key(key.to_owned()));
    let bearers = texts(header::AUTHORIZATION).filter_map(|value| {
        let (scheme, token) = value.split_once(' ')?;
        let token = scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())?;
        let is_key = token.starts_with("mvai_");
        Some(if is_key { Credential::Key(token) } else { Credential::Token(token) })
    });
    let mut shown = keys.chain(bearers);
    let first = shown.next().ok_or_else(|| Problem::new(Code::Unauthenticated))?;
    // Whoever looks at one of them and whoever looks at the other would see different callers.
    if shown.all(|other| other == first) { Ok(first) } else { Err(Problem::new(Code::SeveralCredentials)) }
}

/// A permission as a type, so that a handler's signature names what it needs.
pub trait Permit: Send + Sync + 'static {
    /// The permission.
    const PERMISSION: Permission;
}

macro_rules! permits {
    ($($name:ident)+) => {
        $(
            #[doc = concat!("Needs `Permission::", stringify!($name), "`.")]
            #[derive(Debug, Clone, Copy)]
            pub struct $name;
            impl Permit for $name { const PERMISSION: Permission = Permission::$name; }
        )+
    };
}
permits! {
    LogsRead LogsWrite LogsErase SearchesRead SearchesWrite AnalyticsRead ExportRead KindsManage KeysRead KeysManage
    AccountManage UsersManage CustomersRead CustomersWrite CustomerKeysRevoke MailManage AuditRead AllAuditRead
    AllLogsRead SecurityRead SecurityManage
}

/// A caller of a customer with a permission.
#[derive(Debug, Clone)]
pub struct Tenant<P> {
    /// The customer, from the credential alone.
    pub customer: Arc<Customer>,
    /// Who calls.
    pub principal: Arc<Principal>,
    /// About the request.
    pub info: RequestInfo,
    /// The application.
    pub app: App,
    marker: PhantomData<P>,
}

impl<P> Tenant<P> {
    /// Number of the customer.
    #[must_use]
    pub fn id(&self) -> CustomerId {
        self.customer.id
    }

    /// Space of logs that the caller works in.
    #[must_use]
    pub fn space(&self) -> Space {
        self.principal.space()
    }
}

impl<P: Permit> FromRequestParts<App> for Tenant<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let SignedIn { principal, info, app } = SignedIn::identify(parts, app).await?;
        principal.require(P::PERMISSION)?;
        let forbidden = || Problem::new(Code::Forbidden).with("permission", P::PERMISSION.as_str());
        let customer = principal.customer.clone().ok_or_else(forbidden)?;
        admit(parts, &app, &principal, &info).await?;
        app.count_call(&principal, &info, Some(P::PERMISSION)).await?;
        Ok(Self { customer, principal, info, app, marker: PhantomData })
    }
}

/// A staff member with a permission.
#[derive(Debug, Clone)]
pub struct Staff<P> {
    /// Who calls.
    pub principal: Arc<Principal>,
    /// About the request.
    pub info: RequestInfo,
    /// The application.
    pub app: App,
    marker: PhantomData<P>,
}

impl<P: Permit> FromRequestParts<App> for Staff<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let SignedIn { principal, info, app } = SignedIn::identify(parts, app).await?;
        let forbidden = || Problem::new(Code::Forbidden).with("permission", P::PERMISSION.as_str());
        match &principal.caller {
            Caller::Staff { must_change_password: true, .. } => {
                Err(Problem::new(Code::PasswordChangeRequired))
            }
            Caller::Staff { .. } => principal.require(P::PERMISSION),
            Caller::Person { .. } | Caller::Key { .. } => Err(forbidden()),
        }?;
        Ok(Self { principal, info, app, marker: PhantomData })
    }
}

/// Anybody with a valid credential: for what concerns the caller alone.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Who calls.
    pub principal: Arc<Principal>,
    /// About the request.
    pub info: RequestInfo,
    /// The application.
    pub app: App,
}

impl SignedIn {
    /// Finds out who calls, and no more: limits are not asked.
    ///
    /// # Errors
    /// As `App::authenticate`.
    pub async fn identify(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let info =
            parts.extensions.get::<RequestInfo>().cloned().ok_or_else(|| Problem::new(Code::Internal))?;
        // A layer before the handler may have asked already.
        if let Some(principal) = parts.extensions.get::<Arc<Principal>>().cloned() {
            principal.acts();
            return Ok(Self { principal, info, app: app.clone() });
        }
        let credential = credential(&parts.headers, parts.uri.query())?;
        let route = parts.extensions.get::<axum::extract::MatchedPath>().map_or("-", |path| path.as_str());
        let operation = format!("{} {route}", parts.method);
        let principal = app.authenticate(&credential, &info, &operation).await?;
        principal.acts();
        Ok(Self { principal, info, app: app.clone() })
    }
}

/// Somebody with a session: for what concerns people and not systems.
#[derive(Debug, Clone)]
pub struct Person {
    /// Who calls.
    pub principal: Arc<Principal>,
    /// The application.
    pub app: App,
}

impl FromRequestParts<App> for Person {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let SignedIn { principal, app, .. } = SignedIn::from_request_parts(parts, app).await?;
        match principal.caller {
            Caller::Key { .. } => Err(Problem::new(Code::Forbidden).with("permission", "session")),
            Caller::Person { .. } | Caller::Staff { .. } => Ok(Self { principal, app }),
        }
    }
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let caller = Self::identify(parts, app).await?;
        admit(parts, app, &caller.principal, &caller.info).await?;
        app.count_call(&caller.principal, &caller.info, None).await?;
        Ok(caller)
    }
}

/// What the limits on requests said to a layer before the handler, which hands it on: a request is counted once.
#[derive(Debug, Clone)]
pub struct Admission(pub Result<(), Problem>);

/// KEY-06: rate comes after scope.
async fn admit(parts: &Parts, app: &App, principal: &Principal, info: &RequestInfo) -> Result<(), Problem> {
    match parts.extensions.get::<Admission>() {
        Some(Admission(said)) => said.clone(),
        None => app.admit(principal, info).await,
    }
}

/// Anybody at all; the handlers that use it live in the few public routers.
#[derive(Debug, Clone)]
pub struct Public {
    /// About the request.
    pub info: RequestInfo,
    /// The application.
    pub app: App,
}

impl FromRequestParts<App> for Public {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let info =
            parts.extensions.get::<RequestInfo>().cloned().ok_or_else(|| Problem::new(Code::Internal))?;
        Ok(Self { info, app: app.clone() })
    }
}

/// Anybody who sends a public form (API-06): limited by address. A handler that takes a form from people who are not
/// signed in uses this in place of [`Public`].
#[derive(Debug, Clone)]
pub struct PublicForm {
    /// About the request.
    pub info: RequestInfo,
    /// The application.
    pub app: App,
}

impl FromRequestParts<App> for PublicForm {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Public { info, app } = Public::from_request_parts(parts, app).await?;
        app.forms.admit(info.ip)?;
        Ok(Self { info, app })
    }
}
