//! What an answer's status and headers say, whatever the system: good, to be tried again and when, or refused and why.

use chrono::{DateTime, Utc};

use super::{Answer, AnySource, Ask};

/// A system's rate limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct HeadRoom {
    /// Requests allowed in the period.
    pub limit: i64,
    /// Requests left.
    pub remaining: i64,
    /// When the period ends.
    pub resets_at: Option<DateTime<Utc>>,
}

/// What to do with an answer.
pub(super) enum Verdict {
    Good,
    Limited(Option<DateTime<Utc>>),
    Refused,
    Failing,
}

/// Judges an answer by its status and headers.
pub(super) fn judge(answer: &Answer, ask: &Ask, now: DateTime<Utc>) -> Verdict {
    match answer.status {
        429 => Verdict::Limited(allowed_again(answer, now)),
        403 if is_limited(answer) => Verdict::Limited(allowed_again(answer, now)),
        status if ask.is_read(status) => Verdict::Good,
        408 | 500 | 502 | 503 | 504 => match answer.header("retry-after") {
            Some(_) => Verdict::Limited(allowed_again(answer, now)),
            None => Verdict::Failing,
        },
        _ => Verdict::Refused,
    }
}

fn is_limited(answer: &Answer) -> bool {
    answer.header("retry-after").is_some()
        || answer.header("x-ratelimit-remaining") == Some("0")
        || is_of_limit(&String::from_utf8_lossy(&answer.body))
}

/// Whether a text says that there were too many requests.
pub(crate) fn is_of_limit(text: &str) -> bool {
    text.to_lowercase().contains("rate limit")
}

/// When the system allows requests again, as it says: seconds or a date in `Retry-After`, or its period's end.
pub(crate) fn allowed_again(answer: &Answer, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if let Some(text) = answer.header("retry-after") {
        if let Ok(seconds) = text.trim().parse::<i64>() {
            return Some(now + chrono::Duration::seconds(seconds.clamp(0, 86_400)));
        }
        let at = DateTime::parse_from_rfc2822(text).ok()?.with_timezone(&Utc);
        return at.checked_sub_signed(ahead(answer));
    }
    if answer.header("x-ratelimit-remaining").is_some_and(|remaining| remaining != "0") {
        return None;
    }
    // Clocks differ by a little, so one second more than said.
    resets_at(answer)?.checked_sub_signed(ahead(answer))?.checked_add_signed(chrono::Duration::seconds(1))
}

/// By how much the system's clock is ahead of ours, as its answer's `Date` tells; a few seconds are the way.
pub(super) fn ahead(answer: &Answer) -> chrono::Duration {
    let date = answer.header("date").and_then(|date| DateTime::parse_from_rfc2822(date).ok());
    let ahead = date.map_or_else(chrono::Duration::zero, |date| date.with_timezone(&Utc) - answer.at);
    if ahead.abs() < chrono::Duration::seconds(5) { chrono::Duration::zero() } else { ahead }
}

/// What an answer says of the rate limit.
pub(super) fn head_room(answer: &Answer) -> Option<HeadRoom> {
    let remaining = number(answer, ["x-ratelimit-remaining", "ratelimit-remaining"])?;
    let limit = number(answer, ["x-ratelimit-limit", "ratelimit-limit"]).unwrap_or(remaining);
    Some(HeadRoom { limit, remaining, resets_at: resets_at(answer) })
}

/// Seconds since 1970, or where the number is too small for that, seconds from now.
fn resets_at(answer: &Answer) -> Option<DateTime<Utc>> {
    let seconds = number(answer, ["x-ratelimit-reset", "ratelimit-reset"])?;
    if seconds > 1_000_000_000 {
        return DateTime::from_timestamp(seconds, 0);
    }
    answer.at.checked_add_signed(chrono::Duration::try_seconds(seconds)?)
}

fn number(answer: &Answer, names: [&str; 2]) -> Option<i64> {
    names.iter().find_map(|name| answer.header(name)?.trim().parse().ok())
}

/// What a refusal means and what to do: as the source knows it, else as its status says.
pub fn refusal(source: &dyn AnySource, answer: &Answer) -> String {
    source.explain(answer).unwrap_or_else(|| answer.beside(&meaning(answer)))
}

/// What a redirect means.
pub fn elsewhere(to: Option<&str>) -> String {
    let to = to.unwrap_or("another address");
    format!(
        "it is a redirect to {to}, which is not followed; if that is right, set url to the base address of the API there"
    )
}

/// What a status means where the source itself knows nothing better.
fn meaning(answer: &Answer) -> String {
    match answer.status {
        401 => "the token is refused: it is wrong, expired or revoked".to_owned(),
        403 => "the token does not allow this".to_owned(),
        404 => "there is nothing at this address; is url the API's base address, and may the token see it?".to_owned(),
        300..=399 => elsewhere(answer.header("location")),
        500 | 502..=504 => "the system fails".to_owned(),
        501.. => "the system cannot do this; is url the base address of its API?".to_owned(),
        _ => "the request is refused".to_owned(),
    }
}
