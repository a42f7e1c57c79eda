//! Questions that cannot be answered name what is wrong and the nearest that would do; rows open behind every number.

use analytics::Question;

use crate::support::{at, batch, deployment, engine, service, store_in, write};

fn refusal(question: Question) -> String {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    write(&store, &[batch(&[deployment("1", "checkout", "2025-03-03T10:00:00Z")])]);
    let engine = engine(&store, "UTC");
    let now = at("2026-01-01T00:00:00Z");
    match question.read(engine.options().zone, now) {
        Err(error) => error.to_string(),
        Ok(ask) => engine.answer(&ask, now).unwrap_err().to_string(),
    }
}

#[test]
fn an_unknown_metric_dimension_grain_name_or_zone_is_refused_with_the_nearest() {
    let metric = |name: &str| Question { metric: name.into(), ..Question::default() };
    let known = || metric("deployment_frequency");
    assert!(refusal(metric("deployment_frequencies")).contains("did you mean `deployment_frequency`?"));
    assert!(refusal(Question { by: vec!["servce".into()], ..known() }).contains("did you mean `service`?"));
    assert!(refusal(Question { grain: Some("monthly".into()), ..known() }).contains("did you mean `month`?"));
    assert!(
        refusal(Question { filters: vec!["service=chekout".into()], ..known() }).contains("did you mean `checkout`?")
    );
    assert!(refusal(Question { filters: vec!["service".into()], ..known() }).contains("no `=`"));
    assert!(
        refusal(Question { from: Some("2025-01-01".into()), to: Some("2024-01-01".into()), ..known() })
            .contains("before it begins")
    );
    assert!(refusal(Question { from: Some("yesterday".into()), ..known() }).contains("2026-01-31"));
    let zone = analytics::parse_zone("Europe/Berln").unwrap_err().to_string();
    assert!(zone.contains("did you mean `Europe/Berlin`?"), "{zone}");
}

#[test]
fn of_a_zone_written_as_an_offset_the_one_of_the_opposite_sign_is_not_proposed() {
    let told = |name: &str| analytics::parse_zone(name).unwrap_err().to_string();
    for (name, ahead) in [
        ("GMT+2", "2 h ahead of UTC all the year is Etc/GMT-2,"),
        ("UTC+02:00", "2 h ahead of UTC all the year is Etc/GMT-2,"),
        ("+0200", "2 h ahead of UTC all the year is Etc/GMT-2,"),
        ("utc-5", "5 h behind UTC all the year is Etc/GMT+5,"),
        ("+00:00", "without any offset it is UTC"),
    ] {
        let told = told(name);
        assert!(told.contains(ahead) && told.contains("such as Europe/Berlin"), "{told}");
        assert!(!told.contains("did you mean"), "{told}");
    }
    // There is no name for half an hour, nor for thirteen hours behind.
    for name in ["GMT+5:30", "-13:00"] {
        let told = told(name);
        assert!(told.contains("named by place") && !told.contains("Etc/GMT"), "{told}");
    }
}

#[test]
fn names_with_commas_semicolons_and_quotes_are_said_in_quotes() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    let services = ["cart, checkout", "a;b", "say \"hi\"", "plain"];
    let deployments = services.map(|service| deployment(service, service, "2025-03-03T10:00:00Z"));
    write(&store, &[batch(&deployments)]);
    let engine = engine(&store, "UTC");
    let now = at("2026-01-01T00:00:00Z");
    let counted = |filter: &str| {
        let filters = vec![filter.to_owned()];
        let question = Question { metric: "deployment_frequency".into(), filters, ..Question::default() };
        let ask =
            Question { from: Some("2025".into()), to: Some("2026".into()), grain: Some("all".into()), ..question };
        engine.answer(&ask.read(engine.options().zone, now).unwrap(), now).unwrap().rows[0].estimate.n
    };
    assert_eq!(counted(r#"service="cart, checkout""#), 1);
    assert_eq!(counted(r#"service = "cart, checkout" , plain,"a;b""#), 3);
    assert_eq!(counted(r#"service="a;b"; service=plain"#), 0, "several filters hold together");
    assert_eq!(counted(r#"service="say ""hi""""#), 1);
    assert_eq!(counted(r#"service=say "hi""#), 1, "a quote within a name needs none about it");
    for service in services {
        assert_eq!(counted(&format!("service={}", analytics::quoted(service))), 1, "{service}");
    }
    let refused = |filter: &str| {
        let question = Question { filters: vec![filter.to_owned()], ..Question::default() };
        question.read(engine.options().zone, now).unwrap_err().to_string()
    };
    assert!(refused("service=cart;checkout").contains("the filter `checkout` has no `=`"));
    assert!(refused("service=\"cart").contains("the quotes in the filter `service=\"cart` do not fit"));
    assert!(refused("service=\"cart\"x").contains("do not fit"));
    assert!(refused("service= ,").contains("names no service"));
    let figures_of_none = Question { filters: vec!["service=".into()], ..Question::default() };
    let figures_of_none = Question { metric: "deployment_frequency".into(), ..figures_of_none };
    let ask = figures_of_none.read(engine.options().zone, now).unwrap();
    assert!(engine.answer(&ask, now).unwrap_err().to_string().contains("are asked for by service"));
}

#[test]
fn the_rows_behind_a_number_are_paged_latest_first_with_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    write(
        &store,
        &[
            batch(&[
                deployment("1", "shop", "2025-03-03T10:00:00Z"),
                deployment("2", "shop", "2025-03-04T10:00:00Z"),
                deployment("3", "shop", "2025-03-05T10:00:00Z"),
                deployment("4", "other", "2025-03-05T11:00:00Z"),
            ]),
            batch(&[service("shop", "2025-01-01T00:00:00Z", "payments", None)]),
        ],
    );
    let engine = engine(&store, "UTC");
    let now = at("2026-01-01T00:00:00Z");
    let question = Question {
        metric: "deployment_frequency".into(),
        from: Some("2025-03-01".into()),
        filters: vec!["team=payments".into()],
        ..Question::default()
    };
    let ask = question.read(engine.options().zone, now).unwrap();
    let first = engine.observations(&ask, 0, 2, now).unwrap();
    let subjects: Vec<&str> = first.observations.iter().filter_map(|row| row.subject.as_deref()).collect();
    assert_eq!((subjects, first.next), (vec!["3", "2"], Some(2)));
    let second = engine.observations(&ask, 2, 2, now).unwrap();
    assert_eq!((second.observations.len(), second.next), (1, None));
    assert_eq!(second.observations[0].team.as_deref(), Some("payments"));

    // Of `other` nobody knows a team: its rows are those of the group without a name.
    let subjects = |filter: &str| -> Vec<String> {
        let ask = Question { filters: vec![filter.to_owned()], ..question.clone() };
        let ask = ask.read(engine.options().zone, now).unwrap();
        let found = engine.observations(&ask, 0, 10, now).unwrap().observations;
        found.into_iter().filter_map(|row| row.subject).collect()
    };
    assert_eq!(subjects("team="), ["4"]);
    assert_eq!(subjects("team=\"\"; service=other"), ["4"]);
    assert!(subjects("team=; service=shop").is_empty());
}
