//! Functions that look for one text within another. DuckDB's own take time that grows with the product of both lengths, or,
//! where a pattern of LIKE holds several `%`, beyond all bounds, and cannot be interrupted meanwhile. So what is looked for is
//! kept short, and patterns that DuckDB does not look for piece by piece are handed to its regular expressions, which never
//! go back. It is done to a tree whose parameters are filled in.

use serde_json::{Value as Json, json};

use super::refusal::Refusal;
use super::rewrite::{call, plain_text, text};

/// The longest text, in bytes, that is looked for; `macros.sql` has the same for texts that are not written out.
const LONGEST: usize = 1000;

/// Functions of a text and of what is looked for in it.
const SEARCHES: [&str; 6] = ["instr", "position", "replace", "split_part", "string_split", "strpos"];
/// The same by a regular expression.
const BY_EXPRESSION: [&str; 6] = [
    "regexp_extract",
    "regexp_extract_all",
    "regexp_full_match",
    "regexp_matches",
    "regexp_replace",
    "regexp_split_to_array",
];

/// Names that this puts into a statement, and that no client may.
pub(super) const MACROS: [&str; 3] = ["short_text", "short_pattern", "expression_of_like"];

/// Goes through a tree and puts all such calls into a form that ends in time.
pub(super) fn bound(node: &mut Json) -> Result<(), Refusal> {
    match node {
        Json::Array(nodes) => nodes.iter_mut().try_for_each(bound)?,
        Json::Object(fields) => fields.values_mut().try_for_each(bound)?,
        _ => return Ok(()),
    }
    if node["class"] != "FUNCTION" {
        return Ok(());
    }
    let name = node["function_name"].as_str().unwrap_or_default().to_ascii_lowercase();
    if let Some(like) = Like::of(&name) {
        return like.write(node);
    }
    let is_by_expression = BY_EXPRESSION.contains(&name.as_str());
    if is_by_expression && let Some(child) = node.pointer_mut("/children/0").filter(|child| !is_short(child)) {
        *child = call("short_text", vec![child.take()]);
    }
    if (is_by_expression || SEARCHES.contains(&name.as_str()) || name == "string_to_array")
        && let Some(child) = node.pointer_mut("/children/1").filter(|child| !is_short(child))
    {
        *child = call("short_pattern", vec![child.take()]);
    }
    Ok(())
}

fn is_short(node: &Json) -> bool {
    plain_text(node).is_some_and(|text| text.is_none_or(|text| text.len() <= LONGEST))
}

/// One of the spellings of LIKE.
#[derive(Clone, Copy)]
struct Like {
    is_negated: bool,
    /// Letters are alike in lower and upper case.
    is_case_blind: bool,
}

/// A piece of a pattern.
enum Piece {
    Any,
    One,
    Letter(char),
}

impl Like {
    fn of(name: &str) -> Option<Like> {
        let (is_negated, is_case_blind) = match name {
            "~~" | "like_escape" => (false, false),
            "!~~" | "not_like_escape" => (true, false),
            "~~*" | "ilike_escape" => (false, true),
            "!~~*" | "not_ilike_escape" => (true, true),
            _ => return None,
        };
        Some(Like { is_negated, is_case_blind })
    }

    /// Writes a call so that it means what it means in PostgreSQL, where a backslash escapes unless something else is said to.
    fn write(self, node: &mut Json) -> Result<(), Refusal> {
        let Some(children) = node["children"].as_array_mut() else { return Ok(()) };
        let escape = match children.get(2).map(plain_text) {
            None => Some('\\'),
            Some(Some(Some(text))) if text.chars().count() < 2 => text.chars().next(),
            Some(Some(Some(_))) => {
                return Err(Refusal::new("22025", "invalid escape string")
                    .hint("Escape string must be empty or one character."));
            }
            Some(Some(None)) => return Ok(()),
            Some(None) => return Err(Refusal::unsupported("the escape of LIKE is written out as a text")),
        };
        if children.len() < 2 {
            return Ok(());
        }
        children.truncate(2);
        let (pattern, value) = (children.remove(1), children.remove(0));
        let written = plain_text(&pattern);
        let expression = match &written {
            Some(None) => {
                let null = call("~~", vec![value, pattern]);
                return self.put(node, null);
            }
            Some(Some(written)) => {
                if written.len() > LONGEST {
                    return Err(Refusal::new("54000", format!("the pattern of LIKE is longer than {LONGEST} bytes")));
                }
                let pieces = pieces(written, escape)?;
                // For this DuckDB looks piece by piece, and by the same rules.
                if !self.is_case_blind
                    && pieces.iter().all(|piece| match piece {
                        Piece::Any => true,
                        Piece::One => false,
                        Piece::Letter(letter) => !matches!(letter, '%' | '_'),
                    })
                {
                    let plain = call("~~", vec![value, text(Some(&plain(&pieces)))]);
                    return self.put(node, plain);
                }
                text(Some(&expression(&pieces)))
            }
            None if escape == Some('\\') => call("expression_of_like", vec![pattern]),
            None => by_other_escape(pattern, escape),
        };
        let options = text(Some(if self.is_case_blind { "si" } else { "s" }));
        self.put(node, call("regexp_full_match", vec![value, expression, options]))
    }

    fn put(self, node: &mut Json, mut found: Json) -> Result<(), Refusal> {
        if self.is_negated {
            found = json!({
                "class": "OPERATOR", "type": "OPERATOR_NOT", "alias": "", "query_location": 0, "children": [found],
            });
        }
        found["alias"] = node["alias"].take();
        *node = found;
        Ok(())
    }
}

/// The expression of a pattern that is not written out, whose escape is another than the backslash, or none: it becomes that.
fn by_other_escape(pattern: Json, escape: Option<char>) -> Json {
    // A sign of no script, which `expression_of_like` knows nothing of, stands for the escape itself.
    const ITSELF: &str = "\u{e003}";
    let replaced = |within: Json, what: &str, by: &str| call("replace", vec![within, text(Some(what)), text(Some(by))]);
    let Some(escape) = escape.map(String::from) else {
        return call("expression_of_like", vec![replaced(pattern, "\\", "\\\\")]);
    };
    let pattern = replaced(pattern, &format!("{escape}{escape}"), ITSELF);
    let pattern = replaced(replaced(pattern, "\\", "\\\\"), &escape, "\\");
    let letters: Vec<Piece> = escape.chars().map(Piece::Letter).collect();
    replaced(call("expression_of_like", vec![pattern]), ITSELF, &expression(&letters))
}

fn pieces(pattern: &str, escape: Option<char>) -> Result<Vec<Piece>, Refusal> {
    let mut found = Vec::new();
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        found.push(match letter {
            letter if Some(letter) == escape => match letters.next() {
                Some(letter) => Piece::Letter(letter),
                None => return Err(Refusal::new("22025", "LIKE pattern must not end with escape character")),
            },
            '%' => Piece::Any,
            '_' => Piece::One,
            letter => Piece::Letter(letter),
        });
    }
    Ok(found)
}

fn plain(pieces: &[Piece]) -> String {
    let letter = |piece: &Piece| match piece {
        Piece::Any => '%',
        Piece::One => '_',
        Piece::Letter(letter) => *letter,
    };
    pieces.iter().map(letter).collect()
}

/// The regular expression of a pattern.
fn expression(pieces: &[Piece]) -> String {
    let mut out = String::new();
    for piece in pieces {
        match piece {
            Piece::Any => out.push_str(".*"),
            Piece::One => out.push('.'),
            Piece::Letter(letter) => {
                if letter.is_ascii_punctuation() {
                    out.push('\\');
                }
                out.push(*letter);
            }
        }
    }
    out
}
