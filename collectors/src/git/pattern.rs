//! Which tags are releases: a glob, or after `re:` a regular expression.

use globset::{Glob, GlobMatcher};
use regex::Regex;

/// How many existing tags an error shows.
const N_SHOWN: usize = 5;

/// A pattern of tag names. `*` in a glob matches `/` too, as it does for `git tag --list`.
#[derive(Debug, Clone)]
pub struct TagPattern {
    text: String,
    matcher: Matcher,
}

#[derive(Debug, Clone)]
enum Matcher {
    Glob(GlobMatcher),
    Regex(Regex),
}

impl TagPattern {
    /// Reads a pattern: `re:` and a regular expression that is looked for anywhere in the name, otherwise a glob for
    /// the whole name. The error says what is wrong with it.
    pub fn parse(text: &str) -> Result<TagPattern, String> {
        let matcher = match text.strip_prefix("re:") {
            Some(expression) => Matcher::Regex(Regex::new(expression).map_err(|error| {
                let cause =
                    error.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                format!("`{expression}` is not a regular expression ({cause}); write e.g. `re:^v\\d+\\.\\d+\\.\\d+$`")
            })?),
            None if text.is_empty() => return Err("the pattern of tags is empty; `*` stands for all of them".into()),
            None => Matcher::Glob(
                Glob::new(text)
                    .map_err(|error| {
                        format!("`{text}` is not a glob ({}); write e.g. `v*` or `re:^v\\d`", error.kind())
                    })?
                    .compile_matcher(),
            ),
        };
        Ok(TagPattern { text: text.to_owned(), matcher })
    }

    /// The pattern as it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a tag of this name is a release.
    pub fn matches(&self, name: &str) -> bool {
        match &self.matcher {
            Matcher::Glob(glob) => glob.is_match(name),
            Matcher::Regex(regex) => regex.is_match(name),
        }
    }

    /// The existing names most like the pattern, to show when none matches.
    pub(super) fn nearest<'a>(&self, names: impl Iterator<Item = &'a str>) -> Vec<String> {
        let is_name = |sign: &char| sign.is_alphanumeric() || "/-_.".contains(*sign);
        let wanted: String = self.text.trim_start_matches("re:").chars().filter(is_name).collect();
        let mut ranked: Vec<(f64, &str)> = names.map(|name| (strsim::jaro_winkler(&wanted, name), name)).collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
        ranked.into_iter().take(N_SHOWN).map(|(_, name)| name.to_owned()).collect()
    }
}
