//! devex_score, devex_area_score, employee_nps and survey_response_rate: figures of published cells, and of nothing else.

use analytics::{Catalogue, Grain, Question as Asked, Row, check_file};
use store::{Question, Value, withheld};

use super::told::{Told, figure, rounded, unknown};
use crate::support::{at, engine};

const YEAR: &str = "2025-01-01 2026-01-01 all";
const WITHHELD: &str = "withheld: fewer than 5 people, or fewer could be worked out from it";

/// A team, how many of it were asked, and how many gave each answer.
type OfTeam<'a> = (&'a str, u32, &'a [(u8, usize)]);

/// A wave that is still open: each team with how many were asked, and how many of them answered what to one question.
fn open(told: &Told, wave: &str, question: &Question, teams: &[OfTeam]) {
    told.store.open_wave(wave, at("2025-03-01T09:00:00Z")).unwrap();
    for (team, n, answers) in teams {
        told.store.invite(wave, team, *n).unwrap();
        for (value, n) in *answers {
            for _ in 0..*n {
                told.store.take_answers(wave, team, &[(question.clone(), *value)]).unwrap();
            }
        }
    }
}

/// The same, closed.
fn closed(question: &Question, teams: &[OfTeam]) -> Told {
    let told = Told::of(&[]);
    open(&told, "spring", question, teams);
    told.store.close_wave("spring", at("2025-03-15T18:00:00Z")).unwrap();
    told
}

fn deployment() -> Question {
    Question::Area("deployment".into())
}

/// A figure with its interval, to a tenth of a per cent or point.
fn tenths(row: &Row, per: f64) -> [f64; 3] {
    [row.estimate.value, row.estimate.low, row.estimate.high].map(|value| (value.unwrap() * per * 10.0).round() / 10.0)
}

#[test]
fn promoters_minus_detractors_of_120_people_are_25_points_give_or_take_13_7() {
    // 45 % of 120 are 54, 20 % are 24. 9 and 6 are the edges of the two.
    let told = closed(&Question::Recommend, &[("red", 200, &[(10, 30), (9, 24), (8, 20), (7, 22), (6, 14), (0, 10)])]);
    let row = told.row("employee_nps", "2025-01-01 2026-01-01", "");
    assert_eq!(tenths(&row, 1.0), [25.0, 11.3, 38.7]);
    assert_eq!((row.estimate.n, rounded(row.beside("response_rate"))), (120, Some(0.6)));
}

#[test]
fn an_area_is_the_share_of_the_top_two_boxes_and_keeps_its_distribution() {
    // 84 of 120: Wilson's 61 to 78 %.
    let told = closed(&deployment(), &[("red", 160, &[(1, 6), (2, 10), (3, 20), (4, 50), (5, 34)])]);
    let row = told.row("devex_area_score", "2025-01-01 2026-01-01", "");
    assert_eq!(tenths(&row, 100.0).map(f64::round), [70.0, 61.0, 78.0]);
    let answered = (1..=5).map(|value| row.beside(&format!("answered_{value}")).unwrap());
    assert_eq!(answered.collect::<Vec<f64>>(), [6.0, 10.0, 20.0, 50.0, 34.0]);
    assert_eq!(rounded(row.beside("response_rate")), Some(0.75));
}

#[test]
fn the_response_rate_is_of_people_who_answered_anything() {
    let told = Told::of(&[]);
    told.store.open_wave("spring", at("2025-03-01T09:00:00Z")).unwrap();
    told.store.invite("spring", "red", 100).unwrap();
    told.store.invite("spring", "red", 20).unwrap();
    for person in 0..84 {
        let all = [(Question::Overall, 7), (Question::Recommend, 8)];
        told.store.take_answers("spring", "red", &all[..1 + person % 2]).unwrap();
    }
    told.store.close_wave("spring", at("2025-03-15T18:00:00Z")).unwrap();
    let row = told.row("survey_response_rate", "2025-01-01 2026-01-01", "");
    assert_eq!(tenths(&row, 100.0).map(f64::round), [70.0, 61.0, 78.0]);
    assert_eq!(row.estimate.n, 120);
    assert_eq!(told.row("employee_nps", "2025-01-01 2026-01-01", "").estimate.n, 42);
}

#[test]
fn the_mean_has_the_interval_of_a_sample_from_few_people() {
    // 50 x 4, 50 x 6 and 100 x 8: the mean is 6.5, the mean square 16 / 4 + 36 / 4 + 64 / 2 = 45, so the
    // variance 45 - 42.25 = 2.75, of the sample 2.75 x 200 / 199 = 2.7638. Of 400 asked one half answered: the error is the
    // root of 2.7638 / 200 x (1 - 200 / 400) = 0.08312, times 1.96 is 0.1629.
    let told = closed(&Question::Overall, &[("red", 400, &[(4, 50), (6, 50), (8, 100)])]);
    let row = told.row("devex_score", "2025-01-01 2026-01-01", "");
    assert_eq!((rounded(row.estimate.value), row.estimate.n), (Some(6.5), 200));
    let (low, high) = (row.estimate.low.unwrap(), row.estimate.high.unwrap());
    assert!((low - (6.5 - 0.1629)).abs() < 0.015 && (high - (6.5 + 0.1629)).abs() < 0.015, "{low} to {high}");
    let again = told.row("devex_score", "2025-01-01 2026-01-01", "");
    assert_eq!(row, again, "the draws are the same every time");
}

#[test]
fn where_everybody_answered_nothing_is_left_to_chance() {
    let told = closed(&Question::Overall, &[("red", 10, &[(4, 5), (8, 5)])]);
    let row = told.row("devex_score", "2025-01-01 2026-01-01", "");
    assert_eq!([row.estimate.value, row.estimate.low, row.estimate.high].map(rounded), [Some(6.0); 3]);
}

#[test]
fn a_small_team_is_withheld_and_the_next_smallest_with_it() {
    let told = closed(
        &Question::Overall,
        &[("blue", 9, &[(5, 6)]), ("green", 12, &[(6, 8)]), ("red", 5, &[(9, 4)]), ("grey", 20, &[(8, 20)])],
    );
    assert_eq!(
        told.figures("devex_score", YEAR, "team"),
        [unknown("blue", 0), figure("green", 6.0, 8), figure("grey", 8.0, 20), unknown("red", 0)]
    );
    let answer = told.ask("devex_score", YEAR, "team", "");
    assert_eq!(answer.coverage.reasons.get(WITHHELD), Some(&2));
    let alone = told.ask("devex_score", YEAR, "", "team=red");
    assert_eq!((alone.rows[0].estimate.value, alone.rows[0].estimate.n), (None, 0));
    assert_eq!(alone.rows[0].beside("response_rate"), None);
    assert_eq!(alone.coverage.reasons.keys().collect::<Vec<_>>(), [WITHHELD]);
    // All teams: (6 x 5 + 8 x 6 + 4 x 9 + 20 x 8) / 38.
    assert_eq!(told.figures("devex_score", YEAR, ""), [figure("", 274.0 / 38.0, 38)]);
}

#[test]
fn a_wave_of_fewer_than_five_people_has_no_figure_at_all() {
    let told = closed(&Question::Overall, &[("red", 9, &[(5, 2)]), ("blue", 9, &[(6, 2)])]);
    for metric in ["devex_score", "survey_response_rate"] {
        assert_eq!(told.figures(metric, YEAR, ""), [unknown("", 0)]);
        assert_eq!(told.figures(metric, YEAR, "team"), [unknown("blue", 0), unknown("red", 0)]);
    }
}

/// What an attacker finds out who takes the teams that are shown from the published total: whether what is left is of
/// one team, or of fewer than five people.
fn gives_away(people: &[u64], is_withheld: &[bool]) -> bool {
    let hidden: Vec<u64> =
        people.iter().zip(is_withheld).filter(|(n, hidden)| **hidden && **n > 0).map(|(n, _)| *n).collect();
    let total: u64 = people.iter().sum();
    total >= 5 && (hidden.len() == 1 || (1..5).contains(&hidden.iter().sum::<u64>()))
}

/// How many people of each team answered, where there is one question only.
fn one_question(people: &[u64]) -> Vec<Vec<u64>> {
    people.iter().map(|n| vec![*n]).collect()
}

#[test]
fn no_sizes_of_up_to_five_teams_let_a_small_group_be_worked_out() {
    assert!(gives_away(&[3, 6, 9], &[true, false, false]), "the attack works on what is not protected");
    assert!(gives_away(&[2, 2, 9], &[true, true, false]), "nor do two tiny teams protect each other");
    for n_teams in 1..=5_u32 {
        for number in 0..9_u64.pow(n_teams) {
            let people: Vec<u64> = (0..n_teams).map(|team| number / 9_u64.pow(team) % 9).collect();
            let hidden = withheld(&one_question(&people));
            assert!(!gives_away(&people, &hidden), "{people:?} {hidden:?}");
            assert!(people.iter().zip(&hidden).all(|(n, hidden)| *n >= 5 || *hidden), "{people:?} {hidden:?}");
        }
    }
    assert_eq!(withheld(&one_question(&[5, 6, 7])), [false; 3], "nothing is withheld without need");
    assert_eq!(
        withheld(&one_question(&[2, 2, 9, 7])),
        [true, true, false, true],
        "the next smallest joins two tiny teams"
    );
}

#[test]
fn a_team_that_left_one_question_open_is_not_given_away_by_another() {
    assert!(gives_away(&[3, 8, 9], &[true, false, false]), "three people of one team would be left of the first");
    for number in 0..7_u64.pow(6) {
        let people: Vec<u64> = (0..6).map(|place| number / 7_u64.pow(place) % 7).collect();
        let (first, second) = people.split_at(3);
        let teams: Vec<Vec<u64>> = first.iter().zip(second).map(|(first, second)| vec![*first, *second]).collect();
        let hidden = withheld(&teams);
        // Where all teams are withheld, no team is taken from the total; it is of five people or is withheld itself.
        for asked in [first, second].iter().filter(|_| hidden.contains(&false)) {
            assert!(!gives_away(asked, &hidden), "{teams:?} {hidden:?}");
        }
    }
    // Of the first question 30 - 27 = 3 would be left, all of the team that answered nothing of the second. With the team
    // of 8 the second would leave those 8 alone, so the team of 9 joins them too.
    let teams = [vec![3, 0], vec![8, 8], vec![9, 9], vec![10, 10]];
    assert_eq!(withheld(&teams), [true, true, true, false]);
}

#[test]
fn the_published_cells_solved_by_subtraction_leave_no_small_group() {
    let told = Told::of(&[]);
    told.store.open_wave("spring", at("2025-03-01T09:00:00Z")).unwrap();
    // Each team with who answered both questions, and who only the first.
    for (team, both, one) in [("a", 8_usize, 0_usize), ("b", 3, 4), ("c", 6, 2), ("d", 7, 7), ("e", 2, 0)] {
        told.store.invite("spring", team, 20).unwrap();
        for person in 0..both + one {
            let all = [(Question::Overall, 3 + person as u8 % 5), (deployment(), 1 + person as u8 % 5)];
            told.store.take_answers("spring", team, if person < both { &all } else { &all[..1] }).unwrap();
        }
    }
    told.store.close_wave("spring", at("2025-03-15T18:00:00Z")).unwrap();
    let cells = "select question, coalesce(team, ''), n, answered, counts::varchar from survey.cell order by all";
    let rows = told.store.query(cells, &[]).unwrap().rows;
    let mut n_attacked = 0;
    for question in ["overall", "area", "response"] {
        let (mut total, mut shown, mut hidden) = (0, 0, Vec::new());
        for row in &rows {
            let [Value::Text(asked), Value::Text(team), n, answered, counts] = &row[..] else { panic!("{row:?}") };
            if asked != question {
                continue;
            }
            match if question == "response" { answered } else { n } {
                Value::Integer(n) if team.is_empty() => total = *n,
                Value::Integer(n) => {
                    assert!(*n >= 5, "{row:?}");
                    shown += n;
                }
                _ => {
                    assert_eq!((n, answered, counts), (&Value::Null, &Value::Null, &Value::Null));
                    hidden.push(team.clone());
                }
            }
        }
        // b answered the second question three times and e two, so both are withheld, together five: everywhere.
        assert_eq!(hidden, ["b", "e"], "{question}");
        assert!(total - shown >= 5, "{question}: {}", total - shown);
        n_attacked += 1;
    }
    assert_eq!(n_attacked, 3);
}

#[test]
fn an_open_wave_has_no_figures_and_a_closed_one_takes_no_answers() {
    let told = Told::of(&[]);
    open(&told, "spring", &Question::Overall, &[("red", 9, &[(5, 8)])]);
    assert_eq!(told.figures("devex_score", YEAR, ""), [unknown("", 0)]);
    assert_eq!(told.ask("devex_score", YEAR, "", "").coverage.relevant, 0);
    told.store.close_wave("spring", at("2025-03-15T18:00:00Z")).unwrap();
    assert_eq!(told.figures("devex_score", YEAR, ""), [figure("", 5.0, 8)]);
    let late = told.store.take_answers("spring", "red", &[(Question::Overall, 10)]).unwrap_err().to_string();
    assert!(late.contains("`spring` is closed"), "{late}");
    assert!(told.store.close_wave("spring", at("2025-03-16T18:00:00Z")).is_err());
    assert_eq!(told.figures("devex_score", YEAR, ""), [figure("", 5.0, 8)]);
}

#[test]
fn answers_off_the_scale_twice_or_of_people_who_were_not_asked_are_refused() {
    let told = Told::of(&[]);
    open(&told, "spring", &Question::Overall, &[("red", 1, &[])]);
    let refused =
        |wave: &str, answers: &[(Question, u8)]| told.store.take_answers(wave, "red", answers).unwrap_err().to_string();
    assert!(refused("spring", &[(Question::Overall, 0)]).contains("from 1 to 10"));
    assert!(refused("spring", &[(deployment(), 6)]).contains("`deployment` was answered with 6"));
    assert!(refused("spring", &[(deployment(), 4), (deployment(), 5)]).contains("twice"));
    assert!(refused("autumn", &[(Question::Overall, 5)]).contains("no wave `autumn`"));
    told.store.take_answers("spring", "red", &[(Question::Overall, 5)]).unwrap();
    assert!(refused("spring", &[(Question::Overall, 5)]).contains("invite"));
}

#[test]
fn cells_are_never_added_whatever_is_asked() {
    let told = closed(&Question::Overall, &[("blue", 9, &[(5, 6)]), ("red", 9, &[(9, 6)])]);
    let value = |by: &str, filter: &str| told.ask("devex_score", YEAR, by, filter).rows[0].estimate;
    let several = told.ask("devex_score", YEAR, "", "team=blue,red");
    assert_eq!((several.rows[0].estimate.value, several.rows[0].estimate.n), (None, 0));
    assert_eq!((several.coverage.usable, several.coverage.relevant), (0, 2));
    let reason = several.coverage.reasons.keys().next().unwrap();
    assert!(reason.contains("never added together: ask by team, wave"), "{reason}");
    open(&told, "autumn", &Question::Overall, &[("blue", 9, &[(7, 6)]), ("red", 9, &[(7, 6)])]);
    told.store.close_wave("autumn", at("2025-09-15T18:00:00Z")).unwrap();
    assert_eq!(value("", "").value, None, "two waves in one year");
    assert_eq!(value("", "wave=autumn").value, Some(7.0));
    assert_eq!(value("", "team=red").value, None, "two waves of one team");
    assert_eq!(told.figures("devex_score", YEAR, "wave"), [figure("autumn", 7.0, 12), figure("spring", 7.0, 12)]);
    let months = told.ask("devex_score", "2025-03-01 2025-04-01 month", "", "");
    assert_eq!(months.rows[0].estimate.value, Some(7.0), "a wave counts when it closed");
}

#[test]
fn the_rows_behind_a_figure_are_published_cells() {
    let told = closed(&Question::Overall, &[("blue", 9, &[(5, 6)]), ("green", 9, &[(7, 8)]), ("red", 9, &[(9, 2)])]);
    let engine = engine(&told.store, "UTC");
    let words =
        Asked { metric: "devex_score".into(), from: Some("2025".into()), to: Some("2026".into()), ..Asked::default() };
    let now = at("2026-01-01T00:00:00Z");
    let mut ask = words.read(chrono_tz::UTC, now).unwrap();
    ask.grain = Grain::All;
    let page = engine.observations(&ask, 0, 100, now).unwrap();
    let rows = page
        .observations
        .iter()
        .map(|row| (row.subject.as_deref().unwrap(), rounded(row.value), row.reason.as_deref()));
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by_key(|row| row.0);
    // (6 x 5 + 8 x 7 + 2 x 9) / 16 = 6.5; blue hides red.
    let expected = [
        ("spring, all teams", Some(6.5), None),
        ("spring, blue", None, Some(WITHHELD)),
        ("spring, green", Some(7.0), None),
        ("spring, red", None, Some(WITHHELD)),
    ];
    assert_eq!(rows, expected);
}

#[test]
fn no_metric_file_reaches_answers_or_adds_cells() {
    let told = Told::of(&[]);
    let file = |aggregate: &str, table: &str| {
        format!(
            "-- name = \"x\"\n-- title = \"X\"\n-- group = \"experience\"\n-- version = 1\n-- unit = \"\"\n-- better = \"higher\"\n\
            -- shape = \"event\"\n-- aggregate = \"{aggregate}\"\n-- dimensions = []\n-- definition = \"x\"\n\
            -- source = \"https://example.org\"\n-- reads = [\"survey_cell\"]\n-- One row per x.\n\
            select now()::timestamp as observed_at, '' as subject, '' as url, null as reason, 1 as value from {table}\n"
        )
    };
    let added = Catalogue::read(&[("x.sql", &file("sum", "marts.survey_cell"))]).unwrap_err().to_string();
    assert!(added.contains("never added"), "{added}");
    let cell = file("cell", "survey.answer").replace("-- reads", "-- cell = \"mean\"\n-- reads");
    let options = engine(&told.store, "UTC").options();
    let reached = check_file(&told.store, options, "x.sql", &cell).unwrap_err().to_string();
    assert!(reached.contains("`survey.answer`; a metric reads marts only"), "{reached}");
}
