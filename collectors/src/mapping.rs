//! From a system's own names to Cairn's: which service, environment and team a repository, application or label is.

use globset::GlobMatcher;
use regex::Regex;
use serde::Deserialize;

/// One line of a mapping as it stands in the configuration: `{ match = "acme/*", path = "pay/**", service = "payments" }`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The system's name: exact, a glob (`acme/*`), or `re:` and a regular expression.
    #[serde(rename = "match")]
    pub pattern: String,
    /// Only for files under this path, where a repository holds several services: a glob.
    #[serde(default)]
    pub path: Option<String>,
    /// Cairn's name; `$1` or `${name}` stand for the expression's groups, `*` for the text of the glob's last star.
    pub name: String,
}

/// The lines that map one sort of name, tried in order.
#[derive(Debug, Clone, Default)]
pub struct Mapping {
    lines: Vec<Compiled>,
}

#[derive(Debug, Clone)]
struct Compiled {
    pattern: Pattern,
    path: Option<GlobMatcher>,
    name: String,
}

#[derive(Debug, Clone)]
enum Pattern {
    Exact(String),
    Expression(Regex),
}

impl Mapping {
    /// Compiles the lines; the error names the line and what is wrong with it.
    pub fn new(lines: &[Line]) -> Result<Mapping, String> {
        let lines = lines.iter().map(Compiled::new).collect::<Result<_, _>>()?;
        Ok(Mapping { lines })
    }

    /// Whether nothing is mapped: a system's own names then stand as they are.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The name of the first line that matches. Lines with a path match only when a path is given and matches.
    pub fn find(&self, subject: &str, path: Option<&str>) -> Option<String> {
        self.lines.iter().find_map(|line| line.find(subject, path))
    }

    /// The name by the first line that matches; where there are no lines at all, `own`.
    pub fn or_own(&self, subject: &str, own: &str) -> Option<String> {
        if self.is_empty() { Some(own.to_owned()) } else { self.find(subject, None) }
    }

    /// The names of all lines that match some path of a repository: the services that a change touches.
    pub fn all(&self, subject: &str, paths: &[&str]) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for path in paths {
            if let Some(name) = self.find(subject, Some(path))
                && !names.contains(&name)
            {
                names.push(name);
            }
        }
        names
    }
}

impl Compiled {
    fn new(line: &Line) -> Result<Compiled, String> {
        let wrong = |error: String| format!("match = \"{}\": {error}", line.pattern);
        let pattern = if let Some(expression) = line.pattern.strip_prefix("re:") {
            let whole = Regex::new(&format!("^(?:{expression})$")).map_err(|error| wrong(error.to_string()))?;
            Pattern::Expression(whole)
        } else if line.pattern.contains('*') {
            // A star stands for anything, and is a group, so that the name may repeat what it stood for.
            let parts: Vec<String> = line.pattern.split('*').map(regex::escape).collect();
            let whole = Regex::new(&format!("^{}$", parts.join("(.*)"))).map_err(|error| wrong(error.to_string()))?;
            Pattern::Expression(whole)
        } else {
            Pattern::Exact(line.pattern.clone())
        };
        let path = match &line.path {
            Some(path) => {
                let glob = globset::Glob::new(path).map_err(|error| format!("path = \"{path}\": {error}"))?;
                Some(glob.compile_matcher())
            }
            None => None,
        };
        let is_glob = line.pattern.contains('*') && !line.pattern.starts_with("re:");
        let last_star = line.pattern.matches('*').count();
        let name = if is_glob { line.name.replace('*', &format!("${{{last_star}}}")) } else { line.name.clone() };
        if name.trim().is_empty() {
            return Err(wrong("the name it maps to is empty".into()));
        }
        Ok(Compiled { pattern, path, name })
    }

    fn find(&self, subject: &str, path: Option<&str>) -> Option<String> {
        if let Some(matcher) = &self.path
            && !path.is_some_and(|path| matcher.is_match(path))
        {
            return None;
        }
        match &self.pattern {
            Pattern::Exact(exact) => (exact == subject).then(|| self.name.clone()),
            Pattern::Expression(expression) => {
                let groups = expression.captures(subject)?;
                let mut name = String::new();
                groups.expand(&self.name, &mut name);
                Some(name)
            }
        }
    }
}
