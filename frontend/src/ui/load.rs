//! Data that has to be fetched, and the one place that decides between loading, failed, stale and there.

use std::rc::Rc;

use shared::time::Millis;

use super::dom;
use super::icons::Icon;
use super::page::note;
use super::states::{ErrorState, Skeleton};
use crate::api::{ApiError, Reply};
use crate::i18n::format::now;
use crate::i18n::use_i18n;
use crate::prelude::*;

/// A skeleton appears after this time …
const SKELETON_AFTER_MS: i64 = 200;
/// … and stays until this one, so that it does not flash.
const SKELETON_UNTIL_MS: i64 = 500;

type Fetch<T> = Rc<dyn Fn() -> Reply<T>>;
/// What takes over an answer.
type Take = Box<dyn FnOnce()>;

/// Data that is fetched: what came last stays on screen while a newer answer is on its way or fails.
pub struct Load<T> {
    /// What came last.
    pub data: RwSignal<Option<T>>,
    /// Why the latest attempt failed.
    pub error: RwSignal<Option<ApiError>>,
    /// Whether an attempt is under way.
    pub busy: RwSignal<bool>,
    /// When `data` came.
    pub at: RwSignal<Option<Millis>>,
    attempt: StoredValue<u32>,
    fetch: StoredValue<Fetch<T>>,
}

impl<T> Clone for Load<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Load<T> {}

impl<T: 'static> Load<T> {
    /// Starts to fetch; signals that `fetch` reads before its first `await` do not start it again, see
    /// [`Self::reload`].
    pub fn new(fetch: impl Fn() -> Reply<T> + 'static) -> Self {
        let this = Self::idle(fetch);
        this.reload();
        this
    }

    /// Like [`Self::new`], but waits for the first [`Self::reload`].
    pub fn idle(fetch: impl Fn() -> Reply<T> + 'static) -> Self {
        Self {
            data: RwSignal::new(None),
            error: RwSignal::new(None),
            busy: RwSignal::new(false),
            at: RwSignal::new(None),
            attempt: StoredValue::new(0),
            fetch: StoredValue::new(Rc::new(fetch)),
        }
    }

    /// Fetches again; an answer to an earlier attempt that comes late is dropped.
    pub fn reload(self) {
        let Some(fetch) = self.fetch.try_get_value() else { return };
        let answer = untrack(|| fetch());
        let data = self.data;
        let answer: Reply<Take> = Box::pin(async move {
            let value = answer.await?;
            Ok(Box::new(move || data.set(Some(value))) as Take)
        });
        let first = data.try_with_untracked(Option::is_none).unwrap_or(false);
        Attempts { error: self.error, busy: self.busy, at: self.at, attempt: self.attempt }
            .start(answer, first);
    }

    /// Forgets what came, so that the next attempt shows the skeleton again.
    pub fn clear(self) {
        self.data.set(None);
        self.error.set(None);
    }
}

/// The part of [`Load`] that does not depend on the type of the data.
#[derive(Clone, Copy)]
struct Attempts {
    error: RwSignal<Option<ApiError>>,
    busy: RwSignal<bool>,
    at: RwSignal<Option<Millis>>,
    attempt: StoredValue<u32>,
}

impl Attempts {
    fn start(self, answer: Reply<Take>, first: bool) {
        let Some(attempt) = self.attempt.try_update_value(|attempt| {
            *attempt = attempt.wrapping_add(1);
            *attempt
        }) else {
            return;
        };
        self.busy.set(true);
        spawn_local(async move {
            let started = now().0;
            let result = answer.await;
            let took = now().0 - started;
            if first && (SKELETON_AFTER_MS..SKELETON_UNTIL_MS).contains(&took) {
                dom::sleep((SKELETON_UNTIL_MS - took) as i32).await;
            }
            if self.attempt.try_get_value() == Some(attempt) {
                self.settle(result);
            }
        });
    }

    fn settle(self, result: Result<Take, ApiError>) {
        self.busy.set(false);
        match result {
            Ok(take) => {
                self.error.set(None);
                self.at.set(Some(now()));
                take();
            }
            // A newer call took its place and will settle it.
            Err(ApiError::Aborted) => {}
            Err(error) => self.error.set(Some(error)),
        }
    }
}

/// Shows data once it is there; the view is built once and reads `load.data` for what comes later.
#[component]
pub fn Async<T>(
    /// The data.
    load: Load<T>,
    /// What stands there until it comes; a few grey lines if absent.
    #[prop(optional, into)]
    skeleton: Option<ViewFn>,
    /// The view of the data.
    #[prop(into)]
    view: ViewFn,
) -> AnyView
where
    T: 'static,
{
    let has_data = Memo::new(move |_| load.data.with(Option::is_some));
    let failed = Memo::new(move |_| load.error.with(Option::is_some));
    frame(
        has_data.into(),
        failed.into(),
        load.error.into(),
        load.at.into(),
        Callback::new(move |()| load.reload()),
        skeleton,
        view,
    )
}

/// The part of [`Async`] that does not depend on the type of the data.
fn frame(
    has_data: Signal<bool>,
    failed: Signal<bool>,
    error: Signal<Option<ApiError>>,
    at: Signal<Option<Millis>>,
    retry: Callback<()>,
    skeleton: Option<ViewFn>,
    view: ViewFn,
) -> AnyView {
    let i18n = use_i18n();
    let body = move || match (has_data.get(), failed.get()) {
        (true, _) => view.run(),
        (false, true) => {
            view! { <ErrorState error=Signal::derive(move || error.get()) on_retry=retry /> }
        }
        (false, false) => {
            let inner = skeleton.as_ref().map(ViewFn::run);
            view! { <div class="late" aria-busy="true">{inner.unwrap_or_else(|| view! { <Skeleton /> })}</div> }
        }
    };
    let stale = move || {
        (has_data.get() && failed.get()).then(|| {
            let text = move || {
                let time = at.get().map(|at| i18n.fmt().time(at)).unwrap_or_default();
                (i18n.t().ui.stale)(&time)
            };
            view! {
                <div class="stale" role="status">
                    {note(Icon::WIFI_OFF, text)}
                    <button type="button" class="btn secondary sm" on:click=move |_| retry.run(())>
                        {i18n.tr(|t| t.common.retry)}
                    </button>
                </div>
            }
        })
    };
    view! {
        {stale}
        {body}
    }
}
