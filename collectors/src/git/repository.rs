//! The clone itself: opening it, refusing what cannot give right figures, its name, and the head of its branch.

use std::path::Path;

use facts::did_you_mean;
use gix::ObjectId;
use gix::head::Kind as Head;

use super::cursor::{Cursor, Identity};
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
    pub identity: Identity,
}

impl Repository {
    /// Opens a clone: bare or not, a linked worktree, a folder whose `.git` is a file, or a folder within any of them.
    pub(super) fn open(path: &Path) -> Result<Repository, GitError> {
        let shown = path.display().to_string();
        // Isolated: what is collected depends on the repository alone, not on this machine's or user's git configuration.
        let open = |path: &Path| gix::open_opts(path, gix::open::Options::isolated());
        let git = open(path).or_else(|error| {
            let Ok((found, _)) = gix::discover::upwards(path) else {
                let reason = match path.try_exists() {
                    Ok(false) => "there is nothing at this path".to_owned(),
                    _ => reason(error),
                };
                return Err(GitError::NotARepository { path: shown.clone(), reason });
            };
            let (folder, tree) = found.into_repository_and_work_tree_directories();
            open(tree.as_deref().unwrap_or(&folder)).map_err(|error| match is_sha256(&folder) {
                true => GitError::Sha256 { path: shown.clone() },
                false => GitError::NotARepository { path: shown.clone(), reason: reason(error) },
            })
        })?;
        if git.is_shallow().unwrap_or(false) {
            return Err(GitError::Shallow { path: shown });
        }
        let origin = git.config_snapshot().string("remote.origin.url").and_then(|url| Origin::parse(&url));
        let common = git.common_dir();
        let common = common.canonicalize().unwrap_or_else(|_| common.to_owned());
        let folder = if common.ends_with(".git") { common.parent().unwrap_or(&common) } else { &common };
        let place = Some(folder.display().to_string());
        let (name, web, remote) = match origin {
            Some(origin) => (origin.repository, origin.web, Some(origin.address)),
            None => (folder_name(folder), None, None),
        };
        Ok(Repository { git, path: shown, name, web, identity: Identity { remote, place } })
    }

    /// Whether an earlier run read this repository. Where both have a remote, that tells: a fork shares its history with
    /// another repository. Else some of what was seen then must be in it.
    pub(super) fn was_seen_by(&self, seen: &Cursor) -> bool {
        match (&self.identity.remote, seen.remote()) {
            (Some(own), Some(other)) => own.eq_ignore_ascii_case(&other),
            _ => seen.tags.iter().map(|tag| tag.commit).chain([seen.head]).any(|commit| self.git.has_object(commit)),
        }
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

/// The name of a repository by the folder that holds it: for a linked worktree the main one's, so that both are one source.
fn folder_name(folder: &Path) -> String {
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    name.strip_suffix(".git").unwrap_or(&name).to_owned()
}

/// Whether a repository's configuration says that its objects are named by SHA-256.
fn is_sha256(folder: &Path) -> bool {
    let common = gix::discover::path::from_plain_file(&folder.join("commondir")).and_then(Result::ok);
    let file = common.map_or_else(|| folder.to_owned(), |common| folder.join(common)).join("config");
    let config = gix::config::File::from_path_no_includes(file, gix::config::Source::Local);
    let format =
        config.ok().and_then(|config| config.string("extensions.objectFormat").map(|format| format.to_string()));
    format.is_some_and(|format| format.eq_ignore_ascii_case("sha256"))
}
