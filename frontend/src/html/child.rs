//! What may stand between the tags of a view.

use std::sync::Arc;

use leptos::oco::Oco;
use leptos::prelude::*;
use send_wrapper::SendWrapper;

/// What can be a child: views, texts, closures of them that follow signals, and none or many of these.
pub trait IntoChild {
    /// Converts it.
    fn into_child(self) -> AnyView;
}

impl IntoChild for AnyView {
    fn into_child(self) -> AnyView {
        self
    }
}

impl IntoChild for () {
    fn into_child(self) -> AnyView {
        self.into_any()
    }
}

impl IntoChild for Oco<'static, str> {
    fn into_child(self) -> AnyView {
        self.into_any()
    }
}

impl IntoChild for &'static str {
    fn into_child(self) -> AnyView {
        Oco::Borrowed(self).into_child()
    }
}

impl IntoChild for String {
    fn into_child(self) -> AnyView {
        Oco::<'static, str>::from(self).into_child()
    }
}

impl<T: IntoChild> IntoChild for Option<T> {
    fn into_child(self) -> AnyView {
        self.map_or_else(|| ().into_any(), IntoChild::into_child)
    }
}

impl<T: IntoChild> IntoChild for Vec<T> {
    fn into_child(self) -> AnyView {
        let views: Vec<AnyView> = self.into_iter().map(IntoChild::into_child).collect();
        views.into_any()
    }
}

impl<T: IntoChild> IntoChild for View<T> {
    fn into_child(self) -> AnyView {
        self.into_inner().into_child()
    }
}

impl IntoChild for Signal<String> {
    fn into_child(self) -> AnyView {
        (move || self.get()).into_child()
    }
}

impl IntoChild for TextProp {
    fn into_child(self) -> AnyView {
        follow(Box::new(move || self.get().into_child()))
    }
}

impl<F, V> IntoChild for F
where
    F: Fn() -> V + 'static,
    V: IntoChild,
{
    fn into_child(self) -> AnyView {
        follow(Box::new(move || self().into_child()))
    }
}

/// A part of a view that follows the signals it reads, by itself.
pub fn live<V: IntoChild>(part: impl Fn() -> V + 'static) -> AnyView {
    part.into_child()
}

fn follow(part: Box<dyn Fn() -> AnyView>) -> AnyView {
    let part = SendWrapper::new(part);
    (move || part()).into_any()
}

/// The kinds of children that components take.
pub trait IntoChildren<T> {
    /// Converts a closure.
    fn into_children(self) -> T;
}

impl<F> IntoChildren<Children> for F
where
    F: FnOnce() -> AnyView + Send + 'static,
{
    fn into_children(self) -> Children {
        Box::new(self)
    }
}

impl<F> IntoChildren<ChildrenFn> for F
where
    F: Fn() -> AnyView + Send + Sync + 'static,
{
    fn into_children(self) -> ChildrenFn {
        Arc::new(self)
    }
}
