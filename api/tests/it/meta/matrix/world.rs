//! Two customers full of canaries, and callers of every kind.

use api::config::{Config, Smtp};
use api::domain::tenancy;
use api::util::ids::new_id;
use axum::http::StatusCode;
use serde_json::json;
use shared::access::Role;
use shared::tenancy::{CustomerIn, SuspendIn};

use super::policy::Who;
use super::stranger;
use crate::support::{Actor, TestApp, TestCustomer};

/// A customer with data that nobody else may see.
#[derive(Clone)]
pub struct Side {
    pub customer: TestCustomer,
    pub owner: Actor,
    /// A key that requests may rename, rotate or revoke.
    pub key_id: String,
    /// An event of EPCIS.
    pub event_id: String,
    /// The job that captured it.
    pub capture_id: String,
    /// A search that is saved.
    pub search_id: String,
    /// A kind that is described.
    pub kind_id: String,
    /// A line that did not fit its schema.
    pub quarantined_id: String,
    /// An erasure that found nothing to erase.
    pub erasure_id: String,
    /// An export that the owner asked for.
    pub export_id: String,
    /// A mail that the outbox holds.
    pub mail_id: String,
    /// A security event about it.
    pub security_id: String,
    /// A decision; of the installation, each side has its own.
    pub decision_id: String,
    /// Somebody who is invited.
    pub user_id: String,
    /// A session with the access code, beside the owner's own.
    pub session_id: String,
    /// A row of the audit log.
    pub audit_id: String,
    /// In names and addresses: the customer itself and staff may see it.
    pub profile: String,
    /// In logs: the customer itself may see it.
    pub content: String,
    /// Codes and keys: nobody sees them again.
    pub secrets: Vec<String>,
}

/// One's own customer and another one.
#[derive(Clone)]
pub struct Pair {
    pub sides: [Side; 2],
}

/// Logs of the two sides; number 5 exists on the second alone.
const LOGS: [usize; 2] = [2, 5];

/// Somebody who calls.
pub struct Seat {
    pub who: Who,
    pub actor: Actor,
    /// The side that the caller belongs to.
    pub side: Option<usize>,
    /// An export that the caller asked for, if it may.
    pub export_id: Option<String>,
}

/// An application with all canaries that were ever released in it.
pub struct World {
    pub test: TestApp,
    pub sides: Vec<Side>,
}

fn canary(kind: &str) -> String {
    format!("kanarie{kind}{}", api::util::crypto::hex(&api::util::crypto::random::<8>()))
}

/// Has an export made, and gives its id.
async fn export(test: &TestApp, actor: &Actor) -> Option<String> {
    let asked = actor.post("/api/v1/exports", &json!({ "format": "csv" })).await;
    if asked.status != StatusCode::ACCEPTED {
        return None;
    }
    api::domain::exports::worker::work_off(&test.app).await.unwrap();
    Some(asked.expect(StatusCode::ACCEPTED).json()["id"].as_str().unwrap().to_owned())
}

impl World {
    pub async fn new() -> Self {
        // Nobody listens there; mails wait.
        // Strange identifiers are to reach what checks permissions, not to be refused in front of it.
        let config = |config: &mut Config| {
            config.smtp = Some(Smtp::local(9));
            config.threat_detection = false;
        };
        let test = Box::pin(TestApp::with(config)).await;
        stranger::make(&test).await;
        Self { test, sides: Vec::new() }
    }

    async fn side(&mut self, logs: usize) -> Side {
        let (profile, content) = (canary("p"), canary("c"));
        let input = CustomerIn {
            name: format!("Bedrijf {profile}"),
            contact_email: format!("{profile}@klant.example"),
            company_info: Some(format!("Notities {profile}")),
            ..CustomerIn::default()
        };
        let (made, access_code) = tenancy::service::create(&self.test.app, input, false).await.unwrap();
        let customer = TestCustomer { id: made.id, name: made.name, access_code: access_code.clone() };
        let owner = self.test.owner(&customer).await;
        let body = json!({ "name": format!("Sleutel {profile}") });
        let key = owner.post("/api/v1/keys", &body).await.expect(StatusCode::CREATED).json();
        let event_id = format!("urn:x:{}", canary("e"));
        let event = json!({
            "type": "ObjectEvent", "eventTime": "2026-11-22T08:00:00Z", "eventTimeZoneOffset": "+01:00", "action": "OBSERVE",
            "epcList": [event_id], "eventID": event_id, "ex:note": format!("gedeeld {content}"),
        });
        let document = json!({
            "@context": [{ "ex": "http://ex.example/" }], "type": "EPCISDocument", "schemaVersion": "2.0",
            "creationDate": "2026-11-22T08:00:00Z", "epcisBody": { "eventList": [event] },
        });
        let captured = owner.post("/epcis/v2/capture", &document).await.expect(StatusCode::ACCEPTED);
        let capture_id = captured.header("location").rsplit('/').next().unwrap().to_owned();
        let entries: Vec<_> = (1..logs)
            .map(|at| json!({ "kind": content, "message": format!("gedeeld {content}"), "note": content, "external_id": format!("{content}-{at}") }))
            .collect();
        let stored = owner.post("/api/v1/logs/batch", &json!({ "logs": entries })).await;
        assert!(
            stored.expect(StatusCode::CREATED).text().contains(&format!("\"created_count\":{}", logs - 1))
        );
        let nothing =
            json!({ "q": "id:1", "up_to": 1, "expected_count": 1, "fields": ["afwezig"], "reason": content });
        let erased = owner.post("/api/v1/logs/erasures", &nothing).await.expect_ok().json();
        let search = json!({ "name": format!("Zoek {profile}"), "q": "kind:scan", "shared": true });
        let search = owner.post("/api/v1/searches", &search).await.expect(StatusCode::CREATED).json();
        let kind = json!({ "name": "maat", "title_nl": content, "mode": "reject", "schema": "{\"required\": [\"maat\"]}" });
        let kind = owner.post("/api/v1/kinds", &kind).await.expect(StatusCode::CREATED).json();
        let unfit = json!({ "kind": "maat", "note": content });
        owner.post("/api/v1/logs", &unfit).await.expect_problem(422, "quarantined");
        let waiting = owner.get("/api/v1/quarantine").await.expect_ok().json();
        let export_id = export(&self.test, &owner).await.unwrap();
        let mail_id = self
            .test
            .texts(&format!("SELECT MIN(id) AS text FROM mail WHERE customer_id = {}", customer.id))
            .await
            .remove(0);
        let (security_id, decision_id) = self.watched(&customer, &profile).await;
        let invited =
            json!({ "email": format!("{profile}@mens.example"), "name": profile, "role": "member" });
        let invited = owner.post("/api/v1/users", &invited).await.expect(StatusCode::CREATED).json();
        self.test.owner(&customer).await;
        let session = format!("SELECT MAX(id) AS text FROM session WHERE customer_id = {}", customer.id);
        let session_id = self.test.texts(&session).await.remove(0);
        let audit = owner.get("/api/v1/audit").await.expect_ok().json();
        let side = Side {
            mail_id,
            security_id,
            decision_id,
            user_id: invited["user"]["id"].as_str().unwrap().to_owned(),
            session_id,
            audit_id: audit["data"][0]["id"].as_str().unwrap().to_owned(),
            search_id: search["id"].as_str().unwrap().to_owned(),
            kind_id: kind["id"].as_str().unwrap().to_owned(),
            quarantined_id: waiting["data"][0]["id"].as_str().unwrap().to_owned(),
            erasure_id: erased["id"].as_str().unwrap().to_owned(),
            export_id,
            customer,
            owner,
            key_id: key["id"].as_str().unwrap().to_owned(),
            event_id,
            capture_id,
            profile,
            content,
            secrets: vec![
                access_code,
                key["api_key"].as_str().unwrap().to_owned(),
                invited["link"].as_str().unwrap().rsplit('#').next().unwrap().to_owned(),
            ],
        };
        self.sides.push(side.clone());
        side
    }

    /// A security event about a customer, and a decision.
    async fn watched(&self, customer: &TestCustomer, profile: &str) -> (String, String) {
        let row = |table: &str, columns: &str, values: &str| {
            format!("INSERT INTO {table} (id, {columns}) VALUES ($1, {values})")
        };
        let now = self.test.clock.now();
        let (event, decision) = (new_id(now), new_id(now));
        let mut tx = self.test.app.db.write(api::db::Scope::Installation).await.unwrap();
        let columns = "customer_id, rules, at, last_at, times, kind, severity, outcome, ip_address, network";
        let values = "$2, $3, 1, 1, 1, 'threat', 'low', 'watched', '192.0.2.1', '192.0.2.1'";
        let insert = api::db::sql_owned(row("security_event", columns, values));
        insert.bind(&event).bind(customer.id).bind(profile).execute(&mut tx).await.unwrap();
        let columns =
            "network, action, scope, reason, origin, evidence, simulated, created_at, expires_at, hits";
        let values = "'192.0.2.1/32', 'deny', 'all', 'x', 'manual', '', FALSE, 1, 9223372036854775807, 0";
        api::db::sql_owned(row("decision", columns, values)).bind(&decision).execute(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        (event, decision)
    }

    /// Two fresh customers.
    pub async fn pair(&mut self) -> Pair {
        Pair { sides: [Box::pin(self.side(LOGS[0])).await, Box::pin(self.side(LOGS[1])).await] }
    }

    /// Stops a customer for a reason.
    pub async fn suspend(&self, side: &Side) {
        let reason = SuspendIn { reason: "rekening niet betaald".to_owned() };
        tenancy::service::suspend(&self.test.app, api::util::ids::CustomerId(side.customer.id), &reason)
            .await
            .unwrap();
    }

    /// A caller of a kind; callers of another customer sit on the second side.
    pub async fn seat(&self, who: Who, pair: &Pair) -> Seat {
        let at = usize::from(matches!(who, Who::OwnerOfAnother | Who::KeyOfAnother));
        let side = &pair.sides[at];
        let test = &self.test;
        let actor = match who {
            Who::Anonymous => test.anon(),
            Who::Admin => test.admin().await,
            Who::Analyst
                if test.number("SELECT COUNT(*) AS n FROM staff WHERE username = 'analyst'").await == 0 =>
            {
                test.analyst().await
            }
            Who::Analyst => {
                let login = json!({ "username": "analyst", "password": "analist met een lang woord" });
                let token = test.anon().post("/api/v1/auth/login", &login).await.expect_ok().json();
                test.bearer(token["access_token"].as_str().unwrap())
            }
            Who::Viewer => test.person(&side.customer, Role::Viewer).await,
            Who::Member => test.person(&side.customer, Role::Member).await,
            Who::Owner | Who::OwnerOfAnother => side.owner.clone(),
            Who::KeyWithAllScopes | Who::KeyOfAnother | Who::KeyWithoutUse | Who::SuspendedKey => {
                let scopes: Vec<&str> = who.scopes().unwrap().iter().map(|scope| scope.as_str()).collect();
                let key = test.key(&side.owner, Some(&scopes)).await;
                if who == Who::SuspendedKey {
                    self.suspend(side).await;
                }
                key
            }
            Who::SuspendedSession => {
                self.suspend(side).await;
                side.owner.clone()
            }
            Who::SuspendedOwner => {
                self.suspend(side).await;
                test.owner(&side.customer).await
            }
        };
        let side = (!matches!(who, Who::Anonymous) && !who.is_staff()).then_some(at);
        let export_id = export(test, &actor).await;
        Seat { who, actor, side, export_id }
    }

    /// Whether a text is what a customer recorded.
    pub fn is_recorded(&self, text: &str) -> bool {
        self.sides.iter().any(|side| side.content == text)
    }

    /// Texts that a caller may never receive.
    pub fn forbidden(&self, who: Who, own: Option<&Side>) -> Vec<String> {
        let mut texts = Vec::new();
        if !who.is_staff() {
            texts.extend([stranger::WORD.to_owned(), stranger::NUMBER.to_owned()]);
        }
        for side in &self.sides {
            let is_own = own.is_some_and(|own| own.customer.id == side.customer.id);
            texts.extend(side.secrets.iter().cloned());
            if !is_own {
                texts.push(side.content.clone());
            }
            if !is_own && !who.is_staff() {
                texts.push(side.profile.clone());
                // Rows without a text of their own have an id.
                let ids = [&side.mail_id, &side.capture_id, &side.erasure_id, &side.export_id, &side.key_id];
                texts.extend([&side.audit_id, &side.user_id, &side.session_id].map(Clone::clone));
                let more =
                    [&side.search_id, &side.kind_id, &side.quarantined_id, &side.event_id, &side.security_id];
                texts.extend(ids.into_iter().chain(more).cloned());
            }
        }
        texts
    }
}
