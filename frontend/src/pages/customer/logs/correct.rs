//! Correcting a log: a new one that names it. What is stored stays.

use leptos::ev;
use shared::logs::LogOut;

use super::json;
use crate::api::{logs, use_api};
use crate::i18n::use_i18n;
use crate::pages::form::Faults;
use crate::prelude::*;
use crate::router::{Go, use_router};
use crate::state::toasts::use_toasts;
use crate::ui::{Button, Dialog, DialogActions, TextArea, Variant};

/// The button and its dialog.
pub fn correct(log: &LogOut) -> AnyView {
    let i18n = use_i18n();
    let open = RwSignal::new(false);
    let (id, data) = (log.id, log.data.clone().unwrap_or_default());
    view! {
        <Button small=true on_press=move |()| open.set(true)>
            {i18n.tr(|t| t.logs.correct)}
        </Button>
        <Dialog open wide=true title=move || (i18n.t().logs.correct_title)(&id.to_string())>
            {form(open, id, &data)}
        </Dialog>
    }
}

fn form(open: RwSignal<bool>, id: i64, data: &str) -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let router = use_router();
    let faults = Faults::new(&[("", "correction", |t| t.logs.data)]);
    let text = RwSignal::new(pretty(data));
    let busy = RwSignal::new(false);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        faults.clear();
        let Some(body) = text.with_untracked(|text| with_reference(text, id)) else {
            faults.add("", i18n.t_untracked().logs.correct_no_object);
            return;
        };
        busy.set(true);
        spawn_local(async move {
            let result = logs::create_raw(&api, body).await;
            busy.try_set(false);
            match result {
                Ok(out) => {
                    let number = out.log_id.to_string();
                    toasts.success((i18n.t_untracked().logs.corrected)(&number));
                    open.try_set(false);
                    router.go(&format!("/app/logs/{number}"), Go::Page);
                }
                Err(error) => faults.take(error),
            }
        });
    };
    view! {
        <form on:submit=submit novalidate>
            {faults.view()}
            <p>{i18n.tr(|t| t.logs.correct_text)}</p>
            <TextArea
                id="correction"
                label=i18n.tr(|t| t.logs.data)
                value=text
                error=faults.of("")
                rows=12
            />
            <DialogActions>
                <Button on_press=move |()| open.set(false)>{i18n.tr(|t| t.common.cancel)}</Button>
                <Button submit=true variant=Variant::Primary busy>
                    {i18n.tr(|t| t.logs.correct_save)}
                </Button>
            </DialogActions>
        </form>
    }
}

/// JSON set out for changing it.
pub fn pretty(data: &str) -> String {
    json::pretty(data).into_iter().map(|(_, text)| text).collect()
}

/// JSON with the reference to the log that it corrects; only an object has room for it. Nothing else of the text is
/// touched, so that numbers keep their digits. Of a member that stands twice the last one counts.
fn with_reference(text: &str, id: i64) -> Option<String> {
    let text = text.trim();
    let inner = text.strip_prefix('{')?.strip_suffix('}')?;
    serde_json::from_str::<serde::de::IgnoredAny>(text).ok()?;
    let comma = if inner.trim().is_empty() { "" } else { "," };
    Some(format!("{{{}{comma}\"corrects_id\":{id}}}", inner.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// LOG-10: the reference is added and nothing else is touched; what is no object has no room for it.
    #[test]
    fn the_reference_is_added() {
        assert_eq!(with_reference(" {\"a\": 4.20}\n", 7).unwrap(), "{\"a\": 4.20,\"corrects_id\":7}");
        assert_eq!(with_reference("{ }", 7).unwrap(), "{\"corrects_id\":7}");
        for text in ["[1]", "1", "", "{\"a\": }", "{\"a\": 1", "{} {}"] {
            assert_eq!(with_reference(text, 7), None, "{text}");
        }
    }
}
