//! The four figures on top, each with a fair comparison or its limit.

use shared::analytics::{OverviewOut, StatsOut};

use super::Board;
use crate::charts::sparkline;
use crate::i18n::{Texts, use_i18n};
use crate::pages::parts::plan_name;
use crate::prelude::*;
use crate::state::session::use_session;
use crate::ui::{Icon, Kpi, Meter, Tone, badge};

type Pick = fn(&'static Texts) -> &'static str;

/// Grey cards of the same size.
pub fn skeleton() -> AnyView {
    let card = |_| {
        view! {
            <div class="card kpi ghost-kpi">
                <div class="bone"></div>
                <div class="bone big"></div>
                <div class="bone"></div>
            </div>
        }
    };
    view! { <div class="kpis steady" aria-hidden="true">{(0..4).map(card).collect_view()}</div> }
}

/// The figures.
pub fn figures(board: Board) -> AnyView {
    let i18n = use_i18n();
    let stat = move |read: fn(&StatsOut) -> i64| {
        move || board.load.data.with(|data| data.as_ref().map_or(0, |data| read(&data.stats)))
    };
    let number = move |read: fn(&StatsOut) -> i64| move || i18n.fmt().int(stat(read)());
    let days = move |make: fn(&[i64]) -> Vec<i64>| {
        Signal::derive(move || {
            board.load.data.with(|data| data.as_ref().map_or_else(Vec::new, |data| make(&counts(data))))
        })
    };
    let today = change(
        Signal::derive(stat(|stats| stats.logs_today)),
        Signal::derive(stat(|stats| stats.logs_yesterday_same_time)),
        |t| t.overview.vs_yesterday,
        |t| t.overview.no_yesterday,
    );
    let week = change(
        Signal::derive(stat(|stats| stats.logs_week)),
        Signal::derive(stat(|stats| stats.logs_last_week_same_time)),
        |t| t.overview.vs_last_week,
        |t| t.overview.no_last_week,
    );
    let last_days = days(|counts| counts.iter().rev().take(14).rev().copied().collect());
    let weekly = days(|counts| counts.windows(7).map(|week| week.iter().sum()).collect());
    let growing = days(|counts| {
        counts
            .iter()
            .scan(0, |sum, count| {
                *sum += count;
                Some(*sum)
            })
            .collect()
    });
    view! {
        <dl class="kpis steady">
            <Kpi
                label=i18n.tr(|t| t.overview.today)
                value=number(|stats| stats.logs_today)
                sub=today
                foot=move || sparkline(last_days)
            />
            <Kpi
                label=i18n.tr(|t| t.overview.week)
                value=number(|stats| stats.logs_week)
                sub=week
                foot=move || sparkline(weekly)
            />
            {usage(board)}
            <Kpi
                label=i18n.tr(|t| t.overview.total)
                value=number(|stats| stats.total_logs)
                sub=move || since(board)
                foot=move || sparkline(growing)
            />
        </dl>
    }
}

/// Logs of the days that are over; a day that is still running would look like a fall.
fn counts(overview: &OverviewOut) -> Vec<i64> {
    let days = overview.daily.data.split_last().map_or(&[] as &[_], |(_, complete)| complete);
    days.iter().map(|day| day.count).collect()
}

/// The change against the same moment before; without logs then there is nothing to compare with.
fn change(
    now: Signal<i64>,
    before: Signal<i64>,
    against: Pick,
    nothing: Pick,
) -> impl Fn() -> AnyView + Clone {
    move || {
        let i18n = use_i18n();
        let mark = move || {
            let (now, before) = (now.get(), before.get());
            if before == 0 {
                return view! { <span>{nothing(i18n.t())}</span> };
            }
            let ratio = (now - before) as f64 / before as f64;
            let icon = match now.cmp(&before) {
                std::cmp::Ordering::Greater => Icon::ARROW_UP_RIGHT,
                std::cmp::Ordering::Less => Icon::ARROW_DOWN_RIGHT,
                std::cmp::Ordering::Equal => Icon::MINUS,
            };
            let tone = if now > before { Tone::Brand } else { Tone::Plain };
            view! {
                {badge(tone, Some(icon), i18n.fmt().signed_percent(ratio))}
                <span>{against(i18n.t())}</span>
            }
        };
        live(mark)
    }
}

fn since(board: Board) -> AnyView {
    let i18n = use_i18n();
    live(move || {
        let first = board.load.data.with(|data| data.as_ref().and_then(|data| data.stats.first_log));
        match first {
            Some(first) => (i18n.t().overview.since)(&i18n.fmt().date_medium(first)),
            None => i18n.t().overview.no_logs_yet.to_owned(),
        }
    })
}

fn usage(board: Board) -> AnyView {
    let i18n = use_i18n();
    let session = use_session();
    let used = Signal::derive(move || {
        board.load.data.with(|data| data.as_ref().map_or(0, |data| data.usage.logs_used))
    });
    let included = Signal::derive(move || {
        board.load.data.with(|data| data.as_ref().map_or(0, |data| data.usage.logs_included))
    });
    let share = move || used.get() as f64 / included.get().max(1) as f64;
    // Never rounded up to a limit that is not reached.
    let percent = move || i18n.fmt().percent((share() * 1_000.0).floor() / 1_000.0);
    let text = move || {
        let fmt = i18n.fmt();
        (i18n.t().overview.usage_text)(&fmt.int(used.get()), &fmt.int(included.get()), &percent())
    };
    let plan = move || session.me.with(|me| me.as_ref()?.customer.as_ref().map(|customer| customer.plan));
    let sub = move || {
        let tone = move || match share() {
            share if share >= 1.0 => Tone::Bad,
            share if share >= 0.9 => Tone::Warn,
            _ => Tone::Info,
        };
        let remark = move || {
            if share() > 1.0 {
                return i18n.t().overview.usage_over.to_owned();
            }
            plan().map(|plan| (i18n.t().overview.of_plan)(plan_name(i18n.t(), plan))).unwrap_or_default()
        };
        view! {
            {move || badge(tone(), Some(Icon::GAUGE), percent)}
            <span>{remark}</span>
        }
    };
    view! {
        <Kpi
            label=i18n.tr(|t| t.overview.usage)
            value=move || i18n.fmt().int(used.get())
            of=move || (i18n.t().overview.of)(&i18n.fmt().int(included.get()))
            sub=sub
            foot=move || view! { <Meter label=i18n.tr(|t| t.overview.usage) value=used max=included text /> }
        />
    }
}
