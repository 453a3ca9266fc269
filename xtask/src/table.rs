//! Plain text tables with aligned columns.

/// Renders a table; each column is as wide as its widest cell.
pub fn render<H: AsRef<str>>(head: &[H], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain(head.get(column).map(|cell| cell.as_ref().chars().count())).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded: Vec<String> =
            cells.zip(&widths).map(|(cell, width)| format!("{cell:<width$}", width = *width)).collect();
        format!("  {}", padded.join("  ")).trim_end().to_owned()
    };
    let mut lines = vec![line(&mut head.iter().map(AsRef::as_ref))];
    lines.push(format!("  {}", widths.iter().map(|width| "─".repeat(*width)).collect::<Vec<_>>().join("  ")));
    lines.extend(rows.iter().map(|row| line(&mut row.iter().map(String::as_str))));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::render;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = vec![vec!["Café".to_owned(), "1".to_owned()], vec!["x".to_owned(), "22".to_owned()]];
        assert_eq!(render(&["a", "b"], &rows), "  a     b\n  ────  ──\n  Café  1\n  x     22");
    }
}
