//! template_adoption

use facts::Kind;

use super::told::{Told, figure, unknown};

/// `a` was made from a template, `b` moves onto it in April, `c` is a library, `d` is on it and retires in March.
fn told() -> Told {
    Told::of(&[(
        Kind::Service,
        "name,valid_from,team,kind,template,template_version,retired
        a,2025-02-10T00:00:00Z,red,service,web,1.0,
        b,2025-02-10T00:00:00Z,blue,service,,,
        b,2025-04-10T00:00:00Z,blue,service,web,2.0,
        c,2025-02-10T00:00:00Z,blue,library,,,
        d,2025-02-10T00:00:00Z,blue,,web,1.0,
        d,2025-03-15T00:00:00Z,blue,,web,1.0,true",
    )])
}

#[test]
fn live_services_that_could_be_on_a_template_are_what_it_is_a_share_of() {
    let told = told();
    assert_eq!(
        told.figures("template_adoption", "2025-01-01 2025-05-01 month", ""),
        [unknown("", 0), figure("", 2.0 / 3.0, 3), figure("", 0.5, 2), figure("", 1.0, 2)]
    );
    let april = "2025-04-01 2025-05-01 month";
    assert_eq!(told.ask("template_adoption", april, "", "").coverage.reasons["a library is no service"], 1);
    // Wilson for 2 of 2: 4 / (4 + 1.96^2) to 1, less the half: 2 / (2 + 3.8415) = 0.3424.
    let row = told.row("template_adoption", "2025-04-01 2025-05-01", "");
    assert!((row.estimate.low.unwrap() - 0.342_4).abs() < 1e-3, "{:?}", row.estimate);
    assert_eq!(
        told.figures("template_adoption", april, "template_version"),
        [unknown("-", 0), figure("1.0", 1.0, 1), figure("2.0", 1.0, 1)]
    );
}

#[test]
fn where_nobody_tells_of_templates_the_share_is_not_known() {
    let told = Told::of(&[(Kind::Service, "name,valid_from,team\na,2025-02-10T00:00:00Z,red")]);
    assert_eq!(told.row("template_adoption", "2025-03-01 2025-04-01", "").estimate.value, None);
}
