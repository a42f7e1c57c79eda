//! What a run leaves behind for the next one: the options it had, the tags it saw, and the branch's head.

use std::collections::BTreeMap;

use gix::ObjectId;
use serde::{Deserialize, Serialize};

use super::owners::Owners;
use super::tags::Tag;

/// Raised when facts are made differently, so that everything is sent again.
const VERSION: u32 = 2;

/// The options and names that facts depend on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Settings {
    pub tags: String,
    pub branch: Option<String>,
    pub environment: String,
    pub service: String,
    pub include_first: bool,
    pub repository: String,
    pub web: Option<String>,
}

/// By what a repository is known again, beside its history.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Identity {
    /// `HOST/OWNER/REPO` of the remote `origin`, where it has one.
    pub remote: Option<String>,
    /// Where the clone lay.
    pub place: Option<String>,
}

/// The state after a run.
#[derive(Debug, Clone)]
pub(super) struct Cursor {
    pub settings: Settings,
    /// Which repository it was.
    pub identity: Identity,
    /// In the order of releases.
    pub tags: Vec<Tag>,
    pub head: ObjectId,
    /// From when on the service is known, in seconds since 1970.
    pub valid_from: i64,
    pub owners: Owners,
    /// By how many seconds an ancestor's time is later than its descendant's, at most.
    pub skew: i64,
    /// The titles that changes undo by title only, with the time of the last such change: an older change that turns up
    /// later, on a release's own line, may be what was meant.
    pub quoted: BTreeMap<String, i64>,
}

/// What there is to do since a cursor was written.
pub(super) enum Since {
    /// Nothing.
    Nothing,
    /// The tags after the first `n_seen`, and what the branch has gained.
    Later {
        /// How many tags were seen before.
        n_seen: usize,
    },
    /// Everything, for this reason.
    Beginning(String),
}

impl Cursor {
    /// `HOST/OWNER/REPO` of the remote, which cursors did not always say.
    pub(super) fn remote(&self) -> Option<String> {
        let of_web = || {
            let (host, path) = self.settings.web.as_ref()?.strip_prefix("https://")?.split_once('/')?;
            Some(format!("{}/{path}", host.split(':').next().unwrap_or(host)))
        };
        self.identity.remote.clone().or_else(of_web)
    }

    /// What to call the repository when another one is told from it.
    pub(super) fn shown(&self) -> String {
        let place = || self.identity.place.clone();
        self.remote().or_else(place).unwrap_or_else(|| format!("a repository named {}", self.settings.repository))
    }

    /// Compares the state now with the one then.
    pub(super) fn since(&self, settings: &Settings, releases: &[Tag], head: ObjectId) -> Since {
        if self.settings != *settings {
            return Since::Beginning("the options or the remote have changed".into());
        }
        let n_seen = self.tags.len();
        if releases.get(..n_seen) != Some(&self.tags[..]) {
            return Since::Beginning(self.difference(releases));
        }
        if releases.len() == n_seen && head == self.head { Since::Nothing } else { Since::Later { n_seen } }
    }

    fn difference(&self, releases: &[Tag]) -> String {
        for seen in &self.tags {
            match releases.iter().find(|tag| tag.name == seen.name) {
                None => return format!("tag {} is gone", seen.name),
                Some(tag) if tag != seen => return format!("tag {} has moved", seen.name),
                Some(_) => {}
            }
        }
        let new = releases.iter().find(|tag| !self.tags.contains(tag)).map_or("", |tag| tag.name.as_str());
        format!("tag {new} is new and older than others seen before")
    }

    /// The cursor as text.
    pub(super) fn write(&self) -> String {
        let tags = self.tags.iter().map(|tag| SavedTag {
            name: tag.name.clone(),
            target: (!tag.is_lightweight()).then(|| tag.target.to_string()),
            sha: tag.commit.to_string(),
            time: tag.time,
        });
        let saved = Saved {
            version: VERSION,
            settings: self.settings.clone(),
            identity: self.identity.clone(),
            tags: tags.collect(),
            head: self.head.to_string(),
            valid_from: self.valid_from,
            owners: Some(self.owners.clone()),
            skew: self.skew,
            quoted: self.quoted.clone(),
        };
        serde_json::to_string(&saved).expect("text and numbers can always be written")
    }

    /// Reads a cursor; nothing if it is of another version or not one at all.
    pub(super) fn read(text: &str) -> Option<Cursor> {
        let value: serde_json::Value = serde_json::from_str(text).ok()?;
        // Cursors written before owners had a history name the one team among the options.
        let team = value.pointer("/settings/team").and_then(|team| team.as_str()).map(str::to_owned);
        let mut saved: Saved = serde_json::from_value(value).ok().filter(|saved: &Saved| saved.version == VERSION)?;
        let id = |hex: &str| ObjectId::from_hex(hex.as_bytes()).ok();
        let mut tags = Vec::with_capacity(saved.tags.len());
        for tag in std::mem::take(&mut saved.tags) {
            let commit = id(&tag.sha)?;
            let target = tag.target.map_or(Some(commit), |target| id(&target))?;
            tags.push(Tag { name: tag.name, target, commit, time: tag.time });
        }
        let head = id(&saved.head)?;
        let Saved { settings, identity, valid_from, owners, skew, quoted, .. } = saved;
        let owners = owners.unwrap_or_else(|| Owners::first(team, valid_from));
        Some(Cursor { settings, identity, tags, head, valid_from, owners, skew, quoted })
    }
}

#[derive(Serialize, Deserialize)]
struct Saved {
    version: u32,
    settings: Settings,
    #[serde(default)]
    identity: Identity,
    tags: Vec<SavedTag>,
    head: String,
    valid_from: i64,
    #[serde(default)]
    owners: Option<Owners>,
    skew: i64,
    quoted: BTreeMap<String, i64>,
}

#[derive(Serialize, Deserialize)]
struct SavedTag {
    name: String,
    /// The tag object, for an annotated tag: one made anew at the same commit may have another time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    target: Option<String>,
    sha: String,
    time: i64,
}
