//! `POST /v1/facts/{kind}`: bodies that hold something else, or too much.

use super::{Server, json, token};
use crate::support::gzip;

/// Status, code and message of a body that is refused as a whole.
fn refused(server: &Server, token: &str, body: &[u8]) -> (u16, String, String) {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let request = ureq::http::Request::builder()
        .method("POST")
        .uri(format!("{}/v1/facts/incident", server.address))
        .header("authorization", format!("Bearer {token}"));
    let mut response = agent.run(request.body(body.to_vec()).unwrap()).unwrap();
    let error = json(&response.body_mut().read_to_string().unwrap())["error"].clone();
    let text = |name: &str| error[name].as_str().unwrap().to_owned();
    (response.status().as_u16(), text("code"), text("message"))
}

#[test]
fn a_file_that_is_not_json_is_told_once_where_it_belongs() {
    let folder = tempfile::tempdir().unwrap();
    let write = token(folder.path(), "ci", "write");
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let forms = "send a JSON array or NDJSON (UTF-8, plain or gzipped); CSV and Parquet are for `cairn import`";
    let csv = b"id,opened_at\n1,2025-12-30T10:00:00Z\n2,2025-12-30T10:00:00Z\n";
    let (status, code, message) = refused(&server, &write, csv);
    assert_eq!((status, code.as_str()), (422, "UNREADABLE"), "{message}");
    assert_eq!(message, format!("no row of the body is a JSON object; {forms}"));
    let (status, _, message) = refused(&server, &write, b"PAR1\x15\x04\x15");
    assert_eq!((status, message), (422, format!("the body holds Parquet; {forms}")));
    // Of rows with mistakes each is told.
    assert_eq!(refused(&server, &write, b"{\"id\":\"1\"}\n{\"id\":\"2\"}\n").1, "ROWS_REFUSED");
}

#[test]
fn a_packed_body_may_be_as_large_as_one_that_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let write = token(folder.path(), "ci", "write");
    let server = Server::start(folder.path(), "127.0.0.1:0");
    // One byte more than 64 MiB, of blank lines.
    let packed = gzip(&vec![b'\n'; 67_108_865]);
    let (status, code, message) = refused(&server, &write, &packed);
    assert_eq!((status, code.as_str()), (413, "BODY_TOO_LARGE"), "{message}");
    assert_eq!(message, "the body, once unpacked, is larger than 64 MiB; send it in parts");
    // What is damaged is still told so.
    let row = gzip(b"{\"id\":\"1\",\"opened_at\":\"2025-12-30T10:00:00Z\"}\n");
    let (status, _, message) = refused(&server, &write, &row[..row.len() - 9]);
    assert!(status == 422 && message.contains("gzip"), "{message}");
}
