//! People appear in facts only as keyed hashes: HMAC-SHA-256 with the installation's secret, cut to 128 bits.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The installation's secret, with which names and addresses of people are hashed, and how bots are told from people.
#[derive(Clone)]
pub struct PersonKey {
    mac: Hmac<Sha256>,
    bots: Arc<[String]>,
}

/// Who is taken for a bot where the configuration says nothing: `*` stands for anything.
pub const DEFAULT_BOTS: [&str; 6] = ["*[bot]", "*[bot]@*", "dependabot*", "renovate*", "github-actions*", "*-bot"];

/// Why the secret cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PersonKeyError {
    /// The file cannot be read or made.
    #[error("the secret for hashing people lies in {path}, which cannot be used: {error}")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        error: io::Error,
    },
    /// It is too short to protect anybody.
    #[error("the secret for hashing people has {0} bytes; it needs at least 16")]
    TooShort(usize),
}

impl PersonKey {
    /// A key from a secret of at least 16 bytes.
    pub fn new(secret: &[u8]) -> Result<PersonKey, PersonKeyError> {
        if secret.len() < 16 {
            return Err(PersonKeyError::TooShort(secret.len()));
        }
        let mac = Hmac::new_from_slice(secret).expect("HMAC takes a key of any length");
        Ok(PersonKey { mac, bots: DEFAULT_BOTS.map(String::from).into() })
    }

    /// The same key with other patterns of bots' names; `*` stands for anything, letter case does not matter.
    pub fn with_bots(self, patterns: &[String]) -> PersonKey {
        PersonKey { bots: patterns.iter().map(|pattern| pattern.to_lowercase()).collect(), ..self }
    }

    /// The key in a file. A file that is not there yet is made, readable by its owner only, with `fresh` as the secret.
    pub fn from_file(path: &Path, fresh: impl FnOnce() -> [u8; 32]) -> Result<PersonKey, PersonKeyError> {
        let failed = |error| PersonKeyError::File { path: path.display().to_string(), error };
        match fs::read(path) {
            Ok(secret) => PersonKey::new(secret.trim_ascii()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let secret = hex(&fresh());
                let mut options = fs::OpenOptions::new();
                options.write(true).create_new(true);
                #[cfg(unix)]
                std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
                let mut file = options.open(path).map_err(failed)?;
                file.write_all(secret.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
                PersonKey::new(secret.as_bytes())
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// What stands for a person: a hash, for which white space around and letter case do not make another person.
    /// A bot is no person and stays in clear, as `bot:name`.
    pub fn hash(&self, person: &str) -> String {
        let person = person.trim().to_lowercase();
        if person.starts_with("bot:") || self.bots.iter().any(|pattern| matches_wildcard(pattern, &person)) {
            return format!("bot:{}", person.trim_start_matches("bot:"));
        }
        let mut mac = self.mac.clone();
        mac.update(person.as_bytes());
        hex(&mac.finalize().into_bytes()[..16])
    }
}

impl std::fmt::Debug for PersonKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PersonKey(..)")
    }
}

/// Whether a name is a bot's by one of some patterns; letter case does not matter.
pub fn is_bot(name: &str, patterns: &[String]) -> bool {
    let name = name.trim().to_lowercase();
    patterns.iter().any(|pattern| matches_wildcard(&pattern.to_lowercase(), &name))
}

/// Whether a text matches a pattern in which `*` stands for anything.
fn matches_wildcard(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string cannot fail");
        text
    })
}
