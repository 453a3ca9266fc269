//! The button below a list that fetches the rows behind the last one.

use shared::page::Page;

use crate::api::{ApiError, Reply};
use crate::i18n::{Texts, use_i18n};
use crate::prelude::*;
use crate::state::toasts::use_toasts;
use crate::ui::{Button, Load};

/// The button, as long as there are more. `fetch` gets the position behind the last row; `same` tells rows apart, because a
/// row that moved meanwhile may come twice.
pub fn more<T: Clone + 'static>(
    load: Load<Page<T>>,
    text: fn(&'static Texts) -> &'static str,
    same: fn(&T, &T) -> bool,
    fetch: impl Fn(&str) -> Reply<Page<T>> + Copy + Send + Sync + 'static,
) -> AnyView {
    let i18n = use_i18n();
    let toasts = use_toasts();
    let busy = RwSignal::new(false);
    let behind = move |page: Option<&Page<T>>| page.filter(|page| page.has_more)?.next_cursor.clone();
    let cursor = Memo::new(move |_| load.data.with(|page| behind(page.as_ref())));
    let press = move |()| {
        let Some(next) = cursor.get_untracked() else { return };
        busy.set(true);
        spawn_local(async move {
            let result = fetch(&next).await;
            busy.try_set(false);
            match result {
                Ok(page) => load.data.update(|known| append(known, &next, page, same)),
                Err(ApiError::Aborted) => {}
                Err(error) => toasts.error(error.detail(i18n.t_untracked())),
            }
        });
    };
    live(move || {
        cursor.get().is_some().then(|| {
            view! {
                <div class="foot">
                    <Button busy on_press=press>{i18n.tr(text)}</Button>
                </div>
            }
        })
    })
}

/// Adds a page to the rows that it continues; it does not fit others.
fn append<T>(known: &mut Option<Page<T>>, after: &str, next: Page<T>, same: fn(&T, &T) -> bool) {
    let Some(page) = known.as_mut().filter(|page| page.next_cursor.as_deref() == Some(after)) else { return };
    let fresh: Vec<T> =
        next.data.into_iter().filter(|row| !page.data.iter().any(|known| same(known, row))).collect();
    page.data.extend(fresh);
    (page.next_cursor, page.has_more) = (next.next_cursor, next.has_more);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(data: &[i64], next: Option<&str>) -> Page<i64> {
        Page { data: data.to_vec(), next_cursor: next.map(str::to_owned), has_more: next.is_some() }
    }

    /// GEN-07: a page continues the rows that it was asked for, each row once, and no others.
    #[test]
    fn pages_continue_their_list() {
        let mut known = Some(page(&[1, 2], Some("b")));
        append(&mut known, "a", page(&[9], None), i64::eq);
        assert_eq!(known, Some(page(&[1, 2], Some("b"))), "the list has changed meanwhile");
        append(&mut known, "b", page(&[2, 3], Some("c")), i64::eq);
        assert_eq!(known, Some(page(&[1, 2, 3], Some("c"))));
        append(&mut known, "c", page(&[4], None), i64::eq);
        assert_eq!(known, Some(page(&[1, 2, 3, 4], None)));
        append(&mut known, "c", page(&[5], None), i64::eq);
        assert_eq!(known, Some(page(&[1, 2, 3, 4], None)));
        let mut none: Option<Page<i64>> = None;
        append(&mut none, "a", page(&[1], None), i64::eq);
        assert_eq!(none, None);
    }
}
