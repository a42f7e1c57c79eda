//! People appear in facts only as keyed hashes: HMAC-SHA-256 with the installation's secret, cut to 128 bits.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The installation's secret, with which names and addresses of people are hashed.
#[derive(Clone)]
pub struct PersonKey(Hmac<Sha256>);

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
        Ok(PersonKey(Hmac::new_from_slice(secret).expect("HMAC takes a key of any length")))
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

    /// The hash that stands for a person. White space around and letter case do not make another person.
    pub fn hash(&self, person: &str) -> String {
        let mut mac = self.0.clone();
        mac.update(person.trim().to_lowercase().as_bytes());
        hex(&mac.finalize().into_bytes()[..16])
    }
}

impl std::fmt::Debug for PersonKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PersonKey(..)")
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string cannot fail");
        text
    })
}
