//! What commands say besides their figures: the way on, what is missing, and how it is asked.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use store::Question;

use super::{cairn, run};
use crate::support::{at, store_in};

#[test]
fn a_command_that_is_proposed_is_of_the_same_store_and_configuration() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("my own.toml"), "[reporting]\ntime_zone = \"UTC\"\n").unwrap();
    let rows: String = (0..9).map(|id| format!("{id},2025-12-30T10:00:00Z\n")).collect();
    fs::write(folder.path().join("i.csv"), format!("id,opened_at\n{rows}")).unwrap();
    let given = ["--config", "my own.toml", "--store", "other.duckdb"];
    assert!(run(folder.path(), &[&given[..], &["import", "incident", "i.csv"]].concat()).is_well);
    let said = run(folder.path(), &[&given[..], &["doctor", "data"]].concat()).out;
    let proposed: Vec<&str> = said.lines().filter(|line| line.contains("more: cairn doctor data --check")).collect();
    assert!(!proposed.is_empty(), "{said}");
    for line in proposed {
        assert!(line.ends_with(" --config 'my own.toml' --store other.duckdb"), "{line}");
    }
}

#[test]
fn money_without_a_model_is_not_among_what_nothing_is_missing_for() {
    let folder = tempfile::tempdir().unwrap();
    // The demo tells all that money rests on.
    assert!(run(folder.path(), &["demo", "--no-serve", "--scale", "0.05"]).is_well);
    let said = run(folder.path(), &["doctor", "data", "--store", "cairn-demo.duckdb"]).out;
    let whole = said.split("nothing is missing for:").nth(1).unwrap();
    let (whole, rest) = whole.split_once("value_of_time_saved: ").unwrap();
    assert!(!whole.contains("value_of_time_saved") && rest.starts_with("cairn.toml has no [value]"), "{said}");
}

#[test]
fn figures_of_several_names_say_how_to_ask_for_each() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    for (wave, opened, closed) in [
        ("spring", "2025-03-03T09:00:00Z", "2025-03-14T18:00:00Z"),
        ("autumn", "2025-09-01T09:00:00Z", "2025-09-12T18:00:00Z"),
    ] {
        store.open_wave(wave, at(opened)).unwrap();
        store.invite(wave, "red", 10).unwrap();
        for _ in 0..8 {
            let answers = [(Question::Area("deployment".into()), 4), (Question::Area("documentation".into()), 2)];
            store.take_answers(wave, "red", &answers).unwrap();
        }
        store.close_wave(wave, at(closed)).unwrap();
    }
    drop(store);
    let ask = |more: &[&str]| {
        let all = ["--store", "test.duckdb", "--from", "2025", "--to", "2026", "--grain", "all"];
        run(folder.path(), &[&["metrics"], more, &all].concat()).out
    };
    let rate = ask(&["survey_response_rate"]);
    assert!(rate.contains("ask with --by wave") && !rate.contains("nothing was observed"), "{rate}");
    assert!(rate.contains("from 2025-01-01 to before 2026-01-01 (UTC)"), "{rate}");
    // 8 of 10 answered each time.
    assert_eq!(ask(&["survey_response_rate", "--by", "wave"]).matches("80 %").count(), 2);
    let areas = ask(&["devex_area_score"]);
    assert!(areas.contains("ask with --by area,wave, or for one of them with --where area=NAME"), "{areas}");
    assert!(!areas.contains("nothing was observed"), "{areas}");
    let one = ask(&["devex_area_score", "--where", "area=deployment", "--where", "wave=spring"]);
    assert!(!one.contains("ask with --by") && one.contains("100 %"), "{one}");
}

#[test]
fn a_check_says_where_the_configuration_is_from() {
    let folder = tempfile::tempdir().unwrap();
    let none = run(folder.path(), &["check"]).out;
    assert!(none.contains("no cairn.toml here") && none.contains("the defaults hold"), "{none}");
    fs::write(folder.path().join("cairn.toml"), "").unwrap();
    assert!(run(folder.path(), &["check"]).out.contains("configuration: cairn.toml"));
}

#[test]
fn a_folder_of_files_that_is_not_there_is_named_in_full_and_an_empty_variable_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let check = |source: &str| {
        fs::write(folder.path().join("cairn.toml"), format!("[[source]]\nname = \"it\"\n{source}")).unwrap();
        let mut command = cairn(folder.path(), &["check"]);
        super::said(command.env("EMPTY_ONE", "").output().unwrap()).out
    };
    let files = check("kind = \"files\"\npath = \"drop\"\n");
    let whole = folder.path().canonicalize().unwrap().join("drop");
    assert!(files.contains(&format!("{} cannot be read", whole.display())), "{files}");
    let token = check("kind = \"github\"\nrepositories = [\"acme/shop\"]\ntoken = \"${EMPTY_ONE}\"\n");
    assert!(token.contains("${EMPTY_ONE}"), "{token}");
}

#[test]
fn an_address_that_is_none_is_not_said_to_be_in_use() {
    let folder = tempfile::tempdir().unwrap();
    let nonsense = run(folder.path(), &["serve", "--listen", "nonsense"]).err;
    assert!(nonsense.contains("such as 127.0.0.1:8080") && !nonsense.contains("another server"), "{nonsense}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let refused = run(folder.path(), &["serve", "--listen", &taken.local_addr().unwrap().to_string()]).err;
    assert!(refused.contains("another server is there"), "{refused}");
    // No store is left of a server that never was.
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let demo = run(folder.path(), &["demo", "--listen", &taken.local_addr().unwrap().to_string()]).err;
    assert!(demo.contains("another server is there"), "{demo}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_window_that_has_not_begun_is_told_by_its_day() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("i.csv"), "id,opened_at\n1,2025-12-30T10:00:00Z\n").unwrap();
    assert!(run(folder.path(), &["import", "incident", "i.csv"]).is_well);
    let refused = run(folder.path(), &["metrics", "time_to_restore", "--from", "2999"]).err;
    assert!(refused.contains("begins on 2999-01-01, which lies ahead"), "{refused}");
}

#[test]
fn dropping_says_why_there_is_nothing_to_drop_and_both_ways_to_say_what() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("i.csv"), "id,opened_at\n1,2025-12-30T10:00:00Z\n").unwrap();
    assert!(run(folder.path(), &["import", "incident", "i.csv"]).is_well);
    let dropped = run(folder.path(), &["inbox", "drop", "--all"]).out;
    assert!(dropped.contains("0 pushes dropped") && dropped.contains("waits for the server"), "{dropped}");
    assert!(run(folder.path(), &["inbox", "drop"]).err.contains("cairn inbox drop --all"));
}

#[test]
fn a_demo_that_is_served_says_how_to_ask_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut demo = cairn(folder.path(), &["demo", "--scale", "0.05", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(demo.stdout.take().unwrap()).lines().map(Result::unwrap);
    let said: Vec<String> = lines.take_while(|line| !line.starts_with("Cairn is at")).collect();
    let proposed =
        said.iter().find_map(|line| line.strip_prefix("look further: curl '")).unwrap().trim_end_matches('\'');
    let answer = ureq::get(proposed).call().unwrap().into_body().read_to_string().unwrap();
    demo.kill().unwrap();
    demo.wait().unwrap();
    assert!(answer.starts_with("time,team,"), "{answer}");
    let by_itself = said.iter().find_map(|line| line.strip_prefix("or, when the server is stopped: cairn ")).unwrap();
    let words: Vec<&str> = by_itself.split(' ').collect();
    assert!(run(folder.path(), &words).is_well, "{by_itself}");
}

#[test]
fn an_address_that_ends_in_the_apis_own_path_is_told_with_the_one_to_give() {
    let folder = tempfile::tempdir().unwrap();
    let check = |table: &str| {
        fs::write(folder.path().join("cairn.toml"), format!("[[source]]\nname = \"it\"\n{table}\n")).unwrap();
        let told = run(folder.path(), &["check"]);
        format!("{}{}", told.out, told.err)
    };
    let missing = check("kind = \"argocd\"");
    assert!(missing.contains("url is missing") && missing.contains("\"https://argocd.acme.example\""), "{missing}");
    for (kind, path) in
        [("argocd", "/api/v1"), ("prometheus", "/api/v1/"), ("jira", "/rest/api/3"), ("kubernetes", "/apis")]
    {
        let doubled = check(&format!("kind = \"{kind}\"\nurl = \"http://127.0.0.1:9/own{path}\""));
        assert!(doubled.contains("give url = \"http://127.0.0.1:9/own\""), "{kind}: {doubled}");
    }
    // Who only pushes is not asked.
    fs::write(folder.path().join("secret"), "one").unwrap();
    let pushes = check("kind = \"argocd\"\nsecret_file = \"secret\"");
    assert!(pushes.contains("it only pushes"), "{pushes}");
    // A key that is not the kind's own may be meant to be one that all have.
    let misspelt = check("kind = \"backstage\"\nurl = \"http://127.0.0.1:9\"\ntokn = \"x\"");
    assert!(misspelt.contains("`tokn`") && misspelt.contains("did you mean `token`"), "{misspelt}");
}

#[test]
fn the_columns_of_a_kind_are_shown_whatever_the_configuration_says() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("cairn.toml"), "stor = 1\n").unwrap();
    let shown = run(folder.path(), &["import", "team", "--columns"]);
    assert!(shown.is_well && shown.out.contains("valid_from"), "{}{}", shown.out, shown.err);
    let unknown = run(folder.path(), &["import", "teem", "--columns"]);
    assert!(!unknown.is_well && unknown.err.contains("did you mean `team`"), "{}", unknown.err);
}
