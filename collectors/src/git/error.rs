//! What can keep a clone from being read, and what the user can do about it.

use std::fmt::Display;

/// Why nothing was collected from a repository.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is no repository at the path.
    #[error("{path} is not a git repository ({reason}); name a clone, its .git folder or a bare repository")]
    NotARepository {
        /// The path as given.
        path: String,
        /// What was found instead.
        reason: String,
    },
    /// Its objects are named in a way that is not read.
    #[error(
        "{path} is a git repository that names its objects by SHA-256, which is not read (only SHA-1 is); \
         import deployments and changes from where they are recorded"
    )]
    Sha256 {
        /// The path as given.
        path: String,
    },
    /// The service was collected from another repository before, whose facts would be taken away.
    #[error(
        "{service} was collected from {before} before, and {path} is another repository: name its service with --service, \
         or say --moved if it is the same one with another address or history"
    )]
    AnotherRepository {
        /// The path as given.
        path: String,
        /// The service that both would be.
        service: String,
        /// The other repository: its remote, else where its clone lay.
        before: String,
    },
    /// The clone has only the newest part of its history.
    #[error(
        "{path} is a shallow clone, its history is cut off, so lead times would be wrong; \
         run `git fetch --unshallow` in it first"
    )]
    Shallow {
        /// The path as given.
        path: String,
    },
    /// There is no commit in it.
    #[error("{path} is an empty repository; push or fetch commits into it first")]
    Empty {
        /// The path as given.
        path: String,
    },
    /// There is no tag in it.
    #[error(
        "{path} has no tags, so nothing in it says what was released; run `git fetch --tags` in it, \
         or import deployments from where they are recorded"
    )]
    NoTags {
        /// The path as given.
        path: String,
    },
    /// There are tags, but none that the pattern allows.
    #[error("none of the {n_tags} tags of {path} matches `{pattern}`; there is {}; choose them with --tags", quoted(.existing))]
    NoTagMatches {
        /// The path as given.
        path: String,
        /// The pattern as given.
        pattern: String,
        /// How many tags there are.
        n_tags: usize,
        /// Up to five of them, those most like the pattern first.
        existing: Vec<String>,
    },
    /// Tags match, but none of them names a commit.
    #[error("the tags of {path} that match `{pattern}` point at no commits; choose others with --tags")]
    NoTaggedCommits {
        /// The path as given.
        path: String,
        /// The pattern as given.
        pattern: String,
    },
    /// The branch is not there.
    #[error("{path} has no branch `{branch}`{hint}; name another with --branch")]
    UnknownBranch {
        /// The path as given.
        path: String,
        /// The branch asked for, or the one that HEAD names.
        branch: String,
        /// The nearest branch that exists, as a question.
        hint: String,
    },
    /// An object that the history needs is missing or broken.
    #[error("object {object} of {path} cannot be read ({reason}); run `git fsck` in it, or clone it again")]
    BrokenObject {
        /// The path as given.
        path: String,
        /// The object's name.
        object: String,
        /// What git's storage said.
        reason: String,
    },
    /// The names of tags and branches cannot be read.
    #[error("the references of {path} cannot be read ({reason}); run `git fsck` in it, or clone it again")]
    BrokenReferences {
        /// The path as given.
        path: String,
        /// What git's storage said.
        reason: String,
    },
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The message of an error on one line, so that it fits into a sentence of ours.
pub(super) fn reason(error: impl Display) -> String {
    error.to_string().lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(": ")
}
