//! Whether a push comes from who knows the secret. Looked at before anything is parsed, and in constant time.

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
    /// It is signed by somebody else, or was changed on its way.
    #[error("the header {header} does not fit the body; is the secret the same here and in {system}?")]
    Wrong {
        /// The header that does not fit.
        header: &'static str,
        /// The system to look in.
        system: &'static str,
    },
}

/// Checks a push against the secret.
pub fn verify(sort: Sort, secret: &[u8], delivery: &Delivery<'_>) -> Result<(), SignatureError> {
    let (header, system, prefix) = match sort {
        Sort::Github => ("x-hub-signature-256", "GitHub", "sha256="),
        Sort::Pagerduty => ("x-pagerduty-signature", "PagerDuty", "v1="),
        Sort::Alertmanager => ("authorization", "Alertmanager (http_config.authorization.credentials)", "Bearer "),
        Sort::Argocd => ("authorization", "Argo CD notifications (the webhook service's headers)", "Bearer "),
        Sort::Cdevents => ("authorization", "whatever sends the CDEvents", "Bearer "),
        Sort::Gatekeeper => ("authorization", "whatever forwards Gatekeeper's violations", "Bearer "),
    };
    let given = delivery.header(header).ok_or(SignatureError::Missing { header, system })?;
    let wrong = match prefix {
        "Bearer " => SignatureError::WrongToken { header, system },
        _ => SignatureError::Wrong { header, system },
    };
    // During a change of secrets PagerDuty sends a signature for each.
    let all: Vec<&str> = if sort == Sort::Pagerduty { given.split(',').collect() } else { vec![given] };
    let is_right = all.into_iter().filter_map(|one| after(one.trim(), prefix)).any(|one| {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
        if prefix == "Bearer " {
            // Both are hashed with the secret, and the hashes compared in constant time.
            mac.update(secret);
            let mut own = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
            own.update(one.trim().as_bytes());
            return mac.verify_slice(&own.finalize().into_bytes()).is_ok();
        }
        mac.update(delivery.body);
        hex(one.trim()).is_some_and(|signature| mac.verify_slice(&signature).is_ok())
    });
    if is_right { Ok(()) } else { Err(wrong) }
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
