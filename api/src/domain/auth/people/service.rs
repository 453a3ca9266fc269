//! Inviting users, changing and removing them, and the links with which they choose a password.
//!
//! Every change locks the customer's row first, so that limits and the last way in are judged on what the change meets.

use shared::access::Role;
use shared::audit::AuditAction;
use shared::people::{
    CodeRoleIn, INVITATION_HOURS, InvitationOut, LinkIn, LinkOut, LinkPasswordIn, LinkPurpose, RESET_MINUTES,
    ResetIn, UserIn, UserOut, UserPatch, UserState, UsersOut,
};
use shared::problem::Code;
use shared::time::Millis;
use shared::validate::Checks;

use super::super::model::EndReason;
use super::super::repo::{self as rows, LinkRow, Of};
use super::super::{link, password};
use super::model::{self, Wish};
use super::repo;
use crate::app::App;
use crate::db::{Conn, DbError, Scope};
use crate::domain::audit::model::Event;
use crate::domain::mail::words::Occasion;
use crate::domain::{audit, mail, tenancy};
use crate::http::acting::{self, Actor};
use crate::http::auth::Customer;
use crate::http::extract::no_faults;
use crate::http::problem::{Answer, Problem};
use crate::util::ids::{CustomerId, new_id};
use crate::util::swallow::OrLog;

const HOUR_MS: i64 = 3_600_000;
const MINUTE_MS: i64 = 60_000;
/// Characters of a token; ours have 64.
const MAX_TOKEN: usize = 128;
/// Links that a user gets within an hour.
const MAX_RESETS_AN_HOUR: i64 = 5;

fn missing() -> Problem {
    Problem::new(Code::NotFound)
}

fn spent() -> Problem {
    Problem::new(Code::LinkSpent)
}

/// The users of a customer.
///
/// # Errors
/// When the database fails.
pub async fn list(app: &App, customer: &Customer) -> Answer<UsersOut> {
    let mut conn = app.db.snapshot(Scope::Customer(customer.id)).await?;
    let users = repo::list(&mut conn, customer.id, app.clock.now()).await?;
    let (owners, code_role) = repo::ways_in(&mut conn, customer.id).await?;
    Ok(UsersOut {
        count: counted(&users),
        users,
        limit: customer.plan.users(),
        code_role,
        has_owner: owners > 0,
    })
}

/// Users that a plan counts.
fn counted(users: &[UserOut]) -> i64 {
    let counted = users.iter().filter(|user| user.state != UserState::Disabled).count();
    i64::try_from(counted).unwrap_or(i64::MAX)
}

/// Whether there is such a customer.
///
/// # Errors
/// `not_found`.
pub async fn exists(app: &App, customer: CustomerId) -> Answer<()> {
    app.customer(customer).await?.map(drop).ok_or_else(missing)
}

/// A user.
///
/// # Errors
/// `not_found`.
pub async fn find(app: &App, customer: CustomerId, id: &str) -> Answer<UserOut> {
    let mut conn = app.db.read(Scope::Customer(customer)).await?;
    repo::find(&mut conn, customer, id, app.clock.now()).await?.ok_or_else(missing)
}

/// ACC-14: invites somebody; the link works once, for 72 hours.
///
/// # Errors
/// `invalid_body`, `user_limit_reached`, `email_taken`.
pub async fn invite(app: &App, customer: &Customer, input: &UserIn) -> Answer<InvitationOut> {
    let wish = Wish::judge(input, customer.language)?;
    let now = app.clock.now();
    let mut tx = app.db.write(Scope::Installation).await?;
    has_room(app, &mut tx, customer.id).await?;
    let id = new_id(now);
    repo::insert(&mut tx, customer.id, &id, &wish, now).await.map_err(|error| match error {
        DbError::Unique(_) => Problem::new(Code::EmailTaken).with("email", &wish.email),
        other => other.into(),
    })?;
    let event = Event::of(AuditAction::UserInvite, customer.id)
        .target(&id)
        .with("role", wish.role.as_str())
        .typed("email", None, Some(&wish.email))
        .typed("name", None, Some(&wish.name));
    send_invitation(app, tx, customer.id, &id, event).await
}

/// Whether a plan has room for one more user.
async fn has_room(app: &App, tx: &mut Conn, customer: CustomerId) -> Answer<()> {
    let limit = tenancy::service::lock_plan(tx, customer).await?.users();
    if counted(&repo::list(tx, customer, app.clock.now()).await?) >= limit {
        return Err(Problem::new(Code::UserLimitReached).with("limit", limit));
    }
    Ok(())
}

/// Invites somebody again who has not come yet; the link of before works no more.
///
/// # Errors
/// `not_found`, `state_conflict` for somebody who is in.
pub async fn invite_again(app: &App, customer: &Customer, id: &str) -> Answer<InvitationOut> {
    let mut tx = app.db.write(Scope::Installation).await?;
    tenancy::service::lock_plan(&mut tx, customer.id).await?;
    let user = repo::find(&mut tx, customer.id, id, app.clock.now()).await?.ok_or_else(missing)?;
    if user.state != UserState::Invited {
        return Err(Problem::new(Code::StateConflict).with("state", user.state.as_str()));
    }
    send_invitation(app, tx, customer.id, id, Event::of(AuditAction::UserInvite, customer.id).target(id))
        .await
}

async fn send_invitation(
    app: &App,
    mut tx: Conn,
    customer: CustomerId,
    id: &str,
    event: Event,
) -> Answer<InvitationOut> {
    let now = app.clock.now();
    let expires_at = Millis(now.0 + INVITATION_HOURS * HOUR_MS);
    let link = new_link(app, &mut tx, (customer, id), LinkPurpose::Invitation, expires_at).await?;
    let user = repo::find(&mut tx, customer, id, now).await?.ok_or_else(missing)?;
    let customer = tenancy::service::find_in(&mut tx, customer).await?;
    let occasion = Occasion::UserInvite { name: user.name.clone(), role: user.role, until: expires_at };
    let to = mail::service::To { address: &user.email, language: user.language };
    mail::service::queue_link(app, &mut tx, &customer, to, &occasion, Some(&link)).await?;
    audit::service::record(app, &mut tx, event).await?;
    tx.commit().await?;
    let link = address(app, &link, LinkPurpose::Invitation)?;
    Ok(InvitationOut { user, link, expires_at, mailed: app.config.smtp.is_some() })
}

async fn new_link(
    app: &App,
    tx: &mut Conn,
    (customer, person): (CustomerId, &str),
    purpose: LinkPurpose,
    expires_at: Millis,
) -> Answer<String> {
    let now = app.clock.now();
    let row = LinkRow {
        id: new_id(now),
        customer_id: customer.0,
        person_id: person.to_owned(),
        purpose: purpose.as_str().to_owned(),
        expires_at: expires_at.0,
        used_at: None,
    };
    rows::insert_link(tx, &row, now).await?;
    Ok(row.id)
}

fn address(app: &App, id: &str, purpose: LinkPurpose) -> Answer<String> {
    let path = link::path(&app.keys, id, purpose).ok_or_else(|| Problem::new(Code::Internal))?;
    Ok(format!("{}{path}", app.config.address()))
}

/// The address that a mail is to hold, while its link works.
///
/// # Errors
/// When the database fails.
pub async fn mailed_link(app: &App, id: &str) -> Answer<Option<String>> {
    let row = rows::find_link(&mut app.db.read(Scope::Installation).await?, id).await?;
    let works = |row: &LinkRow| row.used_at.is_none() && row.expires_at > app.clock.now().0;
    let Some(row) = row.filter(works) else { return Ok(None) };
    let purpose = LinkPurpose::parse(&row.purpose).ok_or_else(|| Problem::new(Code::Internal))?;
    address(app, id, purpose).map(Some)
}

/// ACC-14: changes name or role of a user, or keeps the user out; with another role, or out, its sessions end.
///
/// # Errors
/// `not_found`, `invalid_body`, `last_way_in`, `user_limit_reached` when the plan has no room for one who was out.
pub async fn update(app: &App, customer: CustomerId, id: &str, patch: &UserPatch) -> Answer<UserOut> {
    let name = model::judge_patch(patch)?;
    let now = app.clock.now();
    let mut tx = app.db.write(Scope::Installation).await?;
    tenancy::service::lock_plan(&mut tx, customer).await?;
    let before = repo::find(&mut tx, customer, id, now).await?.ok_or_else(missing)?;
    let mut after = before.clone();
    after.name = name.unwrap_or(after.name);
    after.role = patch.role.unwrap_or(after.role);
    match (patch.disabled, before.state) {
        (Some(true), _) => after.state = UserState::Disabled,
        (Some(false), UserState::Disabled) => {
            has_room(app, &mut tx, customer).await?;
            let row = rows::find_person(&mut tx, &before.email).await?;
            let has_password = row.is_some_and(|row| row.password_hash.is_some());
            after.state = if has_password { UserState::Active } else { UserState::Invited };
        }
        _ => {}
    }
    repo::update(&mut tx, customer, &after, now).await?;
    let ending = if after.state == UserState::Disabled && before.state != UserState::Disabled {
        rows::end_links(&mut tx, id, now).await?;
        Some(EndReason::Disabled)
    } else {
        (after.role != before.role).then_some(EndReason::RoleChanged)
    };
    let ended = match ending {
        Some(reason) => rows::end_sessions(&mut tx, Of::Person(customer, id), "", reason, now).await?,
        None => 0,
    };
    somebody_gets_in(&mut tx, customer).await?;
    let event = Event::of(AuditAction::UserUpdate, customer)
        .target(id)
        .changed("role", Some(before.role.as_str()), Some(after.role.as_str()))
        .changed("state", Some(before.state.as_str()), Some(after.state.as_str()))
        .typed("name", Some(&before.name), Some(&after.name))
        .with("sessions_ended", ended);
    audit::service::record(app, &mut tx, event).await?;
    let user = repo::find(&mut tx, customer, id, now).await?.ok_or_else(missing)?;
    tx.commit().await?;
    app.auth.forget();
    Ok(user)
}

/// ACC-14: there is an active owner or a working access code at all times.
async fn somebody_gets_in(tx: &mut Conn, customer: CustomerId) -> Answer<()> {
    match repo::ways_in(tx, customer).await? {
        (0, None) => Err(Problem::new(Code::LastWayIn)),
        _ => Ok(()),
    }
}

/// Removes a user; what the user did keeps the name.
///
/// # Errors
/// `not_found`, `last_way_in`.
pub async fn remove(app: &App, customer: CustomerId, id: &str) -> Answer<()> {
    let now = app.clock.now();
    let mut tx = app.db.write(Scope::Installation).await?;
    tenancy::service::lock_plan(&mut tx, customer).await?;
    let user = repo::find(&mut tx, customer, id, now).await?.ok_or_else(missing)?;
    repo::remove(&mut tx, customer, id, now).await?;
    rows::end_links(&mut tx, id, now).await?;
    let of = Of::Person(customer, id);
    let ended = rows::end_sessions(&mut tx, of, "", EndReason::Disabled, now).await?;
    somebody_gets_in(&mut tx, customer).await?;
    let event = Event::of(AuditAction::UserRemove, customer)
        .target(id)
        .typed("email", Some(&user.email), None)
        .with("sessions_ended", ended);
    audit::service::record(app, &mut tx, event).await?;
    tx.commit().await?;
    app.auth.forget();
    Ok(())
}

/// What whoever signs in with the access code may do beside an owner by name. It holds for their next request.
///
/// # Errors
/// `invalid_body`, `last_way_in`.
pub async fn set_code_role(app: &App, customer: CustomerId, input: CodeRoleIn) -> Answer<()> {
    model::judge_code_role(input.role)?;
    let mut tx = app.db.write(Scope::Installation).await?;
    tenancy::service::lock_plan(&mut tx, customer).await?;
    let (_, before) = repo::ways_in(&mut tx, customer).await?;
    repo::update_code_role(&mut tx, customer, input.role).await?;
    somebody_gets_in(&mut tx, customer).await?;
    let event = Event::of(AuditAction::CodeRole, customer).changed(
        "role",
        Some(before.map_or("–", Role::as_str)),
        Some(input.role.map_or("–", Role::as_str)),
    );
    audit::service::record(app, &mut tx, event).await?;
    tx.commit().await?;
    app.auth.forget();
    Ok(())
}

/// A link that works, with whom it is for.
async fn read_link(app: &App, conn: &mut Conn, token: &str) -> Answer<(LinkRow, LinkPurpose, UserOut)> {
    let now = app.clock.now();
    let (id, purpose) = link::read(&app.keys, token).ok_or_else(spent)?;
    let row = rows::find_link(conn, &id).await?.ok_or_else(spent)?;
    if row.used_at.is_some() || row.expires_at <= now.0 || row.purpose != purpose.as_str() {
        return Err(spent());
    }
    let user = repo::find(conn, CustomerId(row.customer_id), &row.person_id, now).await?;
    let fits = |user: &UserOut| match purpose {
        LinkPurpose::Invitation => user.state == UserState::Invited,
        LinkPurpose::Reset => user.state == UserState::Active,
    };
    Ok((row, purpose, user.filter(fits).ok_or_else(spent)?))
}

/// Whom a link is for.
///
/// # Errors
/// `link_spent` for every link that does not work, `invalid_body` for what is too long to be one.
pub async fn check_link(app: &App, input: &LinkIn) -> Answer<LinkOut> {
    let mut checks = Checks::default();
    checks.text("/token", &input.token, 0, MAX_TOKEN);
    no_faults(checks)?;
    let mut conn = app.db.read(Scope::Installation).await?;
    let (row, purpose, user) = read_link(app, &mut conn, &input.token).await?;
    let customer = tenancy::service::find_in(&mut conn, CustomerId(row.customer_id)).await?;
    Ok(LinkOut {
        purpose,
        name: user.name,
        email: user.email,
        customer: customer.name,
        expires_at: Millis(row.expires_at),
    })
}

/// ACC-14, ACC-16: chooses a password with a link, once. All sessions of the user end.
///
/// # Errors
/// `link_spent`, `invalid_body` with what is wrong with the password; the link still works then.
pub async fn use_link(app: &App, input: LinkPasswordIn) -> Answer<()> {
    let mut checks = Checks::default();
    checks.text("/token", &input.token, 0, MAX_TOKEN);
    password::judge(&mut checks, "/new_password", &input.new_password, &[]);
    no_faults(checks)?;
    let mut conn = app.db.read(Scope::Installation).await?;
    let (row, purpose, user) = read_link(app, &mut conn, &input.token).await?;
    let customer = tenancy::service::find_in(&mut conn, CustomerId(row.customer_id)).await?;
    drop(conn);
    let mut checks = Checks::default();
    let words = model::context(&user.name, &user.email, &customer.name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    password::judge(&mut checks, "/new_password", &input.new_password, &words);
    no_faults(checks)?;
    let hash = password::hash_async(input.new_password).await?;
    let now = app.clock.now();
    let mut tx = app.db.write(Scope::Installation).await?;
    if !rows::spend_link(&mut tx, &row.id, now).await? {
        return Err(spent());
    }
    rows::update_person_password(&mut tx, &user.id, &hash, now).await?;
    rows::unlock(&mut tx, (rows::Realm::Person, &user.id)).await?;
    let of = Of::Person(customer.id, &user.id);
    let ended = rows::end_sessions(&mut tx, of, "", EndReason::PasswordChanged, now).await?;
    let action = match purpose {
        LinkPurpose::Invitation => {
            repo::activate(&mut tx, &user.id, now).await?;
            AuditAction::UserJoin
        }
        LinkPurpose::Reset => {
            tell(app, &mut tx, (customer.id, &user.id), &Occasion::PasswordChanged).await?;
            AuditAction::UserPassword
        }
    };
    let event = Event::of(action, customer.id).target(&user.id).by(Actor::User(user.id.clone()));
    audit::service::record(app, &mut tx, event.with("sessions_ended", ended)).await?;
    tx.commit().await?;
    app.auth.forget();
    Ok(())
}

/// ACC-16: somebody asks for a new password. The answer says nothing, and does not wait for what follows from it.
///
/// # Errors
/// `invalid_body` for what is no address.
pub fn ask_reset(app: &App, input: &ResetIn) -> Answer<()> {
    let mut checks = Checks::default();
    let email = checks.email("/email", &input.email);
    no_faults(checks)?;
    let app = app.clone();
    tokio::spawn(acting::carried(async move {
        send_reset(&app, &email).await.or_log("sending a link for a new password");
    }));
    Ok(())
}

async fn send_reset(app: &App, email: &str) -> Answer<()> {
    let now = app.clock.now();
    let mut tx = app.db.write(Scope::Installation).await?;
    let row = rows::find_person(&mut tx, email).await?;
    let Some(row) = row.filter(|row| row.state == UserState::Active.as_str()) else { return Ok(()) };
    let customer = CustomerId(row.customer_id);
    // Locked, so that many at once are counted one after the other: nobody's mailbox is filled by others.
    tenancy::service::lock_plan(&mut tx, customer).await?;
    if rows::count_resets(&mut tx, &row.id, Millis(now.0 - HOUR_MS)).await? >= MAX_RESETS_AN_HOUR {
        return Ok(());
    }
    let expires_at = Millis(now.0 + RESET_MINUTES * MINUTE_MS);
    let link = new_link(app, &mut tx, (customer, &row.id), LinkPurpose::Reset, expires_at).await?;
    let user = repo::find(&mut tx, customer, &row.id, now).await?.ok_or_else(missing)?;
    let of_customer = tenancy::service::find_in(&mut tx, customer).await?;
    let to = mail::service::To { address: &user.email, language: user.language };
    let occasion = Occasion::PasswordReset { until: expires_at };
    mail::service::queue_link(app, &mut tx, &of_customer, to, &occasion, Some(&link)).await?;
    audit::service::record(app, &mut tx, Event::of(AuditAction::UserReset, customer).target(&row.id)).await?;
    Ok(tx.commit().await?)
}

/// Writes a mail to a user.
///
/// # Errors
/// `not_found`.
pub async fn tell(
    app: &App,
    tx: &mut Conn,
    (number, id): (CustomerId, &str),
    occasion: &Occasion,
) -> Answer<()> {
    let user = repo::find(tx, number, id, app.clock.now()).await?.ok_or_else(missing)?;
    let customer = tenancy::service::find_in(tx, number).await?;
    let to = mail::service::To { address: &user.email, language: user.language };
    Ok(mail::service::queue_link(app, tx, &customer, to, occasion, None).await?)
}
