//! Files in a folder and in a bucket of a real object store that checks signatures.

use std::path::Path;

use crate::command_line::{Said, run};
use crate::real_counterparts::rows;

const HEADER: &str = "id,service,environment,finished_at,result\n";

fn deployment(id: &str, day: u32) -> String {
    format!("{id},shop,production,2026-01-{day:02}T10:00:00Z,success\n")
}

fn configure(folder: &Path, more: &str) {
    let text = format!("[[source]]\nname = \"drop\"\nkind = \"files\"\n{more}\n");
    std::fs::write(folder.join("cairn.toml"), text).unwrap();
}

fn collect(folder: &Path) -> Said {
    run(folder, &["collect", "drop"])
}

fn deployments(folder: &Path) -> Vec<String> {
    rows(folder, "select source, id from facts.deployment order by id")
}

#[test]
fn each_file_of_a_folder_is_taken_once_and_again_when_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    let drop = folder.path().join("drop");
    std::fs::create_dir_all(drop.join("incident")).unwrap();
    configure(folder.path(), "path = \"drop\"");
    std::fs::write(drop.join("deployment-01.csv"), HEADER.to_owned() + &deployment("d1", 1)).unwrap();
    std::fs::write(drop.join("incident/january.ndjson"), r#"{"id":"i1","opened_at":"2026-01-02T00:00:00Z"}"#).unwrap();
    std::fs::write(drop.join("deployment-02.csv.part"), "half a fi").unwrap();
    std::fs::write(drop.join("deployment-01.csv.rejected-2.ndjson"), "{\"problems\":[]}").unwrap();
    std::fs::write(drop.join("notes.txt"), "hello").unwrap();
    let checked = run(folder.path(), &["check"]);
    assert!(checked.is_well && checked.out.contains("2 files of facts"), "{}{}", checked.out, checked.err);
    assert!(checked.out.contains("example: deployment id=d1") && checked.out.contains("example: incident id=i1"));
    assert!(!folder.path().join("cairn.duckdb").exists(), "nothing is stored");
    let tried = run(folder.path(), &["collect", "drop", "--dry-run"]);
    assert!(tried.is_well && tried.out.contains("2 facts read"), "{}{}", tried.out, tried.err);
    assert_eq!(deployments(folder.path()), Vec::<String>::new());
    let first = collect(folder.path());
    assert!(first.is_well && first.out.contains("2 facts read"), "{}{}", first.out, first.err);
    assert!(first.out.contains("notes.txt: neither its name nor its folder"), "{}", first.out);
    assert_eq!(deployments(folder.path()), ["drop d1"]);
    assert_eq!(rows(folder.path(), "select id from facts.incident"), ["i1"]);
    assert!(collect(folder.path()).out.contains("0 facts read"));
    // A file that grew is read again, and so is all that --since asks for.
    std::fs::write(drop.join("deployment-01.csv"), HEADER.to_owned() + &deployment("d1", 1) + &deployment("d2", 2))
        .unwrap();
    assert!(collect(folder.path()).out.contains("2 facts read"));
    assert_eq!(deployments(folder.path()), ["drop d1", "drop d2"]);
    assert!(run(folder.path(), &["collect", "drop", "--since", "2020-01-01"]).out.contains("3 facts read"));
}

#[cfg(unix)]
#[test]
fn odd_names_and_links_in_a_circle_hold_up_no_other_file() {
    use std::os::unix::ffi::OsStrExt as _;
    let folder = tempfile::tempdir().unwrap();
    let drop = folder.path().join("drop");
    std::fs::create_dir_all(&drop).unwrap();
    configure(folder.path(), "path = \"drop\"");
    let file = HEADER.to_owned() + &deployment("d1", 1);
    std::fs::write(drop.join("deployment.csv"), &file).unwrap();
    std::fs::write(drop.join(std::ffi::OsStr::from_bytes(b"deployment-\xff.csv")), &file).unwrap();
    std::fs::write(drop.join("deployment-\n.csv"), &file).unwrap();
    std::os::unix::fs::symlink(&drop, drop.join("deployment")).unwrap();
    let said = collect(folder.path());
    assert!(said.is_well && said.out.contains("1 fact read"), "{}{}", said.out, said.err);
    assert_eq!(deployments(folder.path()), ["drop d1"]);
    assert_eq!(said.out.matches("is not plain text; rename it").count(), 2, "{}", said.out);
}

#[test]
fn a_file_with_a_mistake_is_refused_whole_told_with_its_line_and_holds_up_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let drop = folder.path().join("drop");
    std::fs::create_dir_all(&drop).unwrap();
    configure(folder.path(), "path = \"drop\"");
    let wrong = HEADER.to_owned() + &deployment("d1", 1) + "d2,shop,production,yesterday,success\n";
    std::fs::write(drop.join("deployment-a.csv"), wrong).unwrap();
    std::fs::write(drop.join("deployment-b.csv"), HEADER.to_owned() + &deployment("d3", 3)).unwrap();
    std::fs::write(drop.join("deployment-c.parquet"), "PAR1 and nothing else").unwrap();
    let said = collect(folder.path());
    assert!(!said.is_well);
    assert!(said.out.contains("deployment-a.csv is refused: 1 row wrong: line 3"), "{}", said.out);
    assert!(said.out.contains("yesterday") && said.out.contains("2 files refused"), "{}", said.out);
    assert_eq!(deployments(folder.path()), ["drop d3"]);
    // Mended, it is taken, though nothing else changed.
    std::fs::write(drop.join("deployment-a.csv"), HEADER.to_owned() + &deployment("d1", 1)).unwrap();
    std::fs::remove_file(drop.join("deployment-c.parquet")).unwrap();
    assert!(collect(folder.path()).is_well);
    assert_eq!(deployments(folder.path()), ["drop d1", "drop d3"]);
}

#[test]
fn a_files_name_may_hold_anything() {
    let folder = tempfile::tempdir().unwrap();
    let drop = folder.path().join("drop");
    std::fs::create_dir_all(&drop).unwrap();
    configure(folder.path(), "path = \"drop\"");
    for (number, name) in ["deployment #1.csv", "deployment 50%.csv", "deployment-é.csv"].into_iter().enumerate() {
        let row = deployment(&format!("d{number}"), 1);
        std::fs::write(drop.join(name), HEADER.to_owned() + &row).unwrap();
    }
    let said = collect(folder.path());
    assert!(said.is_well, "{}{}", said.out, said.err);
    assert_eq!(deployments(folder.path()), ["drop d0", "drop d1", "drop d2"]);
}

#[test]
fn mistakes_in_its_table_are_told() {
    let folder = tempfile::tempdir().unwrap();
    for (table, told) in [
        ("", "give either path"),
        ("path = \"drop\"\nbucket = \"b\"", "give either path"),
        ("path = \"nowhere\"", "does the folder exist"),
        ("path = \"drop\"\nbuket = \"b\"", "buket"),
        ("bucket = \"b\"\nuser = \"id\"", "belong together"),
    ] {
        configure(folder.path(), table);
        let said = collect(folder.path());
        assert!(!said.is_well && (said.out.clone() + &said.err).contains(told), "{table}: {}{}", said.out, said.err);
    }
}

/// Serves a folder as an object store with one access key; each folder in it is a bucket.
async fn object_store(root: &Path) -> String {
    let mut service = s3s::service::S3ServiceBuilder::new(s3s_fs::FileSystem::new(root).unwrap());
    service.set_auth(s3s::auth::SimpleAuth::from_single("the-id", "the-secret"));
    let service = service.build();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            let service = service.clone();
            tokio::spawn(async move {
                let server = hyper_util::server::conn::auto::Builder::new(hyper_util::rt::TokioExecutor::new());
                // A client that goes away is no failure.
                let _ = server.serve_connection(hyper_util::rt::TokioIo::new(socket), service).await;
            });
        }
    });
    format!("http://{address}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_is_read_with_signed_requests() {
    let folder = tempfile::tempdir().unwrap();
    let bucket = folder.path().join("objects/metrics/cairn/deployment");
    std::fs::create_dir_all(&bucket).unwrap();
    std::fs::write(bucket.join("01.csv"), HEADER.to_owned() + &deployment("d1", 1)).unwrap();
    std::fs::write(bucket.parent().unwrap().parent().unwrap().join("deployment.csv"), "outside the prefix").unwrap();
    let url = object_store(&folder.path().join("objects")).await;
    let table =
        format!("url = \"{url}\"\nbucket = \"metrics\"\nprefix = \"cairn\"\nuser = \"the-id\"\ntoken_file = \"key\"\n");
    configure(folder.path(), &table);
    std::fs::write(folder.path().join("key"), "another secret").unwrap();
    let own = folder.path().to_owned();
    tokio::task::spawn_blocking(move || {
        let refused = collect(&own);
        let told = refused.out.clone() + &refused.err;
        assert!(!refused.is_well && told.contains("SignatureDoesNotMatch"), "{told}");
        std::fs::write(own.join("key"), "the-secret").unwrap();
        let said = collect(&own);
        assert!(said.is_well && said.out.contains("1 fact read"), "{}{}", said.out, said.err);
        assert_eq!(deployments(&own), ["drop d1"]);
        assert!(collect(&own).out.contains("0 facts read"));
        // A row that is wrong is told with the object's name, not with that of a copy of it.
        let wrong = own.join("objects/metrics/cairn/deployment/02.csv");
        std::fs::write(wrong, "id,servce\n1,2\n").unwrap();
        let said = collect(&own);
        assert!(!said.is_well && said.out.contains("cairn/deployment/02.csv is refused"), "{}", said.out);
        assert!(said.out.contains("service"), "{}", said.out);
    })
    .await
    .unwrap();
}

#[test]
fn a_check_says_how_many_files_it_looked_at_and_shows_times_with_their_offset() {
    let folder = tempfile::tempdir().unwrap();
    let drop = folder.path().join("drop");
    std::fs::create_dir_all(&drop).unwrap();
    configure(folder.path(), "path = \"drop\"");
    for day in 1..5 {
        let text = HEADER.to_owned() + &deployment(&format!("d{day}"), day);
        std::fs::write(drop.join(format!("deployment-{day}.csv")), text).unwrap();
    }
    let said = run(folder.path(), &["check"]).out;
    assert!(said.contains("may read: 4 files of facts; the newest 3 were looked at\n"), "{said}");
    assert_eq!(said.matches("may take: ").count(), 3, "{said}");
    assert!(said.contains("finished_at=2026-01-04T10:00:00Z"), "{said}");
}

/// An object store of one answer.
async fn answering(answer: impl Fn() -> axum::response::Response + Clone + Send + Sync + 'static) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = axum::Router::new().fallback(move || async move { answer() });
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_leads_elsewhere_is_not_followed_and_what_it_says_is_told_once() {
    use axum::http::StatusCode;
    use axum::response::IntoResponse as _;
    let n_asked = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = std::sync::Arc::clone(&n_asked);
    let other = answering(move || {
        counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        StatusCode::OK.into_response()
    })
    .await;
    let to = other.clone();
    let leads_elsewhere =
        answering(move || (StatusCode::TEMPORARY_REDIRECT, [("location", to.clone())]).into_response()).await;
    let refuses = answering(|| (StatusCode::BAD_REQUEST, "<Error>no such thing</Error>").into_response()).await;
    for (url, told) in
        [(leads_elsewhere, format!("a redirect to {other}, which is not followed")), (refuses, "no such thing".into())]
    {
        let folder = tempfile::tempdir().unwrap();
        configure(folder.path(), &format!("url = \"{url}\"\nbucket = \"metrics\""));
        let said = tokio::task::spawn_blocking(move || collect(folder.path())).await.unwrap();
        assert!(!said.is_well && said.out.matches(&told).count() == 1, "{}{}", said.out, said.err);
    }
    assert_eq!(n_asked.load(std::sync::atomic::Ordering::Relaxed), 0);
}

#[cfg(unix)]
#[test]
fn a_bucket_that_does_not_answer_does_not_keep_from_stopping() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), &format!("url = \"http://{}\"\nbucket = \"b\"", silent.local_addr().unwrap()));
    let mut command = crate::command_line::cairn(folder.path(), &["collect", "drop"]);
    let running = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    // It is asked, so it listens for the signal.
    let _asked = silent.accept().unwrap();
    std::process::Command::new("kill").args(["-INT", &running.id().to_string()]).status().unwrap();
    let begun = std::time::Instant::now();
    let said = crate::command_line::said(running.wait_with_output().unwrap());
    assert!(said.is_well && said.out.contains("the next run goes on from here"), "{}{}", said.out, said.err);
    assert!(begun.elapsed() < std::time::Duration::from_secs(20));
}
