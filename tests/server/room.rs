//! What bodies that nobody knows to be believed may take.

use std::io::Write as _;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::Server;
use super::hooks::{SECRET, configure, deployed, push, push_github};

#[test]
fn bodies_held_at_once_are_bounded_and_small_ones_are_taken_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), "");
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let address = server.address.trim_start_matches("http://").trim_end_matches('/').to_owned();
    // Four that do not come to their end fill the room for large bodies, 96 MiB.
    let most = vec![b'x'; 25_000_000];
    let unfinished = || {
        let mut stream = TcpStream::connect(&address).unwrap();
        let head = "POST /v1/hooks/gh HTTP/1.1\r\nHost: localhost\r\nX-Hub-Signature-256: sha256=00\r\nContent-Length: 25500000\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        // One for which there is no room is answered before it has sent all.
        let _ = stream.write_all(&most);
        stream
    };
    // At once: they are waited for no longer than thirty seconds.
    let mut held: Vec<TcpStream> = std::thread::scope(|scope| {
        let sending: Vec<_> = (0..4).map(|_| scope.spawn(unfinished)).collect();
        sending.into_iter().map(|sent| sent.join().unwrap()).collect()
    });
    let begun = Instant::now();
    // What is left of the room for large bodies is less.
    let body = "x".repeat(1_200_000);
    loop {
        let (status, said) = push(&server, "gh", &[("x-hub-signature-256", "sha256=00")], &body);
        if status == 503 {
            assert!(said.contains("TOO_MUCH_AT_ONCE") && said.contains("128 MiB"), "{said}");
            break;
        }
        assert!(status == 401 && begun.elapsed() < Duration::from_secs(30), "{status}: {said}");
        // While the last of the four was on its way, this one may have taken its room.
        held.push(unfinished());
    }
    assert_eq!(push_github(&server, "deployment_status", "d1", &deployed(1, "success")).0, 202);
    // Whose it is shows before its body is there: it has room of its own.
    let alerts = format!("{{\"version\":\"4\",\"alerts\":[],\"more\":\"{}\"}}", "x".repeat(5_000_000));
    let (status, said) = push(&server, "alerts", &[("authorization", &format!("Bearer {SECRET}"))], &alerts);
    assert_eq!(status, 202, "{said}");
}
