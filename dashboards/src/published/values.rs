//! What a statement asks about its own connection: answered here, so that no function that knows the process is called.

use serde_json::Value as Json;

use super::refusal::Refusal;
use super::rewrite::{call, cast, is_constant, text, text_of, whole};
use super::session::{SERVER_VERSION, Session};

/// The value of a function that asks about the connection; none where the function asks about something else.
pub(super) fn of_function(name: &str, children: &[Json], session: &Session) -> Result<Option<Json>, Refusal> {
    let value = match name {
        "current_setting" => return setting(children, session).map(Some),
        "set_config" => match children.get(1).and_then(text_of) {
            // Clients set the search path by it and look at nothing but that it works.
            Some(value) => text(Some(&value)),
            None => text(None),
        },
        "version" => text(Some(&version())),
        "current_database" | "current_catalog" => text(Some(&session.database)),
        "current_schema" => text(Some("public")),
        "current_schemas" => {
            let is_false = |text: String| matches!(text.as_str(), "f" | "false");
            let only_own = children.first().and_then(text_of).is_some_and(is_false);
            cast(text(Some(if only_own { "[public]" } else { "[pg_catalog, public]" })), "VARCHAR[]")
        }
        "current_user" | "session_user" | "user" | "current_role" | "getpgusername" => text(Some(&session.user)),
        "pg_backend_pid" => cast(whole(i64::from(session.number)), "INTEGER"),
        "inet_server_addr" | "inet_client_addr" => text(None),
        "inet_server_port" | "inet_client_port" => cast(text(None), "INTEGER"),
        "pg_client_encoding" => text(Some("UTF8")),
        "pg_current_xact_id" | "txid_current" => whole(1),
        _ => return Ok(None),
    };
    Ok(Some(value))
}

/// The value of a bare word that asks about the connection, such as `current_user`.
pub(super) fn of_word(name: &str, session: &Session) -> Option<Json> {
    match name {
        "current_catalog" => Some(text(Some(&session.database))),
        "current_schema" => Some(text(Some("public"))),
        "current_user" | "session_user" | "user" | "current_role" => Some(text(Some(&session.user))),
        _ => None,
    }
}

/// Whether a bare word asks about the connection.
pub(super) fn is_word(name: &str) -> bool {
    of_word(name, &Session::default()).is_some()
}

fn version() -> String {
    format!("PostgreSQL {SERVER_VERSION} (Cairn {}, read only)", env!("CARGO_PKG_VERSION"))
}

/// What is cast, as by drivers that say of which type a parameter is.
fn uncast(mut node: &Json) -> &Json {
    while node["class"] == "CAST" {
        node = &node["child"];
    }
    node
}

fn setting(children: &[Json], session: &Session) -> Result<Json, Refusal> {
    let is_parameter = |child: &&Json| matches!(uncast(child)["class"].as_str(), Some("PARAMETER" | "COLUMN_REF"));
    if let Some(parameter) = children.first().filter(is_parameter) {
        // Its value is known only when it runs; the catalogue has the settings too.
        return Ok(call("setting_of", vec![parameter.clone()]));
    }
    let Some(name) = children.first().map(uncast).filter(|child| is_constant(child)).and_then(text_of) else {
        return Err(Refusal::unsupported("current_setting asks for one setting, written out as a text"));
    };
    match session.setting(&name) {
        Some(value) => Ok(text(Some(&value))),
        None if children.len() > 1 => Ok(text(None)),
        None => Err(Refusal::new("42704", format!("unrecognized configuration parameter \"{name}\""))),
    }
}
