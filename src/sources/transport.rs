//! The ways to the systems that are read, with their credentials.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use collectors::pull::{Authorization, Transport};
use jsonwebtoken::EncodingKey;
use octocrab::Octocrab;
use octocrab::models::{AppId, InstallationId};

use super::table::Common;
use crate::config::filled_in;

/// The base of a GitHub Enterprise Server, which answers REST under /api/v3 and GraphQL under /api.
pub(super) fn enterprise_base(url: &str) -> Option<&str> {
    url.trim_end_matches('/').strip_suffix("/api/v3").map(|host| &url[..host.len() + "/api".len()])
}

/// The way to GitHub, by a token, a GitHub App, or neither.
pub(super) fn github(common: &Common, url: &str) -> anyhow::Result<Transport> {
    let base = enterprise_base(url).unwrap_or(url);
    let builder = Octocrab::builder().base_uri(base).context("url")?;
    let token = secret(&common.token, &common.token_file, "token")?;
    collectors::pull::use_ring();
    let secrets = token.iter().cloned().collect();
    let client = match (common.app_id, common.installation_id, &common.private_key_file, token) {
        (Some(app), Some(installation), Some(file), None) => {
            let pem =
                std::fs::read(file).with_context(|| format!("cannot read private_key_file {}", file.display()))?;
            let key =
                EncodingKey::from_rsa_pem(&pem).with_context(|| format!("private_key_file {}", file.display()))?;
            builder.app(AppId(app), key).build()?.installation(InstallationId(installation))?
        }
        (None, None, None, Some(token)) => builder.personal_token(token).build()?,
        (None, None, None, None) => builder.build()?,
        _ => {
            bail!("give either token (or token_file), or app_id, installation_id and private_key_file of a GitHub App")
        }
    };
    Ok(Transport::github(base, client, crate::now)?.hiding(secrets))
}

/// A plain way to a system, with what the configuration says of credentials.
pub(super) fn plain(
    common: &Common,
    url: &str,
    show: impl FnOnce(String) -> Authorization,
) -> anyhow::Result<Transport> {
    let authorization = match secret(&common.token, &common.token_file, "token")? {
        Some(token) => show(token),
        None => Authorization::None,
    };
    let authority = match &common.authority_file {
        Some(file) => {
            Some(std::fs::read(file).with_context(|| format!("cannot read authority_file {}", file.display()))?)
        }
        None => None,
    };
    Ok(Transport::plain(url, authorization, authority.as_deref(), crate::now)?)
}

/// A secret of the configuration: of a variable or a file, and never empty.
pub(super) fn secret(clear: &Option<String>, file: &Option<PathBuf>, key: &str) -> anyhow::Result<Option<String>> {
    match (clear, file) {
        (Some(_), Some(_)) => bail!("give either {key} or {key}_file, not both"),
        (Some(clear), None) => {
            let text = filled_in(clear)?;
            if text.trim().is_empty() {
                bail!("{key} = \"{clear}\" is empty; set the variable that it names, or use {key}_file");
            }
            Ok(Some(text.trim().to_owned()))
        }
        (None, Some(file)) => {
            let text =
                std::fs::read_to_string(file).with_context(|| format!("cannot read {key}_file {}", file.display()))?;
            if text.trim().is_empty() {
                bail!("{key}_file {} is empty", file.display());
            }
            Ok(Some(text.trim().to_owned()))
        }
        (None, None) => Ok(None),
    }
}
