//! Who owns the service since when, as runs were told: another team takes nothing from what was observed before.

use serde::{Deserialize, Serialize};

/// A team, from a time on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Owner {
    /// In seconds since 1970.
    pub from: i64,
    /// None as long as no run named one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
}

/// The owners one after the other, the earliest first; at least one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Owners(Vec<Owner>);

/// Whether a run says something else than those before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    Same,
    Other,
}

impl Owners {
    pub(super) fn first(team: Option<String>, from: i64) -> Owners {
        Owners(vec![Owner { from, team }])
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Owner> {
        self.0.iter()
    }

    /// The first owner holds from this time on, unless the next one does already.
    pub(super) fn begin(&mut self, from: i64) {
        self.0[0].from = self.0.get(1).map_or(from, |next| from.min(next.from - 1));
    }

    /// Takes in what a run says. One that names no team takes none away, and the first that is named at all stands for the
    /// time before, too: nothing better is known of it.
    pub(super) fn take(&mut self, team: Option<&str>, now: i64) -> Told {
        let last = self.0.last_mut().expect("there is at least one owner");
        if team.is_none() || last.team.as_deref() == team {
            return Told::Same;
        }
        let team = team.map(str::to_owned);
        if last.team.is_none() || now <= last.from {
            last.team = team;
        } else {
            self.0.push(Owner { from: now, team });
        }
        Told::Other
    }
}
