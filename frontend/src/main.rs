//! Starts the web app in the page.

fn main() {
    frontend::app::start();
}
