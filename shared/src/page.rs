//! Lists: one page of rows and the way to the next.

use serde::{Deserialize, Serialize};

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The rows of this page.
    pub data: Vec<T>,
    /// Opaque, signed position behind the last row; absent on the last page.
    pub next_cursor: Option<String>,
    /// Whether rows follow.
    pub has_more: bool,
}
