//! How the product is used: people, systems, parts of the product (ANA-19), customers by the month in which they began
//! (ANA-10), and what customers do (ANA-12).

use shared::activity::{
    ActiveDay, CustomerActivity, CustomerActivityPage, CustomerCohort, CustomerCohortsOut, Feature,
    FeatureUse, ProductOut,
};

use crate::api::{ApiError, admin, use_api};
use crate::charts::{Point, TimeSeries};
use crate::i18n::{I18n, Texts, use_i18n};
use crate::pages::cohort_table::{Cohort, cohort_rows, cohort_table};
use crate::pages::customer::overview::figures_skeleton;
use crate::pages::parts::ago;
use crate::prelude::*;
use crate::state::toasts::use_toasts;
use crate::ui::{
    Async, Button, Card, Choice, Icon, Kpi, Load, PageHeader, Rows, SelectField, Skeleton, TableScroll,
    csv_button, note,
};

const PERIODS: [&str; 3] = ["7", "30", "90"];

/// What the page shares with its parts.
#[derive(Clone, Copy)]
struct View {
    days: RwSignal<String>,
    product: Load<ProductOut>,
    customers: Load<CustomerActivityPage>,
}

/// The page.
#[component]
pub fn ProductPage() -> AnyView {
    let i18n = use_i18n();
    let (api, other) = (use_api(), use_api());
    let days = RwSignal::new("30".to_owned());
    let view = View {
        days,
        product: Load::idle(move || days.with_untracked(|days| admin::product(&api, days))),
        customers: Load::idle(move || days.with_untracked(|days| admin::activity(&other, days, None))),
    };
    Effect::new(move |_| {
        days.track();
        view.product.reload();
        view.customers.reload();
    });
    let periods = Signal::derive(move || {
        let words = |days: &str| (i18n.t().product.days)(days.parse().unwrap_or_default(), days);
        PERIODS.map(|days| Choice::new(days, words(days))).to_vec()
    });
    view! {
        <PageHeader title=i18n.tr(|t| t.product.title) />
        <p class="sub2">{i18n.tr(|t| t.product.lead)}</p>
        <div class="narrow">
            <SelectField
                id="period"
                label=i18n.tr(|t| t.logs.range_label)
                value=days
                on_change=move |chosen| days.set(chosen)
                options=periods
            />
        </div>
        <Async load=view.product skeleton=figures_skeleton view=move || content(view) />
        {cohorts()}
        {customers(view)}
    }
}

/// Reads a part of the answer.
fn part<T>(view: View, read: impl Fn(&ProductOut) -> T) -> Option<T> {
    view.product.data.with(|data| data.as_ref().map(read))
}

/// The running day.
fn today(view: View) -> Option<ActiveDay> {
    part(view, |data| data.days.last().cloned()).flatten()
}

/// A whole number; a dash where there is no value.
fn whole(i18n: I18n, value: Option<i64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| i18n.fmt().int(value))
}

fn content(view: View) -> AnyView {
    let i18n = use_i18n();
    let basis = move || {
        let fmt = i18n.fmt();
        let t = &i18n.t().product;
        part(view, |data| {
            let period =
                (t.basis)(&fmt.day_medium(&data.first_day), &fmt.day_medium(&data.last_day), &data.time_zone);
            let since = data.recorded_since.as_ref().map(|day| (t.since)(&fmt.day_medium(day)));
            format!("{period} {}", since.unwrap_or_else(|| t.no_data.to_owned()))
        })
        .unwrap_or_default()
    };
    view! {
        {note(Icon::INFO, basis)}
        {kpis(view)}
        {chart(view)}
        {features(view)}
    }
}

fn kpis(view: View) -> AnyView {
    let i18n = use_i18n();
    let of_today =
        move |pick: fn(&ActiveDay) -> Option<i64>| move || whole(i18n, today(view).as_ref().and_then(pick));
    let count = move |pick: fn(&ProductOut) -> i64| {
        move || whole(i18n, part(view, |data| data.recorded_since.as_ref().map(|_| pick(data))).flatten())
    };
    let sticky = move || {
        let ratio = part(view, |data| data.stickiness.ratio).flatten();
        ratio.map_or_else(|| "–".to_owned(), |ratio| i18n.fmt().percent(ratio))
    };
    let why_sticky = move || {
        let (t, fmt) = (i18n.t(), i18n.fmt());
        part(view, |data| {
            let sticky = &data.stickiness;
            match (sticky.mean_dau, sticky.mau) {
                (Some(mean), Some(mau)) => (t.product.mean_of)(&fmt.decimal(mean), &fmt.int(mau)),
                _ => format!("{} (n = {})", t.product.too_few_days, fmt.int(sticky.n)),
            }
        })
    };
    let visit = move || {
        let mean = part(view, |data| data.visits.median_s).flatten();
        mean.map_or_else(|| "–".to_owned(), |seconds| i18n.fmt().decimal(seconds / 60.0))
    };
    let visits = move || {
        let fmt = i18n.fmt();
        part(view, |data| {
            let v = &data.visits;
            let mean = v.mean_s.map_or_else(|| "–".to_owned(), |seconds| fmt.decimal(seconds / 60.0));
            (i18n.t().product.visits_of)(&fmt.int(v.n), &mean, &fmt.int(v.single))
        })
    };
    view! {
        <dl class="kpis">
            <Kpi label=i18n.tr(|t| t.product.dau) value=of_today(|day| day.dau) sub=move || i18n.tr(|t| t.product.so_far) />
            <Kpi label=i18n.tr(|t| t.product.wau) value=of_today(|day| day.wau) sub=move || i18n.tr(|t| t.product.seven) />
            <Kpi label=i18n.tr(|t| t.product.mau) value=of_today(|day| day.mau) sub=move || i18n.tr(|t| t.product.thirty) />
            <Kpi label=i18n.tr(|t| t.product.sticky) value=sticky sub=move || why_sticky />
        </dl>
        <dl class="kpis">
            <Kpi label=i18n.tr(|t| t.product.systems) value=of_today(|day| day.systems) sub=move || i18n.tr(|t| t.product.so_far) />
            <Kpi label=i18n.tr(|t| t.product.searches) value=count(|data| data.searches) />
            <Kpi label=i18n.tr(|t| t.product.calls) value=count(|data| data.api_calls) />
            <Kpi label=i18n.tr(|t| t.product.visit) value=visit of=i18n.tr(|t| t.product.minutes) sub=move || visits />
        </dl>
    }
}

fn chart(view: View) -> AnyView {
    let i18n = use_i18n();
    let points = Memo::new(move |_| {
        let fmt = i18n.fmt();
        let point = |day: &ActiveDay| {
            let value = day.dau?;
            Some(Point {
                key: day.date.clone(),
                label: fmt.day_month(&day.date),
                name: fmt.day_weekday(&day.date),
                value,
                text: (i18n.t().product.day_text)(
                    &fmt.int(value),
                    &whole(i18n, day.wau),
                    &whole(i18n, day.mau),
                    &whole(i18n, day.systems),
                ),
                running: day.partial,
                band: None,
                before: None,
            })
        };
        part(view, |data| data.days.iter().filter_map(point).collect::<Vec<_>>()).unwrap_or_default()
    });
    let columns =
        Signal::derive(move || (i18n.t().overview.column_day.to_owned(), i18n.t().product.people.to_owned()));
    // Without a day on record there is nothing to draw; the note above says so.
    live(move || {
        let some = points.with(|points: &Vec<Point>| !points.is_empty());
        some.then(|| {
            view! {
                <TimeSeries
                    id="dau"
                    title=i18n.tr(|t| t.product.per_day)
                    summary=i18n.tr(|t| t.product.per_day_text)
                    columns
                    points=Signal::from(points)
                    file_name="actieve-personen-per-dag.csv"
                    bars=true
                />
            }
        })
    })
}

fn feature_name(t: &'static Texts, feature: Feature) -> &'static str {
    match feature {
        Feature::SignIn => t.product.f_sign_in,
        Feature::Record => t.product.f_record,
        Feature::Read => t.product.f_read,
        Feature::Search => t.product.f_search,
        Feature::SavedSearches => t.product.f_saved,
        Feature::Analytics => t.shell.analytics,
        Feature::Export => t.product.f_export,
        Feature::Keys => t.shell.keys,
        Feature::OwnUse => t.product.f_own_use,
        Feature::Erasure => t.product.f_erasure,
        Feature::Kinds => t.product.f_kinds,
        Feature::Seals => t.product.f_seals,
        Feature::Account => t.shell.account,
    }
}

fn features(view: View) -> AnyView {
    let i18n = use_i18n();
    let row = move |used: &FeatureUse| {
        let (t, fmt) = (i18n.t(), i18n.fmt());
        let adoption = used.adoption.map_or_else(|| "–".to_owned(), |share| fmt.percent(share));
        view! {
            <tr>
                <th scope="row" class="full">{feature_name(t, used.feature)}</th>
                <td class="r num" data-label=t.product.adoption>{adoption}</td>
                <td class="r num" data-label=t.shell.customers>{fmt.int(used.customers)}</td>
                <td class="r num" data-label=t.product.people>{fmt.int(used.by_people)}</td>
                <td class="r num" data-label=t.product.systems>{fmt.int(used.by_systems)}</td>
            </tr>
        }
    };
    let rows = move || part(view, |data| data.features.iter().map(row).collect_view());
    let of = move || part(view, |data| (i18n.t().product.of_active)(&i18n.fmt().int(data.active_customers)));
    let file = move || -> Rows {
        let t = i18n.t();
        let p = &t.product;
        let mut rows =
            vec![[p.feature, p.adoption, t.shell.customers, p.people, p.systems].map(str::to_owned).to_vec()];
        let row = |used: &FeatureUse| {
            let adoption = used.adoption.map(|share| share.to_string()).unwrap_or_default();
            let numbers = [used.customers, used.by_people, used.by_systems].map(|n| n.to_string());
            [vec![feature_name(t, used.feature).to_owned(), adoption], numbers.to_vec()].concat()
        };
        rows.extend(part(view, |data| data.features.iter().map(row).collect::<Rows>()).unwrap_or_default());
        rows
    };
    view! {
        <Card title=i18n.tr(|t| t.product.features) flush=true tools=move || csv_button("gebruik-van-onderdelen.csv", file)>
            <p class="bar-note">{of}</p>
            <TableScroll label=i18n.tr(|t| t.product.features_table)>
                <table class="data cards">
                    <caption class="vh">{i18n.tr(|t| t.product.features)}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{i18n.tr(|t| t.product.feature)}</th>
                            <th scope="col" class="r">{i18n.tr(|t| t.product.adoption)}</th>
                            <th scope="col" class="r">{i18n.tr(|t| t.shell.customers)}</th>
                            <th scope="col" class="r">{i18n.tr(|t| t.product.people)}</th>
                            <th scope="col" class="r">{i18n.tr(|t| t.product.systems)}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </TableScroll>
        </Card>
    }
}

/// Customers by the month in which they began.
fn cohorts() -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let load = Load::new(move || admin::cohorts(&api));
    let cohorts = |data: &CustomerCohortsOut| -> Vec<Cohort> {
        let cohort = |row: &CustomerCohort| Cohort {
            month: row.month.clone(),
            size: row.size,
            cells: row.cells.iter().map(|cell| (cell.active, cell.provisional)).collect(),
        };
        data.rows.iter().map(cohort).collect()
    };
    let content = move |data: &CustomerCohortsOut| {
        if data.rows.is_empty() {
            return view! { <p class="sub2">{i18n.tr(|t| t.product.cohorts_none)}</p> };
        }
        let (t, fmt) = (i18n.t(), i18n.fmt());
        let since = data.recorded_since.as_ref().map(|day| (t.product.since)(&fmt.day_medium(day)));
        let since = since.unwrap_or_else(|| t.product.no_data.to_owned());
        view! {
            <p class="sub2">{format!("{} {since}", t.product.cohorts_text)}</p>
            {cohort_table(i18n, &cohorts(data))}
        }
    };
    let table = move || live(move || load.data.with(|data| data.as_ref().map(content)));
    let file = move || {
        load.data.with(|data| data.as_ref().map(|data| cohort_rows(i18n, &cohorts(data)))).unwrap_or_default()
    };
    view! {
        <Card title=i18n.tr(|t| t.product.cohorts) tools=move || csv_button("klanten-per-startmaand.csv", file)>
            <Async load view=table />
        </Card>
    }
}

fn customers(view: View) -> AnyView {
    let i18n = use_i18n();
    let data = view.customers.data;
    let rows = move || data.with(|page| page.as_ref().map(|page| page.data.clone()).unwrap_or_default());
    let basis = move || {
        let fmt = i18n.fmt();
        data.with(|page| page.as_ref().map(|page| (i18n.t().product.recorded)(page.n, &fmt.int(page.n))))
    };
    let table = move || {
        view! {
            <p class="bar-note">{basis}</p>
            <TableScroll label=i18n.tr(|t| t.product.customers_table)>
                <table class="data cards">
                    <caption class="vh">{i18n.tr(|t| t.product.customers)}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{i18n.tr(|t| t.admin.col_name)}</th>
                            <th scope="col" class="r">{i18n.tr(|t| t.product.active_days)}</th>
                            <th scope="col" class="r">{i18n.tr(|t| t.product.sign_ins)}</th>
                            <th scope="col" class="r">{i18n.tr(|t| t.product.calls)}</th>
                            <th scope="col">{i18n.tr(|t| t.product.last)}</th>
                            <th scope="col">{i18n.tr(|t| t.product.features)}</th>
                        </tr>
                    </thead>
                    <tbody>{each(rows, key, customer)}</tbody>
                </table>
            </TableScroll>
            {more(view)}
        }
    };
    let file = move || -> Rows {
        let (t, p) = (i18n.t(), &i18n.t().product);
        let head =
            [t.admin.col_name, p.active_days, p.sign_ins, p.people, p.systems, p.calls, p.last, p.features];
        let mut all = vec![head.map(str::to_owned).to_vec()];
        all.extend(rows().into_iter().map(|row| {
            let used =
                row.features.iter().map(|used| format!("{} {}", feature_name(t, used.feature), used.uses));
            let used = used.collect::<Vec<_>>().join("; ");
            let numbers = [row.active_days, row.sign_ins, row.people, row.systems, row.api_calls]
                .map(|n| n.to_string());
            let last = row.last_active_at.map(shared::time::Millis::to_rfc3339).unwrap_or_default();
            [vec![row.name], numbers.to_vec(), vec![last, used]].concat()
        }));
        all
    };
    view! {
        <Card title=i18n.tr(|t| t.product.customers) flush=true tools=move || csv_button("klantgedrag.csv", file)>
            <Async load=view.customers skeleton=|| view! { <Skeleton lines=6 /> } view=table />
        </Card>
    }
}

/// What is shown of a customer, so that its row is made anew when that changes.
fn key(row: &CustomerActivity) -> String {
    format!("{} {} {} {:?}", row.id, row.active_days, row.api_calls, row.last_active_at)
}

fn customer(row: CustomerActivity) -> AnyView {
    let i18n = use_i18n();
    let number = move |value: i64| move || i18n.fmt().int(value);
    let last = match row.last_active_at {
        Some(at) => ago(at),
        None => view! { <span>{i18n.tr(|t| t.product.never)}</span> },
    };
    let used = row.features;
    let features = move || {
        let (t, fmt) = (i18n.t(), i18n.fmt());
        let words =
            used.iter().map(|used| format!("{} {}", feature_name(t, used.feature), fmt.int(used.uses)));
        words.collect::<Vec<_>>().join(" · ")
    };
    view! {
        <tr>
            <th scope="row" class="full"><a href=format!("/admin/klanten/{}", row.id)>{row.name}</a></th>
            <td class="r num" data-label=i18n.tr(|t| t.product.active_days)>{number(row.active_days)}</td>
            <td class="r num" data-label=i18n.tr(|t| t.product.sign_ins)>{number(row.sign_ins)}</td>
            <td class="r num" data-label=i18n.tr(|t| t.product.calls)>{number(row.api_calls)}</td>
            <td data-label=i18n.tr(|t| t.product.last)>{last}</td>
            <td class="msg">{features}</td>
        </tr>
    }
}

/// Fetches the customers behind the last one.
fn more(view: View) -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let busy = RwSignal::new(false);
    let View { days, customers, .. } = view;
    let cursor = Memo::new(move |_| {
        customers.data.with(|data| data.as_ref().filter(|page| page.has_more)?.next_cursor.clone())
    });
    let press = move |()| {
        let (Some(next), asked) = (cursor.get_untracked(), days.get_untracked()) else { return };
        busy.set(true);
        spawn_local(async move {
            let result = admin::activity(&api, &asked, Some(&next)).await;
            busy.try_set(false);
            match result {
                // The answer only fits the list that it continues.
                Ok(page) if days.try_get_untracked().as_ref() == Some(&asked) => {
                    customers.data.update(|data| {
                        if let Some(known) = data {
                            known.data.extend(page.data);
                            (known.next_cursor, known.has_more) = (page.next_cursor, page.has_more);
                        }
                    })
                }
                Ok(_) | Err(ApiError::Aborted) => {}
                Err(error) => toasts.error(error.detail(i18n.t_untracked())),
            }
        });
    };
    live(move || {
        cursor.get().is_some().then(|| {
            view! {
                <div class="foot">
                    <Button busy on_press=press>{i18n.tr(|t| t.admin.more_customers)}</Button>
                </div>
            }
        })
    })
}
