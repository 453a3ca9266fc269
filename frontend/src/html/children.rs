//! Views that a component gets and makes when it needs them.

use std::rc::Rc;

use super::view::{AnyView, IntoChild};

/// Children that are made once.
pub type Children = Box<dyn FnOnce() -> AnyView>;

/// Children that can be made again.
pub type ChildrenFn = Rc<dyn Fn() -> AnyView>;

/// The kinds of children that components take.
pub trait IntoChildren<T> {
    /// Converts a closure.
    fn into_children(self) -> T;
}

impl<F: FnOnce() -> AnyView + 'static> IntoChildren<Children> for F {
    fn into_children(self) -> Children {
        Box::new(self)
    }
}

impl<F: Fn() -> AnyView + 'static> IntoChildren<ChildrenFn> for F {
    fn into_children(self) -> ChildrenFn {
        Rc::new(self)
    }
}

/// A view that a component makes when it needs it.
#[derive(Clone)]
pub struct ViewFn(Rc<dyn Fn() -> AnyView>);

impl ViewFn {
    /// Makes the view.
    #[must_use]
    pub fn run(&self) -> AnyView {
        (self.0)()
    }
}

impl<F, V> From<F> for ViewFn
where
    F: Fn() -> V + 'static,
    V: IntoChild,
{
    fn from(make: F) -> Self {
        Self(Rc::new(move || make().into_child()))
    }
}
