//! The words of a statement as PostgreSQL cuts them: for splitting several statements, and for putting a few spellings
//! into those that DuckDB's parser knows. What may be read is not decided here but on the parsed tree.

use std::ops::Range;

/// What a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// White space and comments.
    Space,
    /// A word without quotes, or a number.
    Word,
    /// A name in quotes.
    Name,
    /// A text.
    Text,
    /// Anything else, a letter at a time.
    Sign,
}

/// The statements of a text, without the semicolons between them and without those that are empty. A text that ends within
/// a quote is left whole from there: the parser says what is wrong with it.
pub fn statements(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut begin = 0;
    let mut is_empty = true;
    let words = words(text);
    for (kind, range) in &words {
        if *kind == Kind::Sign && &text[range.clone()] == ";" {
            if !is_empty {
                found.push(text[begin..range.start].trim());
            }
            begin = range.end;
            is_empty = true;
        } else if *kind != Kind::Space {
            is_empty = false;
        }
    }
    if !is_empty {
        found.push(text[begin..].trim());
    }
    found
}

/// The words of a statement that say what it does, in lower case, without quotes and comments: as many as asked for.
pub fn first_words(text: &str, n_words: usize) -> Vec<String> {
    let words = words(text);
    let heard = words.into_iter().filter(|(kind, _)| *kind != Kind::Space).take(n_words);
    heard
        .map(|(kind, range)| match kind {
            Kind::Name => unquoted(&text[range], '"'),
            Kind::Text => unquoted(&text[range], '\''),
            _ => text[range].to_ascii_lowercase(),
        })
        .collect()
}

/// Where the texts of a statement stand, with their quotes.
pub(super) fn texts(text: &str) -> impl Iterator<Item = Range<usize>> {
    words(text).into_iter().filter(|(kind, _)| *kind == Kind::Text).map(|(_, range)| range)
}

/// Whether a statement gives the same on the same rows whenever it runs, as far as its words tell: nothing in it asks for the
/// present or about the server.
pub(super) fn is_steady(text: &str) -> bool {
    const OF_THE_PRESENT: [&str; 16] = [
        "now",
        "today",
        "tomorrow",
        "yesterday",
        "age",
        "current_date",
        "current_time",
        "current_timestamp",
        "clock_timestamp",
        "get_current_timestamp",
        "get_current_time",
        "localtime",
        "localtimestamp",
        "transaction_timestamp",
        "statement_timestamp",
        "setting_of",
    ];
    words(text).into_iter().all(|(kind, range)| {
        let word = match kind {
            Kind::Space | Kind::Sign => return true,
            Kind::Name => unquoted(&text[range], '"').to_ascii_lowercase(),
            Kind::Text => unquoted(&text[range], '\'').trim().to_ascii_lowercase(),
            Kind::Word => text[range].to_ascii_lowercase(),
        };
        !OF_THE_PRESENT.contains(&word.as_str()) && !word.starts_with("pg_")
    })
}

fn unquoted(word: &str, quote: char) -> String {
    let inner = word.trim_start_matches(['E', 'e']).trim_start_matches(quote);
    inner.strip_suffix(quote).unwrap_or(inner).replace(&format!("{quote}{quote}"), &quote.to_string())
}

/// A statement in the spellings that DuckDB's parser knows: names without quotes in lower case, as PostgreSQL reads them;
/// without `pg_catalog.` before a name, since that is looked into anyway; `operator(pg_catalog.~)` as `~`; without the
/// collations that mean the order of bytes.
pub(super) fn in_common_words(text: &str) -> String {
    let words = words(text);
    let heard: Vec<usize> = (0..words.len()).filter(|place| words[*place].0 != Kind::Space).collect();
    let word = |place: usize| heard.get(place).map(|place| &words[*place]);
    let says = |place: usize, what: &str| {
        word(place).is_some_and(|(kind, range)| match kind {
            Kind::Name => unquoted(&text[range.clone()], '"') == what,
            Kind::Word | Kind::Sign => text[range.clone()].eq_ignore_ascii_case(what),
            _ => false,
        })
    };
    let mut out = String::with_capacity(text.len());
    let mut place = 0;
    let mut end = 0;
    while let Some((kind, range)) = word(place) {
        out.push_str(&text[end..range.start]);
        end = range.end;
        if says(place, "operator") && says(place + 1, "(") {
            let signs: Vec<usize> = (place + 2..heard.len()).take_while(|place| !says(*place, ")")).collect();
            let is_sign =
                |place: &&usize| word(**place).is_some_and(|(kind, _)| *kind == Kind::Sign) && !says(**place, ".");
            out.push(' ');
            signs.iter().filter(is_sign).for_each(|place| {
                if let Some((_, range)) = word(*place) {
                    out.push_str(&text[range.clone()]);
                }
            });
            out.push(' ');
            place += signs.len() + 3;
            end = word(place - 1).map_or(text.len(), |(_, range)| range.end);
            continue;
        }
        let is_after_a_dot = place > 0 && says(place - 1, ".");
        if says(place, "pg_catalog") && says(place + 1, ".") && !is_after_a_dot {
            place += 2;
            end = word(place - 1).map_or(text.len(), |(_, range)| range.end);
            continue;
        }
        if says(place, "collate") && *kind == Kind::Word {
            let skipped = if says(place + 1, "pg_catalog") && says(place + 2, ".") { 2 } else { 0 };
            if ["default", "c", "posix"].iter().any(|name| says(place + 1 + skipped, name))
                || says(place + 1 + skipped, "C")
            {
                place += 2 + skipped;
                end = word(place - 1).map_or(text.len(), |(_, range)| range.end);
                continue;
            }
        }
        match kind {
            Kind::Word => out.push_str(&text[range.clone()].to_ascii_lowercase()),
            _ => out.push_str(&text[range.clone()]),
        }
        place += 1;
    }
    out.push_str(&text[end..]);
    out
}

/// Cuts a text into words.
fn words(text: &str) -> Vec<(Kind, Range<usize>)> {
    let mut found = Vec::new();
    let mut begin = 0;
    while begin < text.len() {
        let (kind, length) = word(&text[begin..]);
        found.push((kind, begin..begin + length));
        begin += length;
    }
    found
}

/// The kind and length of the first word of a text that is not empty.
fn word(text: &str) -> (Kind, usize) {
    let first = text.chars().next().unwrap_or(' ');
    let after = |length: usize| text.get(length..).unwrap_or_default();
    let line = |text: &str| text.find('\n').map_or(text.len(), |end| end + 1);
    if first.is_whitespace() {
        return (Kind::Space, text.find(|letter: char| !letter.is_whitespace()).unwrap_or(text.len()));
    }
    if text.starts_with("--") {
        return (Kind::Space, line(text));
    }
    if text.starts_with("/*") {
        return (Kind::Space, comment(text));
    }
    if first == '"' {
        return (Kind::Name, quoted(text, '"', Escapes::No));
    }
    if first == '\'' {
        return (Kind::Text, quoted(text, '\'', Escapes::No));
    }
    if matches!(first, 'e' | 'E') && after(1).starts_with('\'') {
        return (Kind::Text, 1 + quoted(after(1), '\'', Escapes::Yes));
    }
    if first == '$'
        && let Some(length) = dollars(text)
    {
        return (Kind::Text, length);
    }
    if first.is_alphanumeric() || first == '_' {
        let is_in_word = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '$';
        return (Kind::Word, text.find(|letter| !is_in_word(letter)).unwrap_or(text.len()));
    }
    (Kind::Sign, first.len_utf8())
}

/// Whether a backslash in a text takes the letter after it.
#[derive(Clone, Copy, PartialEq)]
enum Escapes {
    Yes,
    No,
}

/// The length of a quoted word; a doubled quote stands for itself.
fn quoted(text: &str, quote: char, escapes: Escapes) -> usize {
    let mut letters = text.char_indices().skip(1).peekable();
    while let Some((place, letter)) = letters.next() {
        if letter == '\\' && escapes == Escapes::Yes {
            letters.next();
        } else if letter == quote && letters.next_if(|(_, next)| *next == quote).is_none() {
            return place + letter.len_utf8();
        }
    }
    text.len()
}

/// The length of a comment, in which others may lie.
fn comment(text: &str) -> usize {
    let mut depth = 0;
    let mut place = 0;
    while place < text.len() {
        let rest = &text[place..];
        if rest.starts_with("/*") {
            depth += 1;
            place += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            place += 2;
            if depth == 0 {
                return place;
            }
        } else {
            place += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// The length of a text between dollars, `$$...$$` or `$tag$...$tag$`; none where a parameter begins.
fn dollars(text: &str) -> Option<usize> {
    let end = 1 + text[1..].find('$')?;
    let tag = &text[..=end];
    let name = &tag[1..tag.len() - 1];
    if name.starts_with(|letter: char| letter.is_ascii_digit())
        || !name.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
    {
        return None;
    }
    let body = &text[tag.len()..];
    Some(body.find(tag).map_or(text.len(), |place| tag.len() + place + tag.len()))
}
