//! The table of teams, and the figures of one of them.

use super::site::{EVERY_OTHER_DAY, Site, deployments};
use crate::support::{batch, service};

fn site() -> Site {
    let catalogue = [service("checkout", "2025-01-01T00:00:00Z", "payments", None)];
    let all = [deployments("checkout", &EVERY_OTHER_DAY), deployments("orphan", &["02-03", "02-12", "02-19"])].concat();
    Site::over(&[batch(&catalogue), batch(&all)])
}

#[test]
fn teams_stand_beside_each_other_with_interval_and_n() {
    let text = site().get("/?window=4").text();
    // 14 in 28 days again; 3 in 28 days are 3.26 a month of 30.4375 days, and the exact interval of 3 is 0.62 to 8.77:
    // 0.67 to 9.5 a month; in the unit of the column 0.75 a week, 0.2 to 2.2.
    assert!(text.contains("payments – 3.5 per week 1.9 to 5.9 per week n = 14"), "{text}");
    assert!(text.contains("no team known – 0.8 per week 0.2 to 2.2 per week n = 3 thin data"), "{text}");
}

#[test]
fn a_team_leads_to_its_own_figures_by_service() {
    let site = site();
    let page = site.get("/?window=4");
    assert!(page.links().contains(&"/teams/payments?window=4".to_owned()), "{:?}", page.links());
    let text = site.get("/?window=4&team=payments").text();
    assert!(text.contains("1 Mar 2026 (UTC), team payments ."), "{text}");
    assert!(text.contains("By service") && text.contains("checkout – 3.5 per week"), "{text}");
    assert!(!text.contains("no team known"), "{text}");
}

#[test]
fn the_form_works_without_script_and_keeps_what_was_chosen() {
    let html = site().get("/?window=26&grain=month&team=payments").html;
    assert!(html.contains("<form class=\"filters\" method=\"get\" action=\"/\""));
    for chosen in
        ["<option value=\"26\" selected>", "<option value=\"month\" selected>", "<option value=\"payments\" selected>"]
    {
        assert!(html.contains(chosen), "{chosen}");
    }
    // A window by days is kept until another is chosen.
    let html = site().get("/?from=2026-02-02&to=2026-02-16").html;
    assert!(html.contains("<input type=\"hidden\" name=\"from\" value=\"2026-02-02\">"), "{html}");
    assert!(html.contains("<option value=\"\" selected>2 Feb 2026 to 15 Feb 2026</option>"), "{html}");
}

#[test]
fn sources_are_listed_with_what_they_last_told_of() {
    let text = site().get("/").text();
    assert!(text.contains("test deployment 28 Feb 2026, 12:00 3 d 22 h ago 4 Mar 2026, 10:00"), "{text}");
}

#[test]
fn all_teams_stand_on_a_page_of_their_own_and_each_leads_to_its_page() {
    let site = site();
    let page = site.get("/teams?window=4");
    let text = page.text();
    assert_eq!(page.status, 200, "{text}");
    // The same as on the overview: 14 in 28 days.
    assert!(text.contains("payments – 3.5 per week 1.9 to 5.9 per week n = 14"), "{text}");
    assert!(page.links().contains(&"/teams/payments?window=4".to_owned()), "{:?}", page.links());
    let file = site.get("/teams.csv?window=4").html;
    assert!(file.starts_with("team,metric,unit,value,low,high,n\r\n"), "{file}");
    assert!(file.contains("\r\npayments,deployment_frequency,deployments per day,0.5,"), "{file}");
    assert!(file.contains("\r\n,deployment_frequency,deployments per day,"), "no team known: {file}");
    assert!(Site::over(&[]).get("/teams").text().contains("No team is known yet"));
}

#[test]
fn the_figures_of_the_overview_and_the_rows_behind_them_are_files_too() {
    let site = site();
    let file = site.get("/figures.csv?window=4&team=payments").html;
    assert!(
        file.starts_with("metric,unit,grain,time,value,low,high,n,coverage,is_complete,is_provisional\r\n"),
        "{file}"
    );
    // Four in the week from February 2.
    let week = "\r\ndeployment_frequency,deployments per day,week,2026-02-02T00:00:00Z,0.5714";
    assert!(file.contains(week) && file.contains("\r\ntime_to_restore,seconds,"), "{file}");
    let page = site.get("/m/deployment_frequency/rows?window=4&team=payments");
    let address = "/m/deployment_frequency/rows.csv?from=2026-02-02&to=2026-03-02&team=payments";
    assert!(page.links().contains(&address.to_owned()), "{:?}", page.links());
    let rows = site.get(address).html;
    assert!(rows.starts_with("time,subject,value,counts,reason,service,team,environment,repository,url\r\n"), "{rows}");
    assert!(rows.contains("\r\n2026-02-28T12:00:00Z,checkout-02-28,"), "{rows}");
    assert_eq!(rows.lines().count(), 15, "a head and fourteen deployments: {rows}");
}
