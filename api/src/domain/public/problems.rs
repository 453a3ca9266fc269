//! `/docs/problems`: what each problem code means, in the reader's language. Every `type` of an answer leads here.

use std::fmt::Write;

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use shared::lang::Lang;
use shared::problem::{Code, FieldCode};

const POLICY: &str = "default-src 'none'; style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page.
pub async fn page(headers: HeaderMap) -> Response {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let html = render(accepted.and_then(Lang::from_accept_language).unwrap_or_default());
    let mut response = html.into_response();
    let set = response.headers_mut();
    set.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    set.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    set.insert(header::VARY, HeaderValue::from_static("Accept-Language"));
    set.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    response
}

fn render(lang: Lang) -> String {
    let (title, status, fields, back) = match lang {
        Lang::Nl => ("Foutcodes van de API", "Status", "Fouten van één veld", "Naar de API-documentatie"),
        Lang::En => {
            ("Problem codes of the API", "Status", "Faults of one member", "To the API documentation")
        }
    };
    let mut html = format!(
        "<!doctype html><html lang=\"{0}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title} · MVAI Connexx</title><style>:root{{color-scheme:light dark}}body{{font:15px/1.55 system-ui,sans-serif;max-width:46rem;margin:0 auto;padding:1.5rem}}\
         h1{{font-size:1.6rem}}h2{{font-size:1rem;margin:1.6rem 0 .2rem}}p{{margin:.2rem 0}}code{{font-size:.95em}}:target{{outline:2px solid #0a8282;outline-offset:.4rem}}</style></head>\
         <body><main><h1>{title}</h1><p><a href=\"/api/docs/\">{back}</a></p>",
        lang.code()
    );
    for code in Code::ALL {
        let (name, text) = code.text(lang);
        let _ok = write!(
            html,
            "<section id=\"{0}\"><h2>{name}</h2><p><code>{0}</code> · {status} {1}</p><p>{text}</p></section>",
            code.as_str(),
            code.status()
        );
    }
    let _ok = write!(html, "<h1>{fields}</h1>");
    for code in FieldCode::ALL {
        let (fault, fix) = code.text(lang);
        let _ok = write!(
            html,
            "<section id=\"field-{0}\"><h2><code>{0}</code></h2><p>{fault} {fix}</p></section>",
            code.as_str()
        );
    }
    html.push_str("</main></body></html>");
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    /// GEN-04: every code has its place on the page that problems point to, in both languages.
    #[test]
    fn every_code_is_explained() {
        for lang in Lang::ALL {
            let html = render(lang);
            for code in Code::ALL {
                assert!(
                    html.contains(&format!("id=\"{}\"", code.as_str())) && html.contains(code.text(lang).1),
                    "{code:?}"
                );
            }
        }
    }
}
