//! What a panel shows, as a file: locale-neutral CSV (RFC 4180), made in the browser from the same numbers.

use super::button::Button;
use super::button::Variant;
use super::icons::Icon;
use crate::api::download;
use crate::i18n::use_i18n;
use crate::prelude::*;

/// Rows of a file, the names of the columns first.
pub type Rows = Vec<Vec<String>>;

/// A button that saves rows under a file name.
pub fn csv_button(file_name: &'static str, rows: impl Fn() -> Rows + Send + Sync + 'static) -> AnyView {
    let i18n = use_i18n();
    let save = move |()| {
        let text = untrack(|| text(&rows()));
        drop(download::save_text(&text, "text/csv;charset=utf-8", file_name));
    };
    view! {
        <Button variant=Variant::Ghost small=true icon=Icon::DOWNLOAD on_press=save>
            {i18n.tr(|t| t.charts.csv)}
        </Button>
    }
}

/// Rows as CSV.
#[must_use]
pub fn text(rows: &Rows) -> String {
    rows.iter()
        .map(|row| row.iter().map(|value| cell(value)).collect::<Vec<_>>().join(",") + "\r\n")
        .collect()
}

/// One cell: quoted where the format needs it, and never a formula (EXP-02).
fn cell(value: &str) -> String {
    let formula = value.starts_with(['=', '+', '-', '@', '\t', '\r']) && value.parse::<f64>().is_err();
    let guarded = if formula { format!("'{value}") } else { value.to_owned() };
    if guarded.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", guarded.replace('"', "\"\""))
    } else {
        guarded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ANA-17, EXP-02: commas, quotes and line ends stay in their cell; what looks like a formula is none; numbers are
    /// as they are.
    #[test]
    fn cells_are_quoted_and_guarded() {
        let row: Vec<String> =
            ["a,b", "say \"hi\"", "two\nlines", "=1+1", "-5", "-x", "Rotterdam"].map(str::to_owned).to_vec();
        assert_eq!(text(&vec![row]), "\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",'=1+1,-5,'-x,Rotterdam\r\n");
    }
}
