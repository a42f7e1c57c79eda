//! template_drift

use facts::Kind;

use super::told::{Told, figure, unknown};

#[test]
fn a_version_is_behind_from_the_day_on_which_a_newer_one_is_first_used() {
    // 1.10 is newer than 1.9, though it sorts before it.
    let told = Told::of(&[(
        Kind::Service,
        "name,valid_from,team,template,template_version
        a,2025-01-10T00:00:00Z,red,web,1.9
        b,2025-02-10T00:00:00Z,red,web,1.10
        c,2025-03-10T00:00:00Z,red,web,2.0
        x,2025-03-10T00:00:00Z,red,batch,1.0",
    )]);
    assert_eq!(
        told.figures("template_drift", "2024-12-01 2025-04-01 month", ""),
        [unknown("", 0), figure("", 0.0, 1), figure("", 0.5, 2), figure("", 0.5, 4)]
    );
    let march = told.row("template_drift", "2025-03-01 2025-04-01", "template=web");
    // a is behind by 2.0 and 1.10, b by 2.0, c by none.
    assert_eq!((march.estimate.value, march.beside("versions_behind")), (Some(2.0 / 3.0), Some(1.0)));
    // In use since 10 January, 10 February and 10 March: the middle one for 28 + 22 days.
    assert_eq!(march.beside("version_age"), Some(50.0 * 86_400.0));
}
