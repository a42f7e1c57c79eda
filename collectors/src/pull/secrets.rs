//! What must not be shown, should a system repeat it.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::Answer;

/// A system's credentials.
#[derive(Clone, Default)]
pub(super) struct Secrets(Vec<String>);

/// Those that a client has made for itself and keeps are known by their looks: GitHub's tokens, and what an app signs.
static MADE: LazyLock<Regex> = LazyLock::new(|| {
    // Within a word, as after `%3D` or `\n`, only those as long as tokens are: others may be names.
    let pattern =
        r"\bgh[opsur]_[\w.-]{4,}|gh[opsur]_[A-Za-z0-9]{20,}[\w.-]*|github_pat_[\w.-]{4,}|eyJ[\w-]+\.eyJ[\w-]+\.[\w-]*";
    Regex::new(pattern).expect("the expression is a constant")
});

impl Secrets {
    pub(super) fn new(all: Vec<String>) -> Secrets {
        // Shorter ones may stand in a text for something else.
        let all = all.into_iter().filter(|secret| secret.len() >= 4);
        let mut forms: Vec<String> = all.flat_map(|secret| written(&secret)).collect();
        // The longest first, as one may be a part of another.
        forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
        forms.dedup();
        Secrets(forms)
    }

    /// The answer without the credentials, where it repeats some.
    pub(super) fn hidden(&self, answer: &Answer) -> Option<Answer> {
        let body = String::from_utf8_lossy(&answer.body);
        if !self.stand_in(&body) && !answer.headers.iter().any(|(_, value)| self.stand_in(value)) {
            return None;
        }
        let headers = answer.headers.iter();
        Some(Answer {
            body: self.left_out(&body).into_bytes(),
            headers: headers.map(|(name, value)| (name.clone(), self.left_out(value))).collect(),
            ..answer.clone()
        })
    }

    fn stand_in(&self, text: &str) -> bool {
        self.0.iter().any(|secret| text.contains(secret)) || MADE.is_match(text)
    }

    /// A text without them.
    pub(super) fn left_out(&self, text: &str) -> String {
        let text = self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret, "..."));
        MADE.replace_all(&text, |_: &Captures| "...").into_owned()
    }
}

/// A secret as it may stand in an answer: in clear, within JSON, within an address.
fn written(secret: &str) -> [String; 7] {
    let json = serde_json::Value::from(secret).to_string();
    let json = json[1..json.len() - 1].to_owned();
    let in_address: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let mut parts = in_address.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    // Some write the numbers with small letters, leave slashes, or take care of what HTML would misread.
    let lower = parts.fold(first, |all, part| format!("{all}%{}{}", part[..2].to_lowercase(), &part[2..]));
    let for_html = json.replace('=', "\\u003d");
    let with_slashes = in_address.replace("%2F", "/");
    [secret.to_owned(), json.replace('/', "\\/"), json, lower, for_html, with_slashes, in_address]
}
