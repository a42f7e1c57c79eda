//! Which teams' figures of a wave are withheld. Pure arithmetic.

/// Of fewer people than this no figure is shown.
pub const LEAST_PEOPLE: u64 = 5;

/// Which teams are withheld, of how many people of each answered each question. The figures of all teams together are
/// published, so whoever takes the shown teams from them is left with the withheld ones as one: for each question. Of
/// each question those are therefore nobody, or at least two teams with answers and at least five people together; where
/// they are not, the smallest team shown joins them. A team in which nobody answered a question hides nobody there.
pub fn withheld(teams: &[Vec<u64>]) -> Vec<bool> {
    let least = |team: usize| teams[team].iter().copied().min().unwrap_or(0);
    let mut by_size: Vec<usize> = (0..teams.len()).collect();
    by_size.sort_by_key(|team| least(*team));
    let n_small = by_size.iter().filter(|team| least(**team) < LEAST_PEOPLE).count();
    let n_questions = teams.iter().map(Vec::len).max().unwrap_or(0);
    let is_safe = |question: usize, n_withheld: usize| {
        let sizes = by_size[..n_withheld].iter().filter_map(|team| teams[*team].get(question)).filter(|n| **n > 0);
        let (n_teams, n_people) = sizes.fold((0, 0), |(n_teams, sum), n| (n_teams + 1, sum + n));
        n_teams == 0 || (n_teams >= 2 && n_people >= LEAST_PEOPLE)
    };
    let are_safe = |n_withheld: &usize| (0..n_questions).all(|question| is_safe(question, *n_withheld));
    let n_withheld = (n_small..=teams.len()).find(are_safe).unwrap_or(teams.len());
    let mut is_withheld = vec![false; teams.len()];
    by_size[..n_withheld].iter().for_each(|team| is_withheld[*team] = true);
    is_withheld
}
