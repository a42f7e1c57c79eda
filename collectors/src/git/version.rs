//! The order of tag names that carry versions, for tags of the same time.

use std::cmp::Ordering;

/// Compares two tag names: runs of digits by value, everything else by character, and a pre-release
/// (`v1.0.0-rc.1`) before its release (`v1.0.0`).
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    loop {
        let (Some(first), Some(second)) = (left.chars().next(), right.chars().next()) else {
            return end(left, right).then_with(|| a.cmp(b));
        };
        let order = if first.is_ascii_digit() && second.is_ascii_digit() {
            number(&mut left, &mut right)
        } else {
            left = &left[first.len_utf8()..];
            right = &right[second.len_utf8()..];
            first.cmp(&second)
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// One of the two has ended: the longer one comes later, unless what it has more marks a pre-release.
fn end(left: &str, right: &str) -> Ordering {
    match (left.starts_with('-'), right.starts_with('-')) {
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        _ => left.len().cmp(&right.len()),
    }
}

/// Takes a run of digits off both and compares their values, whatever their length.
fn number(left: &mut &str, right: &mut &str) -> Ordering {
    let take = |text: &mut &str| {
        let length = text.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(text.len());
        let (digits, rest) = text.split_at(length);
        *text = rest;
        digits.trim_start_matches('0').to_owned()
    };
    let (first, second) = (take(left), take(right));
    first.len().cmp(&second.len()).then_with(|| first.cmp(&second))
}
