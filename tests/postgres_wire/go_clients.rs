//! Go's clients for real: lib/pq, and pgx alone and beneath `database/sql`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::clients::{said, works};
use super::connecting::encrypted;
use super::running::Wire;

/// The program that reads by them, built once; none where Go or they are not installed.
fn program() -> Option<&'static Path> {
    static BUILT: OnceLock<Option<PathBuf>> = OnceLock::new();
    let built = BUILT.get_or_init(|| {
        let sources = "/usr/share/gocode/src/github.com";
        let are_here = works("Go", Command::new("go").arg("version"))
            && works("lib/pq", Command::new("ls").arg(format!("{sources}/lib/pq")))
            && works("pgx", Command::new("ls").arg(format!("{sources}/jackc/pgx/v4")));
        if !are_here {
            return None;
        }
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("postgres-go");
        let program = folder.join("read");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/postgres/read.go");
        let mut go = Command::new("go");
        go.env("GO111MODULE", "off").env("GOPATH", "/usr/share/gocode").env("GOCACHE", folder.join("cache"));
        said(go.args(["build", "-o"]).arg(&program).arg(source));
        Some(program)
    });
    built.as_deref()
}

/// What a client reads. One query runs at a time, so what it cancels must end before it goes on.
fn read(client: &str) -> Option<Vec<String>> {
    let program = program()?;
    let wire = Wire::configured("queries = 1\ntime = \"600s\"");
    let uri = format!("{}?sslmode=disable", wire.uri());
    Some(said(Command::new(program).args([client, &uri])).lines().map(str::to_owned).collect())
}

/// By `database/sql`: counts of the simple protocol, two rows of a prepared statement, numbers, nulls, groups by a
/// parameter, a write and a wrong name refused, then a cancelled query and one after it.
const OF_DATABASE_SQL: [&str; 12] = [
    "api 60",
    "web 39",
    "api-4-0 2025-09-01T10:00:00Z false",
    "web-4-0 2025-09-01T10:00:00Z false",
    "1.25 3 9007199254740993 0.5 2025-01-31",
    "false true",
    "checkout 11",
    "payments 15",
    "42501",
    "42703",
    "cancelled true",
    "1",
];

#[test]
fn lib_pq_reads_by_both_protocols_and_goes_on_after_errors_and_cancellation() {
    let Some(read) = read("pq") else { return };
    let (same, arrays) = read.split_at(OF_DATABASE_SQL.len());
    assert_eq!(same, OF_DATABASE_SQL);
    assert_eq!(arrays, ["i1 3 false b c"]);
}

#[test]
fn pgx_beneath_database_sql_reads_the_same() {
    let Some(read) = read("stdlib") else { return };
    assert_eq!(read, OF_DATABASE_SQL);
}

#[test]
fn pgx_reads_binary_forms_arrays_and_batches() {
    let Some(read) = read("pgx") else { return };
    let expected = [
        "api-4-0 2025-09-01T10:00:00Z false",
        "125 -2 3 9007199254740993 0.5 2025-01-31",
        "i1 3 true b c true",
        "60 39",
        "42883",
        "ab true",
        "cancelled true",
        "1",
    ];
    assert_eq!(read, expected);
}

#[test]
fn pgx_reads_by_the_simple_protocol_too() {
    let Some(read) = read("simple") else { return };
    let expected = [
        "api-4-0 2025-09-01T10:00:00Z false",
        "125 -2 3 9007199254740993 0.5 2025-01-31",
        "i1 3 true b c true",
        "42883",
        "ab true",
        "cancelled true",
        "1",
    ];
    assert_eq!(read, expected);
}

#[test]
fn both_check_the_certificate_where_tls_is_demanded() {
    let Some(program) = program() else { return };
    let (wire, certificate) = encrypted();
    let host = wire.uri().replace("127.0.0.1", "localhost");
    for client in ["pq", "pgx"] {
        let read = |more: &str| Command::new(program).args([client, &format!("{host}?{more}")]).output().unwrap();
        let open = read("sslmode=disable");
        assert!(String::from_utf8_lossy(&open.stdout).contains("demands TLS"), "{client}: {open:?}");
        let unknown = read("sslmode=verify-full");
        assert!(String::from_utf8_lossy(&unknown.stdout).contains("x509"), "{client}: {unknown:?}");
        let known = read(&format!("sslmode=verify-full&sslrootcert={}", certificate.display()));
        assert!(known.status.success(), "{client}: {known:?}");
    }
}
