//! Foreign values in messages.

use std::borrow::Cow;

/// As many characters of a value as people read.
const VALUE: usize = 200;
/// As many characters of a message that may hold several.
const MESSAGE: usize = 1_000;

/// A foreign value as it stands in a message: cut where it is longer than anybody reads, since a sender may put megabytes
/// where an identifier belongs, and [`printable`].
pub fn shorten(value: &str) -> Cow<'_, str> {
    cut(value, VALUE)
}

/// A message that holds foreign values, cut in the same way where it was not made with [`shorten`].
pub fn shorten_message(message: &str) -> Cow<'_, str> {
    cut(message, MESSAGE)
}

fn cut(text: &str, characters: usize) -> Cow<'_, str> {
    match text.char_indices().nth(characters) {
        Some((end, _)) => Cow::Owned(format!("{}...", printable(&text[..end]))),
        None => printable(text),
    }
}

/// A foreign text with its control characters written out, such as `\u{1b}`: a terminal would obey them, and people
/// would not see them.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if character.is_control() {
            shown.extend(character.escape_debug());
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}
