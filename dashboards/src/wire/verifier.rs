//! What is kept of a token so that a client can show it knows the token: the verifier of SCRAM-SHA-256, in the form in
//! which PostgreSQL keeps it (RFC 5803): `SCRAM-SHA-256$iterations:salt$stored key:server key`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use pgwire::api::auth::sasl::scram::{ScramSecret, gen_salted_password};
use sha2::{Digest as _, Sha256};

/// A token is 256 random bits: no dictionary holds it, so the least that the standard allows is enough.
const ITERATIONS: usize = 4096;

/// The verifier of a token, with a salt that is random.
pub fn scram_verifier(token: &str, salt: &[u8]) -> String {
    let salted = gen_salted_password(token, salt, ITERATIONS);
    let stored_key = Sha256::digest(keyed(&salted, b"Client Key"));
    let server_key = keyed(&salted, b"Server Key");
    let [salt, stored_key, server_key] = [salt, &stored_key[..], &server_key[..]].map(|bytes| STANDARD.encode(bytes));
    format!("SCRAM-SHA-256${ITERATIONS}:{salt}${stored_key}:{server_key}")
}

/// Reads a verifier that was kept.
pub(super) fn read(verifier: &str) -> Option<ScramSecret> {
    let rest = verifier.strip_prefix("SCRAM-SHA-256$")?;
    let (begin, keys) = rest.split_once('$')?;
    let (iterations, salt) = begin.split_once(':')?;
    let (stored_key, server_key) = keys.split_once(':')?;
    let decode = |text: &str| STANDARD.decode(text).ok();
    Some(ScramSecret::Verifier {
        salt: decode(salt)?,
        iterations: iterations.parse().ok()?,
        stored_key: decode(stored_key)?,
        server_key: decode(server_key)?,
    })
}

fn keyed(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length will do");
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}
