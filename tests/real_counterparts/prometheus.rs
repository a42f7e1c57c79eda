//! Prometheus: it scrapes Cairn, and Cairn reads availability from it.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use super::{Running, ask, free_port, is_here, rows, wait_for};
use crate::command_line::run;
use crate::server::Server;

/// Starts Prometheus on a folder with its configuration and data.
fn start(folder: &Path, scrape: &str) -> (Running, String) {
    let port = free_port();
    std::fs::write(folder.join("prometheus.yml"), scrape).unwrap();
    let address = format!("127.0.0.1:{port}");
    let running = Running::start(
        Command::new("prometheus")
            .current_dir(folder)
            .args(["--config.file=prometheus.yml", "--storage.tsdb.path=data", "--storage.tsdb.retention.time=100y"])
            .arg(format!("--web.listen-address={address}")),
    );
    let base = format!("http://{address}");
    wait_for("Prometheus starts", || ask("GET", &format!("{base}/-/ready"), "", "").filter(|told| told.0 == 200));
    (running, base)
}

/// The value of a query, now.
fn value(base: &str, query: &str) -> Option<String> {
    let encoded = query.replace('{', "%7B").replace('}', "%7D").replace('"', "%22").replace('=', "%3D");
    let (status, body) = ask("GET", &format!("{base}/api/v1/query?query={encoded}"), "", "")?;
    assert_eq!(status, 200, "{body}");
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    body["data"]["result"][0]["value"][1].as_str().map(str::to_owned)
}

#[test]
fn prometheus_scrapes_cairn() {
    if !is_here("prometheus") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), "127.0.0.1:0");
    server.get("/v1/metrics");
    let target = server.address.strip_prefix("http://").unwrap();
    let scrape = format!(
        "global: {{ scrape_interval: 1s }}\nscrape_configs:\n- job_name: cairn\n  static_configs: [{{ targets: ['{target}'] }}]\n"
    );
    let (_prometheus, base) = start(folder.path(), &scrape);
    wait_for("Prometheus scrapes", || value(&base, "up{job=\"cairn\"}").filter(|up| up == "1"));
    let asked = "sum(cairn_http_requests_total)";
    wait_for("its counter arrives", || value(&base, asked).filter(|n| n.parse::<f64>().unwrap() >= 1.0));
    // And the form is as its own tool wants it.
    let metrics = server.get("/metrics").1;
    std::fs::write(folder.path().join("metrics"), &metrics).unwrap();
    let mut promtool = Command::new("sh");
    promtool.args(["-c", "promtool check metrics < metrics"]).current_dir(folder.path());
    let checked = promtool.output().unwrap();
    assert!(checked.status.success(), "{}{metrics}", String::from_utf8_lossy(&checked.stderr));
}

#[test]
fn availability_is_read_from_prometheus_hour_by_hour() {
    if !is_here("prometheus") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    // Three hours of some past day, a sample a minute: up; 15 minutes down; nothing for the second half.
    let begin = 1_790_000_000_i64 / 3_600 * 3_600;
    let mut samples = "# TYPE portal_up gauge\n".to_owned();
    for minute in 1..=150 {
        let up = i32::from(!(76..=90).contains(&minute));
        writeln!(samples, "portal_up {up} {}", begin + minute * 60).unwrap();
    }
    samples.push_str("# EOF\n");
    std::fs::write(folder.path().join("samples"), samples).unwrap();
    let made = Command::new("promtool")
        .args(["tsdb", "create-blocks-from", "openmetrics", "samples", "data"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let (_prometheus, base) = start(folder.path(), "scrape_configs: []\n");
    // Without a window Prometheus goes on with the last value for five minutes.
    let configuration = format!(
        "[[source]]\nname = \"prom\"\nkind = \"prometheus\"\nurl = \"{base}\"\n\
        expressions = [{{ component = \"portal\", up = \"max_over_time(portal_up[59s])\" }}]\n"
    );
    std::fs::write(folder.path().join("cairn.toml"), configuration).unwrap();
    let checked = run(folder.path(), &["check"]);
    assert!(checked.is_well, "{}{}", checked.out, checked.err);
    let since = chrono::DateTime::from_timestamp(begin, 0).unwrap().to_rfc3339();
    for _ in 0..2 {
        let collected = run(folder.path(), &["collect", "prom", "--since", &since]);
        assert!(collected.is_well, "{}{}", collected.out, collected.err);
        let told = rows(
            folder.path(),
            "select component, epoch(\"from\")::bigint, (epoch(\"to\") - epoch(\"from\"))::bigint, up_seconds::bigint
            from facts.availability order by \"from\"",
        );
        let hour = |number: i64, seconds: i64, up: i64| format!("portal {} {seconds} {up}", begin + number * 3_600);
        assert_eq!(told, [hour(0, 3_600, 3_600), hour(1, 3_600, 2_700), hour(2, 1_800, 1_800)]);
    }
    // An expression it does not take is told in its own words.
    let wrong = std::fs::read_to_string(folder.path().join("cairn.toml")).unwrap().replace("[59s]", "[59");
    std::fs::write(folder.path().join("cairn.toml"), wrong).unwrap();
    let refused = run(folder.path(), &["collect", "prom", "--since", &since]);
    assert!(!refused.is_well && (refused.err.clone() + &refused.out).contains("parse error"), "{}", refused.err);
}
