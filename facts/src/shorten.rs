//! Foreign values in messages.

use std::borrow::Cow;

/// As many characters of a value as people read.
const VALUE: usize = 200;
/// As many characters of a message that may hold several.
const MESSAGE: usize = 1_000;

/// A foreign value as it stands in a message: cut where it is longer than anybody reads, since a sender may put megabytes
/// where an identifier belongs.
pub fn shorten(value: &str) -> Cow<'_, str> {
    cut(value, VALUE)
}

/// A message that holds foreign values, cut in the same way where it was not made with [`shorten`].
pub fn shorten_message(message: &str) -> Cow<'_, str> {
    cut(message, MESSAGE)
}

fn cut(text: &str, characters: usize) -> Cow<'_, str> {
    match text.char_indices().nth(characters) {
        Some((end, _)) => Cow::Owned(format!("{}...", &text[..end])),
        None => Cow::Borrowed(text),
    }
}
