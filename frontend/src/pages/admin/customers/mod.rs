//! Customers, for staff: the list, one customer, a new one. Log content is nowhere in it.

mod create;
mod detail;
mod edit;
mod fields;
mod list;

pub use create::CreateCustomerPage;
pub use detail::CustomerPage;
pub use list::CustomersPage;
