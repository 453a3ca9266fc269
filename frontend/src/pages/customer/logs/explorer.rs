//! State of the explorer: filters from the address, the rows so far, the live view, and what moves them.

use shared::analytics::{FacetsOut, HistogramOut};
use shared::logs::{LogOut, LogsOut, Total};

use super::filters::{Filters, Range};
use crate::api::logs::{self, Count, ListParams, LogQuery};
use crate::api::params::Params;
use crate::api::sse::LiveState;
use crate::api::{AbortSlot, ApiError, AuthedApi, use_api};
use crate::i18n::format::now;
use crate::i18n::{I18n, use_i18n};
use crate::prelude::*;
use crate::router::{Go, use_router};
use crate::shell::{Announce, use_announce};
use crate::state::toasts::use_toasts;
use crate::ui::{Load, dom};

/// Rows on a page.
const PAGE: u32 = 50;
/// Rows that are built at once; the others of a page follow a few at a time, so that no key waits for all of them.
const AT_ONCE: usize = 15;
/// Fields whose values are counted.
const FIELDS: &str = "level,kind,source,ip";
/// Values that are shown of each.
const VALUES: i64 = 6;
/// New logs are announced at most this often.
const SAY_EVERY_MS: i64 = 30_000;
/// More than this many new logs are not kept waiting; the list is fetched again instead.
const MAX_WAITING: usize = 500;

/// Handle on the state.
#[derive(Clone, Copy)]
pub struct Explorer {
    /// What is filtered.
    pub filters: Memo<Filters>,
    /// Field that is counted beside the usual ones.
    pub field: Memo<String>,
    /// How many logs there are over time.
    pub volume: Load<HistogramOut>,
    /// The most frequent values.
    pub values: Load<FacetsOut>,
    /// Number of the open log.
    pub open: Memo<Option<i64>>,
    /// The first page.
    pub page: Load<LogsOut>,
    /// The rows so far.
    pub rows: RwSignal<Vec<LogOut>>,
    /// Position behind the last row; none at the end.
    pub cursor: RwSignal<Option<String>>,
    /// How many logs match.
    pub total: RwSignal<Option<Total>>,
    /// Whether the latest page was cut short by the time budget.
    pub partial: RwSignal<bool>,
    /// Whether the next page is on its way.
    pub more: RwSignal<bool>,
    /// New logs behind the pill, newest first.
    pub waiting: RwSignal<Vec<LogOut>>,
    /// Whether new logs are followed.
    pub live: RwSignal<bool>,
    /// How the live view is doing.
    pub live_state: RwSignal<LiveState>,
    /// Why the query in the address cannot be read.
    pub fault: Memo<bool>,
    asked: StoredValue<LogQuery>,
    /// How often a first page was shown.
    turn: StoredValue<u32>,
    api: AuthedApi,
    slot: AbortSlot,
    i18n: I18n,
    go: Callback<(String, bool)>,
}

impl Explorer {
    /// Creates the state and starts to fetch.
    pub fn new() -> Self {
        let router = use_router();
        let get = move |name: &str| router.parameter(name).unwrap_or_default();
        let filters = Memo::new(move |_| Filters {
            q: get("q"),
            range: Range::parse(&get("tijd")),
            from: get("van"),
            to: get("tot"),
            oldest_first: get("sort") == "oud",
        });
        let open = Memo::new(move |_| get("id").parse().ok().filter(|id| *id > 0));
        let fault = Memo::new(move |_| filters.with(|filters| shared::query::parse(&filters.q).is_err()));
        let api = use_api();
        let slot = AbortSlot::new();
        let field = Memo::new(move |_| get("veld"));
        let asked = StoredValue::new(LogQuery::default());
        let (volume_slot, values_slot) = (AbortSlot::new(), AbortSlot::new());
        let volume = Load::idle(move || logs::histogram(&api.latest(volume_slot), &asked.get_value()));
        let values = Load::idle(move || {
            let mut fields = FIELDS.to_owned();
            if let Some(more) = Some(field.get_untracked()).filter(|more| !more.is_empty()) {
                fields.push(',');
                fields.push_str(&more);
            }
            logs::facets(&api.latest(values_slot), &asked.get_value(), &fields, VALUES)
        });
        let page = Load::idle(move || {
            // Further pages ask for the same moment, so that no row moves from one page to the next.
            asked.set_value(filters.get_untracked().to_query(now()));
            let params =
                ListParams { query: asked.get_value(), limit: PAGE, cursor: None, count: Count::Capped };
            logs::list(&api.latest(slot), &params)
        });
        let go = Callback::new(move |(address, replace): (String, bool)| {
            let how = if replace { Go::StateInstead } else { Go::State };
            router.go(&format!("/app/logs{address}"), how);
        });
        let this = Self {
            filters,
            field,
            volume,
            values,
            open,
            page,
            rows: RwSignal::new(Vec::new()),
            cursor: RwSignal::new(None),
            total: RwSignal::new(None),
            partial: RwSignal::new(false),
            more: RwSignal::new(false),
            waiting: RwSignal::new(Vec::new()),
            live: RwSignal::new(false),
            live_state: RwSignal::new(LiveState::Stopped),
            fault,
            asked,
            turn: StoredValue::new(0),
            api,
            slot,
            i18n: use_i18n(),
            go,
        };
        this.fetch_when_filtered();
        this.take_first_page();
        this.follow();
        this
    }

    fn fetch_when_filtered(self) {
        Effect::new(move |_| {
            self.filters.track();
            if self.fault.get() {
                self.slot.abort();
            } else {
                self.reload();
            }
        });
        Effect::new(move |before: Option<()>| {
            self.field.track();
            if before.is_some() {
                self.values.reload();
            }
        });
    }

    /// Fetches the logs, and how many there are of what.
    pub fn reload(self) {
        self.page.reload();
        self.volume.reload();
        self.values.reload();
    }

    fn take_first_page(self) {
        let announce = use_announce();
        Effect::new(move |_| {
            self.page.data.with(|data| {
                let Some(data) = data else { return };
                self.waiting.set(Vec::new());
                self.show(&data.logs);
                self.cursor.set(data.next_cursor.clone().filter(|_| data.has_more));
                self.total.set(data.total);
                self.partial.set(data.partial);
                announce.say(untrack(|| self.count_text()));
            });
        });
    }

    /// Shows the rows of a first page.
    fn show(self, logs: &[LogOut]) {
        let turn = self.turn.get_value() + 1;
        self.turn.set_value(turn);
        // Who has scrolled down keeps the place: the list must not become short in between.
        let at_once = if dom::is_scrolled() { logs.len() } else { logs.len().min(AT_ONCE) };
        let (first, rest) = logs.split_at(at_once);
        self.rows.set(first.to_vec());
        if rest.is_empty() {
            return;
        }
        let rest = rest.to_vec();
        spawn_local(async move {
            for part in rest.chunks(AT_ONCE) {
                // What a person does meanwhile comes first.
                dom::sleep(0).await;
                if self.turn.try_get_value() != Some(turn) {
                    return;
                }
                self.rows.update(|rows| rows.extend_from_slice(part));
            }
        });
    }

    /// Follows new logs while that is switched on; a change of filters starts afresh.
    fn follow(self) {
        let announce = use_announce();
        let said = StoredValue::new(0_i64);
        let session_api = self.api;
        Effect::new(move |_| {
            let last_id = self.page.data.with(|data| data.as_ref().map(|data| data.last_id));
            // Nothing new happens within a stretch that is over.
            let open_end = self.filters.with(|filters| filters.range != Range::Exact);
            let (Some(last_id), true) = (last_id, self.live.get() && open_end) else {
                self.live_state.set(LiveState::Stopped);
                return;
            };
            let q = self.filters.with_untracked(Filters::query);
            let live = logs::follow(session_api, q, last_id, move |log| self.arrive(log, announce, said));
            Effect::new(move |_| self.live_state.set(live.state.get()));
        });
    }

    fn arrive(self, log: LogOut, announce: Announce, said: StoredValue<i64>) {
        let id = log.id;
        let known = self.rows.with_untracked(|rows| rows.iter().any(|row| row.id == id));
        if known || self.waiting.with_untracked(|waiting| waiting.iter().any(|row| row.id == id)) {
            return;
        }
        self.waiting.update(|waiting| waiting.insert(0, log));
        let at = now().0;
        if at - said.get_value() >= SAY_EVERY_MS {
            said.set_value(at);
            announce.say(untrack(|| self.waiting_text()));
        }
    }

    /// Puts the waiting logs on top and moves the focus to the first of them.
    pub fn show_waiting(self) {
        let waiting = self.waiting.try_update(std::mem::take).unwrap_or_default();
        let oldest_first = self.filters.with_untracked(|filters| filters.oldest_first);
        if oldest_first {
            self.filter(&Filters { oldest_first: false, ..self.filters.get_untracked() });
        } else if waiting.len() > MAX_WAITING {
            self.reload();
        } else {
            let added = i64::try_from(waiting.len()).unwrap_or_default();
            self.total.update(|total| {
                if let Some(total) = total {
                    total.value += added;
                }
            });
            self.rows.update(|rows| {
                rows.splice(0..0, waiting);
            });
        }
        dom::focus_later("#rows .rowbtn");
    }

    /// After logs were erased: closes what is open and fetches the rest.
    pub fn forget(self) {
        if self.open.get_untracked().is_some() {
            self.close();
        }
        self.reload();
    }

    /// Whether there is something to count (tracked): a link with a query that cannot be read asks for nothing.
    pub fn counts(self) -> bool {
        !self.fault.get() || self.page.data.with(Option::is_some)
    }

    /// Fetches the next page.
    pub fn load_more(self) {
        let Some(cursor) = self.cursor.get_untracked() else {
            return;
        };
        if self.more.get_untracked() {
            return;
        }
        self.more.set(true);
        let toasts = use_toasts();
        let params = ListParams {
            query: self.asked.get_value(),
            limit: PAGE,
            cursor: Some(cursor.clone()),
            count: Count::No,
        };
        spawn_local(async move {
            let result = logs::list(&self.api.latest(self.slot), &params).await;
            self.more.try_set(false);
            // Filters that changed in the meantime have their own first page.
            if self.cursor.try_get_untracked().flatten().as_ref() != Some(&cursor) {
                return;
            }
            match result {
                Ok(next) => {
                    self.partial.set(next.partial);
                    self.cursor.set(next.next_cursor.filter(|_| next.has_more));
                    self.rows.update(|rows| {
                        let known = |log: &LogOut| rows.iter().any(|row| row.id == log.id);
                        let fresh: Vec<LogOut> = next.logs.into_iter().filter(|log| !known(log)).collect();
                        rows.extend(fresh);
                    });
                }
                Err(ApiError::Aborted) => {}
                Err(error) => toasts.error(error.detail(self.i18n.t_untracked())),
            }
        });
    }

    /// Shows something else; what is open closes.
    pub fn filter(self, filters: &Filters) {
        self.go.run((self.address(filters, None), false));
    }

    /// Counts another field.
    pub fn count_field(self, field: &str) {
        let address = Params::new().with("veld", field).finish();
        self.go.run((join(&self.filters.get_untracked().address(self.open.get_untracked()), &address), true));
    }

    fn address(self, filters: &Filters, id: Option<i64>) -> String {
        let field = Params::new().with("veld", &self.field.get_untracked()).finish();
        join(&filters.address(id), &field)
    }

    /// Adds a term to the query.
    pub fn add_term(self, term: &str) {
        let mut filters = self.filters.get_untracked();
        let q = filters.q.trim();
        if !q.split(' ').any(|known| known == term) {
            filters.q = if q.is_empty() { term.to_owned() } else { format!("{q} {term}") };
        }
        self.filter(&filters);
    }

    /// Opens a log beside the list.
    pub fn open_log(self, id: i64) {
        self.go.run((self.address(&self.filters.get_untracked(), Some(id)), true));
    }

    /// Closes the detail and gives the focus back to its row.
    pub fn close(self) {
        let id = self.open.get_untracked();
        self.go.run((self.address(&self.filters.get_untracked(), None), true));
        if let Some(id) = id {
            dom::next_tick(move || {
                let row = dom::find(&format!("[data-row=\"{id}\"] .rowbtn"));
                if let Some(row) = row.or_else(|| dom::find("h1")) {
                    drop(row.focus());
                }
            });
        }
    }

    /// "1.805 logs" (tracked).
    pub fn count_text(self) -> String {
        let Some(total) = self.total.get() else {
            return String::new();
        };
        let shown = self.i18n.fmt().int(total.value);
        super::count_text(self.i18n.t(), total.value, &shown, total.capped)
    }

    /// "1.805", for the export button; empty when it is not known exactly (tracked).
    pub fn total_number(self) -> String {
        match self.total.get() {
            Some(total) if !total.capped => self.i18n.fmt().int(total.value),
            _ => String::new(),
        }
    }

    /// "12 nieuwe logs tonen" (tracked).
    pub fn waiting_text(self) -> String {
        let t = self.i18n.t();
        match self.waiting.with(Vec::len) {
            1 => t.logs.pill_one.to_owned(),
            count => (t.logs.pill)(&self.i18n.fmt().int(i64::try_from(count).unwrap_or_default())),
        }
    }
}

/// Two query strings as one.
fn join(first: &str, second: &str) -> String {
    if first.is_empty() { second.to_owned() } else { format!("{first}{}", second.replacen('?', "&", 1)) }
}
