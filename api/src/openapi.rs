//! The OpenAPI document: base, answers that every operation shares, and the rendering for OpenAPI 3.0 tools.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use shared::problem::ProblemOut;
use utoipa::OpenApi as _;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, SchemaType, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Deprecated, OpenApi, Ref, RefOr, Required, ResponseBuilder, Schema};
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::app::App;
use crate::domain::idempotency;
use crate::router::BASE;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "MVAI Connexx API", description = "Record what happens in logistics, find it back, take it out.\n\nSign in with an API key (`Authorization: Bearer mvai_live_…` or `X-API-Key`) or with the access token of a session. Times are RFC 3339 in UTC; days are counted in the customer's time zone. Errors are `application/problem+json` with a stable `code`.\n\nAnswers to a key tell where it stands: `RateLimit-Policy` and `RateLimit` name the limits of the key, of the customer and of the month. Too many requests are answered with 429 and `Retry-After`.\n\nWithin a version there are only additions: members, parameters and values may come, so ignore what you do not know. What breaks something gets a new version by date. A key stays with the version of the day on which it was made (`api_version`); `MVAI-Version` asks for another one, and every answer says which one it was. Former addresses answer with `Deprecation` (RFC 9745) and the address that replaces them, and with `Sunset` (RFC 8594) once they have a last day.",
        contact(name = "MVAI Connexx"), license(name = "Proprietary")),
    servers((url = "/", description = "This installation")),
    tags((name = "logs", description = "Record logs and get them back"), (name = "search", description = "Find logs"),
        (name = "exports", description = "Take logs out as files, at once or by a job"),
        (name = "analytics", description = "Figures about own logs"), (name = "keys", description = "API keys"),
        (name = "kinds", description = "Kinds of logs: what their data must look like, and the quarantine of what does not fit"),
        (name = "usage", description = "Use of the own account and own requests"),
        (name = "audit", description = "Who did what, when, from where"),
        (name = "security", description = "What protects from outside: events, decisions about addresses, modes"),
        (name = "auth", description = "Sessions and permissions"), (name = "users", description = "Users of the customer, and sessions"), (name = "tenancy", description = "Customers, for staff"),
        (name = "mail", description = "Outgoing mail, for staff"),
        (name = "ingest", description = "Protocols of log shippers and standards of logistics; errors have the form of each protocol"),
        (name = "public", description = "Health")),
    components(schemas(ProblemOut)),
)]
struct Base;

/// The document without operations.
#[must_use]
pub fn base() -> OpenApi {
    let mut document = Base::openapi();
    document.info.version = env!("CARGO_PKG_VERSION").to_owned();
    let components = document.components.get_or_insert_default();
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("Access token of a session"));
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer.build()));
    let key = ApiKeyValue::with_description(
        "X-API-Key",
        "API key of a customer; `Authorization: Bearer` works as well",
    );
    components.add_security_scheme("api_key", SecurityScheme::ApiKey(ApiKey::Header(key)));
    let cookie = ApiKeyValue::with_description("__Host-mvai_refresh", "Refresh token, set at sign-in");
    components.add_security_scheme("refresh_cookie", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    document
}

/// Adds the error answers that operations share.
#[must_use]
pub fn finish(mut document: OpenApi) -> OpenApi {
    let problem = |text: &str| {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("ProblemOut"))).build();
        RefOr::T(
            ResponseBuilder::new().description(text).content("application/problem+json", content).build(),
        )
    };
    let foreign = |text: &str| RefOr::T(ResponseBuilder::new().description(text).build());
    for (path, item) in &mut document.paths.paths {
        // What another standard defines has errors in the form of that standard, and its own ways to repeat.
        let own = path.starts_with(BASE);
        let operations = [
            (false, &mut item.get),
            (true, &mut item.post),
            (true, &mut item.patch),
            (true, &mut item.put),
            (true, &mut item.delete),
        ];
        let operations =
            operations.into_iter().filter_map(|(writes, operation)| Some((writes, operation.as_mut()?)));
        for (writes, operation) in operations {
            let open = operation.security.as_ref().is_some_and(|all| {
                all.iter().any(|requirement| {
                    serde_json::to_value(requirement).is_ok_and(|value| value == json!({}))
                })
            });
            let mut answers = vec![
                ("400", "The request cannot be read"),
                ("500", "Something went wrong on our side"),
                ("503", "Too busy, or the storage is not available"),
            ];
            if !open {
                answers.extend([("401", "No valid credential"), ("403", "The caller may not do this")]);
                if !path.contains("/auth/") {
                    answers.push(("429", "Too many requests, or the calls of the month are used up"));
                }
            }
            let records = operation
                .extensions
                .as_ref()
                .is_some_and(|all| all.get("x-permission") == Some(&json!("logs:write")));
            if records {
                answers.push(("402", "The logs of the month are used up, in a plan that stops there"));
            }
            if path.contains('{') {
                answers.push(("404", "There is nothing under this number, or it belongs to somebody else"));
            }
            if operation.request_body.is_some() {
                answers.extend([
                    ("408", "The body did not arrive in time"),
                    ("413", "The request is too large"),
                    ("415", "The media type is not read"),
                    ("422", "The request can be read but is not right"),
                ]);
            }
            let signing_in = path.ends_with("/auth/login");
            if own && signing_in {
                answers.push(("401", "The credentials are not right"));
            } else if own && path.contains("/auth/") {
                answers.extend([
                    ("403", "The request comes from another site"),
                    ("415", "The media type is not read"),
                ]);
            } else if own && writes {
                answers.extend([
                    ("409", "The name is taken, the present state does not allow it, or the same request still runs"),
                    ("422", "The request is not right, or its `Idempotency-Key` was used for another one"),
                    ("507", "The storage is full"),
                ]);
                operation.parameters.get_or_insert_default().push(RefOr::T(idempotency_key()));
            }
            if signing_in || path.ends_with("/auth/refresh") {
                answers.push(("429", "Too many attempts"));
            }
            let conditional =
                operation.parameters.iter().flatten().any(
                    |parameter| matches!(parameter, RefOr::T(parameter) if parameter.name == "If-Match"),
                );
            if conditional {
                answers.extend([("412", "Somebody else has changed it"), ("428", "`If-Match` is missing")]);
            }
            let in_address = |parameter: &RefOr<Parameter>| matches!(parameter, RefOr::T(parameter) if !matches!(parameter.parameter_in, ParameterIn::Header | ParameterIn::Cookie));
            if operation.parameters.iter().flatten().any(in_address) {
                answers.push(("414", "The address is longer than 16 KiB"));
                let said = "The head of the request is larger than is read; this answer has no body";
                let response = ResponseBuilder::new().description(said).build();
                operation.responses.responses.insert("431".to_owned(), RefOr::T(response));
            }
            if operation.operation_id.as_deref().is_some_and(|id| id.ends_with("_alias")) {
                operation.deprecated = Some(Deprecated::True);
            }
            mark_files(operation);
            without_null(operation);
            for (status, text) in answers {
                operation
                    .responses
                    .responses
                    .entry(status.to_owned())
                    .or_insert_with(|| if own { problem(text) } else { foreign(text) });
            }
        }
    }
    document
}

/// Media types whose bodies are files for a client: not JSON to be parsed, whatever their Rust type is.
const FILES: [&str; 7] = [
    "application/octet-stream",
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/x-ndjson",
    "application/x-protobuf",
    "application/zip",
    "text/csv",
];

/// Describes files as such, so that generated clients send and receive them byte for byte.
fn mark_files(operation: &mut Operation) {
    let asked = operation.request_body.iter_mut().filter_map(|body| match body {
        RefOr::T(body) => Some(body.content.iter_mut()),
        RefOr::Ref(_) => None,
    });
    let answered = operation.responses.responses.values_mut().filter_map(|answer| match answer {
        RefOr::T(answer) => Some(answer.content.iter_mut()),
        RefOr::Ref(_) => None,
    });
    for (media, content) in asked.flatten().chain(answered.flatten()) {
        if let (true, RefOr::T(content)) = (FILES.contains(&media.as_str()), content) {
            let binary = SchemaFormat::KnownFormat(KnownFormat::Binary);
            let file = ObjectBuilder::new().schema_type(Type::String).format(Some(binary));
            content.schema = Some(file.into());
        }
    }
}

/// A parameter may be left out, but it is never null.
fn without_null(operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(Parameter { schema: Some(RefOr::T(Schema::Object(schema))), .. }) = parameter
            && let SchemaType::Array(types) = &mut schema.schema_type
        {
            types.retain(|one| *one != Type::Null);
            if let [one] = types.as_slice() {
                schema.schema_type = SchemaType::Type(one.clone());
            }
        }
    }
}

/// The header that makes repeating a request safe (GEN-08).
fn idempotency_key() -> Parameter {
    let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(255));
    ParameterBuilder::new()
        .name(idempotency::layer::KEY.as_str())
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "Any text of your own, such as a UUID. The same request under the same key is carried out once; asked again \
             within 24 hours, it gets the first answer with `Idempotency-Replayed: true`.",
        ))
        .schema(Some(text.pattern(Some("^[ -~]+$"))))
        .build()
}

/// The document as JSON text, as it is served and committed.
#[must_use]
pub fn to_json(document: &OpenApi) -> String {
    let mut text = document.to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

/// The document for tools that do not read OpenAPI 3.1.
#[must_use]
pub fn to_json_3_0(document: &OpenApi) -> String {
    let mut value = serde_json::to_value(document).unwrap_or_default();
    let kinds = kinds(&value["components"]["schemas"]);
    convert(&mut value, &kinds);
    value["openapi"] = json!("3.0.3");
    if let Some(license) = value.pointer_mut("/info/license").and_then(Value::as_object_mut) {
        license.remove("identifier");
    }
    let mut text = serde_json::to_string_pretty(&value).unwrap_or_default();
    text.push('\n');
    text
}

/// Types of the named schemas, which `nullable` must stand beside.
type Kinds = BTreeMap<String, Value>;

fn kinds(schemas: &Value) -> Kinds {
    let schemas = schemas.as_object().into_iter().flatten();
    schemas.filter_map(|(name, schema)| Some((name.clone(), schema.get("type")?.clone()))).collect()
}

/// The type of a schema, also of one that is named.
fn kind_of<'a>(schema: &'a Value, kinds: &'a Kinds) -> Option<&'a Value> {
    let name = || schema.get("$ref")?.as_str()?.rsplit('/').next();
    let own = schema.get("type").or_else(|| kinds.get(name()?));
    own.or_else(|| kind_of(schema.get("allOf")?.get(0)?, kinds))
}

/// Rewrites 3.1 schemas in place: lists of types, `null`, `const`, `examples`, numeric exclusive bounds.
fn convert(value: &mut Value, kinds: &Kinds) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| convert(item, kinds)),
        Value::Object(members) => {
            convert_reference(members);
            convert_types(members);
            convert_unions(members, kinds);
            if let Some(constant) = members.remove("const") {
                members.insert("enum".to_owned(), json!([constant]));
            }
            let has_example = ["type", "$ref", "schema"].iter().any(|name| members.contains_key(*name));
            if has_example && let Some(Value::Array(examples)) = members.get("examples").cloned() {
                members.remove("examples");
                if let Some(first) = examples.first() {
                    members.entry("example").or_insert_with(|| first.clone());
                }
            }
            for (exclusive, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
                if let Some(number) = members.get(exclusive).filter(|value| value.is_number()).cloned() {
                    members.insert(bound.to_owned(), number);
                    members.insert(exclusive.to_owned(), json!(true));
                }
            }
            for unknown in ["propertyNames", "contentMediaType", "contentEncoding", "$schema"] {
                members.remove(unknown);
            }
            members.values_mut().for_each(|member| convert(member, kinds));
        }
        _ => {}
    }
}

/// In 3.0 whatever stands beside a `$ref` is ignored.
fn convert_reference(members: &mut Map<String, Value>) {
    let to_schema = members
        .get("$ref")
        .and_then(Value::as_str)
        .is_some_and(|name| name.starts_with("#/components/schemas/"));
    if to_schema && members.len() > 1 {
        let reference = members.remove("$ref");
        members.insert("allOf".to_owned(), json!([{ "$ref": reference }]));
    }
}

fn convert_types(members: &mut Map<String, Value>) {
    let Some(Value::Array(types)) = members.get("type").cloned() else {
        return;
    };
    let rest: Vec<&Value> = types.iter().filter(|name| *name != "null").collect();
    if rest.len() < types.len() {
        members.insert("nullable".to_owned(), json!(true));
    }
    match rest.as_slice() {
        [one] => members.insert("type".to_owned(), (*one).clone()),
        _ => members.remove("type"),
    };
}

fn convert_unions(members: &mut Map<String, Value>, kinds: &Kinds) {
    for union in ["oneOf", "anyOf"] {
        let Some(Value::Array(options)) = members.get(union).cloned() else {
            continue;
        };
        let rest: Vec<Value> =
            options.iter().filter(|option| option.get("type") != Some(&json!("null"))).cloned().collect();
        if rest.len() == options.len() {
            continue;
        }
        members.insert("nullable".to_owned(), json!(true));
        if let [one] = rest.as_slice() {
            members.remove(union);
            // Alone, `nullable` says nothing.
            if let Some(kind) = kind_of(one, kinds) {
                members.insert("type".to_owned(), kind.clone());
            }
            members.insert("allOf".to_owned(), json!([one]));
        } else {
            members.insert(union.to_owned(), Value::Array(rest));
        }
    }
}

/// What Swagger UI needs: its own scripts and styles, which set styles from script.
const DOCS_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The document as it is served; written when somebody asks for it first, which most servers never see.
static CURRENT: LazyLock<String> = LazyLock::new(|| to_json(&crate::router::document()));
/// The same in OpenAPI 3.0.3.
static FORMER: LazyLock<String> = LazyLock::new(|| to_json_3_0(&crate::router::document()));

/// The documents and Swagger UI.
pub fn router() -> Router<App> {
    let serve = |text: &'static LazyLock<String>| {
        axum::routing::get(move || std::future::ready(document_response(text)))
    };
    let config = Config::new(["/api/v1/openapi.json"])
        .persist_authorization(false)
        .try_it_out_enabled(true)
        .display_request_duration(true)
        .filter(true)
        .deep_linking(true)
        .validator_url("none");
    let docs: Router<App> = SwaggerUi::new("/api/docs").config(config).into();
    Router::new()
        .route("/api/v1/openapi.json", serve(&CURRENT))
        .route("/api/v1/openapi-3.0.json", serve(&FORMER))
        .merge(docs.layer(axum::middleware::map_response(|mut response: Response| async {
            response
                .headers_mut()
                .insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(DOCS_POLICY));
            response
        })))
}

fn document_response(text: &'static str) -> Response {
    let mut response = text.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    /// API-05: the 3.0 rendering knows no lists of types, no `null` type and no `const`; what may be null says what it is.
    #[test]
    fn schemas_are_converted() {
        let mut value = json!({"a": {"type": ["string", "null"], "examples": ["x"]}, "b": {"oneOf": [{"type": "null"}, {"$ref": "#/c"}]},
            "n": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/X", "description": "x"}]},
            "c": {"const": 1}, "e": {"$ref": "#/components/schemas/X", "description": "x"}, "d": {"type": "integer", "exclusiveMinimum": 0}});
        convert(&mut value, &kinds(&json!({"X": {"type": "object"}, "c": {"type": "string"}})));
        assert_eq!(
            value,
            json!({"a": {"type": "string", "nullable": true, "example": "x"}, "b": {"type": "string", "nullable": true, "allOf": [{"$ref": "#/c"}]},
            "n": {"type": "object", "nullable": true, "allOf": [{"allOf": [{"$ref": "#/components/schemas/X"}], "description": "x"}]},
            "c": {"enum": [1]}, "e": {"allOf": [{"$ref": "#/components/schemas/X"}], "description": "x"}, "d": {"type": "integer", "minimum": 0, "exclusiveMinimum": true}})
        );
    }
}
