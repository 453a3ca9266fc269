//! Whether a request gets in at all: networks that settings name, and decisions about its address.
//!
//! Automatic decisions are about strangers: whoever shows a valid credential passes them. Staff's are about everybody.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use ipnet::IpNet;
use serde_json::json;
use shared::problem::Code;
use shared::security::{DecisionScope, SecurityEventKind, SecurityOutcome, Severity};

use super::decisions::model::Decision;
use super::decisions::service as decisions;
use super::decisions::table::Ruling;
use super::events::{model::Event, service as events};
use crate::app::App;
use crate::config::{Config, NetworkMode};
use crate::domain::ingest::protocol::Protocol;
use crate::http::auth::{Principal, SignedIn};
use crate::http::frame::RequestInfo;
use crate::http::limits::too_many;
use crate::http::problem::Problem;
use crate::http::spa;
use crate::util::swallow::OrLog;

/// Where a platform asks whether the server lives; never closed to anybody.
const HEALTH: [&str; 2] = ["/health", "/api/v1/health"];

/// A visitor who got in.
#[derive(Debug)]
pub struct Admitted {
    /// The request; it knows its sender if the gate had to find out.
    pub request: Request,
    /// Whether nothing is asked of it at all.
    pub health: bool,
}

/// Where a request goes, as decisions see it. Sign-in is judged where somebody signs in: known devices pass there.
fn place(path: &str) -> DecisionScope {
    let below =
        |base: &str| path.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if below("/admin") || below("/api/v1/admin") {
        DecisionScope::Admin
    } else if path.starts_with("/api/") && !path.starts_with("/api/v1/auth/") || Protocol::of(path).is_some()
    {
        DecisionScope::Api
    } else {
        DecisionScope::All
    }
}

/// SEC-07: whether settings keep an address out of a place.
#[must_use]
pub fn keeps_out(config: &Config, addr: Option<IpAddr>, place: DecisionScope) -> bool {
    let among = |nets: &[IpNet]| addr.is_some_and(|addr| nets.iter().any(|net| net.contains(&addr)));
    let admin = place == DecisionScope::Admin;
    let private =
        config.network_mode == NetworkMode::Private || (admin && config.network_mode == NetworkMode::Hybrid);
    (private && !among(&config.allowed_networks))
        || (admin && !config.admin_ips.is_empty() && !among(&config.admin_ips))
}

/// Whether a request shows something that may be a credential.
#[must_use]
pub fn shows_credential(request: &Request) -> bool {
    let headers = request.headers();
    headers.contains_key(header::AUTHORIZATION) || headers.contains_key(HeaderName::from_static("x-api-key"))
}

/// Who sends a request, if the credential that it shows is valid. Handlers find it said already.
pub async fn identify(app: &App, request: Request) -> (Request, bool) {
    if !shows_credential(&request) {
        return (request, false);
    }
    if request.extensions().get::<std::sync::Arc<Principal>>().is_some() {
        return (request, true);
    }
    let (mut parts, body) = request.into_parts();
    let found = SignedIn::identify(&mut parts, app).await.ok();
    let known = found.is_some();
    if let Some(SignedIn { principal, .. }) = found {
        parts.extensions.insert(principal);
    }
    (Request::from_parts(parts, body), known)
}

/// Lets a request in, or answers it.
///
/// # Errors
/// The answer to a request that does not get in.
pub async fn admit(app: &App, info: &RequestInfo, request: Request) -> Result<Admitted, Response> {
    let path = request.uri().path();
    if HEALTH.contains(&path) {
        return Ok(Admitted { request, health: true });
    }
    if app.security.known().version == 0 {
        decisions::refresh(app).await.or_log("learning decisions");
    }
    let place = place(path);
    if keeps_out(&app.config, info.ip.addr, place) {
        return Err(turned_away(&request, info, Problem::new(Code::NetworkNotAllowed)));
    }
    let (Some(addr), now) = (info.ip.addr, app.clock.now()) else {
        return Ok(Admitted { request, health: false });
    };
    let known = app.security.known();
    for decision in known.table.simulated(addr, place, now) {
        app.security.hit(&decision.id, now);
    }
    let (decision, slows) = match known.table.rule(addr, place, now) {
        Ruling::Pass => return Ok(Admitted { request, health: false }),
        Ruling::Deny(decision) => (decision, false),
        Ruling::Throttle(decision) => (decision, true),
    };
    let (request, known_by_key) =
        if decision.is_automatic() { identify(app, request).await } else { (request, false) };
    // Who is signed in reloads the page and stays signed in; neither shows a token.
    let passes = known_by_key || (decision.is_automatic() && app.has_session(request.headers()).await);
    if passes {
        return Ok(Admitted { request, health: false });
    }
    let is_news = app.security.hit(&decision.id, now);
    let problem = if slows {
        match app.security.slow.admit(info.ip) {
            Ok(()) => return Ok(Admitted { request, health: false }),
            Err(problem) => problem,
        }
    } else {
        let event = Event::of(SecurityEventKind::ListHit, Severity::Low, info)
            .on(request.method(), request.uri())
            .with(SecurityOutcome::Refused)
            .found([decision.origin.as_str()])
            .under(&decision.id);
        if is_news {
            events::note(app, event);
        }
        denied(&decision, info, now)
    };
    Err(turned_away(&request, info, problem))
}

/// ACC-10: why nobody unknown signs in from the address of a request now, if that is so.
#[must_use]
pub fn sign_in_closed(app: &App, info: &RequestInfo) -> Option<Problem> {
    let (addr, now) = (info.ip.addr?, app.clock.now());
    let known = app.security.known();
    let storm = u64::try_from(app.security.storm_left(now)).unwrap_or_default();
    if storm > 0 && !(app.config.trust_lists && known.table.trusts(addr, now)) {
        return Some(too_many(std::time::Duration::from_millis(storm)));
    }
    let (Ruling::Deny(decision) | Ruling::Throttle(decision)) =
        known.table.rule(addr, DecisionScope::Login, now)
    else {
        return None;
    };
    if decision.scope != DecisionScope::Login || (app.config.trust_lists && known.table.trusts(addr, now)) {
        return None;
    }
    app.security.hit(&decision.id, now);
    let left = decision.expires_at.map_or(0, |end| u64::try_from(end.0 - now.0).unwrap_or_default());
    let problem = Problem::new(Code::SignInClosed).with("hours", left.div_ceil(3_600_000).max(1));
    Some(problem.retry_after(left.div_ceil(1_000).max(1)))
}

fn denied(decision: &Decision, info: &RequestInfo, now: shared::time::Millis) -> Problem {
    let problem = Problem::new(Code::AddressDenied).with_body(&json!({ "incident_id": info.id }));
    match decision.expires_at {
        Some(end) => {
            problem.retry_after(u64::try_from(end.0 - now.0).unwrap_or_default().div_ceil(1_000).max(1))
        }
        None => problem,
    }
}

/// The answer to who does not get in: for a browser a page that can be read, for programs a problem.
pub fn turned_away(request: &Request, info: &RequestInfo, problem: Problem) -> Response {
    if !spa::wants_page(request) {
        return problem.into_response();
    }
    spa::refusal(&problem.render(info.lang, request.uri().path(), &info.id), info)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::client_ip::parse_net;

    /// Each path belongs to one place.
    #[test]
    fn paths_have_a_place() {
        for (path, of) in [
            ("/admin", DecisionScope::Admin),
            ("/admin/klanten", DecisionScope::Admin),
            ("/api/v1/admin/customers", DecisionScope::Admin),
            ("/administratie", DecisionScope::All),
            ("/api/v1/logs", DecisionScope::Api),
            ("/loki/api/v1/push", DecisionScope::Api),
            ("/api/v1/auth/login", DecisionScope::All),
            ("/", DecisionScope::All),
        ] {
            assert_eq!(place(path), of, "{path}");
        }
    }

    /// Who gets in by settings.
    #[test]
    fn networks_of_settings() {
        let mut config = Config::development("unused.db".into());
        let net = |text: &str| vec![parse_net(text).unwrap()];
        let out = |config: &Config, addr: &str, place| keeps_out(config, addr.parse().ok(), place);
        use DecisionScope::{Admin, All, Api};
        assert!(!out(&config, "192.0.2.1", Admin));
        config.admin_ips = net("10.0.0.0/8");
        assert!(
            out(&config, "192.0.2.1", Admin)
                && !out(&config, "10.1.1.1", Admin)
                && !out(&config, "192.0.2.1", Api)
        );
        assert!(keeps_out(&config, None, Admin), "an unknown address is none of them");
        config.admin_ips.clear();
        config.allowed_networks = net("10.0.0.0/8");
        config.network_mode = NetworkMode::Hybrid;
        assert!(
            out(&config, "192.0.2.1", Admin)
                && !out(&config, "192.0.2.1", All)
                && !out(&config, "10.1.1.1", Admin)
        );
        config.network_mode = NetworkMode::Private;
        assert!(
            out(&config, "192.0.2.1", All)
                && out(&config, "192.0.2.1", Api)
                && !out(&config, "10.1.1.1", Api)
        );
    }
}
