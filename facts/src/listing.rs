//! What a source lists whole, as opposed to what it told of before.

use chrono::{DateTime, Utc};

use crate::spec::Kind;
use crate::trunk::Trunk;

/// All things of a kind that a source lists under a name. Of those that it told of earlier and that happened by then, the
/// ones that are not among these were deleted, moved away or are something else now: they hold no longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Their kind: one that has an `id`.
    pub kind: Kind,
    /// What their identifiers begin with: `acme/shop#`.
    pub under: String,
    /// Up to when they happened: what came after the listing began may not be in it.
    pub until: DateTime<Utc>,
    /// Their identifiers.
    pub ids: Vec<String>,
}

/// What is left of what a source told of before; the rest holds no longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remains {
    /// On a trunk.
    OnTrunk(Trunk),
    /// In a listing.
    Listed(Listing),
    /// All but these things of a kind, which the source says are called otherwise now, or are of another kind.
    AllBut(Kind, Vec<String>),
    /// All but the changes of a repository that these revisions were: they came with pull requests.
    OfPulls {
        /// The repository.
        repository: String,
        /// The revisions, by which changes without a pull request are known.
        revisions: Vec<String>,
    },
    /// Of a thing what is told with it, which is its whole state of a time: what an older push says of it counts no more.
    Since(Kind, String, DateTime<Utc>),
    /// Of a kind the page tells some things in part only: what its facts leave open stays as it stands.
    InPart(Kind),
}
