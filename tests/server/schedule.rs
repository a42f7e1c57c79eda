//! Sources that the server reads by itself.

use super::{Server, json};
use crate::command_line::run;
use crate::support::at;

const SOURCES: &str = "
[[source]]
name = \"drop\"
kind = \"files\"
path = \"in\"

[[source]]
name = \"other\"
kind = \"files\"
path = \"in\"
schedule = \"never\"
";

#[test]
fn what_was_never_read_is_read_at_the_start_and_then_at_its_times() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("in")).unwrap();
    std::fs::write(folder.path().join("in/team.csv"), "name\npay\n").unwrap();
    // Once a year, on a day that is not today for the longest while.
    let text = format!("[collect]\nschedule = \"0 0 29 feb *\"\n{SOURCES}");
    std::fs::write(folder.path().join("cairn.toml"), text).unwrap();
    let source = |server: &Server, name: &str| {
        let sources = json(&server.get("/v1/sources").1)["sources"].as_array().unwrap().clone();
        sources.into_iter().find(|source| source["name"] == name).unwrap()
    };
    let read = |server: &Server| {
        for _ in 0..200 {
            let source = source(server, "drop");
            if !source["last_run_at"].is_null() {
                return source;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("it was not read: {}", server.get("/v1/sources").1);
    };
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let first = read(&server);
    assert_eq!((&first["facts"], &first["last_error"]), (&1.into(), &serde_json::Value::Null));
    assert_eq!(source(&server, "other")["last_run_at"], serde_json::Value::Null);
    drop(server);
    // Its time has not come since.
    let server = Server::start(folder.path(), "127.0.0.1:0");
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert_eq!(source(&server, "drop")["last_run_at"], first["last_run_at"]);
}

#[test]
fn where_clocks_are_set_no_time_is_lost_and_none_comes_twice() {
    let next = |line: &str, after: &str| {
        let schedule = cairn::schedule::Schedule::parse(line, chrono_tz::Europe::Berlin).unwrap();
        schedule.after(at(after)).unwrap()
    };
    // On 28 March 2027 two o'clock is followed by three, which is 01:00 UTC.
    assert_eq!(next("30 2 * * *", "2027-03-27T12:00:00Z"), at("2027-03-28T01:00:00Z"));
    assert_eq!(next("30 2 * * *", "2027-03-28T01:00:00Z"), at("2027-03-29T00:30:00Z"));
    // On 31 October 2027 the hour from two to three comes twice: from 00:00 and from 01:00 UTC.
    assert_eq!(next("30 2 * * *", "2027-10-30T12:00:00Z"), at("2027-10-31T00:30:00Z"));
    assert_eq!(next("30 2 * * *", "2027-10-31T00:30:00Z"), at("2027-11-01T01:30:00Z"));
    assert_eq!(next("*/15 * * * *", "2027-10-31T00:50:00Z"), at("2027-10-31T01:00:00Z"));
    assert_eq!(next("0 * * * *", "2027-10-31T00:05:00Z"), at("2027-10-31T01:00:00Z"));
    assert_eq!(next("0 * * * *", "2027-10-31T01:00:00Z"), at("2027-10-31T02:00:00Z"));
}

#[test]
fn times_are_those_of_the_reporting_zone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("in")).unwrap();
    let text =
        format!("[reporting]\ntime_zone = \"Asia/Kathmandu\"\n\n[collect]\nschedule = \"30 6 * * *\"\n{SOURCES}");
    std::fs::write(folder.path().join("cairn.toml"), text).unwrap();
    let said = run(folder.path(), &["check"]);
    let line = said.out.lines().find(|line| line.contains("read by cairn serve: at")).unwrap().to_owned();
    assert!(line.contains("\"30 6 * * *\" in Asia/Kathmandu, next on ") && line.ends_with(", 06:30"), "{line}");
    assert!(said.out.contains("read by cairn serve: when asked to"), "{}", said.out);
}

#[test]
fn a_line_that_names_no_times_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (schedule, kind, reason) in [
        ("*/15 * * *", "kind = \"files\"\npath = \".\"", "has 4 fields; write minute, hour"),
        ("0 6 * * 1", "kind = \"files\"\npath = \".\"", "write mon, tue"),
        ("61 * * * *", "kind = \"files\"\npath = \".\"", "minutes go from 0 to 59"),
        ("0 0 * * fri-mon", "kind = \"files\"\npath = \".\"", "none of them backwards"),
        ("0 0 30 feb *", "kind = \"files\"\npath = \".\"", "names a time that never comes"),
        ("0 0 * * *", "kind = \"alertmanager\"", "only pushes"),
    ] {
        let text = format!("[[source]]\nname = \"drop\"\n{kind}\nschedule = \"{schedule}\"\n");
        std::fs::write(folder.path().join("cairn.toml"), text).unwrap();
        let said = run(folder.path(), &["check"]);
        assert!(!said.is_well && said.err.contains(reason), "{schedule}: {}", said.err);
        assert!(said.err.contains("[[source]] number 1 (drop)"), "{}", said.err);
    }
}
