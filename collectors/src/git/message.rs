//! What a commit's message says: its subject, the pull request it came from, and what it undoes.

/// What a commit says it undoes, in git's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Revert {
    /// `This reverts commit <sha>`: an object name, possibly shortened.
    Revision(String),
    /// Only the subject, `Revert "<title>"`, says so.
    Title(String),
}

/// The parts of a message that become facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    pub subject: String,
    pub reverts: Option<Revert>,
}

/// Reads a message. Bytes that are not UTF-8 are replaced: a title is for people to read, nothing depends on it exactly.
pub(super) fn read(raw: &[u8]) -> Message {
    let text = String::from_utf8_lossy(raw);
    let mut lines = text.lines().skip_while(|line| line.trim().is_empty());
    // As git does, the whole first paragraph is the subject, joined to one line.
    let first: Vec<&str> = lines.by_ref().map(str::trim).take_while(|line| !line.is_empty()).collect();
    let subject = first.join(" ");
    let body: Vec<&str> = lines.collect();
    // Of what is merged, GitHub and GitLab tell the title below the subject.
    let title = match subject.starts_with("Merge ") {
        true => body.iter().map(|line| line.trim()).find(|line| !line.is_empty()).unwrap_or_default(),
        false => subject.as_str(),
    };
    let reverts = (first.iter().chain(&body))
        .find_map(|line| reverted_revision(line))
        .or_else(|| quoted_title(title).map(|title| Revert::Title(title.to_owned())))
        .filter(|_| !does_again(title));
    Message { subject, reverts }
}

/// The object name in a line `This reverts commit <sha>.` Git ends it otherwise when it reverts a merge
/// (`<sha>, reversing changes made to`) and with `revert.reference` (`<sha> (<title>, <day>)`).
fn reverted_revision(line: &str) -> Option<Revert> {
    let rest = line.trim_start().strip_prefix("This reverts commit ")?;
    let length = rest.find(|sign: char| !sign.is_ascii_hexdigit()).unwrap_or(rest.len());
    let (sha, end) = rest.split_at(length);
    let is_git = (7..=64).contains(&length) && (end.trim().is_empty() || end.starts_with(['.', ',', ' ']));
    is_git.then(|| Revert::Revision(sha.to_ascii_lowercase()))
}

/// Whether a title says that what was undone is done again: `Reapply "..."`, or of older git a revert of a revert. That remedies
/// nothing, though git's words below it name the revert as undone.
pub(crate) fn does_again(title: &str) -> bool {
    let is_revert = |title: &str| title.starts_with("Revert \"");
    let undone = title.strip_prefix("Revert \"");
    title.starts_with("Reapply \"") || undone.is_some_and(|undone| is_revert(undone) && !does_again(undone))
}

fn quoted_title(subject: &str) -> Option<&str> {
    let quoted = subject.strip_prefix("Revert \"")?;
    quoted.rfind('"').map(|end| &quoted[..end]).filter(|title| !title.is_empty())
}

/// The number of the pull request that a subject names, as GitHub writes it for merged and for squashed ones.
pub(super) fn pull_request(subject: &str) -> Option<u64> {
    if let Some(rest) = subject.strip_prefix("Merge pull request #") {
        return rest.split_once(" from ")?.0.parse().ok();
    }
    split_number(subject).map(|(_, number)| number)
}

/// The subject without the number that squashing appends: GitHub's revert button quotes titles so.
pub(super) fn without_number(subject: &str) -> &str {
    split_number(subject).map_or(subject, |(title, _)| title)
}

fn split_number(subject: &str) -> Option<(&str, u64)> {
    let (title, number) = subject.trim_end().strip_suffix(')')?.rsplit_once("(#")?;
    Some((title.trim_end(), number.parse().ok()?))
}
