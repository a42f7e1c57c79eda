//! What a query sees of the connection it came by.

use std::collections::BTreeMap;
use std::time::Duration;

use super::watch::Patience;

/// The version that clients are told: that of the PostgreSQL whose catalogue is imitated.
pub const SERVER_VERSION: &str = "15.0";
/// The same as a number.
pub const SERVER_VERSION_NUMBER: &str = "150000";

/// What a query sees of the connection it came by.
#[derive(Debug, Clone, Default)]
pub struct Session {
    /// Who is connected: the name of the token.
    pub user: String,
    /// The name of the database, as the client gave it.
    pub database: String,
    /// The number of the connection.
    pub number: i32,
    /// The settings that hold on this connection, in lower case, with PostgreSQL's spelling of the values.
    pub settings: BTreeMap<String, String>,
}

/// Settings that a client may ask for, and what they are here unless it set them.
const SETTINGS: &[(&str, &str)] = &[
    ("application_name", ""),
    ("bytea_output", "hex"),
    ("client_encoding", "UTF8"),
    ("client_min_messages", "notice"),
    ("datestyle", "ISO, MDY"),
    ("default_table_access_method", "heap"),
    ("default_transaction_deferrable", "off"),
    ("default_transaction_isolation", "read committed"),
    ("default_transaction_read_only", "on"),
    ("extra_float_digits", "1"),
    ("idle_in_transaction_session_timeout", "0"),
    ("integer_datetimes", "on"),
    ("intervalstyle", "postgres"),
    ("is_superuser", "off"),
    ("jit", "off"),
    ("lc_collate", "C"),
    ("lc_ctype", "C"),
    ("lc_messages", "C"),
    ("lock_timeout", "0"),
    ("max_identifier_length", "63"),
    ("max_index_keys", "32"),
    ("row_security", "on"),
    ("search_path", "public"),
    ("server_encoding", "UTF8"),
    ("server_version", SERVER_VERSION),
    ("server_version_num", SERVER_VERSION_NUMBER),
    ("session_authorization", ""),
    ("ssl", "on"),
    ("standard_conforming_strings", "on"),
    ("statement_timeout", "0"),
    ("synchronous_commit", "on"),
    ("timezone", "UTC"),
    ("transaction_deferrable", "off"),
    ("transaction_isolation", "read committed"),
    ("transaction_read_only", "on"),
    ("xmloption", "content"),
];

impl Session {
    /// The value of a setting; none where there is no such setting.
    pub fn setting(&self, name: &str) -> Option<String> {
        let name = name.to_ascii_lowercase();
        if let Some(value) = self.settings.get(&name) {
            return Some(value.clone());
        }
        if name == "session_authorization" {
            return Some(self.user.clone());
        }
        SETTINGS.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    }

    /// How long a statement of this connection may take: as long as the client wishes, and no longer than the installation
    /// allows.
    pub(super) fn patience(&self, limit: Duration) -> Patience {
        let wished = self.settings.get("statement_timeout").and_then(|text| span(text));
        match wished.filter(|wished| !wished.is_zero() && *wished < limit) {
            Some(time) => Patience { time, is_of_client: true },
            None => Patience { time: limit, is_of_client: false },
        }
    }

    /// All settings and their values.
    pub fn all_settings(&self) -> BTreeMap<String, String> {
        let mut all: BTreeMap<String, String> =
            SETTINGS.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        all.extend(self.settings.clone());
        all
    }
}

/// A span of time as PostgreSQL's settings have it: `250`, which is milliseconds, or `250ms`, `30s`, `5 min`; none where it
/// is something else.
pub(crate) fn span(text: &str) -> Option<Duration> {
    let text = text.trim();
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic() || letter.is_whitespace());
    let micros: u64 = match text[digits.len()..].trim() {
        "us" => 1,
        "" | "ms" => 1_000,
        "s" => 1_000_000,
        "min" => 60_000_000,
        "h" => 3_600_000_000,
        "d" => 86_400_000_000,
        _ => return None,
    };
    Some(Duration::from_micros(digits.parse::<u64>().ok()?.checked_mul(micros)?))
}
