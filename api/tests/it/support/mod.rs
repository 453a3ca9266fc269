//! The harness: a fresh migrated database, the router in the process, a clock that stands, and actors.

mod actor;
mod answer;
mod audit;
mod database;
mod kit;
pub mod program;
mod rows;
pub mod smtp;
pub mod wire;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use api::app::App;
use api::config::Config;
use api::router::router;
use api::util::clock::Clock;
use axum::Router;
use serde_json::json;
use shared::time::Millis;

pub use actor::Actor;
pub use answer::{Answer, Expected};
pub use audit::{audit, audit_erased, audit_parts};
pub use database::TestDatabase;
pub use kit::{Dice, encode, find, ids, names, record, upload};

/// Sunday 22 November 2026, 13:00 in Amsterdam.
pub const NOW: &str = "2026-11-22T12:00:00Z";
/// The same moment as the API writes it.
pub const NOW_MS: &str = "2026-11-22T12:00:00.000Z";
pub const ADMIN_PASSWORD: &str = "vier woorden op een rij";

/// A running application without a socket.
pub struct TestApp {
    pub app: App,
    pub router: Router,
    pub clock: Clock,
    pub peer: SocketAddr,
    names: Arc<AtomicU32>,
    pub database: TestDatabase,
    /// Where finished exports lie.
    pub exports: tempfile::TempDir,
}

/// A customer with everything that tests need of it.
#[derive(Debug, Clone)]
pub struct TestCustomer {
    pub id: i64,
    pub name: String,
    pub access_code: String,
}

impl TestApp {
    /// A fresh application with a staff member `admin`.
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// A fresh application with other settings.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let database = TestDatabase::create().await;
        let mut config = Config::development("unused.db".into());
        config.storage = database.storage();
        config.durability = api::config::Durability::Relaxed;
        config.secret_key = Some("0123456789abcdef0123456789abcdef".to_owned().into());
        config.admin_password = Some(ADMIN_PASSWORD.to_owned().into());
        config.ratelimit_enabled = false;
        config.default_plan = shared::tenancy::Plan::Enterprise;
        let exports = tempfile::tempdir().unwrap();
        config.export_dir = Some(exports.path().join("exports"));
        change(&mut config);
        let clock = Clock::fixed(Millis::from_rfc3339(NOW).unwrap());
        let opened = api::db::Db::open(&config.storage, config.durability, false).await.unwrap();
        let app = App::new(config, opened.db, clock.clone()).unwrap();
        api::domain::auth::service::first_admin(&app).await.unwrap();
        Self {
            router: router(app.clone()),
            app,
            clock,
            peer: "203.0.113.7:4711".parse().unwrap(),
            names: Arc::new(AtomicU32::new(0)),
            database,
            exports,
        }
    }

    /// Somebody without a credential.
    pub fn anon(&self) -> Actor {
        Actor::new(self.router.clone(), self.peer, None)
    }

    /// Somebody with a token or key.
    pub fn bearer(&self, credential: &str) -> Actor {
        Actor::new(self.router.clone(), self.peer, Some(credential.to_owned()))
    }

    /// The staff member `admin`.
    pub async fn admin(&self) -> Actor {
        let login = json!({ "username": "admin", "password": ADMIN_PASSWORD });
        let token = self.anon().post("/api/v1/auth/login", &login).await.expect_ok().json();
        self.bearer(token["access_token"].as_str().unwrap())
    }

    /// A staff member with the role of an analyst.
    pub async fn analyst(&self) -> Actor {
        let hash =
            api::domain::auth::password::hash_async("analist met een lang woord".to_owned()).await.unwrap();
        let mut tx = self.app.db.write(api::db::Scope::Installation).await.unwrap();
        let now = self.clock.now();
        let id = api::util::ids::new_id(now);
        api::domain::auth::repo::insert_staff(
            &mut tx,
            &id,
            "analyst",
            shared::access::Role::Analyst,
            &hash,
            false,
            now,
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
        let login = json!({ "username": "analyst", "password": "analist met een lang woord" });
        let token = self.anon().post("/api/v1/auth/login", &login).await.expect_ok().json();
        self.bearer(token["access_token"].as_str().unwrap())
    }

    /// A new customer, made through the service that staff uses.
    pub async fn customer(&self) -> TestCustomer {
        let number = self.names.fetch_add(1, Ordering::Relaxed);
        let name = format!("Klant {number}");
        let input = shared::tenancy::CustomerIn {
            name: name.clone(),
            contact_email: format!("k{number}@klant.example"),
            ..Default::default()
        };
        let (customer, access_code) =
            api::domain::tenancy::service::create(&self.app, input, false).await.unwrap();
        TestCustomer { id: customer.id, name, access_code }
    }

    /// The owner of a customer, signed in by access code.
    pub async fn owner(&self, customer: &TestCustomer) -> Actor {
        let login = json!({ "access_code": customer.access_code });
        let token = self.anon().post("/api/v1/auth/login", &login).await.expect_ok().json();
        self.bearer(token["access_token"].as_str().unwrap())
    }

    /// A user of a customer who is signed in, made without a mail.
    pub async fn person(&self, customer: &TestCustomer, role: shared::access::Role) -> Actor {
        let now = self.clock.now();
        let (id, person) = (api::util::ids::new_id(now), api::util::ids::new_id(now));
        let session = api::domain::auth::repo::NewSession {
            id: &id,
            customer: Some(api::util::ids::CustomerId(customer.id)),
            staff_id: None,
            person_id: Some(&person),
            access_code_id: None,
            role,
            ip_address: None,
            client: None,
            expires_at: Millis(now.0 + 86_400_000),
        };
        let mut tx = self.app.db.write(api::db::Scope::Installation).await.unwrap();
        let row = "INSERT INTO person (id, customer_id, email, email_key, name, role, language, state, created_at, updated_at) \
                   VALUES ($1, $2, $3, $3, $4, $5, 'nl', 'active', 1, 1)";
        let email = format!("{person}@klant.example");
        let insert = api::db::sql(row).bind(&person).bind(customer.id).bind(email);
        insert.bind(format!("Gebruiker {person}")).bind(role.as_str()).execute(&mut tx).await.unwrap();
        api::domain::auth::repo::insert_session(&mut tx, &session, now).await.unwrap();
        tx.commit().await.unwrap();
        let subject = format!("user:{person}");
        let token =
            api::domain::auth::token::sign(&self.app.keys, &subject, customer.id, &id, role, now).unwrap();
        self.bearer(&token)
    }

    /// A system of a customer with a key; `None` for the default scopes.
    pub async fn key(&self, owner: &Actor, scopes: Option<&[&str]>) -> Actor {
        let number = self.names.fetch_add(1, Ordering::Relaxed);
        let mut body = json!({ "name": format!("Sleutel {number}") });
        if let Some(scopes) = scopes {
            body["scopes"] = json!(scopes);
        }
        let created = owner.post("/api/v1/keys", &body).await.expect(axum::http::StatusCode::CREATED).json();
        self.bearer(created["api_key"].as_str().unwrap())
    }

    /// A customer, its owner and a key with default scopes.
    pub async fn tenant(&self) -> (TestCustomer, Actor, Actor) {
        let customer = self.customer().await;
        let owner = self.owner(&customer).await;
        let key = self.key(&owner, None).await;
        (customer, owner, key)
    }
}
