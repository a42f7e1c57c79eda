//! What the remote `origin` says: the repository's name, and where it can be looked at.

use gix::bstr::ByteSlice;
use gix::url::Scheme;

/// A remote's repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin {
    /// `OWNER/REPO`.
    pub repository: String,
    /// `https://HOST/OWNER/REPO`, where the remote is one that people browse.
    pub web: Option<String>,
    /// `HOST/OWNER/REPO`, the same for all ways to get at it.
    pub address: String,
}

impl Origin {
    /// Reads a remote's URL; nothing for a path on this machine. User names and passwords in it go no further.
    pub(super) fn parse(url: &[u8]) -> Option<Origin> {
        let url = gix::url::parse(url.as_bstr()).ok()?;
        let host = url.host.as_deref().filter(|host| !host.is_empty())?;
        let path = url.path.to_str_lossy();
        let path = path.trim_matches('/');
        let path = path.strip_suffix(".git").unwrap_or(path);
        if path.is_empty() {
            return None;
        }
        let web = match (&url.scheme, url.port) {
            (Scheme::Http | Scheme::Https, Some(port)) => Some(format!("https://{host}:{port}/{path}")),
            // The port of an SSH server says nothing about the web server beside it.
            (Scheme::Http | Scheme::Https | Scheme::Ssh, _) => Some(format!("https://{host}/{path}")),
            _ => None,
        };
        Some(Origin { repository: path.to_owned(), web, address: format!("{host}/{path}") })
    }
}

/// A tag's name as a part of a URL's path. What git allows in a name and a URL does not is escaped.
pub(super) fn escaped(name: &str) -> String {
    let mut escaped = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/+@!$&'(),;=".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}
