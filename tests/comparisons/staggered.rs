//! Group-time effects and their sums.

use analytics::compare::panel::{Panel, Unit};
use analytics::compare::staggered::{GroupTime, by_event_time, group_times, overall};

use super::near;

/// Nine units over six periods (0 to 5): two treated from period 2 on, three from 3, one from 5, three never.
fn panel(anticipation: usize) -> Panel {
    let units: [(Option<usize>, [i32; 6]); 9] = [
        (Some(2), [10, 11, 14, 15, 17, 16]),
        (Some(2), [8, 9, 12, 15, 14, 16]),
        (Some(3), [20, 19, 21, 25, 26, 28]),
        (Some(3), [15, 17, 16, 21, 23, 22]),
        (Some(3), [12, 12, 13, 18, 17, 20]),
        (Some(5), [9, 10, 12, 11, 13, 17]),
        (None, [11, 12, 12, 13, 15, 14]),
        (None, [7, 6, 8, 9, 9, 10]),
        (None, [14, 15, 17, 16, 18, 19]),
    ];
    let units = units.into_iter().enumerate().map(|(cluster, (treated_from, values))| Unit {
        cluster,
        treated_from,
        values: values.iter().map(|value| Some(f64::from(*value))).collect(),
    });
    Panel { units: units.collect(), n_periods: 6, n_clusters: 9, anticipation }
}

fn found(anticipation: usize) -> Vec<GroupTime> {
    group_times(&panel(anticipation), &[1.0; 9])
}

fn check(found: &[GroupTime], expected: &[(usize, usize, f64)]) {
    assert_eq!(found.len(), expected.len());
    for (found, (group, period, effect)) in found.iter().zip(expected) {
        assert_eq!((found.group, found.period), (*group, *period));
        near(found.effect, *effect, 5e-7);
    }
}

#[test]
fn one_effect_by_hand() {
    // Units treated from period 2, in period 3 against period 1: 15 - 11 = 4 and 15 - 9 = 6, so 5. Not yet treated in
    // period 3 are the one treated from 5 (11 - 10 = 1) and those never (1, 3, 1): 1.5. The effect is 3.5.
    let effect = found(0).into_iter().find(|one| (one.group, one.period) == (2, 3)).unwrap();
    assert_eq!((effect.effect, effect.weight), (3.5, 2.0));
}

#[test]
fn all_effects_agree_with_the_port_of_rs_did() {
    // csdid 0.4.3, the port to Python of R's package did by its authors' group: att_gt with control_group =
    // "notyettreated", base_period = "universal", no covariates; periods counted from 1 there.
    check(
        &found(0),
        &[
            (2, 0, -0.571_429),
            (2, 2, 1.857_143),
            (2, 3, 3.5),
            (2, 4, 2.5),
            (2, 5, 2.666_667),
            (3, 0, 1.0),
            (3, 1, 0.833_333),
            (3, 3, 4.666_667),
            (3, 4, 3.833_333),
            (3, 5, 4.666_667),
            (5, 0, -0.666_667),
            (5, 1, 0.0),
            (5, 2, 0.666_667),
            (5, 3, -0.666_667),
            (5, 5, 3.666_667),
        ],
    );
    // aggte with type = "group" and "dynamic".
    near(overall(&found(0)).unwrap(), 3.682_54, 5e-6);
    let times = by_event_time(&found(0));
    for (since, effect) in [(-5, -0.666_667), (-4, 0.0), (-3, 0.916_667), (-2, 0.115_079), (0, 3.563_492)] {
        near(times[&since].0, effect, 5e-7);
    }
}

#[test]
fn where_the_period_of_the_arrival_is_left_out_did_gives_the_same_with_anticipation() {
    // The same with anticipation = 1; the periods between base and treatment, which did gives too, are left out here.
    check(
        &found(1),
        &[
            (2, 2, 2.0),
            (2, 3, 4.0),
            (2, 4, 3.166_667),
            (2, 5, 3.333_333),
            (3, 0, 0.166_667),
            (3, 3, 3.833_333),
            (3, 4, 3.0),
            (3, 5, 4.0),
            (5, 0, 0.0),
            (5, 1, 0.666_667),
            (5, 2, 1.333_333),
            (5, 5, 4.333_333),
        ],
    );
    near(overall(&found(1)).unwrap(), 3.569_444, 5e-7);
    for (since, effect) in [(-4, 0.666_667), (-3, 0.458_333), (0, 3.305_556), (1, 3.4), (2, 3.666_667), (3, 3.333_333)]
    {
        near(by_event_time(&found(1))[&since].0, effect, 5e-7);
    }
}

#[test]
fn a_cell_without_a_figure_leaves_its_unit_out_and_nothing_else() {
    let mut panel = panel(0);
    panel.units[0].values[3] = None;
    let effect = group_times(&panel, &[1.0; 9]).into_iter().find(|one| (one.group, one.period) == (2, 3)).unwrap();
    // Only the second unit is left, with 6; the controls stay at 1.5.
    assert_eq!((effect.effect, effect.weight), (4.5, 1.0));
}

#[test]
fn without_anyone_not_yet_treated_there_is_no_effect() {
    let mut panel = panel(0);
    panel.units.retain(|unit| unit.treated_from.is_some());
    let groups: Vec<usize> =
        group_times(&panel, &[1.0; 9]).iter().filter(|one| one.period >= one.group).map(|one| one.group).collect();
    // The last to be treated have no control; the others have those still waiting, up to period 4.
    assert!(!groups.contains(&5) && groups.contains(&2), "{groups:?}");
}
