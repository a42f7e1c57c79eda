//! Whatever way a history grows: the facts of all runs, taken together, are those of one run over the whole.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use collectors::git::{Collected, GitFacts, Scope, collect};

use super::workshop::{Workshop, git, hour, options};

/// A small generator of numbers, so that every run of the test sees the same histories.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
}

/// What a store would hold: rows by kind and identity.
#[derive(Default, Debug, PartialEq)]
struct Shelf(BTreeMap<(&'static str, String), String>);

impl Shelf {
    fn take(&mut self, collected: &Collected) {
        if collected.scope == Scope::Whole {
            self.0.clear();
        }
        let GitFacts { deployments, changes, commits, deployed_commits, services, teams } = &collected.facts;
        let mut put = |kind, id: &str, row: String| self.0.insert((kind, id.to_owned()), row);
        deployments.iter().for_each(|row| _ = put("deployment", &row.id, format!("{row:?}")));
        changes.iter().for_each(|row| _ = put("change", &row.id, format!("{row:?}")));
        commits.iter().for_each(|row| _ = put("commit", &row.revision, format!("{row:?}")));
        for row in deployed_commits {
            put("deployed_commit", &format!("{} {}", row.deployment_id, row.revision), format!("{row:?}"));
        }
        services.iter().for_each(|row| _ = put("service", &row.name, format!("{row:?}")));
        teams.iter().for_each(|row| _ = put("team", &row.name, format!("{row:?}")));
    }
}

/// Grows a history in five steps: a main line and a release line, side branches from anywhere, merges in all
/// directions, roots, clocks that disagree, tags on both lines, now and then a tag of an earlier time.
/// Returns how many runs were content with what was new.
fn grow(seed: u64) -> usize {
    let mut dice = Dice(seed);
    let shop = Workshop::new();
    let (mut n_commits, mut n_tags, mut n_new) = (0, 0, 0);
    let mut lines: [usize; 2] = [0, 0];
    let mut sides: Vec<usize> = Vec::new();
    let mut shelf = Shelf::default();
    let mut before: Option<Collected> = None;
    for step in 0..5 {
        let mut feed = String::new();
        let mut commit = |dice: &mut Dice, parents: &[usize]| {
            n_commits += 1;
            let slip = if dice.below(6) == 0 { dice.below(40) as i64 - 20 } else { 0 };
            let (authored, committed) = (hour(n_commits as i64 - dice.below(9) as i64), hour(n_commits as i64 + slip));
            let subject = match dice.below(12) {
                0 => format!("Revert \"work {}\"", dice.below(n_commits)),
                _ => format!("work {n_commits}"),
            };
            write!(feed, "reset refs/import/x\n\ncommit refs/import/x\nmark :{n_commits}\n").unwrap();
            write!(feed, "author A <a@b> {authored} +0000\ncommitter A <a@b> {committed} +0000\n").unwrap();
            write!(feed, "data {}\n{subject}\n", subject.len()).unwrap();
            for (place, parent) in parents.iter().enumerate() {
                writeln!(feed, "{} :{parent}", if place == 0 { "from" } else { "merge" }).unwrap();
            }
            feed.push('\n');
            n_commits
        };
        if step == 0 {
            let root = commit(&mut dice, &[]);
            lines = [root, root];
        }
        for _ in 0..3 + dice.below(8) {
            let line = usize::from(dice.below(4) == 0);
            match dice.below(8) {
                0 => sides.push(lines[dice.below(2)]),
                1 if !sides.is_empty() => {
                    let side = sides.swap_remove(dice.below(sides.len()));
                    lines[line] = commit(&mut dice, &[lines[line], side]);
                }
                2 if !sides.is_empty() => {
                    let side = dice.below(sides.len());
                    sides[side] = commit(&mut dice, &[sides[side]]);
                }
                3 if lines[0] != lines[1] => lines[line] = commit(&mut dice, &[lines[line], lines[1 - line]]),
                4 if dice.below(5) == 0 => sides.push(commit(&mut dice, &[])),
                _ => lines[line] = commit(&mut dice, &[lines[line]]),
            }
        }
        writeln!(feed, "reset refs/heads/main\nfrom :{}\n", lines[0]).unwrap();
        for line in lines {
            if step == 0 || dice.below(3) == 0 {
                n_tags += 1;
                let back = if dice.below(8) == 0 { 30 } else { 0 };
                write!(feed, "tag v{n_tags}\nfrom :{line}\n").unwrap();
                write!(feed, "tagger R <r@b> {} +0000\ndata 0\n\n", hour(n_commits as i64 + 1 - back)).unwrap();
            }
        }
        let marks = shop.path.join(".git/marks");
        let import = format!("--import-marks-if-exists={}", marks.display());
        let export = format!("--export-marks={}", marks.display());
        git(&shop.path, &["fast-import", "--quiet", "--force", &import, &export], feed.as_bytes());

        let cursor = before.as_ref().map(|before| before.cursor.as_str());
        let collected = collect(&options(&shop.path), cursor, &mut |_| {}).unwrap();
        n_new += usize::from(collected.scope == Scope::New);
        shelf.take(&collected);
        let mut whole = Shelf::default();
        whole.take(&shop.collect());
        assert_eq!(shelf, whole, "seed {seed}, step {step}, {:?}", collected.notes);
        before = Some(collected);
    }
    n_new
}

#[test]
fn the_runs_together_give_the_facts_of_one_run_over_the_whole() {
    let n_new: usize = (1..=60).map(grow).sum();
    assert!(n_new > 60, "of 240 later runs only {n_new} were content with what was new");
}
