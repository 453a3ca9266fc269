//! Lines to paste that hold the real address and the real key, so that the first call works at once.

use crate::i18n::use_i18n;
use crate::prelude::*;
use crate::ui::{CopyButton, dom};

/// The address of this installation.
pub fn origin() -> String {
    web_sys::window().and_then(|window| window.location().origin().ok()).unwrap_or_default()
}

/// Puts a text in single quotes for a POSIX shell.
fn shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// A text as a JSON, Python and JavaScript literal; all three read JSON's escapes.
fn literal(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn body(text: &str) -> String {
    format!("{{\"txt\": {}}}", literal(text))
}

/// The curl line; works as it stands in a POSIX shell.
pub fn curl(origin: &str, api_key: &str, may_write: bool, text: &str) -> String {
    let token = shell(&format!("Authorization: Bearer {api_key}"));
    let url = shell(&format!("{origin}/api/v1/logs"));
    if may_write {
        let (kind, body) = (shell("Content-Type: application/json"), shell(&body(text)));
        format!("curl -sS {url} \\\n  -H {token} \\\n  -H {kind} \\\n  -d {body}")
    } else {
        format!("curl -sS {url} \\\n  -H {token}")
    }
}

fn python(origin: &str, api_key: &str, may_write: bool, text: &str) -> String {
    let url = literal(&format!("{origin}/api/v1/logs"));
    let token = literal(&format!("Bearer {api_key}"));
    if may_write {
        format!(
            "import json\nimport urllib.request\n\nrequest = urllib.request.Request(\n    {url},\n    data=json.dumps({}).encode(),\n    headers={{\"Authorization\": {token}, \"Content-Type\": \"application/json\"}},\n)\nprint(urllib.request.urlopen(request).read().decode())",
            body(text)
        )
    } else {
        format!(
            "import urllib.request\n\nrequest = urllib.request.Request({url}, headers={{\"Authorization\": {token}}})\nprint(urllib.request.urlopen(request).read().decode())"
        )
    }
}

fn javascript(origin: &str, api_key: &str, may_write: bool, text: &str) -> String {
    let url = literal(&format!("{origin}/api/v1/logs"));
    let token = literal(&format!("Bearer {api_key}"));
    if may_write {
        format!(
            "const response = await fetch({url}, {{\n  method: \"POST\",\n  headers: {{ Authorization: {token}, \"Content-Type\": \"application/json\" }},\n  body: JSON.stringify({}),\n}});\nconsole.log(await response.json());",
            body(text)
        )
    } else {
        format!(
            "const response = await fetch({url}, {{ headers: {{ Authorization: {token} }} }});\nconsole.log(await response.json());"
        )
    }
}

type Make = fn(&str, &str, bool, &str) -> String;

const TABS: [(&str, Make); 3] = [("curl", curl), ("python", python), ("javascript", javascript)];

/// The examples in three languages, one at a time (APG tabs with automatic activation).
#[component]
pub fn Samples(
    /// The real key.
    api_key: String,
    /// Whether the key may record logs; otherwise the examples list them.
    may_write: bool,
) -> AnyView {
    let i18n = use_i18n();
    let chosen = RwSignal::new(0_usize);
    let code = move || {
        let (_, make) = TABS.get(chosen.get()).copied().unwrap_or(("curl", curl));
        make(&origin(), &api_key, may_write, i18n.t().keys.sample_text_log)
    };
    let code = Signal::derive(code);
    let name = move |index: usize| {
        let t = &i18n.t().keys;
        [t.sample_curl, t.sample_python, t.sample_javascript].get(index).copied().unwrap_or_default()
    };
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        let last = TABS.len() - 1;
        let now = chosen.get_untracked();
        let next = match event.key().as_str() {
            "ArrowRight" if now == last => 0,
            "ArrowRight" => now + 1,
            "ArrowLeft" if now == 0 => last,
            "ArrowLeft" => now - 1,
            "Home" => 0,
            "End" => last,
            _ => return,
        };
        event.prevent_default();
        chosen.set(next);
        dom::focus_later("#samples [role=tab][aria-selected=true]");
    };
    let tab = move |(index, (id, _)): (usize, (&'static str, Make))| {
        let is_chosen = move || chosen.get() == index;
        view! {
            <button
                type="button"
                role="tab"
                id=format!("sample-{id}")
                aria-controls="sample-code"
                aria-selected=move || if is_chosen() { "true" } else { "false" }
                tabindex=move || if is_chosen() { "0" } else { "-1" }
                on:click=move |_| chosen.set(index)
            >
                {move || name(index)}
            </button>
        }
    };
    let labelled = move || TABS.get(chosen.get()).map(|(id, _)| format!("sample-{id}"));
    view! {
        <div class="samples" id="samples">
            <div class="samples-head">
                <h3 id="samples-title">{i18n.tr(|t| t.keys.samples)}</h3>
                <div class="tabs" role="tablist" aria-labelledby="samples-title" on:keydown=on_key>
                    {TABS.into_iter().enumerate().map(tab).collect_view()}
                </div>
            </div>
            <pre class="json" id="sample-code" role="tabpanel" tabindex="0" aria-labelledby=labelled>
                <code>{code}</code>
            </pre>
            <CopyButton text=move || code.get() label=i18n.tr(|t| t.keys.sample_copy) small=true />
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// KEY-02: the curl line survives a shell, whatever signs the text holds.
    #[test]
    fn curl_lines_are_quoted() {
        let line = curl("https://app.example", "mvai_live_abc", true, "it's \"one\" $(log)");
        assert_eq!(
            line,
            "curl -sS 'https://app.example/api/v1/logs' \\\n  -H 'Authorization: Bearer mvai_live_abc' \\\n  -H 'Content-Type: application/json' \\\n  -d '{\"txt\": \"it'\\''s \\\"one\\\" $(log)\"}'"
        );
        assert!(!curl("https://app.example", "k", false, "x").contains("-d"));
    }

    /// KEY-02: every example holds the real address and the real key.
    #[test]
    fn examples_are_real() {
        for (name, make) in TABS {
            for may_write in [true, false] {
                let text = make("https://app.example", "mvai_live_abc", may_write, "é");
                assert!(text.contains("https://app.example/api/v1/logs"), "{name}");
                assert!(text.contains("Bearer mvai_live_abc"), "{name}");
            }
        }
    }
}
