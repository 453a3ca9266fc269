//! API-11: which version of the API answers, and which addresses are former ones.

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use shared::api_version;
use shared::problem::Code;

use super::problem::Problem;

const HEADER: HeaderName = HeaderName::from_static(api_version::HEADER);
/// RFC 9745.
const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
/// Former addresses have been former since the first version. None has a date on which it goes; once one has, `Sunset`
/// (RFC 8594) says so beside it.
const FORMER_SINCE: HeaderValue = HeaderValue::from_static("@1793491200");
/// Former addresses, and those that replace them.
const FORMER: [(&str, &str); 3] = [
    ("/api/v1/log", "</api/v1/logs>; rel=\"successor-version\""),
    ("/api/v1/search", "</api/v1/logs/search>; rel=\"successor-version\""),
    ("/api/v1/analytics", "</api/v1/analytics/stats>; rel=\"successor-version\""),
];

/// Refuses versions that do not exist, and marks the answer. Without the header the only version there is answers.
pub async fn answer(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("", MatchedPath::as_str);
    if !route.starts_with(crate::router::BASE) {
        return next.run(request).await;
    }
    let asked =
        request.headers().get_all(HEADER).iter().map(HeaderValue::to_str).collect::<Result<Vec<_>, _>>();
    let version = match asked.as_deref() {
        Ok([]) => api_version::all().last(),
        Ok([one]) => api_version::find(one),
        _ => None,
    };
    let mut response = match version {
        Some(_) => next.run(request).await,
        None => {
            let known = api_version::all().collect::<Vec<_>>().join(", ");
            Problem::new(Code::UnknownVersion).with("known", known).into_response()
        }
    };
    let headers = response.headers_mut();
    if let Some(version) = version {
        headers.insert(HEADER, HeaderValue::from_static(version));
    }
    if let Some((_, successor)) = FORMER.iter().find(|(former, _)| *former == route) {
        headers.insert(DEPRECATION, FORMER_SINCE);
        headers.append(header::LINK, HeaderValue::from_static(successor));
    }
    response
}
