//! The loop that reads any source: how it ends when it must, and what it says.

use std::sync::{Arc, Mutex};

use collectors::pull::{Ask, Authorization, Transport, TransportError};

use super::faulty_server::{Fault, Model, start};
use super::github::end_with;
use crate::support::at;

fn now() -> chrono::DateTime<chrono::Utc> {
    at("2026-03-01T00:00:00Z")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_is_told_as_such() {
    let text = end_with(Fault::BadGateway, "bad").await.to_string();
    assert!(text.contains("401") && text.contains("expired or revoked"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_that_keeps_failing_ends_the_run_after_a_number_of_tries() {
    let text = end_with(Fault::BadGateway, "good").await.to_string();
    assert!(text.contains("502") && text.contains("several times"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn html_instead_of_json_is_told() {
    let text = end_with(Fault::Answer(200, "<!doctype html>\n<title>Sign in</title>"), "good").await.to_string();
    assert!(text.contains("HTML came instead of JSON") && text.contains("<!doctype html>"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_in_an_answer_is_told_with_its_place() {
    let body = r#"{"data":{"repository":{"nameWithOwner":"a/b","pullRequests":{"pageInfo":{"hasNextPage":null},"nodes":[]}}}}"#;
    let text = end_with(Fault::Answer(200, body), "good").await.to_string();
    assert!(text.contains("data.repository.pullRequests.pageInfo.hasNextPage"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_not_followed() {
    let text = end_with(Fault::Redirect, "good").await.to_string();
    assert!(text.contains("redirect to http://127.0.0.1:9/steal"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_of_another_origin_is_refused_before_anything_is_sent() {
    let model = Arc::new(Mutex::new(Model::default()));
    let base = start(Arc::clone(&model)).await;
    let transport = Transport::plain(&base, Authorization::Bearer("good".into()), None, now).unwrap();
    let elsewhere = start(Arc::clone(&model)).await;
    for path in [format!("{elsewhere}/next"), "http://user@127.0.0.1/next".into(), "https://127.0.0.1/next".into()] {
        let error = transport.send(&Ask::get(path.clone())).await.unwrap_err();
        assert!(matches!(&error, TransportError::Elsewhere { to, .. } if *to == path), "{error}");
    }
    assert!(model.lock().unwrap().asked.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_and_one_without_tls_are_told_apart() {
    let nobody = Transport::plain("http://127.0.0.1:9", Authorization::None, None, now).unwrap();
    let error = nobody.send(&Ask::get("x")).await.unwrap_err();
    assert!(matches!(error, TransportError::Network { .. }), "{error}");
    let base = start(Arc::new(Mutex::new(Model::default()))).await.replace("http://", "https://");
    let plain = Transport::plain(&base, Authorization::None, None, now).unwrap();
    let error = plain.send(&Ask::get("x")).await.unwrap_err();
    assert!(matches!(error, TransportError::Tls { .. }), "{error}");
    assert!(error.to_string().contains("write url with http://"), "{error}");
}

#[test]
fn a_base_address_with_a_password_or_without_a_scheme_is_refused() {
    for (base, word) in [("http://me:secret@127.0.0.1", "token"), ("api.acme.test", "no address"), ("ftp://x", "https")]
    {
        let error = Transport::plain(base, Authorization::None, None, now).err().unwrap().to_string();
        assert!(error.contains(word) && !error.contains("secret"), "{error}");
    }
}
