//! One log on a page of its own, for links that are shared.

use super::detail::detail;
use crate::api::{ApiError, logs, use_api};
use crate::i18n::use_i18n;
use crate::pages::public::errors::NotFoundPanel;
use crate::prelude::*;
use crate::ui::{Async, Icon, LinkButton, Load, PageHeader, Variant};

/// The page of one log.
#[component]
pub fn LogPage(
    /// Number of the log.
    id: Option<i64>,
) -> AnyView {
    match id {
        Some(id) => page(id),
        None => view! { <NotFoundPanel /> },
    }
}

fn page(id: i64) -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let load = Load::new(move || logs::get(&api, id));
    let missing =
        Memo::new(move |_| load.error.with(|error| error.as_ref().and_then(ApiError::status) == Some(404)));
    let body = move || {
        if missing.get() {
            return view! { <NotFoundPanel /> };
        }
        let view =
            move || view! { <div class="card">{load.data.get().map(|log| detail(&log, None, true))}</div> };
        view! {
            <PageHeader title=move || (i18n.t().logs.log_title)(&id.to_string())>
                <LinkButton href="/app/logs" variant=Variant::Ghost icon=Icon::CHEVRON_LEFT>
                    {i18n.tr(|t| t.logs.back_to_logs)}
                </LinkButton>
            </PageHeader>
            <Async load view />
        }
    };
    live(body)
}
