//! Whether a push comes from who knows the secret. Looked at before anything is parsed, and in constant time.

use chrono::DateTime;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::{Delivery, Sort};

/// Why a push is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// It is not signed.
    #[error("the header {header} is missing; set the source's secret as the webhook's secret in {system}")]
    Missing {
        /// The header that must be there.
        header: &'static str,
        /// The system to set it in.
        system: &'static str,
    },
    /// It carries another token.
    #[error("the token in the header {header} is not the source's secret; is it the same here and in {system}?")]
    WrongToken {
        /// The header that holds it.
        header: &'static str,
        /// The system to look in.
        system: &'static str,
    },
    /// It holds no signature.
    #[error("the header {header} is not of the form {prefix}SIGNATURE, with the signature in hexadecimal digits")]
    NoSignature {
        /// The header that should hold one.
        header: &'static str,
        /// What a signature begins with.
        prefix: &'static str,
    },
    /// It is signed by somebody else, or was changed on its way.
    #[error("the header {header} does not fit the body; is the secret the same here and in {system}?")]
    Wrong {
        /// The header that does not fit.
        header: &'static str,
        /// The system to look in.
        system: &'static str,
    },
}

/// Of so many signatures one may be right: while secrets change PagerDuty sends one for each.
const MOST_SIGNATURES: usize = 16;

/// How a sort of push shows that it is its sender's.
struct Sign {
    header: &'static str,
    system: &'static str,
    form: Form,
}

/// What stands in the header.
enum Form {
    /// The secret itself, as a token.
    Token,
    /// Signatures of the body, each after a prefix.
    Signatures(&'static str),
}

impl Sign {
    fn of(sort: Sort) -> Sign {
        let signed = |header, system, prefix| Sign { header, system, form: Form::Signatures(prefix) };
        let token = |system| Sign { header: "authorization", system, form: Form::Token };
        match sort {
            Sort::Github => signed("x-hub-signature-256", "GitHub", "sha256="),
            Sort::Pagerduty => signed("x-pagerduty-signature", "PagerDuty", "v1="),
            Sort::Alertmanager => token("Alertmanager (http_config.authorization.credentials)"),
            Sort::Argocd => token("Argo CD notifications (the webhook service's headers)"),
            Sort::Cdevents => token("whatever sends the CDEvents"),
            Sort::Gatekeeper => token("whatever forwards Gatekeeper's violations"),
        }
    }
}

/// Checks what can be checked before the body is there: a token whole, a signature for being there.
pub fn verify_head(sort: Sort, secret: &[u8], headers: &[(String, String)]) -> Result<(), SignatureError> {
    let Sign { header, system, form } = Sign::of(sort);
    let head = Delivery { headers, body: &[], at: DateTime::UNIX_EPOCH };
    let given = head.header(header).ok_or(SignatureError::Missing { header, system })?;
    match form {
        Form::Token if !is_token(secret, given) => Err(SignatureError::WrongToken { header, system }),
        Form::Token | Form::Signatures(_) => Ok(()),
    }
}

/// Whether what stands in the head proves a push by itself, before its body is there.
pub fn is_proven_by_head(sort: Sort) -> bool {
    matches!(Sign::of(sort).form, Form::Token)
}

/// Checks a push against the secret.
pub fn verify(sort: Sort, secret: &[u8], delivery: &Delivery<'_>) -> Result<(), SignatureError> {
    verify_head(sort, secret, delivery.headers)?;
    let Sign { header, system, form: Form::Signatures(prefix) } = Sign::of(sort) else { return Ok(()) };
    let given = delivery.header(header).unwrap_or_default();
    let all: Vec<&str> =
        if sort == Sort::Pagerduty { given.split(',').take(MOST_SIGNATURES).collect() } else { vec![given] };
    let signatures: Vec<Vec<u8>> = all.into_iter().filter_map(|one| hex(after(one.trim(), prefix)?.trim())).collect();
    if signatures.is_empty() {
        return Err(SignatureError::NoSignature { header, prefix });
    }
    // The body is hashed once, whatever the number of signatures.
    let mut mac = keyed(secret);
    mac.update(delivery.body);
    let is_right = signatures.iter().any(|signature| mac.clone().verify_slice(signature).is_ok());
    if is_right { Ok(()) } else { Err(SignatureError::Wrong { header, system }) }
}

/// Both are hashed with the secret, and the hashes compared in constant time.
fn is_token(secret: &[u8], given: &str) -> bool {
    let Some(given) = after(given.trim(), "Bearer ") else { return false };
    let (mut own, mut other) = (keyed(secret), keyed(secret));
    own.update(secret);
    other.update(given.trim().as_bytes());
    own.verify_slice(&other.finalize().into_bytes()).is_ok()
}

fn keyed(secret: &[u8]) -> Hmac<Sha256> {
    Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length")
}

/// What follows a prefix; the scheme of an authorization may be written in any letter case.
fn after<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (begin, rest) = text.split_at_checked(prefix.len())?;
    begin.eq_ignore_ascii_case(prefix).then_some(rest)
}

fn hex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}
