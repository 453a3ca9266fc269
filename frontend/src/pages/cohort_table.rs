//! A table of cohorts: who began in a month, and what share of them came back in later months.

use crate::i18n::I18n;
use crate::pages::customer::parts::shade;
use crate::prelude::*;
use crate::ui::{Icon, Rows, TableScroll, note};

/// Who began in one month.
pub struct Cohort {
    /// The month, `YYYY-MM`.
    pub month: String,
    /// How many began.
    pub size: i64,
    /// Of that month and those after it: how many were active, where it is known, and whether that can still change.
    pub cells: Vec<(Option<i64>, bool)>,
}

/// The table; months to come stay empty.
pub fn cohort_table(i18n: I18n, cohorts: &[Cohort]) -> AnyView {
    let t = i18n.t();
    let months = cohorts.iter().map(|cohort| cohort.cells.len()).max().unwrap_or(0);
    let head = |later: usize| view! { <th scope="col">{later_name(i18n, later)}</th> };
    let head = (0..months).map(head).collect_view();
    let body = cohorts.iter().map(|cohort| row(i18n, cohort, months)).collect_view();
    let provisional = cohorts.iter().flat_map(|cohort| &cohort.cells).any(|(_, provisional)| *provisional);
    view! {
        <TableScroll label=t.cohorts.table>
            <table class="heat cohorts">
                <caption class="vh">{t.cohorts.table}</caption>
                <thead>
                    <tr>
                        <th scope="col">{t.cohorts.month}</th>
                        <th scope="col">{t.cohorts.size}</th>
                        {head}
                    </tr>
                </thead>
                <tbody>{body}</tbody>
            </table>
        </TableScroll>
        {provisional.then(|| note(Icon::CLOCK, i18n.tr(|t| t.cohorts.provisional)))}
    }
}

/// The cells as rows of a file, one for each month of each cohort; what is not known is empty.
pub fn cohort_rows(i18n: I18n, cohorts: &[Cohort]) -> Rows {
    let t = &i18n.t().cohorts;
    let head = [t.month, t.size, t.csv_later, t.csv_active, t.csv_share, t.csv_provisional];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for cohort in cohorts {
        rows.extend(cohort.cells.iter().enumerate().map(|(later, (active, provisional))| {
            let share = active.map(|active| share(active, cohort.size).to_string()).unwrap_or_default();
            vec![
                cohort.month.clone(),
                cohort.size.to_string(),
                later.to_string(),
                active.map(|active| active.to_string()).unwrap_or_default(),
                share,
                provisional.to_string(),
            ]
        }));
    }
    rows
}

/// The share of a cohort, 0 to 1.
fn share(active: i64, size: i64) -> f64 {
    active as f64 / size.max(1) as f64
}

/// "Zelfde maand", "+1", "+2" …
fn later_name(i18n: I18n, later: usize) -> String {
    if later == 0 { i18n.t().cohorts.same_month.to_owned() } else { format!("+{later}") }
}

fn row(i18n: I18n, cohort: &Cohort, months: usize) -> AnyView {
    let fmt = i18n.fmt();
    let cell = |(active, provisional): &(Option<i64>, bool)| {
        let Some(active) = *active else {
            return view! {
                <td class="none" title=i18n.t().cohorts.unknown>
                    <span aria-hidden="true">"–"</span>
                    <span class="vh">{i18n.t().cohorts.unknown}</span>
                </td>
            };
        };
        let shown = fmt.percent(share(active, cohort.size));
        let shown = if *provisional { format!("{shown}*") } else { shown };
        let of = (i18n.t().cohorts.of)(&fmt.int(active), &fmt.int(cohort.size));
        let spoken = of.clone();
        view! {
            <td class=shade(active, cohort.size) title=of>
                <span>{shown}</span>
                <span class="vh">" " {spoken}</span>
            </td>
        }
    };
    // Months to come have no number.
    let blank = |_| view! { <td class="none"></td> };
    view! {
        <tr>
            <th scope="row">{fmt.month(&cohort.month)}</th>
            <td class="none num">{fmt.int(cohort.size)}</td>
            {cohort.cells.iter().map(cell).collect_view()}
            {(cohort.cells.len()..months).map(blank).collect_view()}
        </tr>
    }
}
