//! What a metric's page says beside the course of its figure: what arrived meanwhile, teams and services side by side, and how
//! what it is made of is spread.

use facts::Improvement;

use super::site::{EVERY_OTHER_DAY, Site, deployments};
use crate::support::{at, batch, deployment, incident, service};

fn arrival(name: &str, day: &str, team: Option<&str>, service: Option<&str>) -> Improvement {
    Improvement {
        id: format!("{name}-{day}-{team:?}-{service:?}"),
        name: name.into(),
        at: at(&format!("2026-{day}T00:00:00Z")),
        team: team.map(String::from),
        service: service.map(String::from),
        url: None,
    }
}

/// The numbers of an attribute in the elements of a class.
fn places(html: &str, class: &str, attribute: &str) -> Vec<f64> {
    let (class, attribute) = (format!("class=\"{class}\""), format!(" {attribute}=\""));
    let values = html.split(&class).skip(1).filter_map(|rest| rest.split(&attribute).nth(1)?.split('"').next());
    values.map(|value| value.parse().unwrap()).collect()
}

#[test]
fn improvements_that_arrived_are_marked_where_they_arrived_and_named_below() {
    let services = ["checkout", "cart"].map(|name| service(name, "2025-01-01T00:00:00Z", "payments", None));
    let other = service("find", "2025-01-01T00:00:00Z", "search", None);
    let arrivals = [
        // Announced before it arrives anywhere, which is no arrival.
        arrival("Faster tests", "02-03", None, None),
        arrival("Faster tests", "02-09", Some("payments"), None),
        arrival("Faster tests", "02-16", Some("search"), None),
        arrival("Feature flags", "02-23", None, Some("cart")),
        // Announced only, and two that are long past.
        arrival("New portal", "02-27", None, None),
        arrival("Old hat", "01-05", Some("payments"), None),
        arrival("Older hat", "01-03", None, None),
    ];
    let deployed = [deployments("checkout", &EVERY_OTHER_DAY), deployments("find", &["02-10"])].concat();
    let site = Site::over(&[batch(&services), batch(&[other]), batch(&arrivals), batch(&deployed)]);
    let page = site.get("/m/deployment_frequency?window=4");
    let text = page.text();
    let listed = [
        "Faster tests : at 2 teams, from 9 Feb 2026 to 16 Feb 2026",
        "Feature flags : at 1 service, 23 Feb 2026",
        "New portal : announced, 27 Feb 2026",
    ];
    assert!(text.contains(&listed.join(" ")), "{text}");
    let before = "had arrived before: Older hat (announced, 3 Jan 2026); Old hat (at 1 team, 5 Jan 2026)";
    assert!(text.contains(before), "{text}");
    let leads = "/improvements/Faster%20tests?metric=deployment_frequency".to_owned();
    assert!(page.links().contains(&leads), "{:?}", page.links());
    // Five weeks from 2 February, the last of them running, on a width of 630 from 78 on: the second begins at 78 + 126, and the
    // portal came four days of seven into the fourth.
    let marks = places(&page.html, "arrival", "x1");
    for (mark, expected) in marks.iter().zip([204.0, 456.0, 456.0 + 126.0 * 4.0 / 7.0]) {
        assert!((mark - expected).abs() < 0.06, "{marks:?}");
    }
    assert_eq!(marks.len(), 3);
    // The first spread over a week, and each stands in the first lane that is free.
    let rollout = page.html.split("<rect class=\"rollout\"").nth(1).unwrap().split('>').next().unwrap();
    assert!(rollout.contains("x=\"204.0\"") && rollout.contains("width=\"126.0\""), "{rollout}");
    assert_eq!(places(&page.html, "label number", "y"), [16.0, 16.0, 16.0]);
    assert!(page.html.contains("Marks say when 3 improvements arrived"), "{text}");

    // Of a team what reached it or its services.
    let text = site.get("/m/deployment_frequency?window=4&team=search").text();
    assert!(text.contains("Faster tests : at 1 team, 16 Feb 2026 New portal"), "{text}");
    let text = site.get("/m/deployment_frequency?window=4&team=payments").text();
    assert!(text.contains("Faster tests : at 1 team, 9 Feb 2026 Feature flags : at 1 service"), "{text}");
    // What reached a team reached its services.
    let text = site.get("/m/deployment_frequency?window=4&service=checkout").text();
    assert!(text.contains("Faster tests : at 1 team, 9 Feb 2026 New portal"), "{text}");
    // Without any there is no list.
    let none = site.get("/m/deployment_frequency?from=2025-06-01&to=2025-07-01").text();
    assert!(!none.contains("by the numbers of their marks") && !none.contains("had arrived before"), "{none}");
}

#[test]
fn a_page_sets_teams_and_services_side_by_side_and_of_a_team_its_services() {
    let services = [("checkout", "payments"), ("find", "search")]
        .map(|(name, team)| service(name, "2025-01-01T00:00:00Z", team, None));
    let deployed = [deployments("checkout", &EVERY_OTHER_DAY), deployments("find", &["02-10"])].concat();
    let site = Site::over(&[batch(&services), batch(&deployed)]);
    let text = site.get("/m/deployment_frequency?window=4").text();
    let (teams, services) = (text.split("By team").nth(1).unwrap(), text.split("By service").nth(1).unwrap());
    assert!(teams.contains("payments") && services.contains("checkout") && services.contains("find"), "{text}");
    let text = site.get("/m/deployment_frequency?window=4&team=search").text();
    assert!(!text.contains("By team") && !text.split("By service").nth(1).unwrap().contains("checkout"), "{text}");
}

#[test]
fn of_very_many_services_those_are_shown_of_which_most_was_observed() {
    let deployed: Vec<_> = (0..52)
        .flat_map(|number: usize| {
            // The first two services were deployed once each, all others twice.
            (0..if number < 2 { 1 } else { 2 }).map(move |day| {
                let time = format!("2026-02-{:02}T12:00:00Z", 10 + day);
                deployment(&format!("{number}-{day}"), &format!("service-{number:02}"), &time)
            })
        })
        .collect();
    let page = Site::over(&[batch(&deployed)]).get("/m/deployment_frequency?window=4");
    let text = page.text();
    assert!(text.contains("The 50 of 52 of which most was observed, the most first."), "{text}");
    let table = page.html.split("id=\"by-service\"").nth(1).unwrap().split("</section>").next().unwrap();
    assert!(!table.contains(">service-00<") && !table.contains(">service-01<") && table.contains(">service-51<"));
    let all =
        "/v1/metrics/deployment_frequency?from=2026-02-02&to=2026-03-02&grain=all&by=service&format=csv".to_owned();
    assert!(page.links().contains(&all), "{:?}", page.links());
}

#[test]
fn durations_are_drawn_by_their_length_with_the_median_and_what_is_open() {
    let at_ten = |id: &str, resolved: Option<&str>| incident(id, Some("shop"), "2026-02-10T10:00:00Z", resolved, None);
    let told = [
        at_ten("1", Some("2026-02-10T10:01:30Z")),
        at_ten("2", Some("2026-02-10T10:04:00Z")),
        at_ten("3", Some("2026-02-10T10:05:00Z")),
        // Open for 22 days by the present.
        at_ten("4", None),
    ];
    let page = Site::over(&[batch(&told)]).get("/m/time_to_restore?window=4");
    let text = page.text();
    let spread = text.split("Distribution").nth(1).unwrap();
    assert!(spread.contains("median 4 min 30 s"), "{spread}");
    assert!(spread.contains("4 in all") && spread.contains("not over yet, 1 of them"), "{spread}");
    for row in ["1 min to 2 min 1 0", "2 min to 5 min 2 0", "5 min to 10 min 0 0", "16 d to 32 d 1 1"] {
        assert!(spread.contains(row), "{row}: {spread}");
    }
    // Half are over after 4 min, and the next after 5: the median lies between. From 1 min to 32 d are 15 bars of 605 / 15, the
    // second from 2 to 5 min. It lies ln(270 / 120) / ln(300 / 120) = 0.885 of the way through that, at 1.885 bars from 78.
    let mark = places(&page.html, "break", "x1");
    assert!((mark[0] - (78.0 + 605.0 / 15.0 * 1.885)).abs() < 0.06, "{mark:?}");
    let (bars, open) = (places(&page.html, "bar", "height"), places(&page.html, "bar open", "height"));
    assert_eq!((bars.len(), open.len()), (2, 1));
    assert!((bars[1] - 2.0 * bars[0]).abs() < 0.11 && (open[0] - bars[0]).abs() < 0.11, "{bars:?} {open:?}");
    let json = "/v1/metrics/time_to_restore/distribution?from=2026-02-02&to=2026-03-02".to_owned();
    assert!(page.links().contains(&json), "{:?}", page.links());
}

#[test]
fn of_what_has_no_durations_it_is_shown_how_services_differ_and_of_people_nothing() {
    // One, two ... six deployments in four weeks.
    let deployed: Vec<_> = (1..=6)
        .flat_map(|number: usize| {
            (0..number).map(move |day| {
                let time = format!("2026-02-{:02}T12:00:00Z", 10 + day);
                deployment(&format!("{number}-{day}"), &format!("service-{number}"), &time)
            })
        })
        .collect();
    let site = Site::over(&[batch(&deployed)]);
    let text = site.get("/m/deployment_frequency?window=4").text();
    let differ = text.split("How services differ").nth(1).unwrap();
    assert!(
        differ.contains("6 in all") && differ.contains("6 of them rest on fewer than 10 observations: such figures"),
        "{differ}"
    );
    // Fewer than five services are read from the table.
    let few = Site::over(&[batch(&deployments("shop", &EVERY_OTHER_DAY))]);
    assert!(!few.get("/m/deployment_frequency?window=4").text().contains("How services differ"));
    let person = facts::Engineer {
        id: facts::Person("ada".into()),
        joined_at: at("2026-02-02T00:00:00Z"),
        team: Some("payments".into()),
        left_at: None,
        url: None,
    };
    let site = Site::over(&[batch(&[person])]);
    let text = site.get("/m/time_to_first_deployment?window=4").text();
    assert!(text.contains("Each duration is one person's, so their distribution is shown to nobody."), "{text}");
}
