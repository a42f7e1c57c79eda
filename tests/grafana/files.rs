//! The files are what the catalogue makes of them. Run with `UPDATE_GRAFANA=1` to write them anew.

use std::collections::BTreeSet;
use std::fs;

use analytics::Catalogue;
use dashboards::grafana::{Way, files};

use super::shipped::{self, dashboards};
use crate::house_rules::root;

#[test]
#[expect(clippy::disallowed_methods, reason = "a switch for people who changed a dashboard, not for the product")]
fn the_files_are_those_that_the_catalogue_makes() {
    let folder = root().join("dashboards/grafana");
    let made = files(&Catalogue::read(sql::METRICS).unwrap());
    if std::env::var("UPDATE_GRAFANA").is_ok() {
        for generated in ["alerting", "dashboards", "datasources", "provider"] {
            let _ = fs::remove_dir_all(folder.join(generated));
        }
        for file in &made {
            fs::create_dir_all(folder.join(&file.path).parent().unwrap()).unwrap();
            fs::write(folder.join(&file.path), &file.text).unwrap();
        }
        return;
    }
    for file in &made {
        let found = fs::read_to_string(folder.join(&file.path)).unwrap_or_default();
        assert!(
            found == file.text,
            "dashboards/grafana/{} is behind its description; write it anew: UPDATE_GRAFANA=1 make test ARGS=grafana",
            file.path
        );
    }
    let expected: BTreeSet<String> = made.into_iter().map(|file| file.path).collect();
    let found: BTreeSet<String> = shipped::generated_paths().into_iter().collect();
    assert_eq!(found, expected, "files that nothing makes any more, or none made yet");
}

#[test]
fn identifiers_are_unique_and_none_is_named_that_does_not_exist() {
    let boards = dashboards();
    let uids: BTreeSet<&str> = boards.iter().map(|board| board.json["uid"].as_str().unwrap()).collect();
    assert_eq!(uids.len(), boards.len());
    // Grafana refuses longer ones.
    assert!(uids.iter().all(|uid| uid.len() <= 40), "{uids:?}");
    for board in &boards {
        let panels = board.json["panels"].as_array().unwrap();
        let ids: BTreeSet<u64> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
        assert_eq!(ids.len(), panels.len(), "{}", board.path);
        for place in shipped::all_of(&board.json, "datasource") {
            assert_eq!(place["uid"], "${ds}", "{}", board.path);
            assert_eq!(place["type"], board.way.plugin(), "{}", board.path);
        }
        let source = board.variable("ds");
        assert_eq!(
            (&source["query"], &source["current"]["value"]),
            (&board.way.plugin().into(), &board.way.uid().into())
        );
    }
    let sources = fs::read_to_string(root().join("dashboards/grafana/datasources/cairn.yaml")).unwrap();
    for way in Way::ALL {
        assert!(sources.contains(&format!("uid: \"{}\"", way.uid())));
        assert!(sources.contains(&format!("type: \"{}\"", way.plugin())));
    }
    let catalogue = Catalogue::read(sql::METRICS).unwrap();
    let mut rules = BTreeSet::new();
    for rule in Way::ALL.into_iter().flat_map(|way| shipped::rules(&catalogue, way)) {
        assert!(rules.insert(rule["uid"].as_str().unwrap().to_owned()));
        assert!(rule["uid"].as_str().unwrap().len() <= 40);
        let board = boards.iter().find(|board| board.json["uid"] == rule["dashboardUid"]);
        let board = board.unwrap_or_else(|| panic!("{} looks at no dashboard of ours", rule["uid"]));
        assert!(board.json["panels"].as_array().unwrap().iter().any(|panel| panel["id"] == rule["panelId"]));
    }
}

#[test]
fn both_ways_show_the_same_dashboards_and_every_panel_says_what_it_shows() {
    let boards = dashboards();
    let titles = |way: Way| -> Vec<&str> {
        boards.iter().filter(|board| board.way == way).map(|board| board.json["title"].as_str().unwrap()).collect()
    };
    assert_eq!(titles(Way::PostgreSql), titles(Way::Infinity));
    assert_eq!(titles(Way::PostgreSql).len(), 9);
    for board in &boards {
        assert_eq!(board.json["schemaVersion"], 41);
        for panel in board.panels() {
            let about = panel["description"].as_str().unwrap();
            assert!(about.len() > 30, "{}: {} does not say what it shows", board.path, panel["title"]);
        }
    }
}

#[test]
fn panels_lie_side_by_side_and_never_on_each_other() {
    for board in dashboards() {
        let place =
            |panel: &serde_json::Value| ["x", "y", "w", "h"].map(|name| panel["gridPos"][name].as_u64().unwrap());
        let places: Vec<[u64; 4]> = board.json["panels"].as_array().unwrap().iter().map(place).collect();
        for (index, [x, y, w, h]) in places.iter().enumerate() {
            assert!(x + w <= 24, "{}", board.path);
            for [other_x, other_y, other_w, other_h] in &places[index + 1..] {
                let is_apart =
                    x + w <= *other_x || other_x + other_w <= *x || y + h <= *other_y || other_y + other_h <= *y;
                assert!(is_apart, "{}: panel {} is covered", board.path, index + 1);
            }
        }
    }
}

#[test]
fn colours_follow_the_thresholds_of_the_metrics_header() {
    let board = dashboards().into_iter().find(|board| board.json["uid"] == "cairn-self-service").unwrap();
    let panel = board.panels().into_iter().find(|panel| panel["type"] == "stat").unwrap();
    // self_service_rate: higher is better, good from 0.9, poor up to 0.75.
    let steps = &panel["fieldConfig"]["defaults"]["thresholds"]["steps"];
    let told: Vec<(&str, Option<f64>)> = (steps.as_array().unwrap().iter())
        .map(|step| (step["color"].as_str().unwrap(), step["value"].as_f64()))
        .collect();
    assert_eq!(told, [("red", None), ("orange", Some(0.75)), ("green", Some(0.9))]);
}

#[test]
fn everything_that_the_compose_file_mounts_is_there() {
    let folder = root().join("dashboards/grafana");
    let compose = fs::read_to_string(folder.join("compose.yaml")).unwrap();
    let mounted = compose.lines().filter_map(|line| line.trim().strip_prefix("- ./")?.split(':').next());
    let mounted: Vec<&str> = mounted.filter(|path| *path != "data").collect();
    assert!(mounted.len() >= 5, "{mounted:?}");
    for path in mounted {
        assert!(folder.join(path).exists(), "{path} is mounted and does not exist");
    }
}
