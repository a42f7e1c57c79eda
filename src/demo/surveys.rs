//! Three waves of the survey, a quarter apart: the mood rises with the golden path, documentation stays the sore point.

use chrono::{DateTime, Datelike, Days, Utc};
use rand::Rng;
use store::Question;

use super::calendar::Calendar;
use super::plan::Plan;
use super::random::Random;
use super::truth::WaveTruth;

/// One wave: who was asked and what was answered.
#[derive(Debug, Clone, PartialEq)]
pub struct SurveyWave {
    /// Its name.
    pub name: String,
    /// When it was sent out.
    pub opened_at: DateTime<Utc>,
    /// When it was closed.
    pub closed_at: DateTime<Utc>,
    /// How many people of each team were asked.
    pub invited: Vec<(String, u32)>,
    /// The answers of each person who answered, with their team.
    pub answers: Vec<(String, Vec<(Question, u8)>)>,
}

/// How many months before the last but one month of the history each wave opens.
const MONTHS_BEFORE: [usize; 3] = [6, 3, 0];
const OVERALL_MEAN: [f64; 3] = [5.8, 6.4, 7.0];
const PROMOTERS: [f64; 3] = [0.28, 0.33, 0.4];
const DETRACTORS: [f64; 3] = [0.32, 0.27, 0.2];
const RESPONSE: [f64; 3] = [0.72, 0.66, 0.7];
/// Each area with the share of 4 and 5 in each wave.
const AREAS: [(&str, [f64; 3]); 5] = [
    ("CI/CD", [0.45, 0.55, 0.65]),
    ("deployment", [0.4, 0.55, 0.7]),
    ("monitoring", [0.55, 0.55, 0.55]),
    ("documentation", [0.35, 0.35, 0.35]),
    ("self-service", [0.4, 0.45, 0.5]),
];

/// What is true of each wave.
pub(super) fn truth(calendar: &Calendar) -> Vec<WaveTruth> {
    let months = calendar.months();
    let of_wave = |(wave, before): (usize, usize)| {
        let first = months[months.len() - 2 - before];
        WaveTruth {
            name: format!("{}-Q{}", first.year(), first.month0() / 3 + 1),
            opened_at: calendar.at(first, 9.0),
            closed_at: calendar.at(first + Days::new(14), 18.0),
            response_share: RESPONSE[wave],
            overall_mean: OVERALL_MEAN[wave],
            promoters: PROMOTERS[wave],
            detractors: DETRACTORS[wave],
            areas: AREAS.map(|(area, shares)| (area.to_owned(), shares[wave])).to_vec(),
        }
    };
    MONTHS_BEFORE.into_iter().enumerate().map(of_wave).collect()
}

/// All waves, in order of time.
pub(super) fn waves(plan: &Plan) -> Vec<SurveyWave> {
    let of_truth = |(number, truth): (usize, &WaveTruth)| {
        let mut random = plan.stream("survey", number);
        let mut wave = SurveyWave {
            name: truth.name.clone(),
            opened_at: truth.opened_at,
            closed_at: truth.closed_at,
            invited: Vec::new(),
            answers: Vec::new(),
        };
        for (team, of_team) in plan.truth.teams.iter().enumerate() {
            let name = &of_team.name;
            let n = u32::try_from(plan.people.head_count(team, truth.opened_at)).unwrap_or(0);
            if n == 0 {
                continue;
            }
            wave.invited.push((name.clone(), n));
            for _ in 0..n {
                if random.random_bool(truth.response_share) {
                    wave.answers.push((name.clone(), answers(truth, &mut random)));
                }
            }
        }
        wave
    };
    plan.truth.surveys.iter().enumerate().map(of_truth).collect()
}

/// One person's answers.
fn answers(truth: &WaveTruth, random: &mut Random) -> Vec<(Question, u8)> {
    // Nine tosses of one coin: their number plus one lies on the scale and has the mean that was planted.
    let heads = (truth.overall_mean - 1.0) / 9.0;
    let overall = 1 + (0..9).map(|_| u8::from(random.random_bool(heads))).sum::<u8>();
    let recommend = match random.random::<f64>() {
        share if share < truth.promoters => random.random_range(9..=10),
        share if share < truth.promoters + truth.detractors => random.random_range(2..=6),
        _ => random.random_range(7..=8),
    };
    let mut answers = vec![(Question::Overall, overall), (Question::Recommend, recommend)];
    for (area, content) in &truth.areas {
        let value = if random.random_bool(*content) { random.random_range(4..=5) } else { random.random_range(1..=3) };
        answers.push((Question::Area(area.clone()), value));
    }
    answers
}
