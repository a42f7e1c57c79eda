//! Who may connect, and how the wire is configured.

use std::path::PathBuf;

use super::running::{Client, Wire, refused_to_start, state};

#[test]
fn a_token_is_the_password_and_its_name_the_user() {
    let wire = Wire::start();
    assert_eq!(Client::of(&wire).simple("select current_user").unwrap(), ["row reader", "done 1"]);
    let mut wrong = wire.config();
    wrong.password("cairn_0000");
    let refused = Client::by(&wrong).err().unwrap();
    assert_eq!(state(&refused), "28P01");
    let message = refused.as_db_error().unwrap().message().to_owned();
    assert!(message.contains("\"reader\""), "{message}");
    let mut unknown = wire.config();
    unknown.user("nobody");
    assert_eq!(state(&Client::by(&unknown).err().unwrap()), "28P01");
    let mut elsewhere = wire.config();
    elsewhere.dbname("postgres");
    assert_eq!(state(&Client::by(&elsewhere).err().unwrap()), "3D000");
}

#[test]
fn a_token_made_before_verifiers_were_kept_is_to_be_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    {
        let options =
            store::StoreOptions { path: folder.path().join("cairn.duckdb"), ..store::StoreOptions::default() };
        let store = store::Store::open(&options, super::now()).unwrap();
        store.add_token("old", store::Scope::Read, "hash", "", super::now()).unwrap();
    }
    let wire = Wire::over(folder, "");
    let mut old = wire.config();
    old.user("old");
    let error = Client::by(&old).err().unwrap();
    assert_eq!(state(&error), "28P01");
    assert!(error.as_db_error().unwrap().hint().unwrap().contains("cairn token create --name old"));
}

#[test]
fn the_token_itself_is_nowhere_in_the_store() {
    let wire = Wire::start();
    let path = wire.folder.path().join("cairn.duckdb");
    let token = wire.token.clone();
    assert!(!std::fs::read(path).unwrap().windows(token.len()).any(|window| window == token.as_bytes()));
}

#[test]
fn the_wire_is_off_unless_it_is_configured_and_its_keys_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |config: &str| refused_to_start(folder.path(), config);
    assert!(refused("[postgres_wire]\nlisten_on = \"127.0.0.1:0\"").contains("unknown field `listen_on`"));
    assert!(refused("[postgres_wire]\ntime = \"soon\"").contains("postgres_wire.time"));
    assert!(refused("[postgres_wire]\nmemory = \"1KB\"").contains("postgres_wire.memory"));
    let open = refused("[postgres_wire]\nlisten = \"0.0.0.0:0\"");
    assert!(open.contains("tls_certificate_file") && open.contains("require_tls = false"), "{open}");
    let half = refused("[postgres_wire]\nlisten = \"127.0.0.1:0\"\ntls_key_file = \"key.pem\"");
    assert!(half.contains("go together"), "{half}");
    let missing = refused(
        "[postgres_wire]\nlisten = \"127.0.0.1:0\"\ntls_key_file = \"key.pem\"\ntls_certificate_file = \"certificate.pem\"",
    );
    assert!(missing.contains("certificate.pem cannot be used"), "{missing}");
}

/// A server that demands TLS, and its certificate.
pub fn encrypted() -> (Wire, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".into(), "127.0.0.1".into()]).unwrap();
    super::fill_in(&folder);
    let (certificate, key) = (folder.path().join("certificate.pem"), folder.path().join("key.pem"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let more = format!("require_tls = true\ntls_certificate_file = {certificate:?}\ntls_key_file = {key:?}");
    (Wire::over(folder, &more), certificate)
}

#[test]
fn where_tls_is_demanded_a_connection_without_it_is_refused_and_psql_with_it_is_not() {
    let (wire, certificate) = encrypted();
    assert_eq!(state(&Client::by(&wire.config()).err().unwrap()), "28000");
    let Some(psql) = super::clients::program("psql") else { return };
    for mode in ["require", "verify-ca", "verify-full"] {
        let said = std::process::Command::new(&psql)
            .args(["-X", "-A", "-t", "-c", "select 'encrypted'"])
            .arg(format!(
                "{}?sslmode={mode}&sslrootcert={}",
                wire.uri().replace("127.0.0.1", "localhost"),
                certificate.display()
            ))
            .output()
            .unwrap();
        assert_eq!(
            String::from_utf8_lossy(&said.stdout).trim(),
            "encrypted",
            "{mode}: {}",
            String::from_utf8_lossy(&said.stderr)
        );
    }
}

#[test]
fn the_server_stops_while_a_client_is_connected() {
    let wire = Wire::start();
    let client = Client::of(&wire);
    assert_eq!(client.simple("select 1").unwrap(), ["row 1", "done 1"]);
    assert!(wire.stop());
    assert!(client.simple("select 1").is_err());
}
