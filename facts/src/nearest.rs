//! "Did you mean": the nearest known name to one that is not known.

/// The candidate nearest to `name`, if any is near enough to be a likely slip.
pub fn nearest<'a>(name: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    // A part of a name is nearer than one with much the same letters.
    let whole = candidates.iter().copied().filter(|candidate| candidate.to_lowercase().contains(&wanted));
    if let Some(whole) = whole.min_by_key(|candidate| candidate.len()).filter(|_| wanted.len() >= 4) {
        return Some(whole);
    }
    candidates
        .iter()
        .map(|candidate| (strsim::jaro_winkler(&wanted, &candidate.to_lowercase()), *candidate))
        .filter(|(likeness, _)| *likeness > 0.72)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// `, did you mean `x`?` where a candidate is near enough, otherwise nothing.
pub fn did_you_mean(name: &str, candidates: &[&str]) -> String {
    // What is known and does not fit here is not to be proposed again.
    nearest(name, candidates)
        .filter(|found| *found != name)
        .map_or_else(String::new, |found| format!(" (did you mean `{found}`?)"))
}
