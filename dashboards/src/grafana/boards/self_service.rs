//! *Self-service and quotas*: what people get without asking anybody, how long it takes, and how much room is left.

use super::super::dashboard::Board;
use super::super::panel::Panel;
use super::section;

pub fn board() -> Board {
    Board {
        name: "self-service",
        title: "Self-service and quotas",
        about: "What teams get without the platform team, how long it takes, and how much of their quotas is used.",
        sections: vec![
            section(
                "Self-service",
                vec![
                    Panel::stat("self_service_rate").sized(12, 4),
                    Panel::stat("time_to_provision").sized(12, 4),
                    Panel::trend("self_service_rate"),
                    Panel::lines("time_to_provision", &["value", "p75", "p90"])
                        .titled("Time to provision: half, three quarters, nine tenths"),
                    Panel::bars("self_service_rate", "kind").titled("Self-service by what was asked for"),
                    Panel::bars("time_to_provision", "environment").titled("Time to provision by environment"),
                    Panel::table("time_to_provision", &["kind", "environment", "approval"], &["value", "p90", "n"]),
                ],
            ),
            section(
                "Quotas",
                vec![
                    Panel::lines_by("quota_utilisation", "resource"),
                    Panel::bars("quota_utilisation", "team").only("resource=cpu").titled("CPU quota used, by team"),
                    Panel::table(
                        "quota_utilisation",
                        &["team", "environment", "resource"],
                        &["value", "days_to_exhaustion"],
                    ),
                ],
            ),
            section("The rows", vec![Panel::rows("time_to_provision")]),
        ],
    }
}
