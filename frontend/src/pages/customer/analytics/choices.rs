//! Choices that stand in the address by a short name.

use crate::i18n::{I18n, Texts};
use crate::ui::Choice;

/// A choice: name in the address, what it means, text.
pub type Named<T> = (&'static str, T, fn(&'static Texts) -> &'static str);

/// The choice of that name, else the default.
pub fn chosen<T: Copy>(choices: &[Named<T>], name: &str, default: &str) -> Option<Named<T>> {
    let find = |wanted: &str| choices.iter().find(|(known, ..)| *known == wanted);
    find(name).or_else(|| find(default)).copied()
}

/// The name of the choice in the address, which is known or the default.
pub fn name_of<T: Copy>(choices: &[Named<T>], name: &str, default: &str) -> String {
    chosen(choices, name, default).map_or(default, |(name, ..)| name).to_owned()
}

/// The choices of a list to choose from.
pub fn options<T>(i18n: I18n, choices: &[Named<T>]) -> Vec<Choice> {
    choices.iter().map(|(name, _, text)| Choice::new(*name, i18n.tr(*text))).collect()
}
