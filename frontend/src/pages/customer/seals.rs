//! Seals: the newest one to keep, and verifying all of them.

use leptos::ev;
use shared::page::Page;
use shared::seals::{
    FindingKind, FindingOut, KeptSealOut, SealCheckOut, SealOut, SealState, VerificationOut,
};

use crate::api::{AuthedApi, seals, use_api};
use crate::i18n::{Texts, use_i18n};
use crate::pages::form::{Faults, given};
use crate::pages::parts::moment;
use crate::prelude::*;
use crate::ui::{Async, Button, Card, CopyButton, Icon, Load, TextField, Tone, badge, note};

/// Digits of a seal.
const DIGITS: usize = 64;
/// Numbers of logs that a finding names here.
const NAMED: usize = 10;

/// What verifying has come to so far.
#[derive(Debug, Clone, Default)]
struct Tally {
    days: i64,
    logs: i64,
    removed: i64,
    unsealed: i64,
    seals: i64,
    /// Place of the last day that was counted.
    last: i64,
    changed: Vec<SealCheckOut>,
    kept: Option<KeptSealOut>,
    done: bool,
}

impl Tally {
    fn add(&mut self, out: VerificationOut) {
        for check in out.data {
            self.logs += check.logs;
            // A large day comes in parts.
            if let (Some(position), Some(_)) = (check.position, &check.day)
                && position != self.last
            {
                (self.last, self.days) = (position, self.days + 1);
                self.removed += i64::from(check.state == SealState::Removed);
            }
            if check.state == SealState::Changed {
                self.changed.push(check);
            }
        }
        (self.seals, self.unsealed) = (out.seals, out.unsealed);
        self.kept = out.kept.or(self.kept.take());
        self.done = !out.has_more;
    }

    fn is_good(&self) -> bool {
        self.changed.is_empty() && self.kept.as_ref().is_none_or(|kept| kept.found)
    }
}

/// The card.
pub fn seals_card() -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let load = Load::new(move || seals::newest(&api));
    view! {
        <Card title=i18n.tr(|t| t.seals.title)>
            <div class="stack">
                <p class="sub2">{i18n.tr(|t| t.seals.text)}</p>
                <Async load view=move || newest(load) />
                {form(api)}
            </div>
        </Card>
    }
}

fn newest(load: Load<Page<SealOut>>) -> AnyView {
    let i18n = use_i18n();
    let view = move || match load.data.get()?.data.into_iter().next() {
        None => Some(note(Icon::CLOCK, i18n.tr(|t| t.seals.none))),
        Some(seal) => {
            let (position, copied) = (seal.position, seal.digest.clone());
            let day = seal.day.clone();
            Some(view! {
                <div class="stack">
                    <p>{move || (i18n.t().seals.newest)(&i18n.fmt().int(position), &day)} " " {moment(seal.sealed_at)}</p>
                    <div class="secret-row">
                        <code class="secret-value">{seal.digest}</code>
                        <CopyButton small=true text=copied label=i18n.tr(|t| t.seals.copy) />
                    </div>
                </div>
            })
        }
    };
    view! { {view} }
}

fn form(api: AuthedApi) -> AnyView {
    let i18n = use_i18n();
    let faults = Faults::new(&[("/seal", "seal", |t| t.seals.kept)]);
    let kept = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let tally = RwSignal::new(None::<Tally>);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        faults.clear();
        let seal = given(kept);
        let is_seal =
            |text: &String| text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if seal.as_ref().is_some_and(|text| !is_seal(text)) {
            faults.add("/seal", i18n.t_untracked().seals.kept_wrong);
            return;
        }
        busy.set(true);
        tally.set(Some(Tally::default()));
        spawn_local(async move {
            let mut cursor = None;
            loop {
                match seals::verify(&api, cursor.as_deref(), seal.as_deref()).await {
                    Ok(out) => {
                        cursor.clone_from(&out.next_cursor);
                        tally.update(|tally| {
                            if let Some(tally) = tally {
                                tally.add(out);
                            }
                        });
                    }
                    Err(error) => {
                        faults.take(error);
                        tally.set(None);
                        break;
                    }
                }
                // Nobody waits for it once the page is left.
                if cursor.is_none() || busy.try_get_untracked().is_none() {
                    break;
                }
            }
            busy.try_set(false);
        });
    };
    let shown = move || tally.get().map(|tally| result(&tally));
    view! {
        <form class="stack" on:submit=submit novalidate>
            {faults.view()}
            <TextField
                id="seal"
                label=i18n.tr(|t| t.seals.kept)
                hint=i18n.tr(|t| t.seals.kept_hint)
                value=kept
                error=faults.of("/seal")
            />
            <div class="row">
                <Button submit=true busy icon=Icon::SHIELD_CHECK>
                    {i18n.tr(|t| t.seals.verify)}
                </Button>
            </div>
            <div class="stack" role="status">
                {shown}
            </div>
        </form>
    }
}

fn result(tally: &Tally) -> AnyView {
    let i18n = use_i18n();
    let (days, seals, logs, removed, unsealed) =
        (tally.days, tally.seals, tally.logs, tally.removed, tally.unsealed);
    if !tally.done {
        let text = move || {
            let fmt = i18n.fmt();
            (i18n.t().seals.progress)(&fmt.int(days), &fmt.int(seals))
        };
        return view! { <p>{text}</p> };
    }
    let counts = move || {
        let (t, fmt) = (i18n.t(), i18n.fmt());
        let mut parts = vec![(t.seals.counts)(&fmt.int(days), &fmt.int(logs))];
        if removed > 0 {
            parts.push((t.seals.removed)(&fmt.int(removed)));
        }
        if unsealed > 0 {
            parts.push((t.seals.unsealed)(&fmt.int(unsealed)));
        }
        parts.join(" ")
    };
    let verdict = if tally.is_good() {
        badge(Tone::Ok, Some(Icon::CIRCLE_CHECK), i18n.tr(|t| t.seals.intact))
    } else {
        badge(Tone::Bad, Some(Icon::TRIANGLE_ALERT), i18n.tr(|t| t.seals.changed))
    };
    let kept = tally.kept.clone().map(|kept| {
        let text = move || match &kept.day {
            Some(day) => (i18n.t().seals.kept_found)(day),
            None => i18n.t().seals.kept_missing.to_owned(),
        };
        view! { <p>{text}</p> }
    });
    let lines: Vec<AnyView> = tally.changed.iter().flat_map(findings).collect();
    let list = (!lines.is_empty()).then(|| {
        view! {
            <ul>{lines}</ul>
            <p class="sub2">{i18n.tr(|t| t.seals.what_now)}</p>
        }
    });
    view! {
        <p>{verdict} " " {counts}</p>
        {kept}
        {list}
    }
}

fn findings(check: &SealCheckOut) -> Vec<AnyView> {
    let i18n = use_i18n();
    let line = |finding: &FindingOut| {
        let (kind, count, ids) = (finding.kind, finding.count, finding.ids.clone());
        let (day, position) = (check.day.clone(), check.position);
        let text = move || {
            let (t, fmt) = (i18n.t(), i18n.fmt());
            let place = match (&day, position) {
                (Some(day), _) => day.clone(),
                (None, Some(position)) => (t.seals.seal)(&fmt.int(position)),
                (None, None) => t.seals.open.to_owned(),
            };
            let mut named: Vec<String> = ids.iter().take(NAMED).map(i64::to_string).collect();
            if count > named.len() as i64 {
                named.push("…".to_owned());
            }
            format!("{place}: {} {}", finding_name(t, kind), named.join(", "))
        };
        view! { <li>{text}</li> }
    };
    check.findings.iter().map(line).collect()
}

fn finding_name(t: &'static Texts, kind: FindingKind) -> &'static str {
    let t = &t.seals;
    match kind {
        FindingKind::LogChanged => t.log_changed,
        FindingKind::LogMissing => t.log_missing,
        FindingKind::LogAdded => t.log_added,
        FindingKind::ErasureUnknown => t.erasure_unknown,
        FindingKind::DigestsChanged => t.digests_changed,
        FindingKind::SealEdited => t.seal_edited,
        FindingKind::SealMissing => t.seal_missing,
        FindingKind::ChainBroken => t.chain_broken,
    }
}
