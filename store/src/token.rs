//! API tokens: made at random by the caller, kept only as SHA-256, compared by that hash. Beside it stands a verifier for
//! SCRAM, by which a client can show that it knows the token without telling it.

use chrono::{DateTime, Utc};

use crate::error::StoreError;
use crate::open::Store;
use crate::query::Value;

/// What a token allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Reading.
    Read,
    /// Reading and writing.
    Write,
}

impl Scope {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Scope::Read => "read",
            Scope::Write => "write",
        }
    }
}

/// A token as it is kept.
#[derive(Debug, Clone)]
pub struct Token {
    /// Its name.
    pub name: String,
    /// What it allows.
    pub scope: String,
    /// When it was made, in microseconds since 1970.
    pub created_at: i64,
}

impl Store {
    /// Keeps a new token. Its name must not be taken.
    pub fn add_token(
        &self,
        name: &str,
        scope: Scope,
        hash: &str,
        scram_verifier: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        if self.tokens()?.iter().any(|token| token.name == name) {
            return Err(StoreError::Conflict(format!(
                "there is a token named `{name}` already; revoke it first (cairn token revoke {name}) or choose another name"
            )));
        }
        self.transaction("keeping the token", |connection| {
            connection.execute(
                "insert into meta.token (name, scope, token_hash, scram_verifier, created_at)
                values (?, ?, ?, ?, make_timestamp(?))",
                duckdb::params![name, scope.as_str(), hash, scram_verifier, now.timestamp_micros()],
            )
        })
        .map(|_| ())
    }

    /// All tokens, by name.
    pub fn tokens(&self) -> Result<Vec<Token>, StoreError> {
        let found = self.query("select name, scope, created_at from meta.token order by name", &[])?;
        Ok(found
            .rows
            .into_iter()
            .filter_map(|row| match &row[..] {
                [Value::Text(name), Value::Text(scope), Value::Time(created_at)] => {
                    Some(Token { name: name.clone(), scope: scope.clone(), created_at: *created_at })
                }
                _ => None,
            })
            .collect())
    }

    /// Takes a token away.
    pub fn revoke_token(&self, name: &str) -> Result<(), StoreError> {
        let n_gone = self.transaction("revoking the token", |connection| {
            connection.execute("delete from meta.token where name = ?", [name])
        })?;
        if n_gone == 0 {
            return Err(StoreError::NotFound(format!("there is no token named `{name}`; see cairn token list")));
        }
        Ok(())
    }

    /// What the token with this hash allows, if there is one.
    pub fn token_scope(&self, hash: &str) -> Result<Option<Scope>, StoreError> {
        let found = self.query("select scope from meta.token where token_hash = ?", &[Value::Text(hash.into())])?;
        Ok(found.rows.into_iter().flatten().find_map(|value| match value {
            Value::Text(scope) if scope == "write" => Some(Scope::Write),
            Value::Text(scope) if scope == "read" => Some(Scope::Read),
            _ => None,
        }))
    }

    /// The SCRAM verifier of a token by its name: none where there is no such token, an empty one where the token was made
    /// before verifiers were kept.
    pub fn scram_verifier(&self, name: &str) -> Result<Option<String>, StoreError> {
        let found = self.query(
            "select coalesce(scram_verifier, '') from meta.token where name = ?",
            &[Value::Text(name.to_owned())],
        )?;
        Ok(found.rows.into_iter().flatten().find_map(|value| match value {
            Value::Text(verifier) => Some(verifier),
            _ => None,
        }))
    }
}
