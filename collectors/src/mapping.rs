//! From a system's own names to Cairn's: which service, environment and team a repository, application or label is.

use regex::Regex;
use serde::Deserialize;

/// One line of a mapping as it stands in the configuration: `{ match = "acme/*", path = "pay", name = "payments" }`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The system's name: exact, a glob (`acme/*`), or `re:` and a regular expression.
    #[serde(rename = "match")]
    pub pattern: String,
    /// Where a repository holds several services: the folder of this one. Its deployments bring the commits that touch it.
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
    /// The pattern as it is written.
    written: String,
    pattern: Pattern,
    path: Option<String>,
    name: String,
}

/// A service that a repository holds: all of it, or a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Cairn's name.
    pub name: String,
    /// Its folder, where the repository holds several services.
    pub path: Option<String>,
}

/// What a line may know a thing by.
#[derive(Debug, Clone, Copy)]
pub enum Subject<'a> {
    /// A name of its own.
    Name(&'a str),
    /// Two names and the sign between them, such as `repository@environment`: for lines whose pattern holds the sign.
    Joined(&'a str, char),
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

    /// The name of the first line that matches; a line with a path is of one part of the subject only, and does not.
    pub fn find(&self, subject: &str) -> Option<String> {
        self.find_any(&[Subject::Name(subject)])
    }

    /// The same for a thing that has several names: each line is tried with all of them before the next line is.
    pub fn find_any(&self, subjects: &[Subject<'_>]) -> Option<String> {
        let lines = self.lines.iter().filter(|line| line.path.is_none());
        lines.into_iter().find_map(|line| subjects.iter().find_map(|subject| line.find(*subject)))
    }

    /// Whether some line may match a thing by its name, or by that and what follows a sign, which is not known yet.
    pub fn may_know(&self, subject: &str, sign: char) -> bool {
        let is_known = |line: &Compiled| match line.written.split_once(sign) {
            Some(_) if line.written.starts_with("re:") => true,
            Some((before, _)) => glob(before).is_ok_and(|before| before.is_match(subject)),
            None => line.find(Subject::Name(subject)).is_some(),
        };
        self.is_empty() || self.lines.iter().any(is_known)
    }

    /// What a thing holds: one name by the first line that matches, or, if that has a path, those of all that know it by the
    /// same of its names.
    pub fn parts(&self, subjects: &[Subject<'_>]) -> Vec<Part> {
        let known_by = |line: &Compiled| subjects.iter().copied().find(|subject| line.find(*subject).is_some());
        let Some(subject) = self.lines.iter().find_map(known_by) else { return Vec::new() };
        let part = |line: &Compiled| Some(Part { name: line.find(subject)?, path: line.path.clone() });
        let mut parts: Vec<Part> = self.lines.iter().filter_map(part).collect();
        match parts.iter().position(|part| part.path.is_none()) {
            Some(0) => parts.truncate(1),
            Some(first) => parts.truncate(first),
            None => {}
        }
        parts
    }

    /// The name by the first line that matches; where there are no lines at all, `own`.
    pub fn or_own(&self, subject: &str, own: &str) -> Option<String> {
        self.any_or_own(&[Subject::Name(subject)], own)
    }

    /// The same for a thing that has several names.
    pub fn any_or_own(&self, subjects: &[Subject<'_>], own: &str) -> Option<String> {
        if self.is_empty() { Some(own.to_owned()) } else { self.find_any(subjects) }
    }
}

impl Compiled {
    fn new(line: &Line) -> Result<Compiled, String> {
        let wrong = |error: String| format!("match = \"{}\": {error}", line.pattern);
        let pattern = if let Some(expression) = line.pattern.strip_prefix("re:") {
            let whole = Regex::new(&format!("^(?:{expression})$")).map_err(|error| wrong(error.to_string()))?;
            Pattern::Expression(whole)
        } else if line.pattern.contains('*') {
            Pattern::Expression(glob(&line.pattern).map_err(|error| wrong(error.to_string()))?)
        } else {
            Pattern::Exact(line.pattern.clone())
        };
        let path = line.path.as_deref().map(|path| path.trim_end_matches("/**").trim_matches('/').to_owned());
        if let Some(path) = path.as_ref().filter(|path| path.is_empty() || path.contains(['*', '?', '[', '{'])) {
            return Err(format!("path = \"{path}\": a folder of the repository is wanted, such as services/payments"));
        }
        let is_glob = line.pattern.contains('*') && !line.pattern.starts_with("re:");
        let last_star = line.pattern.matches('*').count();
        let name = if is_glob { line.name.replace('*', &format!("${{{last_star}}}")) } else { line.name.clone() };
        if name.trim().is_empty() {
            return Err(wrong("the name it maps to is empty".into()));
        }
        if name == "..." {
            return Err(wrong("name = \"...\" stands for a name of yours; write that in its place".into()));
        }
        if name.contains('*') {
            return Err(wrong(format!(
                "name = \"{}\": its star stands for what a star in match stood for, and match has none",
                line.name
            )));
        }
        if let Pattern::Expression(expression) = &pattern {
            check_references(expression, &name).map_err(|error| wrong(format!("name = \"{}\": {error}", line.name)))?;
        }
        Ok(Compiled { written: line.pattern.clone(), pattern, path, name })
    }

    fn find(&self, subject: Subject<'_>) -> Option<String> {
        let subject = match subject {
            Subject::Name(name) => name,
            Subject::Joined(names, sign) if self.written.contains(sign) => names,
            Subject::Joined(..) => return None,
        };
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

/// A star stands for anything, and is a group, so that a name may repeat what it stood for.
fn glob(pattern: &str) -> Result<Regex, regex::Error> {
    let parts: Vec<String> = pattern.split('*').map(regex::escape).collect();
    Regex::new(&format!("^{}$", parts.join("(.*)")))
}

/// Whether all that a name refers to is among the groups of its expression.
fn check_references(expression: &Regex, name: &str) -> Result<(), String> {
    let groups: Vec<&str> = expression.capture_names().flatten().collect();
    let is_group = |own: &str| match own.parse::<usize>() {
        Ok(number) => number < expression.captures_len(),
        Err(_) => groups.contains(&own),
    };
    // As they are expanded: `$$` is a dollar sign, and a name without braces goes on for as long as it can.
    let reference = Regex::new(r"\$(?:\$|\{([^}]*)\}|([0-9A-Za-z_]+))").expect("it is one that compiles");
    for found in reference.captures_iter(name) {
        let is_bare = found.get(2).is_some();
        let Some(own) = found.get(1).or(found.get(2)).map(|own| own.as_str()) else { continue };
        if !is_group(own) {
            let there = match (expression.captures_len() - 1, groups.is_empty()) {
                (0, _) => "match has no groups; put what name repeats into parentheses".to_owned(),
                (n, true) => format!("match has the groups 1 to {n}"),
                (n, false) => format!("match has the groups 1 to {n}, with the names {}", groups.join(", ")),
            };
            let digits: String = own.chars().take_while(char::is_ascii_digit).collect();
            let (start, end) = own.split_at(digits.len());
            let meant = if is_bare && !start.is_empty() && !end.is_empty() && is_group(start) {
                format!("; did you mean ${{{start}}}{end}?")
            } else {
                String::new()
            };
            return Err(format!("there is no group {own}: {there}{meant}"));
        }
    }
    Ok(())
}
