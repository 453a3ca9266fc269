//! Which part of the product an operation belongs to. Pure.

use Feature as F;
use shared::activity::Feature;

/// Every operation of customers, sorted. `None` is what nobody asks for: what the web app fetches by itself (who is
/// signed in, the live stream, what the overview shows, how far a job is) and what comes with something that counts (the
/// histogram beside a list). A new operation without a line fails a test.
static OPERATIONS: &[(&str, &str, Option<Feature>)] = &[
    ("/api/v1/access-code/role", "PUT", Some(F::Account)),
    ("/api/v1/access-code/rotate", "POST", Some(F::Account)),
    ("/api/v1/analytics", "GET", Some(F::Analytics)),
    ("/api/v1/analytics/cohorts", "GET", Some(F::Analytics)),
    ("/api/v1/analytics/daily", "GET", Some(F::Analytics)),
    ("/api/v1/analytics/findings", "GET", None),
    ("/api/v1/analytics/forecast", "GET", None),
    ("/api/v1/analytics/funnel", "POST", Some(F::Analytics)),
    ("/api/v1/analytics/growth", "GET", None),
    ("/api/v1/analytics/overview", "GET", None),
    ("/api/v1/analytics/pattern", "GET", None),
    ("/api/v1/analytics/performance", "GET", Some(F::OwnUse)),
    ("/api/v1/analytics/searches", "GET", Some(F::Analytics)),
    ("/api/v1/analytics/series", "GET", Some(F::Analytics)),
    ("/api/v1/analytics/stats", "GET", Some(F::Analytics)),
    ("/api/v1/analytics/top", "GET", None),
    ("/api/v1/audit", "GET", Some(F::Account)),
    ("/api/v1/audit/export", "GET", Some(F::Export)),
    ("/api/v1/audit/verification", "GET", None),
    ("/api/v1/audit/{id}", "GET", None),
    ("/api/v1/auth/links/check", "POST", None),
    ("/api/v1/auth/links/password", "POST", None),
    ("/api/v1/auth/login", "POST", Some(F::SignIn)),
    ("/api/v1/auth/logout", "POST", None),
    ("/api/v1/auth/password-resets", "POST", None),
    ("/api/v1/auth/refresh", "POST", None),
    ("/api/v1/downloads/{token}", "GET", None),
    ("/api/v1/export/json", "GET", Some(F::Export)),
    ("/api/v1/exports", "GET", None),
    ("/api/v1/exports", "POST", Some(F::Export)),
    ("/api/v1/exports/archive", "POST", Some(F::Export)),
    ("/api/v1/exports/{id}/file", "GET", Some(F::Export)),
    ("/api/v1/exports/{id}/manifest", "GET", Some(F::Export)),
    ("/api/v1/health", "GET", None),
    ("/api/v1/health/live", "GET", None),
    ("/api/v1/jobs/{id}", "DELETE", Some(F::Export)),
    ("/api/v1/jobs/{id}", "GET", None),
    ("/api/v1/keys", "GET", Some(F::Keys)),
    ("/api/v1/keys", "POST", Some(F::Keys)),
    ("/api/v1/keys/{id}", "PATCH", Some(F::Keys)),
    ("/api/v1/keys/{id}/revoke", "POST", Some(F::Keys)),
    ("/api/v1/keys/{id}/rotate", "POST", Some(F::Keys)),
    ("/api/v1/keys/{id}/uses", "GET", Some(F::Keys)),
    ("/api/v1/kinds", "GET", Some(F::Kinds)),
    ("/api/v1/kinds", "POST", Some(F::Kinds)),
    ("/api/v1/kinds/check", "POST", Some(F::Kinds)),
    ("/api/v1/kinds/{id}", "DELETE", Some(F::Kinds)),
    ("/api/v1/kinds/{id}", "GET", Some(F::Kinds)),
    ("/api/v1/kinds/{id}", "PATCH", Some(F::Kinds)),
    ("/api/v1/log", "GET", Some(F::Read)),
    ("/api/v1/log", "POST", Some(F::Record)),
    ("/api/v1/logs", "GET", Some(F::Read)),
    ("/api/v1/logs", "POST", Some(F::Record)),
    ("/api/v1/logs/batch", "POST", Some(F::Record)),
    ("/api/v1/logs/erasures", "GET", None),
    ("/api/v1/logs/erasures", "POST", Some(F::Erasure)),
    ("/api/v1/logs/erasures/preview", "GET", Some(F::Erasure)),
    ("/api/v1/logs/erasures/{id}", "GET", None),
    ("/api/v1/logs/export", "GET", Some(F::Export)),
    ("/api/v1/logs/facets", "GET", None),
    ("/api/v1/logs/histogram", "GET", None),
    ("/api/v1/logs/search", "GET", Some(F::Search)),
    ("/api/v1/logs/stream", "GET", None),
    ("/api/v1/logs/{id}", "GET", Some(F::Read)),
    ("/api/v1/logs/{id}/around", "GET", Some(F::Read)),
    ("/api/v1/logs/{id}/proof", "GET", Some(F::Seals)),
    ("/api/v1/me", "GET", None),
    ("/api/v1/me", "PATCH", Some(F::Account)),
    ("/api/v1/me/password", "POST", None),
    ("/api/v1/me/sessions", "DELETE", Some(F::Account)),
    ("/api/v1/me/sessions", "GET", None),
    ("/api/v1/me/sessions/{id}", "DELETE", Some(F::Account)),
    ("/api/v1/permissions", "GET", None),
    ("/api/v1/quarantine", "GET", Some(F::Kinds)),
    ("/api/v1/quarantine/replay", "POST", Some(F::Kinds)),
    ("/api/v1/quarantine/{id}", "DELETE", Some(F::Kinds)),
    ("/api/v1/quarantine/{id}", "GET", Some(F::Kinds)),
    ("/api/v1/quarantine/{id}/replay", "POST", Some(F::Kinds)),
    ("/api/v1/requests", "GET", Some(F::OwnUse)),
    ("/api/v1/retention", "GET", None),
    ("/api/v1/retention", "PUT", Some(F::Erasure)),
    ("/api/v1/retention/next", "DELETE", Some(F::Erasure)),
    ("/api/v1/seals", "GET", None),
    ("/api/v1/seals/verification", "GET", Some(F::Seals)),
    ("/api/v1/search", "GET", Some(F::Search)),
    ("/api/v1/searches", "GET", None),
    ("/api/v1/searches", "POST", Some(F::SavedSearches)),
    ("/api/v1/searches/history", "DELETE", Some(F::SavedSearches)),
    ("/api/v1/searches/history", "GET", None),
    ("/api/v1/searches/{id}", "DELETE", Some(F::SavedSearches)),
    ("/api/v1/searches/{id}", "GET", Some(F::SavedSearches)),
    ("/api/v1/searches/{id}", "PATCH", Some(F::SavedSearches)),
    ("/api/v1/sessions", "GET", None),
    ("/api/v1/sessions/{id}", "DELETE", Some(F::Account)),
    ("/api/v1/status", "GET", Some(F::Analytics)),
    ("/api/v1/usage", "GET", Some(F::OwnUse)),
    ("/api/v1/usage/days", "GET", Some(F::OwnUse)),
    ("/api/v1/usage/months", "GET", None),
    ("/api/v1/usage/savings", "GET", None),
    ("/api/v1/usage/savings", "PUT", Some(F::Account)),
    ("/api/v1/users", "GET", Some(F::Account)),
    ("/api/v1/users", "POST", Some(F::Account)),
    ("/api/v1/users/{id}", "DELETE", Some(F::Account)),
    ("/api/v1/users/{id}", "GET", None),
    ("/api/v1/users/{id}", "PATCH", Some(F::Account)),
    ("/api/v1/users/{id}/invitations", "POST", Some(F::Account)),
    ("/api/v1/users/{id}/sessions", "DELETE", Some(F::Account)),
    ("/epcis/v2/capture", "GET", None),
    ("/epcis/v2/capture", "POST", Some(F::Record)),
    ("/epcis/v2/capture/{captureID}", "GET", None),
    ("/epcis/v2/events", "GET", Some(F::Read)),
    ("/epcis/v2/events", "POST", Some(F::Record)),
    ("/epcis/v2/events/{eventID}", "GET", Some(F::Read)),
    ("/es/", "GET", None),
    ("/es/_bulk", "POST", Some(F::Record)),
    ("/es/{index}/_bulk", "POST", Some(F::Record)),
    ("/loki/api/v1/push", "POST", Some(F::Record)),
    ("/otlp/v1/logs", "POST", Some(F::Record)),
    ("/otm/v5/events", "POST", Some(F::Record)),
];

/// The part of the product that an operation (path and method) is a use of. A list of logs that was `asked` for with
/// words or fields is a search; a next page of one, or what is still being typed, is not another.
#[must_use]
pub fn feature_of(path: &str, method: &str, asked: bool) -> Option<Feature> {
    let at = OPERATIONS.binary_search_by(|(route, name, _)| (*route, *name).cmp(&(path, method))).ok()?;
    let (_, _, feature) = OPERATIONS.get(at)?;
    match feature {
        Some(Feature::Read) if asked => Some(Feature::Search),
        Some(Feature::Search) if !asked => None,
        feature => *feature,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// ANA-19: every operation of customers is a use of something, or known not to be one.
    #[test]
    fn every_operation_of_customers_is_known() {
        let document = serde_json::to_value(crate::router::document()).unwrap();
        let mut operations = BTreeSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for method in ["get", "post", "put", "patch", "delete"] {
                if item.get(method).is_some() && !path.starts_with("/api/v1/admin/") {
                    operations.insert((path.clone(), method.to_uppercase()));
                }
            }
        }
        let known: Vec<_> =
            OPERATIONS.iter().map(|(path, method, _)| ((*path).to_owned(), (*method).to_owned())).collect();
        assert!(known.is_sorted());
        assert_eq!(known, operations.into_iter().collect::<Vec<_>>());
    }

    /// ANA-19: a list that was asked for with words is a search; what the app fetches by itself is nothing.
    #[test]
    fn operations_are_uses() {
        assert_eq!(feature_of("/api/v1/logs", "GET", false), Some(Feature::Read));
        assert_eq!(feature_of("/api/v1/logs", "GET", true), Some(Feature::Search));
        assert_eq!(feature_of("/api/v1/logs/search", "GET", true), Some(Feature::Search));
        assert_eq!(feature_of("/api/v1/logs/search", "GET", false), None);
        assert_eq!(feature_of("/api/v1/logs", "POST", false), Some(Feature::Record));
        assert_eq!(feature_of("/api/v1/logs/stream", "GET", false), None);
        assert_eq!(feature_of("/nowhere", "GET", false), None);
        for feature in Feature::ALL {
            let used = OPERATIONS.iter().any(|(_, _, part)| part == &Some(*feature));
            assert!(used, "{} is used by nothing", feature.as_str());
        }
    }
}
