//! The customer's overview: four figures, a quick log, logs per day and the newest logs, all live.

mod chart;
mod figures;
mod live;
mod quick;
mod recent;

use shared::access::Permission;
use shared::analytics::OverviewOut;
use shared::logs::LogOut;

use crate::api::sse::LiveState;
use crate::api::{analytics, logs, use_api};
use crate::i18n::{I18n, use_i18n};
use crate::prelude::*;
use crate::shell::use_announce;
use crate::state::session::use_session;
use crate::ui::{Async, Card, Icon, LinkButton, Load, PageHeader, icon};

pub use figures::skeleton as figures_skeleton;
pub use quick::Outbox;
use quick::use_outbox;

/// Days in the chart.
const DAYS: u32 = 30;
/// Newest logs that are shown.
const RECENT: usize = 10;

/// What the parts of the page share.
#[derive(Clone, Copy)]
struct Board {
    load: Load<OverviewOut>,
    recent: RwSignal<Vec<LogOut>>,
    outbox: Outbox,
    live: RwSignal<LiveState>,
    i18n: I18n,
}

impl Board {
    fn new() -> Self {
        let api = use_api();
        let session = use_session();
        let load = Load::new(move || analytics::overview(&api, DAYS));
        let this = Self {
            load,
            recent: RwSignal::new(Vec::new()),
            outbox: use_outbox(),
            live: RwSignal::new(LiveState::Stopped),
            i18n: use_i18n(),
        };
        Effect::new(move |_| {
            load.at.track();
            load.data.with_untracked(|data| {
                if let Some(data) = data {
                    this.recent.update(|recent| live::merge(recent, &data.recent, RECENT));
                }
            });
        });
        if untrack(|| session.can(Permission::LogsRead)) {
            this.follow();
        }
        this
    }

    /// Follows new logs from the snapshot on; the stream stays while the snapshot is renewed.
    fn follow(self) {
        let i18n = self.i18n;
        let api = use_api();
        let announce = use_announce();
        let start =
            Memo::new(move |_| self.load.data.with(|data| data.as_ref().map(|data| data.last_id)).is_some());
        let pace = live::Pace::new();
        Effect::new(move |_| {
            if !start.get() {
                return;
            }
            let last_id = self.load.data.with_untracked(|data| data.as_ref().map_or(0, |data| data.last_id));
            let stream = logs::follow(api, String::new(), last_id, move |log| {
                self.take(&log);
                if let Some(count) = pace.count() {
                    let (t, fmt) = (i18n.t_untracked(), i18n.fmt_untracked());
                    announce.say((t.logs.arrived)(count, &fmt.int(count)));
                }
            });
            Effect::new(move |before: Option<bool>| {
                let state = stream.state.get();
                let is_live = state == LiveState::Live;
                // What happened during a break is in a fresh snapshot.
                if is_live && before == Some(false) {
                    self.load.reload();
                }
                self.live.set(state);
                is_live
            });
        });
    }

    /// Puts a new log into every figure on the page.
    fn take(self, log: &LogOut) {
        let known = self.recent.try_with_untracked(|recent| recent.iter().any(|row| row.id == log.id));
        if known != Some(false) || log.test {
            return;
        }
        let day = self.i18n.fmt_untracked().iso_day(log.timestamp);
        let mut stale = false;
        self.load.data.update(|data| {
            if let Some(data) = data {
                stale = !live::count(data, &day, log.id);
            }
        });
        self.recent.update(|recent| live::merge(recent, std::slice::from_ref(log), RECENT));
        if stale {
            self.load.reload();
        }
    }
}

/// The page.
#[component]
pub fn OverviewPage() -> AnyView {
    let i18n = use_i18n();
    let session = use_session();
    let board = Board::new();
    let may_write = Memo::new(move |_| session.can(Permission::LogsWrite));
    let empty = Memo::new(move |_| {
        board.load.data.with(|data| data.as_ref().is_some_and(|data| data.stats.total_logs == 0))
            && board.outbox.is_empty()
    });
    let ready = Memo::new(move |_| board.load.data.with(Option::is_some));
    let failed = Memo::new(move |_| board.load.error.with(Option::is_some) && !ready.get());
    let lower = move || match (ready.get(), failed.get(), empty.get()) {
        (true, _, true) => start(),
        (true, _, false) => view! { <chart::Daily board /> <recent::Recent board /> },
        // The figures above say what failed; what was typed here still shows.
        (false, true, _) => view! { <recent::Recent board /> },
        (false, false, _) => skeleton(),
    };
    view! {
        <PageHeader title=i18n.tr(|t| t.overview.title) />
        <Async load=board.load skeleton=figures::skeleton view=move || figures::figures(board) />
        {move || may_write.get().then(|| view! { <quick::QuickLog board /> })}
        {lower}
    }
}

fn skeleton() -> AnyView {
    view! {
        <div class="late" aria-busy="true">
            <div class="card" aria-hidden="true">
                <div class="bone chart-bone"></div>
            </div>
            <div class="card flush" aria-hidden="true">
                <div class="bones">
                    {(0..6).map(|_| view! { <div class="bone"></div> }).collect_view()}
                </div>
            </div>
        </div>
    }
}

/// What to do when there is nothing yet.
fn start() -> AnyView {
    let i18n = use_i18n();
    let session = use_session();
    let may_manage = Memo::new(move |_| session.can(Permission::KeysManage));
    view! {
        <Card title=i18n.tr(|t| t.overview.start_title)>
            <p class="sub">{i18n.tr(|t| t.overview.start_text)}</p>
            <ol role="list" class="steps">
                <li>
                    <span class="ib">{icon(Icon::SAVE)}</span>
                    <p>{i18n.tr(|t| t.overview.start_log)}</p>
                </li>
                {move || {
                    may_manage
                        .get()
                        .then(|| {
                            view! {
                                <li>
                                    <span class="ib">{icon(Icon::KEY_ROUND)}</span>
                                    <p>{i18n.tr(|t| t.overview.start_key)}</p>
                                    <LinkButton href="/app/sleutels" small=true>
                                        {i18n.tr(|t| t.overview.start_key_link)}
                                    </LinkButton>
                                </li>
                            }
                        })
                }}
                <li>
                    <span class="ib">{icon(Icon::SEARCH)}</span>
                    <p>{i18n.tr(|t| t.overview.start_search)}</p>
                    <LinkButton href="/app/logs" small=true>
                        {i18n.tr(|t| t.overview.start_search_link)}
                    </LinkButton>
                </li>
            </ol>
        </Card>
    }
}
