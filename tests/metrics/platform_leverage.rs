//! platform_leverage

use facts::Kind;

use super::told::{Told, figure, unknown};

#[test]
fn it_is_known_once_a_platform_team_has_engineers() {
    let told = Told::of(&[(
        Kind::Team,
        "name,valid_from,kind,engineers
        red,2025-01-10T00:00:00Z,product,30
        blue,2025-01-10T00:00:00Z,product,10
        green,2025-01-10T00:00:00Z,product,
        paved-road,2025-02-10T00:00:00Z,platform,5
        paved-road,2025-03-10T00:00:00Z,platform,8",
    )]);
    assert_eq!(
        told.figures("platform_leverage", "2025-01-01 2025-04-01 month", ""),
        [unknown("", 2), figure("", 8.0, 3), figure("", 5.0, 3)]
    );
}
