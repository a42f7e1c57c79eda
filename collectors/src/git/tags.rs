//! The tags that are releases, in the order of their times.

use std::cmp::Ordering;
use std::collections::HashMap;

use gix::ObjectId;
use gix::objs::Kind;

use super::error::GitError;
use super::object::Object;
use super::pattern::TagPattern;
use super::repository::Repository;
use super::{signature, version};

/// A release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tag {
    pub name: String,
    /// What the reference names: a tag object, or for a lightweight tag the commit.
    pub target: ObjectId,
    pub commit: ObjectId,
    /// Seconds since 1970: the tagger's time, for a tag without one the commit's.
    pub time: i64,
}

impl Tag {
    pub(super) fn is_lightweight(&self) -> bool {
        self.target == self.commit
    }

    /// The order of releases: by time, at the same second by version.
    pub(super) fn order(&self, other: &Tag) -> Ordering {
        self.time.cmp(&other.time).then_with(|| version::compare(&self.name, &other.name))
    }
}

/// The matching tags of a clone.
pub(super) struct Tags {
    /// In the order of releases; at least one.
    pub releases: Vec<Tag>,
    /// How many match but name no commit.
    pub n_without_commit: usize,
}

/// Reads the matching tags. One whose reference is as it was last time is taken from `seen`, without reading objects.
pub(super) fn read(repository: &Repository, pattern: &TagPattern, seen: &[Tag]) -> Result<Tags, GitError> {
    let seen: HashMap<(&str, ObjectId), &Tag> = seen.iter().map(|tag| ((tag.name.as_str(), tag.target), tag)).collect();
    let mut names = Vec::new();
    let mut matching = Vec::new();
    let references = repository.git.references().map_err(|error| repository.broken_references(error))?;
    for reference in references.tags().map_err(|error| repository.broken_references(error))? {
        let mut reference = reference.map_err(|error| repository.broken_references(error))?;
        let name = reference.name().shorten().to_string();
        if pattern.matches(&name) {
            let target = match reference.try_id() {
                Some(target) => target,
                None => reference.follow_to_object().map_err(|error| repository.broken_references(error))?,
            };
            matching.push((name.clone(), target.detach()));
        }
        names.push(name);
    }
    if names.is_empty() {
        // An empty repository has no tags either, and that is the better thing to say.
        repository.head(None)?;
        return Err(GitError::NoTags { path: repository.path.clone() });
    }
    let (path, n_matching) = (repository.path.clone(), matching.len());
    if n_matching == 0 {
        let existing = pattern.nearest(names.iter().map(String::as_str));
        return Err(GitError::NoTagMatches { path, pattern: pattern.as_str().into(), n_tags: names.len(), existing });
    }
    let mut releases = Vec::with_capacity(n_matching);
    for (name, target) in matching {
        match seen.get(&(name.as_str(), target)) {
            Some(tag) => releases.push((*tag).clone()),
            None => releases.extend(peel(repository, name, target)?),
        }
    }
    if releases.is_empty() {
        return Err(GitError::NoTaggedCommits { path, pattern: pattern.as_str().into() });
    }
    releases.sort_by(Tag::order);
    let n_without_commit = n_matching - releases.len();
    Ok(Tags { releases, n_without_commit })
}

/// Follows a tag to its commit, through tags of tags; none where it names something else. The outermost tag's time is
/// the release's.
fn peel(repository: &Repository, name: String, target: ObjectId) -> Result<Option<Tag>, GitError> {
    let (mut id, mut time) = (target, None);
    loop {
        let object = repository.git.find_object(id).map_err(|error| repository.broken_object(&id, error))?;
        let parts = Object::read(&object.data);
        match object.kind {
            Kind::Tag => {
                let tagger = Some(parts.value("tagger")).filter(|tagger| !tagger.is_empty());
                time = time.or(tagger.map(|tagger| signature::read(tagger).seconds));
                let next = parts.names("object").and_then(|names| names.first().copied());
                id = next.ok_or_else(|| repository.broken_object(&id, "it names no object"))?;
            }
            Kind::Commit => {
                let time = time.unwrap_or_else(|| signature::read(parts.value("committer")).seconds);
                return Ok(Some(Tag { name, target, commit: id, time }));
            }
            Kind::Tree | Kind::Blob => return Ok(None),
        }
    }
}
