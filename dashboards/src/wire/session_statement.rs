//! Statements that concern the connection and read nothing: transactions, settings, and what is to be forgotten.

use crate::published::{Refusal, Session, first_words, span};

/// A statement about the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SessionStatement {
    /// It begins a transaction; with its tag.
    Begin(&'static str),
    /// It ends one.
    End(&'static str),
    /// It sets something, or nothing; with its tag.
    Set {
        /// What the client is told was done.
        tag: &'static str,
        /// The setting and its value; none: as it was at first.
        setting: Option<(String, Option<String>)>,
    },
    /// It forgets all settings.
    ResetAll,
    /// It forgets all settings, prepared statements and portals.
    DiscardAll,
    /// It forgets a prepared statement, or all of them.
    Deallocate(Option<String>),
    /// It asks for settings: the columns, and the rows.
    Show(Vec<&'static str>, Vec<Vec<String>>),
}

/// Reads a statement about the connection; none where it is about something else.
pub(super) fn read(sql: &str, session: &Session) -> Result<Option<SessionStatement>, Refusal> {
    use SessionStatement::{Begin, Deallocate, DiscardAll, End, ResetAll, Set};
    let words = first_words(sql, 16);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let nothing = |tag| Some(Set { tag, setting: None });
    Ok(match &words[..] {
        ["begin", ..] => Some(Begin("BEGIN")),
        ["start", "transaction", ..] => Some(Begin("START TRANSACTION")),
        ["commit" | "end", ..] => Some(End("COMMIT")),
        ["rollback", "to", ..] => nothing("ROLLBACK"),
        ["rollback" | "abort", ..] => Some(End("ROLLBACK")),
        ["savepoint", ..] => nothing("SAVEPOINT"),
        ["release", ..] => nothing("RELEASE"),
        ["set", "session", "characteristics", ..] | ["set", "transaction", ..] | ["set", "constraints", ..] => {
            nothing("SET")
        }
        ["set", "session" | "local", "time", "zone", rest @ ..] | ["set", "time", "zone", rest @ ..] => {
            Some(set("timezone", rest, session)?)
        }
        ["set", "session" | "local", name, "=" | "to", rest @ ..] | ["set", name, "=" | "to", rest @ ..] => {
            Some(set(name, rest, session)?)
        }
        ["set", ..] => return Err(Refusal::new("42601", "write SET name = value")),
        ["reset", "all"] => Some(ResetAll),
        ["reset", name, ..] => Some(Set { tag: "RESET", setting: Some(((*name).to_owned(), None)) }),
        ["discard", "all"] => Some(DiscardAll),
        ["discard", ..] => nothing("DISCARD"),
        ["deallocate", "all"] | ["deallocate", "prepare", "all"] => Some(Deallocate(None)),
        ["deallocate", "prepare", name] | ["deallocate", name] => Some(Deallocate(Some((*name).to_owned()))),
        ["unlisten", ..] => nothing("UNLISTEN"),
        ["close", "all"] => nothing("CLOSE CURSOR ALL"),
        ["declare" | "fetch" | "move" | "close", ..] => {
            return Err(Refusal::unsupported("cursors are not done here").hint(
                "read the rows by the SELECT itself; a driver that takes a few rows at a time, as by setFetchSize of \
                JDBC, needs no cursor",
            ));
        }
        ["show", "transaction", "isolation", "level"] => Some(show("transaction_isolation", session)?),
        ["show", "time", "zone"] => Some(show("timezone", session)?),
        ["show", "session", "authorization"] => Some(show("session_authorization", session)?),
        ["show", "all"] => {
            let rows = session.all_settings().into_iter().map(|(name, value)| vec![name, value, String::new()]);
            Some(SessionStatement::Show(vec!["name", "setting", "description"], rows.collect()))
        }
        ["show", name] => Some(show(name, session)?),
        _ => None,
    })
}

fn set(name: &str, rest: &[&str], session: &Session) -> Result<SessionStatement, Refusal> {
    let name = name.to_ascii_lowercase();
    let is_own = name.contains('.');
    if session.setting(&name).is_none() && !is_own {
        return Err(Refusal::new("42704", format!("unrecognized configuration parameter \"{name}\"")));
    }
    let value = rest.concat();
    let setting =
        |value: Option<String>| Ok(SessionStatement::Set { tag: "SET", setting: Some((name.clone(), value)) });
    let refuse = |what: &str| Err(Refusal::unsupported(format!("{name} cannot be set to {value}: {what}")));
    let plain = value.to_ascii_lowercase().replace(['-', '_'], "");
    match name.as_str() {
        _ if value == "default" => setting(None),
        "client_encoding" if !matches!(plain.as_str(), "utf8" | "unicode" | "sqlascii") => refuse("texts are in UTF8"),
        "client_encoding" => setting(Some("UTF8".into())),
        "datestyle" if !plain.starts_with("iso") => refuse("times are written in the style ISO"),
        "standard_conforming_strings" if !matches!(plain.as_str(), "on" | "true" | "1" | "yes") => {
            refuse("texts are read as the standard has them")
        }
        "statement_timeout" => match span(&value) {
            // As PostgreSQL shows it: `300ms`.
            Some(_) => setting(Some(value.replace(' ', ""))),
            None => Err(Refusal::new("22023", format!("invalid value for parameter \"{name}\": \"{value}\""))
                .hint("write milliseconds, or a number with us, ms, s, min, h or d, such as '30s'")),
        },
        // Times are in UTC whatever a client wishes; it reads the zone beside each of them.
        "timezone" => setting(None),
        "transaction_isolation"
        | "transaction_read_only"
        | "default_transaction_read_only"
        | "server_version"
        | "server_version_num"
        | "is_superuser"
        | "session_authorization" => setting(None),
        _ => setting(Some(value)),
    }
}

fn show(name: &str, session: &Session) -> Result<SessionStatement, Refusal> {
    let value = session
        .setting(name)
        .ok_or_else(|| Refusal::new("42704", format!("unrecognized configuration parameter \"{name}\"")))?;
    // Columns are called as the setting is, in the spelling of PostgreSQL.
    let column = match name {
        "timezone" => "TimeZone",
        "datestyle" => "DateStyle",
        "intervalstyle" => "IntervalStyle",
        "transaction_isolation" => "transaction_isolation",
        "search_path" => "search_path",
        "server_version" => "server_version",
        "server_version_num" => "server_version_num",
        "client_encoding" => "client_encoding",
        "standard_conforming_strings" => "standard_conforming_strings",
        "application_name" => "application_name",
        "statement_timeout" => "statement_timeout",
        "max_identifier_length" => "max_identifier_length",
        _ => "setting",
    };
    Ok(SessionStatement::Show(vec![column], vec![vec![value]]))
}
