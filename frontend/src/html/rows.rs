//! Lists whose rows keep their place in the page while others come and go.

use std::collections::BTreeMap;
use std::rc::Rc;

use leptos::prelude::Owner;
use web_sys::Node;

use super::placed::Placed;
use super::view::AnyView;

/// One row, not made yet.
pub struct Row {
    key: String,
    make: Box<dyn FnOnce() -> AnyView>,
}

/// Shows every item; a row is made once for its key and never updated, so what it shows is part of the key.
pub fn each<T: 'static>(
    items: impl Fn() -> Vec<T> + 'static,
    key: impl Fn(&T) -> String + 'static,
    view: impl Fn(T) -> AnyView + 'static,
) -> AnyView {
    let view: Rc<dyn Fn(T) -> AnyView> = Rc::new(view);
    let row = move |item: T| {
        let view = Rc::clone(&view);
        Row { key: key(&item), make: Box::new(move || view(item)) }
    };
    AnyView::rows(Box::new(move || items().into_iter().map(&row).collect()))
}

/// Rows in the page.
#[derive(Default)]
pub struct PlacedRows(Vec<PlacedRow>);

struct PlacedRow {
    key: String,
    placed: Placed,
    /// What belongs to the row ends with it.
    _owner: Owner,
}

impl PlacedRows {
    /// Takes over the rows of now: those that stay are left alone, others are made, moved or taken away.
    pub fn update(&mut self, rows: Vec<Row>, parent: &Node, end: &Node, parent_owner: &Owner) {
        let old = std::mem::take(&mut self.0);
        let mut known: BTreeMap<String, PlacedRow> = BTreeMap::new();
        for row in old {
            known.insert(row.key.clone(), row);
        }
        let mut kept: Vec<(Option<PlacedRow>, Row)> =
            rows.into_iter().map(|row| (known.remove(&row.key), row)).collect();
        // What leaves goes first, so that the others are found in their places.
        for (_, mut gone) in known {
            gone.placed.unmount();
        }
        let mut next = end.clone();
        while let Some((row, Row { key, make })) = kept.pop() {
            let row = match row {
                Some(mut row) => {
                    let after = row.placed.last_node().and_then(|node| node.next_sibling());
                    if after.as_ref() != Some(&next) {
                        row.placed.mount(parent, Some(&next));
                    }
                    row
                }
                None => {
                    let owner = parent_owner.with(Owner::new);
                    let mut placed = owner.with(|| Placed::new(make()));
                    placed.mount(parent, Some(&next));
                    PlacedRow { key, placed, _owner: owner }
                }
            };
            if let Some(first) = row.placed.first_node() {
                next = first;
            }
            self.0.push(row);
        }
        self.0.reverse();
    }

    /// The views of the rows, in order.
    pub fn views(&self) -> impl DoubleEndedIterator<Item = &Placed> {
        self.0.iter().map(|row| &row.placed)
    }

    /// The views of the rows, in order.
    pub fn views_mut(&mut self) -> impl Iterator<Item = &mut Placed> {
        self.0.iter_mut().map(|row| &mut row.placed)
    }
}
