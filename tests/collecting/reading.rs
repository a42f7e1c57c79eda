//! The loop that reads any source: how it ends when it must, and what it says.

use std::sync::{Arc, Mutex};

use collectors::backstage::{self, Backstage};
use collectors::pull::{
    Answer, Ask, Authorization, Misread, Next, Note, Page, Probe, Setting, Sink, Source, Stopped, Transport,
    TransportError, collect,
};
use serde_json::json;

use super::faulty_server::{Fault, Model, start};
use super::github::{Kept, end_with, quick};
use crate::support::at;

fn now() -> chrono::DateTime<chrono::Utc> {
    at("2026-03-01T00:00:00Z")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_is_told_as_such() {
    let text = end_with(Fault::BadGateway, "bad").await.to_string();
    assert!(text.contains("401") && text.contains("expired or revoked"), "{text}");
}

/// A source that asks one long question.
struct Long;

impl Source for Long {
    type Position = usize;

    fn begin(
        &self,
        _: Option<usize>,
        _: Option<chrono::DateTime<chrono::Utc>>,
        _: chrono::DateTime<chrono::Utc>,
    ) -> usize {
        0
    }

    fn ask(&self, _: &usize) -> Ask {
        Ask::get(format!("api/list?question={}", "x".repeat(400)))
    }

    fn read(&self, _: &usize, _: &Answer) -> Result<Page<usize>, Misread> {
        Err(Misread::new("it is odd"))
    }

    fn probes(&self, _: &usize) -> Vec<Probe> {
        Vec::new()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stopped_a_run_is_told_by_its_place_without_the_question() {
    for (status, said) in [(404, "api/list was answered with 404: "), (200, "the answer to api/list cannot be read")] {
        let status = axum::http::StatusCode::from_u16(status).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let app = axum::Router::new().fallback(move || async move { (status, "{}") });
        tokio::spawn(async move { axum::serve(listener, app).await });
        let transport = Transport::plain(&base, Authorization::None, None, now).unwrap();
        let (_stop, cancel) = tokio::sync::watch::channel(false);
        let kept: Arc<dyn Sink> = Arc::new(Kept::default());
        let stopped = collect(&Long, &transport, kept, quick(), None, now, cancel).await.stopped.unwrap().to_string();
        assert!(stopped.starts_with(said) && !stopped.contains("xxx"), "{stopped}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_that_keeps_failing_ends_the_run_after_a_number_of_tries() {
    let text = end_with(Fault::BadGateway, "good").await.to_string();
    assert!(text.contains("502") && text.contains("the system fails"), "{text}");
}

/// A source of one list and one part that it can do without.
struct Two;

impl Source for Two {
    type Position = usize;

    fn begin(
        &self,
        _: Option<usize>,
        _: Option<chrono::DateTime<chrono::Utc>>,
        _: chrono::DateTime<chrono::Utc>,
    ) -> usize {
        0
    }

    fn ask(&self, position: &usize) -> Ask {
        match position {
            0 => Ask { at_last: &[500, 503], ..Ask::get("part") },
            _ => Ask::get("list"),
        }
    }

    fn read(&self, position: &usize, answer: &Answer) -> Result<Page<usize>, Misread> {
        let notes = vec![Note::LeftOut(format!("{position} was answered with {}", answer.status))];
        let next = if *position == 0 { Next::Ask(1) } else { Next::Done(0) };
        Ok(Page { facts: Vec::new(), next, notes, remains: Vec::new() })
    }

    fn probes(&self, _: &usize) -> Vec<Probe> {
        Vec::new()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_keeps_failing_is_left_to_its_source_after_three_tries() {
    for (status, is_limit) in [(500, false), (503, false), (503, true)] {
        let failing = move || async move {
            let retry_after = is_limit.then_some(("retry-after", "0"));
            let headers: axum::http::HeaderMap =
                retry_after.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).into_iter().collect();
            (axum::http::StatusCode::from_u16(status).unwrap(), headers, "too long")
        };
        let routes = axum::Router::new()
            .route("/part", axum::routing::get(failing))
            .route("/list", axum::routing::get(|| async { "{}" }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        let transport = Transport::plain(&base, Authorization::None, None, now).unwrap();
        let (_stop, cancel) = tokio::sync::watch::channel(false);
        let kept: Arc<dyn Sink> = Arc::new(Kept::default());
        let outcome = collect(&Two, &transport, kept, quick(), None, now, cancel).await;
        assert!(outcome.stopped.is_none(), "{:?}", outcome.stopped);
        let notes: Vec<String> = outcome.notes.keys().map(|note| format!("{note:?}")).collect();
        assert!(notes[0].contains(&format!("0 was answered with {status}")), "{notes:?}");
        assert!(notes[1].contains("1 was answered with 200"), "{notes:?}");
        assert_eq!(outcome.requests, 4);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_that_by_our_clock_is_over_is_waited_for_and_not_without_end() {
    for fault in [Fault::GraphRateLimited, Fault::OutOfBudget, Fault::TooMany] {
        let model = Arc::new(Mutex::new(Model { faults: vec![Some(fault); 500].into(), ..super::github::model() }));
        let kept = Arc::new(Kept::default());
        let begun = std::time::Instant::now();
        let outcome = super::github::run(&model, super::github::options(), Setting::default(), &kept).await;
        assert!(matches!(outcome.stopped, Some(Stopped::RateLimited { .. })), "{:?}", outcome.stopped);
        assert_eq!(outcome.requests, u64::from(quick().tries) * 4);
        // Waits of a millisecond that double: a second each in the end.
        assert!(begun.elapsed() > std::time::Duration::from_secs(1), "{:?}", begun.elapsed());
    }
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
    for (base, word) in [
        ("http://me:secret@127.0.0.1", "token"),
        ("http://127.0.0.1/?private_token=secret", "token"),
        ("api.acme.test", "no address"),
        ("ftp://x", "https"),
    ] {
        let error = Transport::plain(base, Authorization::None, None, now).err().unwrap().to_string();
        assert!(error.contains(word) && !error.contains("secret"), "{error}");
    }
}

#[tokio::test]
async fn a_system_that_repeats_the_credentials_and_a_url_that_holds_some_show_them_to_nobody() {
    let echo = |headers: axum::http::HeaderMap| async move {
        let said = headers.get("authorization").unwrap().to_str().unwrap().to_owned();
        (axum::http::StatusCode::BAD_REQUEST, said)
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let app = axum::Router::new().fallback(echo);
    tokio::spawn(async move { axum::serve(listener, app).await });
    for (shown, said) in [
        (Authorization::Bearer("SECRET1".into()), "Bearer ..."),
        (Authorization::Basic("ann".into(), "SECRET2".into()), "Basic ..."),
        (Authorization::Header("authorization", "Token token=SECRET3".into()), "..."),
    ] {
        let transport = Transport::plain(&base, shown, None, now).unwrap();
        let answer = transport.send(&Ask::get("it")).await.unwrap();
        assert_eq!((answer.status, String::from_utf8(answer.body).unwrap().as_str()), (400, said));
    }
    // As it stands within JSON, or an address; and what a client made for itself, known by its looks.
    let transport = Transport::plain(&base, Authorization::Bearer("pass/wo\"rd".into()), None, now).unwrap();
    for said in [
        r#"["pass/wo\"rd"]"#,
        r#"["pass\/wo\"rd"]"#,
        "/?p=pass%2Fwo%22rd",
        "ghs_ABCdef123456",
        "eyJhbGciOi.eyJpc3MiOi.c2lnbmF0dXJl",
    ] {
        let shown = transport.shown(Answer { status: 401, ..Answer::of(said, now()) });
        let shown = String::from_utf8(shown.body).unwrap();
        assert!(shown.contains("...") && shown.len() < 10, "{shown}");
    }
    for url in ["https://u:HUSH@host:99999/", "u:HUSH@host", "ftp://u:HUSH@host/"] {
        let Err(error) = Transport::plain(url, Authorization::None, None, now) else { panic!("{url} was taken") };
        assert!(!error.to_string().contains("HUSH"), "{error}");
    }
}

#[tokio::test]
async fn a_good_answer_that_repeats_the_credentials_is_told_of_without_them() {
    const TOKEN: &str = "SECRET-of-some-length";
    let entity = json!({ "kind": "Component", "metadata": { "name": "web" }, "spec": {} });
    let odd = json!({ "items": [TOKEN, entity], "pageInfo": {} }).to_string();
    let html = format!("<p>{}{TOKEN}</p>", "-".repeat(110));
    for body in [html, json!({ "items": TOKEN }).to_string(), odd] {
        let sent = body.clone();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let app = axum::Router::new().fallback(move || async move { sent });
        tokio::spawn(async move { axum::serve(listener, app).await });
        let transport = Transport::plain(&base, Authorization::Bearer(TOKEN.into()), None, now).unwrap();
        let answer = transport.send(&Ask::get("it")).await.unwrap();
        assert_eq!(answer.body, body.as_bytes(), "what is good is left as it is");
        let source = Backstage::new(Setting::default(), backstage::Options::default());
        let begin = collectors::pull::AnySource::begin(&source, None, None, now());
        let (facts, told) = match transport.read(&source, &begin, &answer) {
            Ok(page) => (page.facts.len(), format!("{:?}", page.notes)),
            Err(misread) => (0, misread.to_string()),
        };
        assert_eq!(facts, usize::from(body.contains("Component")), "{told}");
        // Nor a part of them, where the text is cut.
        assert!(told.contains("...") && !told.contains("SECRET"), "{told}");
    }
}
