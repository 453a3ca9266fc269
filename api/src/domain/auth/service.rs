//! Signing in and out, staying in, replacing secrets.

use std::net::IpAddr;
use std::sync::Arc;

use shared::access::{MATRIX, Role};
use shared::audit::AuditAction;
use shared::auth::{AccessCodeOut, LoginIn, MeCustomer, MeOut, PasswordIn, TokenOut};
use shared::problem::Code;
use shared::time::Millis;
use shared::validate::{Checks, FieldCode};

use super::accounts::{self, Known, NotIn};
use super::device::Device;
use super::model::{EndReason, Session, Subject};
use super::repo::{self, NewCode, NewSession, Of, Realm};
use super::token::{self, Refresh};
use super::{password, people, token::ACCESS_SECONDS};
use crate::app::App;
use crate::db::{Conn, Scope};
use crate::domain::audit::model::{Event, INSTALLATION};
use crate::domain::mail::words::Occasion;
use crate::domain::security::events::service as events;
use crate::domain::security::gate;
use crate::domain::{audit, tenancy};
use crate::http::acting::Actor;
use crate::http::auth::{Caller, Principal};
use crate::http::extract::no_faults;
use crate::http::frame::RequestInfo;
use crate::http::problem::{Answer, Problem};
use crate::http::sender::{By, Sent};
use crate::util::crypto::{self, Purpose};
use crate::util::ids::{CustomerId, new_id};

/// An answer lost on its way may be asked for again within this time.
const GRACE_MS: i64 = 10_000;
/// Staff who do nothing for this long sign in again.
pub(super) const STAFF_IDLE_MS: i64 = 60 * 60_000;

/// A session with the tokens that go to the client.
#[derive(Debug)]
pub struct Issued {
    /// Body of the answer.
    pub token: TokenOut,
    /// Refresh token for the cookie.
    pub refresh: String,
    /// Seconds until the session ends.
    pub cookie_seconds: i64,
    /// The device, if this is its first sign-in.
    pub device: Option<Device>,
}

/// What a browser brings when somebody signs in.
#[derive(Debug, Clone, Default)]
pub struct Browser {
    /// What it calls itself.
    pub client: Option<String>,
    /// Its former refresh token.
    pub former: Option<String>,
    /// The device that it is, if somebody signed in with it before.
    pub device: Option<Device>,
}

/// Signs in with an access code, or a username and password; replaces the browser's former session.
///
/// # Errors
/// One and the same 401 for everything that is wrong; `sign_in_closed` for networks with too many failures.
pub async fn sign_in(app: &App, input: LoginIn, info: &RequestInfo, browser: Browser) -> Answer<Issued> {
    let Browser { client, former, device } = browser;
    let device = device.filter(|device| !app.security.distrusted.has(&device.id, app.clock.now()));
    // A known device may try, and is heard only if it is one of this very account.
    let closed = gate::sign_in_closed(app, info);
    if let (Some(closed), None) = (&closed, &device) {
        return Err(closed.clone());
    }
    let subject = match input {
        LoginIn { access_code: Some(code), username: None, password: None } => {
            accounts::by_code(app, &code).await
        }
        LoginIn { access_code: None, username: Some(name), password: Some(password) } => {
            accounts::by_password(app, &name, password, device.as_ref()).await
        }
        _ => {
            let mut checks = Checks::default();
            checks.fail("/access_code", FieldCode::OneCredential, &[]);
            return Err(no_faults(checks).err().unwrap_or_else(|| Problem::new(Code::InvalidBody)));
        }
    };
    let subject = match subject {
        Ok(subject) => subject,
        Err(NotIn { event: Some(event), with, problem }) => {
            audit::service::record_alone(app, event.refused()).await?;
            if let Some(device) = &device
                && app.security.devices.note(&device.id, String::new(), app.clock.now()).is_some()
            {
                app.security.distrusted.add(&device.id, app.clock.now());
            }
            events::failed_sign_in(app, info, with).await;
            return Err(problem);
        }
        Err(NotIn { problem, .. }) => return Err(problem),
    };
    let named = subject.name();
    let is_known = device.is_some_and(|device| device.subject == named);
    if let (Some(closed), false) = (closed, is_known) {
        return Err(closed);
    }
    let now = app.clock.now();
    let id = new_id(now);
    let expires_at = Millis(now.0 + i64::from(app.config.session_lifetime_hours) * 3_600_000);
    let mut tx = app.db.write(Scope::Installation).await?;
    let actor = match &subject {
        Known::Staff { id, .. } => Actor::Staff(id.clone()),
        Known::User { id, .. } => Actor::User(id.clone()),
        Known::Code { .. } => Actor::Person(id.clone()),
    };
    let started = subject.customer().unwrap_or(INSTALLATION);
    let mut event = Event::of(AuditAction::SessionStart, started).target(&id).by(actor);
    if let Known::Code { code, .. } = &subject {
        event = event.with("access_code", code);
    }
    if let Some(former) = former.and_then(|text| Refresh::read(&app.keys, &text))
        && repo::end_session(&mut tx, &former.session, EndReason::Replaced, now).await? > 0
    {
        event = event.with("replaces", former.session);
    }
    let session = NewSession {
        id: &id,
        customer: subject.customer(),
        staff_id: if let Known::Staff { id, .. } = &subject { Some(id) } else { None },
        person_id: if let Known::User { id, .. } = &subject { Some(id) } else { None },
        access_code_id: if let Known::Code { code, .. } = &subject { Some(code) } else { None },
        role: subject.role(),
        ip_address: info.ip.addr.map(|addr| addr.to_string()),
        client,
        expires_at,
    };
    repo::insert_session(&mut tx, &session, now).await?;
    match &subject {
        Known::Code { customer, code, .. } => repo::update_code_used(&mut tx, *customer, code, now).await?,
        Known::User { id, .. } => repo::update_login(&mut tx, Realm::Person, id, now).await?,
        Known::Staff { id, .. } => repo::update_login(&mut tx, Realm::Staff, id, now).await?,
    };
    let stored = repo::find_session(&mut tx, &id).await?.ok_or_else(|| Problem::new(Code::Internal))?;
    audit::service::record(app, &mut tx, event).await?;
    tx.commit().await?;
    app.auth.forget();
    let principal = app.principal(&stored).await?;
    if let Some(customer) = &principal.customer {
        let by = By::Person { session: id, actor: principal.actor_ref() };
        info.sender.note(Sent { customer: Arc::clone(customer), by });
    }
    let mut issued = issue(app, &stored, &principal, 1)?;
    issued.device = (!is_known).then(|| Device::new(named));
    Ok(issued)
}

/// Gives the next pair of tokens. A spent refresh token ends its family, unless its answer was just lost.
///
/// # Errors
/// 401 for everything that is wrong.
pub async fn refresh(app: &App, cookie: Option<String>) -> Answer<Issued> {
    let ended = || Problem::new(Code::InvalidToken);
    let text = cookie.ok_or_else(|| Problem::new(Code::Unauthenticated))?;
    let presented = Refresh::read(&app.keys, &text).ok_or_else(ended)?;
    let now = app.clock.now();
    let mut tx = app.db.write(Scope::Installation).await?;
    let session = repo::find_session(&mut tx, &presented.session).await?.ok_or_else(ended)?;
    let idle = matches!(session.subject, Subject::Staff(_)) && now.0 - session.rotated_at.0 > STAFF_IDLE_MS;
    let usable = session.subject.is_active();
    if session.revoked_at.is_some() || session.expires_at <= now || idle || !usable {
        // Only who holds a genuine token of the session learns why it ended.
        return Err(match session.revoke_reason {
            Some(reason) => ended().with("reason", reason),
            None => ended(),
        });
    }
    if repo::rotate_session(&mut tx, &session.id, presented.generation, now).await? {
        tx.commit().await?;
        return issue(app, &session, &app.principal(&session).await?, presented.generation + 1);
    }
    // Read again: on PostgreSQL another node may have rotated between our look and our try.
    let latest = repo::find_session(&mut tx, &session.id).await?.ok_or_else(ended)?;
    let lost_answer =
        presented.generation + 1 == latest.generation && now.0 - latest.rotated_at.0 <= GRACE_MS;
    if latest.revoked_at.is_none() && lost_answer {
        // Given back first: `issue` may need a connection, and many callers at once would wait for each other.
        drop(tx);
        return issue(app, &latest, &app.principal(&latest).await?, latest.generation);
    }
    repo::end_session(&mut tx, &session.id, EndReason::TokenReuse, now).await?;
    let reused =
        Event::of(AuditAction::SessionReuse, chain_of(&session.subject)).target(&session.id).refused();
    audit::service::record(app, &mut tx, reused).await?;
    tx.commit().await?;
    app.auth.forget();
    tracing::warn!(event = "refresh_token_reused", session = session.id);
    Err(ended())
}

/// The chain of the audit log that a session belongs to.
fn chain_of(subject: &Subject) -> CustomerId {
    subject.customer().unwrap_or(INSTALLATION)
}

/// Ends the session of a cookie, and that of an access token.
///
/// # Errors
/// When the database fails; an unknown session is no error.
pub async fn sign_out(app: &App, cookie: Option<String>, access_token: Option<String>) -> Answer<()> {
    let now = app.clock.now();
    let by_cookie = cookie.and_then(|text| Refresh::read(&app.keys, &text)).map(|refresh| refresh.session);
    let by_token =
        access_token.and_then(|text| token::verify(&app.keys, &text, now)).map(|claims| claims.sid);
    let mut tx = app.db.write(Scope::Installation).await?;
    for id in by_cookie.into_iter().chain(by_token) {
        if repo::end_session(&mut tx, &id, EndReason::SignedOut, now).await? > 0
            && let Some(session) = repo::find_session(&mut tx, &id).await?
        {
            let actor = match &session.subject {
                Subject::Customer(_) => Actor::Person(id.clone()),
                Subject::User(_, member) => Actor::User(member.user.id.clone()),
                Subject::Staff(member) => Actor::Staff(member.id.clone()),
            };
            let ended = Event::of(AuditAction::SessionEnd, chain_of(&session.subject)).target(id).by(actor);
            audit::service::record(app, &mut tx, ended).await?;
        }
    }
    tx.commit().await?;
    app.auth.forget();
    Ok(())
}

fn issue(app: &App, session: &Session, principal: &Principal, generation: i64) -> Answer<Issued> {
    let now = app.clock.now();
    let tid = session.subject.customer().map_or(0, |customer| customer.0);
    let subject = match &session.subject {
        Subject::Customer(id) => format!("customer:{id}"),
        Subject::User(_, member) => format!("user:{}", member.user.id),
        Subject::Staff(member) => format!("staff:{}", member.id),
    };
    let access_token = token::sign(&app.keys, &subject, tid, &session.id, principal.role(), now)
        .map_err(|error| Problem::new(Code::Internal).caused_by(&error))?;
    let refresh = Refresh { session: session.id.clone(), generation }.write(&app.keys);
    let cookie_seconds = (session.expires_at.0 - now.0) / 1000;
    let token = TokenOut {
        access_token,
        token_type: "Bearer".to_owned(),
        expires_in: u32::try_from(ACCESS_SECONDS.min(cookie_seconds)).unwrap_or_default(),
        session_expires_at: session.expires_at,
        me: me(principal),
    };
    Ok(Issued { token, refresh, cookie_seconds, device: None })
}

/// The caller as the product knows it.
#[must_use]
pub fn me(principal: &Principal) -> MeOut {
    let customer = principal.customer.as_ref();
    let (name, username, must_change_password) = match &principal.caller {
        Caller::Person { user: Some(user), .. } => (user.name.clone(), None, false),
        Caller::Person { .. } => (customer.map(|c| c.name.clone()).unwrap_or_default(), None, false),
        Caller::Key { name, .. } => (name.clone(), None, false),
        Caller::Staff { username, must_change_password, .. } => {
            (username.clone(), Some(username.clone()), *must_change_password)
        }
    };
    let email = match &principal.caller {
        Caller::Person { user: Some(user), .. } => Some(user.email.clone()),
        _ => None,
    };
    MeOut {
        role: principal.role(),
        name,
        email,
        customer: customer.map(|customer| MeCustomer {
            id: customer.id.0,
            name: customer.name.clone(),
            contact_email: customer.contact_email.clone(),
            status: customer.status,
            status_reason: customer.status_reason.clone(),
            plan: customer.plan,
            language: customer.language,
            time_zone: customer.time_zone.clone(),
        }),
        username,
        must_change_password,
        permissions: MATRIX
            .iter()
            .map(|grant| grant.permission)
            .filter(|permission| principal.require(*permission).is_ok())
            .collect(),
        session_expires_at: principal.session_expires_at,
    }
}

/// Replaces the password of the user or staff member who calls; other sessions of that person end.
///
/// # Errors
/// `forbidden` for everybody else, `invalid_body` with what is wrong.
pub async fn change_password(app: &App, principal: &Principal, input: PasswordIn) -> Answer<()> {
    let mut conn = app.db.read(Scope::Installation).await?;
    let (of, session, context, stored) = match (&principal.caller, &principal.customer) {
        (Caller::Staff { id, username, session, .. }, _) => {
            let row = repo::find_staff(&mut conn, username).await?;
            (Of::Staff(id), session, vec![username.clone()], row.map(|row| row.password_hash))
        }
        (Caller::Person { user: Some(user), session, .. }, Some(customer)) => {
            let row = repo::find_person(&mut conn, &user.email).await?;
            let context = people::model::context(&user.name, &user.email, &customer.name);
            (Of::Person(customer.id, &user.id), session, context, row.and_then(|row| row.password_hash))
        }
        _ => return Err(Problem::new(Code::Forbidden).with("permission", "password")),
    };
    drop(conn);
    let mut checks = Checks::default();
    let words: Vec<&str> = context.iter().map(String::as_str).collect();
    password::judge(&mut checks, "/new_password", &input.new_password, &words);
    if !password::verify(&app.hashing, input.current_password, stored).await? {
        checks.fail("/current_password", FieldCode::PasswordWrong, &[]);
    }
    no_faults(checks)?;
    let hash = password::hash_async(input.new_password).await?;
    let now = app.clock.now();
    let mut tx = app.db.write(Scope::Installation).await?;
    let event = match of {
        Of::Person(customer, id) => {
            repo::update_person_password(&mut tx, id, &hash, now).await?;
            repo::end_links(&mut tx, id, now).await?;
            people::service::tell(app, &mut tx, (customer, id), &Occasion::PasswordChanged).await?;
            Event::of(AuditAction::UserPassword, customer).target(id)
        }
        Of::Staff(id) => {
            repo::update_password(&mut tx, id, &hash, false, now).await?;
            Event::of_installation(AuditAction::StaffPassword).target(id)
        }
        Of::Customer(_) | Of::Code(_) => return Err(Problem::new(Code::Internal)),
    };
    let ended = repo::end_sessions(&mut tx, of, session, EndReason::PasswordChanged, now).await?;
    audit::service::record(app, &mut tx, event.with("sessions_ended", ended)).await?;
    tx.commit().await?;
    app.auth.forget();
    Ok(())
}

/// Makes a new access code inside a transaction; it is returned once and stored as a digest.
///
/// # Errors
/// When the database fails.
pub async fn new_code(app: &App, tx: &mut Conn, customer: CustomerId) -> Answer<String> {
    let code = crypto::new_access_code();
    let canonical = crypto::normalise_access_code(&code).ok_or_else(|| Problem::new(Code::Internal))?;
    let key = app.keys.current();
    let now = app.clock.now();
    let row = NewCode {
        id: &new_id(now),
        digest: &key.digest(Purpose::AccessCode, &[canonical.as_bytes()]),
        key_version: &key.version,
        hint: &code[code.len() - 4..],
    };
    repo::insert_code(tx, customer, &row, now).await?;
    Ok(code)
}

/// Replaces a customer's access code; sessions made with the old one end.
///
/// # Errors
/// `invalid_body` when the overlap is longer than 72 hours.
pub async fn rotate_code(app: &App, customer: CustomerId, overlap_hours: u32) -> Answer<AccessCodeOut> {
    let mut checks = Checks::default();
    checks.range("/overlap_hours", i64::from(overlap_hours), 0, 72);
    no_faults(checks)?;
    let now = app.clock.now();
    let until = (overlap_hours > 0).then(|| Millis(now.0 + i64::from(overlap_hours) * 3_600_000));
    let mut tx = app.db.write(Scope::Installation).await?;
    // Two rotations at once would each miss the other's code and leave two of them in use.
    tenancy::service::lock_plan(&mut tx, customer).await?;
    repo::retire_codes(&mut tx, customer, now, until).await?;
    let access_code = new_code(app, &mut tx, customer).await?;
    let ended = repo::end_sessions(&mut tx, Of::Code(customer), "", EndReason::CodeRotated, now).await?;
    let rotated = Event::of(AuditAction::CodeRotate, customer)
        .with("overlap_hours", overlap_hours)
        .with("sessions_ended", ended);
    audit::service::record(app, &mut tx, rotated).await?;
    tx.commit().await?;
    app.auth.forget();
    Ok(AccessCodeOut { access_code, previous_valid_until: until })
}

/// SEC-13: addresses from which staff is signed in.
///
/// # Errors
/// When the database fails.
pub async fn staff_addresses(app: &App) -> Answer<Vec<IpAddr>> {
    let now = app.clock.now();
    let mut conn = app.db.read(Scope::Installation).await?;
    let addresses = repo::list_staff_addresses(&mut conn, Millis(now.0 - STAFF_IDLE_MS), now).await?;
    Ok(addresses.iter().filter_map(|text| text.parse().ok()).collect())
}

/// Makes the first staff member of an empty database.
///
/// # Errors
/// When the database fails.
pub async fn first_admin(app: &App) -> Answer<Option<String>> {
    use secrecy::ExposeSecret;
    let mut conn = app.db.read(Scope::Installation).await?;
    if repo::count_staff(&mut conn).await? > 0 {
        return Ok(None);
    }
    drop(conn);
    let given = app.config.admin_password.as_ref().map(|secret| secret.expose_secret().to_owned());
    let one_time = given.is_none();
    let password = given.unwrap_or_else(|| crypto::random_text(b"23456789abcdefghjkmnpqrstuvwxyz", 20));
    let hash = password::hash_async(password.clone()).await?;
    let now = app.clock.now();
    let mut tx = app.db.write(Scope::Installation).await?;
    if repo::count_staff(&mut tx).await? > 0 {
        return Ok(None);
    }
    let id = new_id(now);
    repo::insert_staff(&mut tx, &id, "admin", Role::Admin, &hash, one_time, now).await?;
    let made = Event::of_installation(AuditAction::StaffCreate).target(id).with("role", Role::Admin.as_str());
    audit::service::record(app, &mut tx, made).await?;
    tx.commit().await?;
    Ok(one_time.then_some(password))
}
