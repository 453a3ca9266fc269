//! Whose credentials are right: access codes, and accounts with a password. What is wrong with others nobody is told.

use shared::access::Role;
use shared::audit::AuditAction;
use shared::people::UserState;
use shared::problem::Code;
use shared::tenancy::CustomerStatus;
use shared::time::Millis;

use super::attempts;
use super::device::Device;
use super::password;
use super::repo::{self, Realm};
use crate::app::App;
use crate::db::Scope;
use crate::domain::audit;
use crate::domain::audit::model::{Event, INSTALLATION};
use crate::http::problem::{Answer, Problem};
use crate::util::crypto::{self, Purpose};
use crate::util::ids::CustomerId;

/// Somebody whose credentials are right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// Whoever has the access code of a customer.
    Code {
        /// The customer.
        customer: CustomerId,
        /// Identifier of the code.
        code: String,
        /// What the code may do.
        role: Role,
    },
    /// A user of a customer.
    User {
        /// The customer.
        customer: CustomerId,
        /// Identifier.
        id: String,
        /// Role.
        role: Role,
    },
    /// A staff member.
    Staff {
        /// Identifier.
        id: String,
        /// Role.
        role: Role,
    },
}

impl Known {
    /// As devices know it.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Code { customer, .. } => format!("customer:{customer}"),
            Self::User { id, .. } => format!("user:{id}"),
            Self::Staff { id, .. } => format!("staff:{id}"),
        }
    }

    /// The customer, for everybody but staff.
    #[must_use]
    pub const fn customer(&self) -> Option<CustomerId> {
        match self {
            Self::Code { customer, .. } | Self::User { customer, .. } => Some(*customer),
            Self::Staff { .. } => None,
        }
    }

    /// The role at sign-in.
    #[must_use]
    pub const fn role(&self) -> Role {
        match self {
            Self::Code { role, .. } | Self::User { role, .. } | Self::Staff { role, .. } => *role,
        }
    }
}

/// Why somebody does not get in, and what the audit log is told of it.
#[derive(Debug)]
pub struct NotIn {
    /// What the caller is told.
    pub problem: Problem,
    /// What the audit log is told, if it was a failed attempt.
    pub event: Option<Event>,
    /// What was tried.
    pub with: &'static str,
}

impl<E: Into<Problem>> From<E> for NotIn {
    fn from(error: E) -> Self {
        Self { problem: error.into(), event: None, with: "" }
    }
}

/// Somebody with wrong credentials. What was typed is not kept: it may be a secret in the wrong place.
fn not_in(with: &'static str, customer: Option<CustomerId>, target: Option<&str>) -> NotIn {
    let event = Event::of(AuditAction::SessionRefuse, customer.unwrap_or(INSTALLATION)).with("with", with);
    let event = match target {
        Some(id) => event.target(id),
        None => event,
    };
    NotIn { problem: Problem::new(Code::InvalidCredentials), event: Some(event), with }
}

/// ACC-03: whose access code it is.
///
/// # Errors
/// The same for everything that is wrong.
pub async fn by_code(app: &App, typed: &str) -> Result<Known, NotIn> {
    let refused = || not_in("access_code", None, None);
    // What cannot be a code is looked up all the same, so that the answer takes the same time.
    let code = crypto::normalise_access_code(typed).unwrap_or_else(|| "-".to_owned());
    let mut conn = app.db.read(Scope::Installation).await?;
    let mut found = None;
    for key in app.keys.all() {
        let digest = key.digest(Purpose::AccessCode, &[code.as_bytes()]);
        found = found.or(repo::find_code(&mut conn, &digest).await?);
    }
    let now = app.clock.now().0;
    let row = found.ok_or_else(refused)?;
    let of_customer = || not_in("access_code", Some(CustomerId(row.customer_id)), Some(&row.id));
    if row.revoked_at.is_some() || row.expires_at.is_some_and(|end| end <= now) {
        return Err(of_customer());
    }
    drop(conn);
    let customer = app.customer(CustomerId(row.customer_id)).await?.ok_or_else(of_customer)?;
    if customer.status == CustomerStatus::Closed {
        return Err(of_customer());
    }
    let role = customer.by_code().ok_or_else(of_customer)?;
    Ok(Known::Code { customer: customer.id, code: row.id.clone(), role })
}

/// An account with a password, as it is stored.
struct Account {
    realm: Realm,
    id: String,
    customer: Option<CustomerId>,
    role: String,
    hash: Option<String>,
    active: bool,
    must_change_password: bool,
}

/// Finds an account: users have an e-mail address, staff a name without `@`.
async fn find(app: &App, name: &str) -> Result<Option<Account>, NotIn> {
    let mut conn = app.db.read(Scope::Installation).await?;
    if name.contains('@') {
        let row = repo::find_person(&mut conn, name).await?;
        return Ok(row.map(|row| Account {
            realm: Realm::Person,
            id: row.id,
            customer: Some(CustomerId(row.customer_id)),
            role: row.role,
            hash: row.password_hash,
            active: row.state == UserState::Active.as_str(),
            must_change_password: false,
        }));
    }
    let row = repo::find_staff(&mut conn, name).await?;
    Ok(row.map(|row| Account {
        realm: Realm::Staff,
        id: row.id,
        customer: None,
        role: row.role,
        hash: Some(row.password_hash),
        active: row.status == "active",
        must_change_password: row.must_change_password,
    }))
}

impl Account {
    /// As devices know it.
    fn name(&self) -> String {
        match self.realm {
            Realm::Person => format!("user:{}", self.id),
            Realm::Staff => format!("staff:{}", self.id),
        }
    }
}

/// ACC-05, ACC-14: whose name and password these are.
///
/// # Errors
/// The same for everything that is wrong.
pub async fn by_password(
    app: &App,
    name: &str,
    password: String,
    device: Option<&Device>,
) -> Result<Known, NotIn> {
    let account = find(app, name).await?;
    let is_known =
        matches!((device, &account), (Some(device), Some(account)) if device.subject == account.name());
    // Strangers take an attempt before it is known whether they are right: many at once are no way around the wait.
    let may_try = is_known || take_attempt(app, account.as_ref()).await?;
    let stored = account.as_ref().filter(|_| may_try).and_then(|account| account.hash.clone());
    let outdated = stored.as_deref().is_some_and(password::is_outdated);
    let good = password::verify(&app.hashing, password.clone(), stored).await?;
    let (customer, target) =
        account.as_ref().map_or((None, None), |account| (account.customer, Some(account.id.clone())));
    let refused = || not_in("password", customer, target.as_deref());
    let account = account.filter(|account| good && account.active).ok_or_else(refused)?;
    if let Some(number) = account.customer {
        let customer = app.customer(number).await?;
        customer.filter(|customer| customer.status != CustomerStatus::Closed).ok_or_else(refused)?;
    }
    if outdated {
        let hash = password::hash_async(password).await?;
        let mut tx = app.db.write(Scope::Installation).await?;
        let now = app.clock.now();
        match account.realm {
            Realm::Person => repo::update_person_password(&mut tx, &account.id, &hash, now).await?,
            Realm::Staff => {
                repo::update_password(&mut tx, &account.id, &hash, account.must_change_password, now).await?
            }
        };
        tx.commit().await?;
    }
    let role = Role::parse(&account.role).ok_or_else(|| Problem::new(Code::Internal))?;
    if role.is_staff() != account.customer.is_none() {
        return Err(Problem::new(Code::Internal).into());
    }
    Ok(match account.customer {
        Some(customer) => Known::User { customer, id: account.id, role },
        None => Known::Staff { id: account.id, role },
    })
}

/// ACC-10: whether a stranger may try a password of an account now.
async fn take_attempt(app: &App, account: Option<&Account>) -> Answer<bool> {
    let now = app.clock.now();
    let mut tx = app.db.write(Scope::Installation).await?;
    let failures = match account {
        Some(account) => {
            let which = (account.realm, account.id.as_str());
            let failures = repo::take_attempt(&mut tx, which, attempts::MOST, now).await?;
            if let Some(failures) = failures {
                repo::update_locked(&mut tx, which, Millis(now.0 + attempts::wait_ms(failures))).await?;
            }
            failures
        }
        None => repo::take_attempt(&mut tx, (Realm::Staff, "-"), attempts::MOST, now).await?,
    };
    if failures.is_none() {
        // As much is written for an account that does not exist or waits, to no effect: nobody tells them by time.
        repo::write_nothing(&mut tx).await?;
    }
    tx.commit().await?;
    Ok(failures.is_some())
}

/// ACC-10: lets strangers try the password of an account again.
///
/// # Errors
/// `not_found`.
pub async fn unlock(app: &App, name: &str) -> Answer<()> {
    let found = find(app, name).await.map_err(|not_in| not_in.problem)?;
    let account = found.ok_or_else(|| Problem::new(Code::NotFound))?;
    let mut tx = app.db.write(Scope::Installation).await?;
    repo::unlock(&mut tx, (account.realm, &account.id)).await?;
    let event = match account.customer {
        Some(customer) => Event::of(AuditAction::UserUnlock, customer),
        None => Event::of_installation(AuditAction::StaffUnlock),
    };
    audit::service::record(app, &mut tx, event.target(account.id)).await?;
    Ok(tx.commit().await?)
}
