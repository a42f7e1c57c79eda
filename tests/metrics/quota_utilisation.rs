//! quota_utilisation

use facts::Kind;

use super::told::{Told, figure, rounded, unknown};

#[test]
fn resources_are_never_added_and_growth_tells_when_one_is_used_up() {
    let told = Told::of(&[(
        Kind::Quota,
        "team,environment,resource,at,quota_limit,used
        red,production,cpu,2025-03-03T06:00:00Z,100,10
        red,production,cpu,2025-03-10T06:00:00Z,100,20
        red,production,cpu,2025-03-17T06:00:00Z,100,30
        blue,production,cpu,2025-03-03T06:00:00Z,100,50
        red,production,memory,2025-03-03T06:00:00Z,400,200
        red,staging,gpu,2025-03-03T06:00:00Z,0,0",
    )]);
    let week = "2025-03-17 2025-03-24 all";
    // Asked for no resource it is of cpu, 30 + 50 of 200, and says so; asked for several it is not known.
    let answer = told.ask("quota_utilisation", week, "", "");
    assert_eq!((rounded(answer.rows[0].estimate.value), answer.rows[0].estimate.n), (Some(0.4), 2));
    assert_eq!(answer.rests_on.unwrap().name, "cpu");
    let answer = told.ask("quota_utilisation", week, "", "resource=cpu,gpu,memory");
    assert_eq!((answer.rows[0].estimate.value, answer.rows[0].estimate.n), (None, 3));
    assert!(answer.coverage.reasons.keys().any(|reason| reason.contains("ask by resource")), "{:?}", answer.coverage);
    // cpu: 30 + 50 of 200; nothing is allowed of gpu, so no share of it is used.
    assert_eq!(
        told.figures("quota_utilisation", week, "resource"),
        [figure("cpu", 0.4, 2), unknown("gpu", 0), figure("memory", 0.5, 1)]
    );
    let red = |window: &str| told.row("quota_utilisation", window, "resource=cpu").beside("days_to_exhaustion");
    // 10 more every 7 days: the remaining 70 last for 49 days. One value alone does not grow.
    assert_eq!(rounded(red("2025-03-17 2025-03-24")), Some(49.0));
    assert_eq!(red("2025-03-03 2025-03-10"), None);
    assert_eq!(
        told.figures("quota_utilisation", "2025-03-10 2025-03-17 all", "team,resource"),
        [figure("blue cpu", 0.5, 1), figure("red cpu", 0.2, 1), unknown("red gpu", 0), figure("red memory", 0.5, 1)]
    );
}
