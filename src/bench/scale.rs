//! How large the organisation is that the bench makes up, and what each size may cost.

use anyhow::bail;

/// The size of an organisation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// What it is called: `s`, `m` or `l`.
    pub name: &'static str,
    /// Deployments, each with `CHANGES` changes and `COMMITS` commits.
    pub n_deployments: u64,
    /// Services, each with a repository of its own.
    pub n_services: u64,
    /// Teams that own them.
    pub n_teams: u64,
    /// By how much queries and rebuilds may take longer than at M. Small scales get no stricter limits: what a person
    /// does not notice needs no mending.
    pub allowance: f64,
}

/// Changes that a deployment brings.
pub const CHANGES: u64 = 3;
/// Commits that a deployment brings.
pub const COMMITS: u64 = 20;

const SCALES: [Scale; 3] = [
    Scale { name: "s", n_deployments: 50_000, n_services: 200, n_teams: 20, allowance: 1.0 },
    Scale { name: "m", n_deployments: 500_000, n_services: 2_000, n_teams: 100, allowance: 1.0 },
    Scale { name: "l", n_deployments: 2_000_000, n_services: 5_000, n_teams: 200, allowance: 4.0 },
];

impl Scale {
    /// The scale of a name.
    pub fn parse(name: &str) -> anyhow::Result<Scale> {
        match SCALES.into_iter().find(|scale| scale.name == name.to_lowercase()) {
            Some(scale) => Ok(scale),
            None => bail!("there is no scale `{name}`; write s, m or l"),
        }
    }
}
