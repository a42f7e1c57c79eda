//! Clients that begin a request and do not go on with it: their connections end, and others are served meanwhile.

use std::time::{Duration, Instant};

use cairn::server::{Limits, Parts, bind, run};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{engine, key, store_in};

const LIMITS: Limits = Limits {
    head: Duration::from_millis(300),
    // So long that a server that waits for it does not stop within what is waited for here.
    body: Duration::from_secs(120),
    push: Duration::from_millis(600),
    stop: Duration::from_millis(400),
};
/// Far longer than any of the limits, for machines that are busy.
const LONG: Duration = Duration::from_secs(20);

/// Starts a server that is not patient, with one source that pushes; its address, and how to stop it.
async fn start(folder: &tempfile::TempDir) -> (String, tokio::sync::oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
    let table = "name = \"alerts\"\nkind = \"alertmanager\"\nsecret = \"between two\"\n";
    let config = cairn::Config { source: vec![table.parse().unwrap()], ..cairn::Config::default() };
    let engine = engine(&store_in(folder), "UTC");
    let parts = Parts { engine, key: key(), config, limits: LIMITS, clock: cairn::now };
    let listener = bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let served = tokio::spawn(async move {
        let stop = async {
            stopped.await.ok();
        };
        run(listener, parts, stop).await.unwrap();
    });
    (address, stop, served)
}

/// Sends a text, and what comes back until the server closes the connection, with how long that took.
async fn send_and_wait(address: &str, text: &str) -> (String, Duration) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let begun = Instant::now();
    let mut answer = Vec::new();
    // A connection that is reset is closed too.
    let _ = tokio::time::timeout(LONG, stream.read_to_end(&mut answer)).await.expect("the server never closes it");
    (String::from_utf8_lossy(&answer).into_owned(), begun.elapsed())
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_head_or_none_is_waited_for_no_longer_than_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let (address, _stop, _served) = start(&folder).await;
    for half in ["", "GET / HT", "GET /healthz HTTP/1.1\r\nhost: localhost\r\nx-slow: "] {
        let (_, waited) = send_and_wait(&address, half).await;
        assert!(waited >= LIMITS.head.mul_f64(0.9) && waited < LONG, "{half:?} {waited:?}");
    }
    // After an answer the connection stays for a next request, but not for ever.
    let (answer, waited) = send_and_wait(&address, "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200") && waited < LONG, "{answer} {waited:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_sent_byte_by_byte_does_not_win_time() {
    let folder = tempfile::tempdir().unwrap();
    let (address, _stop, _served) = start(&folder).await;
    let mut stream = TcpStream::connect(&address).await.unwrap();
    let begun = Instant::now();
    let mut tick = tokio::time::interval(LIMITS.head / 10);
    loop {
        tick.tick().await;
        let mut byte = [0];
        let is_closed = matches!(stream.try_read(&mut byte), Ok(0))
            || stream.write_all(if begun.elapsed().is_zero() { b"G" } else { b"E" }).await.is_err();
        if is_closed {
            break;
        }
        assert!(begun.elapsed() < LONG, "the server goes on listening");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_arrive_is_answered_and_the_connection_closed() {
    let folder = tempfile::tempdir().unwrap();
    let (address, _stop, _served) = start(&folder).await;
    let half = "POST /v1/hooks/alerts HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer between two\r\ncontent-length: 100\r\n\r\n{\"alerts\":";
    let (answer, waited) = send_and_wait(&address, half).await;
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("it took longer than 0.6 s"), "{answer}");
    assert!(waited >= LIMITS.push.mul_f64(0.9) && waited < LONG, "{waited:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn others_are_served_meanwhile_and_a_server_that_is_stopped_does_not_wait_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let (address, stop, served) = start(&folder).await;
    let mut slow = Vec::new();
    for _ in 0..200 {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: ").await.unwrap();
        slow.push(stream);
    }
    // A body for which more time is given than for the server to stop.
    let mut half = TcpStream::connect(&address).await.unwrap();
    half.write_all(b"POST /v1/facts/team HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n[").await.unwrap();
    let (answer, _) = send_and_wait(&address, "GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    stop.send(()).unwrap();
    tokio::time::timeout(LONG, served).await.expect("the server does not stop").unwrap();
}
