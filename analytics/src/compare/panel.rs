//! The panel that a staggered comparison rests on: a figure for each unit (team or service) and period.

/// A unit: whatever an improvement arrives at, a team or a service.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    /// The cluster it is drawn with: of a team its own, of a service that of its team.
    pub cluster: usize,
    /// The first period that lies wholly after the arrival; none for a unit at which it has not arrived.
    pub treated_from: Option<usize>,
    /// The figure of each period; none where too little was observed.
    pub values: Vec<Option<f64>>,
}

/// Units over periods.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// The units.
    pub units: Vec<Unit>,
    /// The number of periods.
    pub n_periods: usize,
    /// The number of clusters.
    pub n_clusters: usize,
    /// How many periods before `treated_from` may be touched already. With 1, the period of the arrival is
    /// neither before nor after.
    pub anticipation: usize,
}

impl Panel {
    /// The period that a group is compared with: the last that lies wholly before the arrival.
    pub fn base(&self, treated_from: usize) -> Option<usize> {
        treated_from.checked_sub(1 + self.anticipation)
    }

    /// The periods at which units of the panel were treated first, where they have a base.
    pub(super) fn groups(&self) -> Vec<usize> {
        let mut groups: Vec<usize> = self.units.iter().filter_map(|unit| unit.treated_from).collect();
        groups.sort_unstable();
        groups.dedup();
        groups.retain(|group| *group < self.n_periods && self.base(*group).is_some());
        groups
    }
}
