//! policy_blocks

use facts::Kind;

use super::told::{Told, figure, unknown};

#[test]
fn violations_are_counted_per_day_by_the_layer_that_stopped_them() {
    let told = Told::of(&[
        (Kind::Service, "name,valid_from,team\nshop,2025-01-01T00:00:00Z,red"),
        (
            Kind::PolicyBlock,
            "id,policy,at,layer,service,team
            1,signed,2025-03-03T10:00:00Z,admission,shop,
            2,signed,2025-03-04T10:00:00Z,admission,shop,blue
            3,limits,2025-03-05T10:00:00Z,ci,,
            4,limits,2025-03-19T10:00:00Z,ci,shop,",
        ),
    ]);
    let weeks = "2025-02-24 2025-03-24 week";
    // Before the first it is not known how many there were; in the third week there were none.
    // The first was on the Monday of its week, so that week has all its days; the last on a Wednesday, after which a source may be
    // silent for three days.
    assert_eq!(
        told.figures("policy_blocks", weeks, ""),
        [unknown("", 0), figure("", 3.0 / 7.0, 3), figure("", 0.0, 0), figure("", 1.0 / 6.0, 1)]
    );
    let week = "2025-03-03 2025-03-10 all";
    assert_eq!(
        told.figures("policy_blocks", week, "layer"),
        [figure("admission", 2.0 / 7.0, 2), figure("ci", 1.0 / 7.0, 1)]
    );
    // The team that was told stands above the owner of the service.
    assert_eq!(
        told.figures("policy_blocks", week, "team"),
        [figure("-", 1.0 / 7.0, 1), figure("blue", 1.0 / 7.0, 1), figure("red", 1.0 / 7.0, 1)]
    );
}
