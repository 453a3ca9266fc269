//! Reads the ids, marks and texts of the product catalogue (Markdown tables).

/// What counts for the promise of the product.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mark {
    /// Named in the brief, or needed for a named promise.
    Core,
    /// Goes further.
    Beyond,
    /// Dropped; the number stays.
    Withdrawn,
}

impl Mark {
    /// The word in the tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Beyond => "beyond",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// One line of the catalogue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Requirement {
    /// `GEN-01`, or `J1` for a journey.
    pub id: String,
    /// Its mark; a journey is core.
    pub mark: Mark,
    /// The heading that it stands under.
    pub area: String,
    /// The text without emphasis.
    pub text: String,
}

/// All requirements in the order of the document.
pub struct Catalogue {
    /// The lines of the catalogue.
    pub requirements: Vec<Requirement>,
}

impl Catalogue {
    /// The requirement of that id.
    pub fn find(&self, id: &str) -> Option<&Requirement> {
        self.requirements.iter().find(|requirement| requirement.id == id)
    }

    /// The letters that ids begin with, such as `GEN`.
    pub fn areas(&self) -> Vec<&str> {
        let mut areas: Vec<&str> = self
            .requirements
            .iter()
            .filter_map(|requirement| requirement.id.split_once('-'))
            .map(|(area, _)| area)
            .collect();
        areas.dedup();
        areas
    }
}

/// Reads the document.
pub fn parse(text: &str) -> Catalogue {
    let mut requirements: Vec<Requirement> = Vec::new();
    let mut area = String::new();
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix('#') {
            area = title(heading);
        }
        let cells = cells(line);
        let [id, second, third, ..] = cells.as_slice() else {
            continue;
        };
        let (mark, text) = if is_id(id) {
            (mark(second, third), third)
        } else if is_journey(id) {
            (mark("core", second), second)
        } else {
            continue;
        };
        let (Some(mark), true) = (mark, requirements.iter().all(|known| known.id != *id)) else {
            continue;
        };
        let area = if is_journey(id) { "Journeys".to_owned() } else { area.clone() };
        requirements.push(Requirement { id: id.clone(), mark, area, text: plain(text) });
    }
    Catalogue { requirements }
}

/// Whether a text is an id such as `GEN-01`.
pub fn is_id(text: &str) -> bool {
    text.split_once('-').is_some_and(|(area, number)| {
        area.starts_with(|c: char| c.is_ascii_uppercase())
            && area.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
            && !number.is_empty()
            && number.chars().all(|c| c.is_ascii_digit())
    })
}

/// Whether a text is the id of a journey such as `J1`.
pub fn is_journey(text: &str) -> bool {
    text.strip_prefix('J')
        .is_some_and(|number| !number.is_empty() && number.chars().all(|c| c.is_ascii_digit()))
}

fn mark(word: &str, text: &str) -> Option<Mark> {
    if word.contains("withdrawn") || plain(text).starts_with("withdrawn") {
        return Some(Mark::Withdrawn);
    }
    match word {
        "core" => Some(Mark::Core),
        "beyond" => Some(Mark::Beyond),
        _ => None,
    }
}

/// The cells of a table line; a bar after a backslash is part of a cell.
fn cells(line: &str) -> Vec<String> {
    let Some(inner) = line.trim().strip_prefix('|') else {
        return Vec::new();
    };
    let mut cells = vec![String::new()];
    let mut escaped = false;
    for character in inner.chars() {
        match character {
            '|' if !escaped => cells.push(String::new()),
            _ => {
                if let Some(cell) = cells.last_mut() {
                    if character == '|' {
                        cell.pop();
                    }
                    cell.push(character);
                }
            }
        }
        escaped = character == '\\';
    }
    cells.iter().map(|cell| cell.trim().to_owned()).collect()
}

/// A heading without its number: `6.1 GEN — rules` becomes `GEN — rules`.
fn title(heading: &str) -> String {
    heading
        .trim_start_matches('#')
        .trim()
        .trim_start_matches(|c: char| c.is_ascii_digit() || c == '.')
        .trim()
        .to_owned()
}

fn plain(text: &str) -> String {
    text.replace("**", "").trim_start_matches('*').to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Mark, is_id, is_journey, parse};

    const DOCUMENT: &str = concat!(
        "## 1. The product\n",
        "| # | Journey | Measure of success |\n|---|---|---|\n",
        "| J1 | A customer starts | under 5 minutes |\n",
        "### 6.1 GEN — rules that hold\n\n",
        "| ID | Mark | Requirement |\n|---|---|---|\n",
        "| GEN-01 | core | A **ratio** is `measured` \\| `derived`. |\n",
        "| GEN-02 | beyond | Second. |\n",
        "| GEN-03 | withdrawn | Third. |\n",
        "| GEN-04 | core | *withdrawn*: fourth. |\n",
        "### 6.24 UI and I18N\n",
        "| I18N-01 | core | Dutch. |\n",
        "## 8. Acceptance\n",
        "| GEN-01 | see above | again |\n| UTF-8 | | no requirement |\n| ratios | GEN-01 | x |\n",
    );

    #[test]
    fn reads_id_mark_area_and_text() {
        let catalogue = parse(DOCUMENT);
        let ids: Vec<&str> =
            catalogue.requirements.iter().map(|requirement| requirement.id.as_str()).collect();
        assert_eq!(ids, ["J1", "GEN-01", "GEN-02", "GEN-03", "GEN-04", "I18N-01"]);
        let first = catalogue.find("GEN-01").unwrap();
        assert_eq!(first.text, "A ratio is `measured` | `derived`.");
        assert_eq!(first.area, "GEN — rules that hold");
        assert_eq!(catalogue.find("J1").unwrap().area, "Journeys");
        assert_eq!(catalogue.find("J1").unwrap().text, "A customer starts");
        assert_eq!(catalogue.areas(), ["GEN", "I18N"]);
    }

    #[test]
    fn marks_say_what_counts() {
        let catalogue = parse(DOCUMENT);
        let mark = |id: &str| catalogue.find(id).unwrap().mark;
        assert_eq!(mark("J1"), Mark::Core);
        assert_eq!(mark("GEN-02"), Mark::Beyond);
        assert_eq!(mark("GEN-03"), Mark::Withdrawn);
        assert_eq!(mark("GEN-04"), Mark::Withdrawn);
    }

    #[test]
    fn ids_have_a_form() {
        assert!(is_id("GEN-01") && is_id("I18N-5"));
        assert!(!is_id("gen-01") && !is_id("GEN-") && !is_id("-1") && !is_id("GEN-1a"));
        assert!(is_journey("J1") && !is_journey("J") && !is_journey("J1a"));
    }
}
