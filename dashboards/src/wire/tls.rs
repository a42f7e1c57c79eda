//! The certificate and key by which the wire is encrypted.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

/// A certificate with its key, ready for use.
pub struct Tls {
    pub(super) acceptor: TlsAcceptor,
    pub(super) certificate: Vec<u8>,
}

/// Why a certificate cannot be used.
#[derive(Debug)]
pub struct TlsError {
    path: PathBuf,
    reason: String,
}

impl std::fmt::Display for TlsError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} cannot be used: {}", self.path.display(), self.reason)
    }
}

impl std::error::Error for TlsError {}

impl Tls {
    /// Reads a certificate (with those that it rests on) and its key, both as PEM.
    pub fn read(certificate: &Path, key: &Path) -> Result<Tls, TlsError> {
        let failed = |path: &Path, reason: String| TlsError { path: path.to_owned(), reason };
        let text = std::fs::read(certificate).map_err(|error| failed(certificate, error.to_string()))?;
        let chain = CertificateDer::pem_slice_iter(&text)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| failed(certificate, format!("it is no certificate in PEM ({error})")))?;
        if chain.is_empty() {
            return Err(failed(certificate, "it holds no certificate".into()));
        }
        let private = PrivateKeyDer::from_pem_file(key)
            .map_err(|error| failed(key, format!("it is no private key in PEM ({error})")))?;
        let mut config =
            rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, private))
                .map_err(|error| failed(key, format!("it does not go with the certificate ({error})")))?;
        config.alpn_protocols = vec![b"postgresql".to_vec()];
        Ok(Tls { acceptor: TlsAcceptor::from(Arc::new(config)), certificate: text })
    }
}
