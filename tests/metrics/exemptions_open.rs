//! exemptions_open

use facts::Kind;

use super::told::Told;

#[test]
fn an_exemption_is_open_while_in_force_and_while_it_is_used_after_its_expiry() {
    let told = Told::of(&[
        (Kind::Service, "name,valid_from,team\nshop,2025-01-01T00:00:00Z,red"),
        (
            Kind::PolicyResult,
            "policy,service,at,result
            signed,shop,2025-01-15T00:00:00Z,exempt
            signed,shop,2025-03-25T00:00:00Z,fail",
        ),
        (
            Kind::Exemption,
            "id,policy,requested_at,service,decided_at,decision,expires_at
            1,signed,2025-01-05T00:00:00Z,shop,2025-01-10T00:00:00Z,granted,2025-03-10T00:00:00Z
            2,limits,2025-01-05T00:00:00Z,shop,2025-01-20T00:00:00Z,refused,
            3,limits,2025-02-01T00:00:00Z,shop,2025-02-10T00:00:00Z,granted,2025-02-20T00:00:00Z",
        ),
    ]);
    let on = |day: &str, next: &str| {
        let row = told.row("exemptions_open", &format!("{day} {next}"), "");
        (row.estimate.value, row.beside("in_force"), row.beside("expired"), row.more("oldest_seconds"))
    };
    let days = |days: f64| Some(days * 86_400.0);
    assert_eq!(on("2025-01-31", "2025-02-01"), (Some(1.0), Some(1.0), Some(0.0), days(22.0)));
    assert_eq!(on("2025-02-14", "2025-02-15"), (Some(2.0), Some(2.0), Some(0.0), days(36.0)));
    // The third ended, and no result passes the service as exempt from that policy.
    assert_eq!(on("2025-02-28", "2025-03-01").0, Some(1.0));
    // The first expired on the 10th; until the 25th the service still passes as exempt. It has been open since its decision.
    assert_eq!(on("2025-03-15", "2025-03-16"), (Some(1.0), Some(0.0), Some(1.0), days(65.0)));
    assert_eq!(on("2025-03-31", "2025-04-01"), (Some(0.0), None, None, None));
}
