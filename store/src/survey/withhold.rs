//! Which teams' figures of a wave are withheld. Pure arithmetic.

/// Of fewer people than this no figure is shown.
pub const LEAST_PEOPLE: u64 = 5;

/// Which teams are withheld, of how many people answered in each. The figures of all teams together are published, so
/// whoever takes the shown teams from them is left with the withheld ones as one. Those are therefore at least two teams
/// with answers, of at least five people together; where they are not, the smallest team shown joins them. A team in
/// which nobody answered hides nobody, so it does not count.
pub fn withheld(people: &[u64]) -> Vec<bool> {
    let mut by_size: Vec<usize> = (0..people.len()).collect();
    by_size.sort_by_key(|team| people[*team]);
    let n_small = people.iter().filter(|n| **n < LEAST_PEOPLE).count();
    let is_safe = |n_withheld: usize| {
        let sizes = by_size[..n_withheld].iter().map(|team| people[*team]).filter(|n| *n > 0);
        let (n_teams, n_people) = sizes.fold((0, 0), |(n_teams, sum), n| (n_teams + 1, sum + n));
        n_teams == 0 || (n_teams >= 2 && n_people >= LEAST_PEOPLE)
    };
    let n_withheld = (n_small..=people.len()).find(|n| is_safe(*n)).unwrap_or(people.len());
    let mut is_withheld = vec![false; people.len()];
    by_size[..n_withheld].iter().for_each(|team| is_withheld[*team] = true);
    is_withheld
}
