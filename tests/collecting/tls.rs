//! What is said of a server whose certificate cannot be trusted.

use std::sync::Arc;

use collectors::pull::{Ask, Authorization, Transport, use_ring};
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use super::github::now;

/// Starts a server that does nothing but show a certificate, made by itself; its address, and the certificate as PEM.
async fn server(is_ca: IsCa) -> (String, String) {
    use_ring();
    let key = KeyPair::generate().unwrap();
    let mut parameters = CertificateParams::new(vec!["localhost".into()]).unwrap();
    parameters.is_ca = is_ca;
    let certificate = parameters.self_signed(&key).unwrap();
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // The client turns away.
            let _ = acceptor.accept(stream).await;
        }
    });
    (format!("https://localhost:{port}"), certificate.pem())
}

async fn said(base: &str, authority: Option<&str>) -> String {
    let transport = Transport::plain(base, Authorization::None, authority.map(str::as_bytes), now).unwrap();
    transport.send(&Ask::get("x")).await.unwrap_err().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_authority_is_told_with_the_key_that_names_it() {
    let (base, _) = server(IsCa::NoCa).await;
    let said = said(&base, None).await;
    assert!(said.contains("an authority that is not known here") && said.contains("authority_file"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authoritys_certificate_used_as_the_servers_own_is_told_with_the_way_out() {
    let (base, pem) = server(IsCa::Ca(BasicConstraints::Unconstrained)).await;
    let said = said(&base, Some(&pem)).await;
    assert!(said.contains("a certificate authority's own certificate as the server's"), "{said}");
    assert!(said.contains("have that authority sign a certificate for the server"), "{said}");
}
