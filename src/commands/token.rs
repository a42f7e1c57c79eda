//! `cairn token`: API tokens, shown once and kept as a hash, and as what a PostgreSQL client's knowledge is checked against.

use std::process::ExitCode;

use anyhow::bail;
use chrono::DateTime;
use rand::Rng;
use store::{Scope, StoreError};

use crate::cli::{Token, TokenScope};
use crate::context::Context;
use crate::server::token_hash;
use crate::tables;

/// Runs the command.
pub(crate) fn run(context: &Context, token: &Token) -> anyhow::Result<ExitCode> {
    if let Token::Create { name, .. } = token
        && name.trim().is_empty()
    {
        bail!("the name is empty; a token is listed and revoked by it, so write such as --name ci");
    }
    let is_first = matches!(token, Token::Create { .. });
    let store = if is_first { context.open_store() } else { context.open_store_with_facts() };
    let store = store.map_err(|error| match error.downcast_ref() {
        Some(StoreError::Locked { .. }) => error.context("tokens are made, listed and revoked while no server runs"),
        _ => error,
    })?;
    match token {
        Token::Create { name, scope } => {
            let secret: [u8; 32] = rand::rng().random();
            let text = format!("cairn_{}", secret.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
            let scope = match scope {
                TokenScope::Read => Scope::Read,
                TokenScope::Write => Scope::Write,
            };
            let salt: [u8; 16] = rand::rng().random();
            let verifier = dashboards::wire::scram_verifier(&text, &salt);
            store.add_token(name, scope, &token_hash(&text), &verifier, crate::now())?;
            println!("{text}");
            eprintln!(
                "the token `{name}` allows {}; it is shown this once, keep it where secrets are kept",
                scope.as_str()
            );
        }
        Token::List => {
            let tokens = store.tokens()?;
            if tokens.is_empty() {
                println!("there are no tokens; make one with: cairn token create --name ci --scope write");
            }
            let mut table = tables::table(&["name", "allows", "made on (UTC)"]);
            for token in &tokens {
                let made = DateTime::from_timestamp_micros(token.created_at).unwrap_or_default();
                table.add_row([token.name.clone(), token.scope.clone(), made.format("%Y-%m-%d").to_string()]);
            }
            if !tokens.is_empty() {
                println!("{table}");
            }
        }
        Token::Revoke { name } => {
            store.revoke_token(name)?;
            println!("the token `{name}` is revoked");
        }
    }
    Ok(ExitCode::SUCCESS)
}
