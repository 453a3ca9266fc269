//! Tables and figures.

use crate::prelude::*;

/// Lets a wide table scroll inside its card, also by keyboard.
#[component]
pub fn TableScroll(
    /// What the table holds; must differ from the label of the section around it.
    #[prop(into)]
    label: TextProp,
    /// The table.
    children: Children,
) -> AnyView {
    view! {
        <div class="tw" tabindex="0" role="region" aria-label=label>
            {children()}
        </div>
    }
}

/// One figure; stands in a `<dl class="kpis">`.
#[component]
pub fn Kpi(
    /// What is counted.
    #[prop(into)]
    label: TextProp,
    /// The figure.
    #[prop(into)]
    value: TextProp,
    /// Quiet text right after the figure, such as "of 5.000".
    #[prop(optional, into)]
    of: Option<TextProp>,
    /// Line below: change, meter, remark.
    #[prop(optional, into)]
    sub: Option<ViewFn>,
    /// Sparkline or meter at the bottom.
    #[prop(optional, into)]
    foot: Option<ViewFn>,
) -> AnyView {
    view! {
        <div class="card kpi">
            <dt>{label}</dt>
            <dd>
                <span class="val num">
                    {value} {of.map(|of| view! { " " <small>{of}</small> })}
                </span>
                {sub.map(|sub| view! { <span class="sub">{sub.run()}</span> })}
                {foot.map(|foot| foot.run())}
            </dd>
        </div>
    }
}
