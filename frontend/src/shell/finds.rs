//! What the palette finds while somebody types: own logs by number or words, customers for staff. Nothing of it is
//! remembered as a search.

use std::time::Duration;

use leptos::leptos_dom::helpers::{TimeoutHandle, set_timeout_with_handle};
use shared::access::Permission;

use super::Portal;
use crate::api::admin::{self, CustomerQuery};
use crate::api::{AbortSlot, AuthedApi, Reply, logs, use_api};
use crate::i18n::{Formats, use_i18n};
use crate::pages::customer::logs::summary;
use crate::parts;
use crate::prelude::*;
use crate::state::session::use_session;
use crate::ui::Icon;

/// Who still types is not asked for.
const REST: Duration = Duration::from_millis(90);
/// Finds of each sort.
const MOST: u32 = 6;

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Find {
    /// Its icon.
    pub icon: Icon,
    /// What it is called.
    pub text: String,
    /// Short remark at the end, such as a time.
    pub remark: String,
    /// Where it is.
    pub href: String,
}

/// The number of a log that was typed, with or without `#`.
#[must_use]
pub fn number(typed: &str) -> Option<i64> {
    let typed = typed.trim();
    let digits = typed.strip_prefix('#').unwrap_or(typed);
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok().filter(|number| *number > 0)
}

/// Finds what is typed, a moment after the last key.
pub fn finds(portal: Portal, typed: RwSignal<String>, open: RwSignal<bool>) -> RwSignal<Vec<Find>> {
    let found = RwSignal::new(Vec::new());
    let session = use_session();
    let needs = match portal {
        Portal::Customer => Permission::LogsRead,
        Portal::Staff => Permission::CustomersRead,
    };
    let look = looker(portal, found);
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let stop = move || {
        if let Some(Some(handle)) = timer.try_update_value(Option::take) {
            handle.clear();
        }
    };
    Effect::new(move |_| {
        let words = typed.get().trim().to_owned();
        stop();
        if !open.get() || words.is_empty() || !session.can(needs) {
            found.set(Vec::new());
        } else {
            let words = words.clone();
            timer.set_value(set_timeout_with_handle(move || look.run(words.clone()), REST).ok());
        }
    });
    on_cleanup(stop);
    found
}

/// Asks the server; a newer question ends the one before. What cannot be asked finds nothing. How that is done comes
/// with the part whose pages the finds lead to.
fn looker(portal: Portal, found: RwSignal<Vec<Find>>) -> Callback<String> {
    let i18n = use_i18n();
    let api = use_api().latest(AbortSlot::new());
    Callback::new(move |words: String| {
        let fmt = i18n.fmt_untracked();
        spawn_local(async move {
            let coming = match portal {
                Portal::Customer => parts::find_logs(api, words, fmt).await,
                Portal::Staff => parts::find_customers(api, words).await,
            };
            let Ok(coming) = coming else { return };
            if let Ok(finds) = coming.await {
                found.try_set(finds);
            }
        });
    })
}

/// Own logs by words.
pub fn logs(api: AuthedApi, words: String, fmt: Formats) -> Reply<Vec<Find>> {
    Box::pin(async move {
        if shared::query::parse(&words).is_err() {
            return Ok(Vec::new());
        }
        let page = logs::preview(&api, &words, MOST).await?;
        let find = |log: &shared::logs::LogOut| Find {
            icon: Icon::SCROLL_TEXT,
            text: format!("{} {}", log.kind, summary(log)),
            remark: fmt.date_time(log.timestamp),
            href: format!("/app/logs/{}", log.id),
        };
        Ok(page.results.iter().map(find).collect())
    })
}

/// Customers by part of their name or address.
pub fn customers(api: AuthedApi, words: String) -> Reply<Vec<Find>> {
    Box::pin(async move {
        let query = CustomerQuery { q: words, limit: i64::from(MOST), ..CustomerQuery::default() };
        let page = admin::customers(&api, &query).await?;
        let find = |customer: &shared::tenancy::CustomerOut| Find {
            icon: Icon::USERS,
            text: customer.name.clone(),
            remark: customer.contact_email.clone(),
            href: format!("/admin/klanten/{}", customer.id),
        };
        Ok(page.data.iter().map(find).collect())
    })
}

#[cfg(test)]
mod tests {
    use super::number;

    /// SRCH-14: a number leads to its log; what only looks like one does not.
    #[test]
    fn numbers_are_told_from_words() {
        for (typed, expected) in [
            ("42", Some(42)),
            (" #42 ", Some(42)),
            ("0", None),
            ("-1", None),
            ("", None),
            ("#", None),
            ("4 2", None),
            ("dok 3", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(number(typed), expected, "{typed}");
        }
    }
}
