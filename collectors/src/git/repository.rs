//! The clone itself: opening it, refusing what cannot give right figures, its name, and the head of its branch.

use std::path::Path;

use facts::did_you_mean;
use gix::ObjectId;
use gix::head::Kind as Head;

use super::error::{GitError, reason};
use super::origin::Origin;

/// An opened clone.
pub(super) struct Repository {
    pub git: gix::Repository,
    /// The path as the user gave it, for messages.
    pub path: String,
    /// `OWNER/REPO`, or the directory's name.
    pub name: String,
    /// `https://HOST/OWNER/REPO`, where known.
    pub web: Option<String>,
}

impl Repository {
    /// Opens a clone: bare or not, a linked worktree, or a folder whose `.git` is a file.
    pub(super) fn open(path: &Path) -> Result<Repository, GitError> {
        let shown = path.display().to_string();
        // Isolated: what is collected depends on the repository alone, not on this machine's or user's git configuration.
        let git = gix::open_opts(path, gix::open::Options::isolated()).map_err(|error| {
            let reason = match path.try_exists() {
                Ok(false) => "there is nothing at this path".to_owned(),
                _ => reason(error),
            };
            GitError::NotARepository { path: shown.clone(), reason }
        })?;
        if git.is_shallow().unwrap_or(false) {
            return Err(GitError::Shallow { path: shown });
        }
        let origin = git.config_snapshot().string("remote.origin.url").and_then(|url| Origin::parse(&url));
        let (name, web) = match origin {
            Some(origin) => (origin.repository, origin.web),
            None => (directory_name(&git), None),
        };
        Ok(Repository { git, path: shown, name, web })
    }

    /// The newest commit of a branch; without a name, of the one that HEAD is on.
    pub(super) fn head(&self, branch: Option<&str>) -> Result<ObjectId, GitError> {
        if let Some(branch) = branch {
            return self.branch(branch).ok_or_else(|| self.unknown(branch));
        }
        let head = self.git.head().map_err(|error| self.broken_references(error))?;
        match (&head.kind, head.id()) {
            (_, Some(commit)) => Ok(commit.detach()),
            (Head::Unborn(name), None) => Err(self.unknown(&name.shorten().to_string())),
            (_, None) => Err(self.broken_references("HEAD leads to no object")),
        }
    }

    /// A branch by its own name, by that of a remote's, or by its full name.
    fn branch(&self, name: &str) -> Option<ObjectId> {
        [
            format!("refs/heads/{name}"),
            format!("refs/remotes/{name}"),
            format!("refs/remotes/origin/{name}"),
            name.to_owned(),
        ]
        .iter()
        .filter(|full| full.starts_with("refs/"))
        .find_map(|full| self.git.try_find_reference(full.as_str()).ok().flatten())
        .and_then(|mut reference| reference.try_id().or_else(|| reference.peel_to_id().ok()))
        .map(gix::Id::detach)
    }

    fn unknown(&self, branch: &str) -> GitError {
        if self.names("refs/").is_ok_and(|names| names.is_empty()) {
            return GitError::Empty { path: self.path.clone() };
        }
        let names = self.names("refs/heads/").unwrap_or_default();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let hint = match did_you_mean(branch, &names) {
            hint if !hint.is_empty() || names.is_empty() => hint,
            _ => format!(" (it has `{}`)", names[..names.len().min(5)].join("`, `")),
        };
        GitError::UnknownBranch { path: self.path.clone(), branch: branch.to_owned(), hint }
    }

    fn names(&self, prefix: &str) -> Result<Vec<String>, GitError> {
        let references = self.git.references().map_err(|error| self.broken_references(error))?;
        let references = references.all().map_err(|error| self.broken_references(error))?;
        Ok(references
            .filter_map(Result::ok)
            .filter_map(|reference| reference.name().as_bstr().to_string().strip_prefix(prefix).map(str::to_owned))
            .collect())
    }

    pub(super) fn broken_object(&self, object: &ObjectId, error: impl std::fmt::Display) -> GitError {
        GitError::BrokenObject { path: self.path.clone(), object: object.to_string(), reason: reason(error) }
    }

    pub(super) fn broken_references(&self, error: impl std::fmt::Display) -> GitError {
        GitError::BrokenReferences { path: self.path.clone(), reason: reason(error) }
    }
}

/// The name of the folder that holds the repository: for a linked worktree the main one's, so that both are one source.
fn directory_name(git: &gix::Repository) -> String {
    let common = git.common_dir();
    let common = common.canonicalize().unwrap_or_else(|_| common.to_owned());
    let folder = match common.file_name() {
        Some(name) if name == ".git" => common.parent().and_then(Path::file_name),
        name => name,
    };
    let name = folder.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    name.strip_suffix(".git").unwrap_or(&name).to_owned()
}
