//! `seed-demo`: replaces the demo customers of a database and leaves everything else alone (OPS-12).

use jiff::civil::Date;
use serde::Serialize;
use shared::access::Role;
use shared::audit::AuditAction;
use shared::keys::KeyIn;
use shared::lang::Lang;
use shared::problem::Code;
use shared::tenancy::{CustomerIn, Plan};
use shared::time::Millis;

use super::company::{COMPANIES, Company, USUAL_LOGS};
use super::story::{Course, TIME_ZONE};
use super::{feed, repo, schedule};
use crate::app::App;
use crate::db::Scope;
use crate::domain::audit::model::Event;
use crate::domain::auth::model::EndReason;
use crate::domain::auth::{self, password};
use crate::domain::keys::model::Grantor;
use crate::domain::{audit, keys, tenancy};
use crate::http::problem::{Answer, Problem};
use crate::util::ids::{CustomerId, new_id};
use crate::util::{crypto, zone};

const ADMIN: &str = "admin";
const KEY_NAME: &str = "Demo";
/// Letters and digits that cannot be taken for each other.
const PASSWORD_LETTERS: &[u8] = b"23456789abcdefghjkmnpqrstuvwxyz";
const PASSWORD_LENGTH: usize = 20;
/// Sizes of a demonstration.
const FEWEST_LOGS: u64 = 1_000;
const MOST_LOGS: u64 = 10_000_000;

/// What `seed-demo` was asked for.
#[derive(Debug, Clone)]
pub struct SeedOptions {
    /// Same seed, same content.
    pub seed: u64,
    /// Last day of the history; yesterday if absent.
    pub until: Option<Date>,
    /// Logs of all customers; about 40,000 if absent.
    pub logs: Option<u64>,
    /// Also beside other customers, and in production.
    pub force: bool,
}

/// What `seed-demo` has made. Holds secrets that are shown once.
#[derive(Clone, Serialize)]
pub struct SeedReport {
    /// The staff member.
    pub admin: SeedAdmin,
    /// The customers.
    pub customers: Vec<SeedCustomer>,
}

/// The staff member of the demonstration.
#[derive(Clone, Serialize)]
pub struct SeedAdmin {
    /// Username.
    pub username: String,
    /// Password.
    pub password: String,
}

/// A customer of the demonstration.
#[derive(Clone, Serialize)]
pub struct SeedCustomer {
    /// Number.
    pub id: i64,
    /// Name.
    pub name: String,
    /// Plan.
    pub plan: Plan,
    /// Access code.
    pub access_code: String,
    /// API key with the default scopes.
    pub api_key: String,
    /// Logs stored.
    pub logs: u64,
    /// Logs that were offered twice and known the second time.
    pub duplicates: u64,
}

/// Why `seed-demo` does nothing.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("the database has {0} customer(s) of its own; --force adds the demo customers beside them")]
    OtherCustomers(i64),
    #[error(
        "this is a production installation; --force adds demo customers and sets a new password for `admin`"
    )]
    Production,
}

/// OPS-12: replaces the demo customers; `progress` gets logs done and logs in all.
///
/// # Errors
/// `state_conflict` beside other customers and in production unless forced, `name_taken` when a real customer has
/// the name of a demo company, `invalid_parameter` for a day that is not over or a size that cannot be, and what
/// the database says. Nothing is changed by a refusal.
pub async fn seed(
    app: &App,
    options: &SeedOptions,
    progress: &mut (dyn FnMut(u64, u64) + Send),
) -> Answer<SeedReport> {
    let course = course(app, options)?;
    check(app, options).await?;
    let mut conn = app.db.read(Scope::Installation).await?;
    let old = repo::list_demo(&mut conn).await?;
    drop(conn);
    for customer in old {
        delete(app, customer).await?;
    }
    let admin = set_admin(app).await?;
    let mut customers = Vec::with_capacity(COMPANIES.len());
    let (mut done, total) = (0, course.logs);
    progress(done, total);
    for company in &COMPANIES {
        let mut add = |logs: u64| {
            done += logs;
            progress(done.min(total), total);
        };
        customers.push(Box::pin(seed_company(app, &course, company, &mut add)).await?);
    }
    progress(total, total);
    Ok(SeedReport { admin, customers })
}

fn course(app: &App, options: &SeedOptions) -> Answer<Course> {
    let zone = zone::find(TIME_ZONE).ok_or_else(|| Problem::new(Code::Internal))?;
    let today = zone::date_of(&zone, app.clock.now());
    let until = options.until.unwrap_or_else(|| zone::add_days(today, -1));
    if until >= today || until.year() < 2_000 {
        let before = format!("2000-01-01 – {}", zone::add_days(today, -1));
        return Err(Problem::new(Code::InvalidParameter).with("name", "until").with("expected", before));
    }
    let logs = options.logs.unwrap_or(USUAL_LOGS);
    if !(FEWEST_LOGS..=MOST_LOGS).contains(&logs) {
        let range = format!("{FEWEST_LOGS} – {MOST_LOGS}");
        return Err(Problem::new(Code::InvalidParameter).with("name", "logs").with("expected", range));
    }
    Ok(Course { seed: options.seed, until, logs, zone })
}

async fn check(app: &App, options: &SeedOptions) -> Answer<()> {
    let refuse = |state: &str, refusal: Refusal| {
        Err(Problem::new(Code::StateConflict).with("state", state).caused_by(&refusal))
    };
    if app.config.is_production() && !options.force {
        return refuse("production", Refusal::Production);
    }
    let mut conn = app.db.read(Scope::Installation).await?;
    let others = repo::count_others(&mut conn).await?;
    if others > 0 && !options.force {
        return refuse("other_customers", Refusal::OtherCustomers(others));
    }
    match repo::find_taken(&mut conn).await? {
        Some(name) => Err(Problem::new(Code::NameTaken).with("name", name)),
        None => Ok(()),
    }
}

async fn delete(app: &App, customer: CustomerId) -> Answer<()> {
    let mut tx = app.db.write(Scope::Installation).await?;
    if repo::delete(&mut tx, customer).await? {
        let event = Event::of(AuditAction::CustomerDelete, customer).target(customer.to_string());
        audit::service::record(app, &mut tx, event).await?;
    }
    tx.commit().await?;
    app.auth.forget();
    Ok(())
}

/// Sets a new password for the staff member; whoever is signed in under the old one is signed out.
async fn set_admin(app: &App) -> Answer<SeedAdmin> {
    let password = crypto::random_text(PASSWORD_LETTERS, PASSWORD_LENGTH);
    let hash = password::hash_async(password.clone()).await?;
    // In production the password has been on a screen: it is for one sign-in.
    let one_time = app.config.is_production();
    let now = app.clock.now();
    let mut tx = app.db.write(Scope::Installation).await?;
    match auth::repo::find_staff(&mut tx, ADMIN).await? {
        Some(staff) => {
            auth::repo::update_password(&mut tx, &staff.id, &hash, one_time, now).await?;
            let of = auth::repo::Of::Staff(&staff.id);
            auth::repo::end_sessions(&mut tx, of, "", EndReason::PasswordChanged, now).await?;
            let event = Event::of_installation(AuditAction::StaffPassword).target(staff.id);
            audit::service::record(app, &mut tx, event).await?;
        }
        None => {
            let id = new_id(now);
            auth::repo::insert_staff(&mut tx, &id, ADMIN, Role::Admin, &hash, one_time, now).await?;
            let event = Event::of_installation(AuditAction::StaffCreate).target(id);
            let event = event.with("role", Role::Admin.as_str());
            audit::service::record(app, &mut tx, event).await?;
        }
    }
    tx.commit().await?;
    app.auth.forget();
    Ok(SeedAdmin { username: ADMIN.to_owned(), password })
}

async fn seed_company(
    app: &App,
    course: &Course,
    company: &'static Company,
    add: &mut (dyn FnMut(u64) + Send),
) -> Answer<SeedCustomer> {
    let input = CustomerIn {
        name: company.name.to_owned(),
        contact_email: company.contact_email.to_owned(),
        company_info: Some(company.company_info.to_owned()),
        language: Some(Lang::Nl),
        time_zone: Some(TIME_ZONE.to_owned()),
        plan: Some(company.plan),
        ..CustomerIn::default()
    };
    let (customer, access_code) = tenancy::service::create(app, input, true).await?;
    let id = CustomerId(customer.id);
    let mut tx = app.db.write(Scope::Installation).await?;
    repo::update_created_at(&mut tx, id, Millis(course.start(course.first_day(company)))).await?;
    tx.commit().await?;
    app.auth.forget();
    let key = KeyIn { name: KEY_NAME.to_owned(), ..KeyIn::default() };
    let key = keys::service::create(app, id, &Grantor::unbounded("demo"), key).await?;
    let (plan, zone) = (course.clone(), course.zone.clone());
    let slots = tokio::task::spawn_blocking(move || schedule::schedule(&plan, company));
    let slots = slots.await.map_err(|error| Problem::new(Code::Internal).caused_by(&error))?;
    let fed = feed::feed(app, id, company, &zone, slots, add).await?;
    Ok(SeedCustomer {
        id: id.0,
        name: customer.name,
        plan: customer.plan,
        access_code,
        api_key: key.api_key,
        logs: fed.created,
        duplicates: fed.duplicates,
    })
}
