//! A view, and what can be one.

use leptos::oco::Oco;
use leptos::text_prop::TextProp;

use super::rows::Row;
use super::template::Html;
use crate::reactive::{Memo, RwSignal, Signal};

/// A piece of a page that does not stand in it yet.
pub struct AnyView(pub(super) Box<Content>);

/// What a view is made of.
pub enum Content {
    /// Nothing at all.
    Nothing,
    /// A text.
    Text(Oco<'static, str>),
    /// Views in a row.
    Many(Vec<AnyView>),
    /// HTML with what is filled in.
    Html(Html),
    /// Follows the signals that it reads.
    Live(Box<dyn Fn() -> AnyView>),
    /// Rows that keep their place while others come and go.
    Rows(Box<dyn Fn() -> Vec<Row>>),
}

impl AnyView {
    #[inline(never)]
    fn nothing() -> Self {
        Self(Box::new(Content::Nothing))
    }

    #[inline(never)]
    fn text(text: Oco<'static, str>) -> Self {
        Self(Box::new(Content::Text(text)))
    }

    #[inline(never)]
    fn word(text: &'static str) -> Self {
        Self::text(Oco::Borrowed(text))
    }

    #[inline(never)]
    fn many(views: Vec<Self>) -> Self {
        Self(Box::new(Content::Many(views)))
    }

    #[inline(never)]
    fn live(part: Box<dyn Fn() -> Self>) -> Self {
        Self(Box::new(Content::Live(part)))
    }

    #[inline(never)]
    pub(super) fn rows(rows: Box<dyn Fn() -> Vec<Row>>) -> Self {
        Self(Box::new(Content::Rows(rows)))
    }
}

/// A part of a view that follows the signals it reads, by itself.
pub fn live<V: IntoChild>(part: impl Fn() -> V + 'static) -> AnyView {
    part.into_child()
}

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
        AnyView::nothing()
    }
}

impl IntoChild for &'static str {
    fn into_child(self) -> AnyView {
        AnyView::word(self)
    }
}

impl IntoChild for String {
    fn into_child(self) -> AnyView {
        AnyView::text(self.into())
    }
}

impl IntoChild for Oco<'static, str> {
    fn into_child(self) -> AnyView {
        AnyView::text(self)
    }
}

impl<T: IntoChild> IntoChild for Option<T> {
    fn into_child(self) -> AnyView {
        match self {
            Some(child) => child.into_child(),
            None => AnyView::nothing(),
        }
    }
}

impl IntoChild for Vec<AnyView> {
    fn into_child(self) -> AnyView {
        AnyView::many(self)
    }
}

impl<F, V> IntoChild for F
where
    F: Fn() -> V + 'static,
    V: IntoChild,
{
    fn into_child(self) -> AnyView {
        AnyView::live(Box::new(move || self().into_child()))
    }
}

impl IntoChild for TextProp {
    fn into_child(self) -> AnyView {
        AnyView::live(Box::new(move || AnyView::text(self.get())))
    }
}

macro_rules! signals {
    ($($signal:ident),*) => {$(
        impl<T: IntoChild + Clone + 'static> IntoChild for $signal<T> {
            fn into_child(self) -> AnyView {
                AnyView::live(Box::new(move || self.get().into_child()))
            }
        }
    )*};
}

signals!(Memo, RwSignal, Signal);

/// Collects what can be children.
pub trait CollectView {
    /// The views.
    fn collect_view(self) -> Vec<AnyView>;
}

impl<I> CollectView for I
where
    I: IntoIterator,
    I::Item: IntoChild,
{
    fn collect_view(self) -> Vec<AnyView> {
        self.into_iter().map(IntoChild::into_child).collect()
    }
}
