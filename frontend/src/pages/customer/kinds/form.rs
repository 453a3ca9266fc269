//! Describing a kind. A schema can be tried on what is there already; before it rejects, it always is.

use leptos::ev;
use shared::kinds::{
    KindCheckIn, KindCheckOut, KindIn, KindMode, KindOut, KindPatch, MAX_SPEC_LIMITS, MAX_TITLE_CHARS,
    SpecLimit,
};
use shared::logs::MAX_KIND_CHARS;
use shared::problem::FieldCode;
use shared::validate::Checks;

use super::{Kinds, Subject, mode_name};
use crate::api::{ApiError, kinds, use_api};
use crate::i18n::use_i18n;
use crate::pages::form::{Faults, given};
use crate::prelude::*;
use crate::state::toasts::use_toasts;
use crate::ui::{
    Async, Button, Choice, DialogActions, Icon, Load, SelectField, TextArea, TextField, Variant, note,
};

/// The form, once it is known what it is about.
pub fn view(page: Kinds, subject: Subject) -> AnyView {
    let api = use_api();
    match subject {
        Subject::New(name) => form(page, None, KindIn { name, ..KindIn::default() }),
        Subject::Known(id) => {
            let load = Load::new(move || {
                let answer = kinds::get(&api, &id);
                Box::pin(async move {
                    let answer = answer.await?;
                    let kind: KindOut = answer.json()?;
                    Ok((kind, answer.etag.unwrap_or_default()))
                })
            });
            let body = move || {
                let (kind, etag) = load.data.get_untracked()?;
                let KindOut { id, name, title_nl, title_en, schema, mode, limits, .. } = kind;
                Some(form(page, Some((id, etag)), KindIn { name, title_nl, title_en, schema, mode, limits }))
            };
            view! { <Async load view=move || view! { {body()} } /> }
        }
    }
}

fn form(page: Kinds, known: Option<(String, String)>, kind: KindIn) -> AnyView {
    let i18n = use_i18n();
    let (api, toasts) = (use_api(), use_toasts());
    let faults = Faults::new(&[
        ("/name", "kind-name", |t| t.kinds.name),
        ("/title_nl", "kind-nl", |t| t.kinds.title_nl),
        ("/title_en", "kind-en", |t| t.kinds.title_en),
        ("/schema", "kind-schema", |t| t.kinds.schema),
        ("/limits", "kind-limits", |t| t.kinds.limits),
    ]);
    let name = RwSignal::new(kind.name);
    let (title_nl, title_en) =
        (RwSignal::new(kind.title_nl.unwrap_or_default()), RwSignal::new(kind.title_en.unwrap_or_default()));
    let schema = RwSignal::new(kind.schema.unwrap_or_default());
    let limits = RwSignal::new(written(&kind.limits));
    let mode = RwSignal::new(kind.mode);
    let typed = move || format!("{}\n{}", name.get_untracked(), schema.get_untracked());
    let tried = RwSignal::new(None::<KindCheckOut>);
    // What rejects already needs no trial, and what was tried is what was typed then.
    let tried_on = RwSignal::new(if kind.mode == KindMode::Reject { typed() } else { String::new() });
    let busy = RwSignal::new(false);
    let save = move || {
        let mut checks = Checks::default();
        name.with_untracked(|name| checks.line("/name", name, 1, MAX_KIND_CHARS));
        let limits = limits.with_untracked(|text| read(&mut checks, text));
        if !faults.check(&checks.errors) {
            return;
        }
        busy.set(true);
        let (schema, mode) = (given(schema), mode.get_untracked());
        let sent = match &known {
            None => kinds::create(
                &api,
                &KindIn {
                    name: name.get_untracked(),
                    title_nl: given(title_nl),
                    title_en: given(title_en),
                    schema,
                    mode,
                    limits,
                },
            ),
            Some((id, etag)) => kinds::update(
                &api,
                id,
                etag,
                &KindPatch {
                    name: given(name),
                    title_nl: Some(given(title_nl)),
                    title_en: Some(given(title_en)),
                    schema: Some(schema),
                    mode: Some(mode),
                    limits: Some(limits),
                },
            ),
        };
        spawn_local(async move {
            let result = sent.await;
            busy.try_set(false);
            match result {
                Ok(()) => {
                    toasts.success(i18n.t_untracked().common.saved);
                    page.open.try_set(false);
                    page.load.reload();
                }
                Err(ApiError::Aborted) => {}
                Err(error) => faults.take(error),
            }
        });
    };
    let save = StoredValue::new(std::rc::Rc::new(save) as std::rc::Rc<dyn Fn()>);
    // What fits is saved at once if that was asked for; otherwise who goes on has seen what would have been rejected.
    let try_it = move |and_save: bool| {
        let body = KindCheckIn { name: name.get_untracked(), schema: schema.get_untracked() };
        let now = typed();
        busy.set(true);
        faults.clear();
        spawn_local(async move {
            let result = kinds::check(&api, &body).await;
            busy.try_set(false);
            match result {
                Ok(out) => {
                    let fits = out.failing == 0;
                    tried_on.set(now);
                    tried.set(Some(out));
                    if let Some(save) = save.try_get_value().filter(|_| and_save && fits) {
                        save();
                    }
                }
                Err(error) => faults.take(error),
            }
        });
    };
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let strict =
            mode.get_untracked() == KindMode::Reject && !schema.with_untracked(|text| text.trim().is_empty());
        if strict && tried_on.get_untracked() != typed() {
            try_it(true);
        } else {
            (save.get_value())();
        }
    };
    let modes = Signal::derive(move || {
        KindMode::ALL.map(|mode| Choice::new(mode.as_str(), mode_name(i18n.t(), mode))).to_vec()
    });
    let outcome = move || {
        tried.get().map(|out| {
            let fits = out.failing == 0;
            let (checked, failing) = (out.checked, out.failing);
            let text = move || {
                let fmt = i18n.fmt();
                (i18n.t().kinds.tried)(&fmt.int(failing), &fmt.int(checked))
            };
            let rows = out.examples.iter().map(|example| {
                let href = format!("/app/logs/{}", example.log_id);
                let fault = &example.fault;
                let text = format!("{} {}", fault.pointer, fault.detail);
                view! {
                    <li>
                        <a href=href>"#" {example.log_id.to_string()}</a>
                        " "
                        {text}
                    </li>
                }
            });
            let rows = rows.collect_view();
            let strict = (!fits && mode.get() == KindMode::Reject)
                .then(|| view! { <p>{i18n.tr(|t| t.kinds.would_reject)}</p> });
            view! {
                <div role="status">
                    {note(if fits { Icon::CIRCLE_CHECK } else { Icon::TRIANGLE_ALERT }, text)}
                    <ul>{rows}</ul>
                    {strict}
                </div>
            }
        })
    };
    view! {
        <form class="stack" on:submit=submit novalidate>
            {faults.view()}
            <TextField
                id="kind-name"
                label=i18n.tr(|t| t.kinds.name)
                hint=i18n.tr(|t| t.kinds.name_hint)
                value=name
                error=faults.of("/name")
                maxlength=MAX_KIND_CHARS as u32
                mono=true
            />
            <TextField
                id="kind-nl"
                label=i18n.tr(|t| t.kinds.title_nl)
                value=title_nl
                error=faults.of("/title_nl")
                maxlength=MAX_TITLE_CHARS as u32
            />
            <TextField
                id="kind-en"
                label=i18n.tr(|t| t.kinds.title_en)
                value=title_en
                error=faults.of("/title_en")
                maxlength=MAX_TITLE_CHARS as u32
            />
            <TextArea
                id="kind-schema"
                label=i18n.tr(|t| t.kinds.schema)
                hint=i18n.tr(|t| t.kinds.schema_hint)
                value=schema
                error=faults.of("/schema")
                rows=10
            />
            <SelectField
                id="kind-mode"
                label=i18n.tr(|t| t.kinds.mode)
                hint=i18n.tr(|t| t.kinds.mode_hint)
                value=Signal::derive(move || mode.get().as_str().to_owned())
                on_change=move |name: String| mode.set(KindMode::parse(&name).unwrap_or_default())
                options=modes
            />
            <TextArea
                id="kind-limits"
                label=i18n.tr(|t| t.kinds.limits)
                hint=i18n.tr(|t| t.kinds.limits_hint)
                value=limits
                error=faults.of("/limits")
                rows=3
            />
            {outcome}
            <DialogActions>
                <Button on_press=move |()| page.open.set(false)>{i18n.tr(|t| t.common.cancel)}</Button>
                <Button busy on_press=move |()| try_it(false)>{i18n.tr(|t| t.kinds.try_it)}</Button>
                <Button submit=true variant=Variant::Primary busy>
                    {i18n.tr(|t| t.common.save)}
                </Button>
            </DialogActions>
        </form>
    }
}

/// Limits as they are typed: one a line, `field; lower; upper; unit`.
fn written(limits: &[SpecLimit]) -> String {
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    let line = |limit: &SpecLimit| {
        let unit = limit.unit.as_deref().unwrap_or_default();
        format!("{}; {}; {}; {unit}", limit.field, number(limit.lower), number(limit.upper))
    };
    limits.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn read(checks: &mut Checks, text: &str) -> Vec<SpecLimit> {
    let mut limits = Vec::new();
    for (at, line) in text.lines().map(str::trim).filter(|line| !line.is_empty()).enumerate() {
        let mut cells = line.split(';').map(str::trim);
        let field = cells.next().unwrap_or_default().to_owned();
        let mut number = || match cells.next().unwrap_or_default() {
            "" => None,
            text => {
                let value = text.replace(',', ".").parse().ok().filter(|value: &f64| value.is_finite());
                if value.is_none() {
                    let args = [("reason", text.to_owned())];
                    checks.fail(&format!("/limits/{at}"), FieldCode::Syntax, &args);
                }
                value
            }
        };
        let (lower, upper) = (number(), number());
        let unit = cells.next().filter(|unit| !unit.is_empty()).map(str::to_owned);
        if limits.len() < MAX_SPEC_LIMITS + 1 {
            limits.push(SpecLimit { field, lower, upper, unit });
        }
    }
    limits
}

#[cfg(test)]
mod tests {
    use super::*;

    /// LOG-15: limits are written as they are read, with a comma or a point, and what is no number is told.
    #[test]
    fn limits_survive_the_form() {
        let mut checks = Checks::default();
        let limits = read(&mut checks, "temperature_c; 2; 8,5; °C\n\n weight;;1e3\n");
        assert!(checks.errors.is_empty());
        assert_eq!((limits[0].upper, limits[0].unit.as_deref()), (Some(8.5), Some("°C")));
        assert_eq!((limits[1].lower, limits[1].upper, &limits[1].unit), (None, Some(1_000.0), &None));
        assert_eq!(read(&mut checks, &written(&limits)), limits);
        read(&mut checks, "a; x; 1");
        assert_eq!(checks.errors[0].pointer, "/limits/0");
    }
}
