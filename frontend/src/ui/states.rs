//! What stands where data should be: nothing yet, nothing at all, or a failure with a way on.

use super::button::Button;
use super::copy::CopyButton;
use super::icons::{Icon, icon};
use crate::api::ApiError;
use crate::i18n::use_i18n;
use crate::prelude::*;

/// Grey lines of the height that the content will have.
#[component]
pub fn Skeleton(
    /// Number of lines.
    #[prop(default = 4)]
    lines: usize,
) -> AnyView {
    let line = |_| view! { <div class="bone"></div> };
    view! { <div class="bones" aria-hidden="true">{(0..lines).map(line).collect_view()}</div> }
}

/// Says what would stand here, why it does not, and offers one act.
#[component]
pub fn EmptyState(
    /// The icon.
    #[prop(default = Icon::INFO)]
    mark: Icon,
    /// What it is.
    #[prop(into)]
    title: TextProp,
    /// Why it is empty and how to fill it.
    #[prop(into)]
    text: TextProp,
    /// One act.
    #[prop(optional)]
    children: Option<Children>,
) -> AnyView {
    view! {
        <div class="none-box">
            <span class="ib">{icon(mark)}</span>
            <h2>{title}</h2>
            <p>{text}</p>
            {children.map(|children| children())}
        </div>
    }
}

/// Says what failed and what to do; names the request for support.
#[component]
pub fn ErrorState(
    /// What failed.
    #[prop(into)]
    error: Signal<Option<ApiError>>,
    /// Tries again.
    #[prop(optional, into)]
    on_retry: Option<Callback<()>>,
) -> AnyView {
    let i18n = use_i18n();
    let body = move || {
        error.get().map(|error| {
            let (title, detail) = (error.title(i18n.t()), error.detail(i18n.t()));
            let request = error.request_id().map(str::to_owned);
            view! {
                <h2>{title}</h2>
                <p>{detail}</p>
                {request.map(request_line)}
            }
        })
    };
    view! {
        <div class="none-box" role="alert">
            <span class="ib bad">{icon(Icon::TRIANGLE_ALERT)}</span>
            {body}
            {on_retry
                .map(|retry| {
                    view! {
                        <Button icon=Icon::REFRESH_CW on_press=retry>
                            {i18n.tr(|t| t.common.retry)}
                        </Button>
                    }
                })}
        </div>
    }
}

fn request_line(request: String) -> AnyView {
    let i18n = use_i18n();
    let copied = request.clone();
    view! {
        <p class="request">
            <span>{i18n.tr(|t| t.ui.request_number)} " " <code>{request}</code></span>
            <CopyButton text=copied small=true />
        </p>
    }
}
