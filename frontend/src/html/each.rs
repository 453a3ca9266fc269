//! Lists whose rows keep their place in the page while others come and go.

use std::rc::Rc;

use leptos::prelude::*;
use leptos::tachys::reactive_graph::OwnedView;
use leptos::tachys::view::keyed::keyed;
use send_wrapper::SendWrapper;

/// One row, not made yet.
struct Row {
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
    list(Box::new(move || items().into_iter().map(&row).collect()))
}

fn list(rows: Box<dyn Fn() -> Vec<Row>>) -> AnyView {
    let rows = SendWrapper::new(rows);
    let parent = Owner::current().unwrap_or_default();
    let make = move |_: usize, row: SendWrapper<Row>| {
        let owner = parent.with(Owner::new);
        let view = owner.with(row.take().make);
        (drop::<usize> as fn(usize), OwnedView::new_with_owner(view, owner))
    };
    (move || {
        let rows: Vec<SendWrapper<Row>> = rows().into_iter().map(SendWrapper::new).collect();
        keyed(rows, |row| row.key.clone(), make.clone())
    })
    .into_any()
}
