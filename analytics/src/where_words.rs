//! Filters in words: `team=payments,checkout; system=shop`. A name in double quotes may hold commas, semicolons and spaces at
//! its ends; a quote within quotes is written twice, as in CSV. `team=` asks for what has no team.

use crate::error::AnalyticsError;

/// A filter as it was written: the dimension's word and the names allowed in it.
pub(crate) type Written = (String, Vec<String>);

/// Stands where a filter asks for what has no name.
pub(crate) const NO_NAME: &str = "";

/// Reads the filters that a text holds.
pub(crate) fn parse(text: &str) -> Result<Vec<Written>, AnalyticsError> {
    let bad = |message: String| AnalyticsError::BadQuestion(message);
    let mut filters = Vec::new();
    let mut rest = text.trim_start_matches(|letter: char| letter == ';' || letter.is_whitespace());
    while !rest.is_empty() {
        let until_next = rest.split(';').next().unwrap_or(rest).trim();
        let Some((name, values)) = rest.split_once('=').filter(|(name, _)| !name.contains(';')) else {
            return Err(bad(format!(
                "the filter `{until_next}` has no `=`; write it like team=payments or team=payments,checkout, and a name that holds a comma or semicolon in double quotes, like team=\"a;b\""
            )));
        };
        let (names, after) = read_names(values).ok_or_else(|| {
            bad(format!(
                "the quotes in the filter `{until_next}` do not fit; write a name that holds a comma or semicolon like team=\"a;b\", and a quote within it twice"
            ))
        })?;
        let name = name.trim();
        let written = values[..values.len() - after.len()].trim();
        let names = match (names.is_empty(), written) {
            (false, _) => names,
            (true, "" | "\"\"") => vec![NO_NAME.to_owned()],
            (true, _) => {
                return Err(bad(format!(
                    "the filter `{until_next}` names no {name}; write {name}=NAME, or {name}= for what has none"
                )));
            }
        };
        filters.push((name.to_owned(), names));
        rest = after.trim_start_matches(|letter: char| letter == ';' || letter.is_whitespace());
    }
    Ok(filters)
}

/// A name as it is written in a filter: in quotes where it could not be read otherwise.
pub fn quoted(name: &str) -> String {
    let is_plain = !name.contains([',', ';']) && !name.starts_with('"') && name.trim() == name && !name.is_empty();
    if is_plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// The names up to the next filter, and what comes after them; none where quotes do not fit.
fn read_names(text: &str) -> Option<(Vec<String>, &str)> {
    let mut names = Vec::new();
    let mut rest = text;
    loop {
        let begin = rest.trim_start();
        let (name, after) = match begin.strip_prefix('"') {
            Some(inner) => {
                let (name, after) = read_quoted(inner)?;
                (name, after.trim_start())
            }
            None => {
                let end = begin.find([',', ';']).unwrap_or(begin.len());
                (begin[..end].trim().to_owned(), &begin[end..])
            }
        };
        if !name.is_empty() {
            names.push(name);
        }
        match after.chars().next() {
            Some(',') => rest = &after[1..],
            None | Some(';') => return Some((names, after)),
            Some(_) => return None,
        }
    }
}

/// What stands in quotes, and what comes after them.
fn read_quoted(text: &str) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut rest = text;
    loop {
        let (before, after) = rest.split_once('"')?;
        name.push_str(before);
        match after.strip_prefix('"') {
            Some(after) => {
                name.push('"');
                rest = after;
            }
            None => return Some((name, after)),
        }
    }
}
