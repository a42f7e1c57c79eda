//! *Delivery*: the five metrics, where a change waits, how figures are spread, and the rows behind them.

use super::super::dashboard::Board;
use super::super::panel::Panel;
use super::super::question::Question;
use super::section;

pub fn board() -> Board {
    let stages = ["coding_value", "pickup_value", "review_value", "deploy_value"];
    Board {
        name: "delivery",
        title: "Delivery",
        about: "How often teams deploy, how long a change takes and where it waits, how many deployments fail and how fast \
            they are mended.",
        sections: vec![
            section(
                "The five metrics",
                vec![
                    Panel::stat("deployment_frequency"),
                    Panel::stat("change_lead_time"),
                    Panel::stat("change_fail_rate"),
                    Panel::stat("failed_deployment_recovery_time"),
                    Panel::stat("deployment_rework_rate"),
                    Panel::stat("dora_score"),
                    Panel::trend("deployment_frequency").sized(8, 8),
                    Panel::trend("change_lead_time").sized(8, 8),
                    Panel::trend("change_fail_rate").sized(8, 8),
                    Panel::trend("failed_deployment_recovery_time").sized(8, 8),
                    Panel::trend("deployment_rework_rate").sized(8, 8),
                    Panel::trend("dora_score").sized(8, 8),
                ],
            ),
            section(
                "Where a change waits",
                vec![
                    Panel::stacked(Question::trend("change_lead_time").figures(&stages))
                        .titled("Change lead time by stage (medians)"),
                    Panel::lines("undeployed_changes", &["value"]),
                    Panel::trend("commit_lead_time"),
                    Panel::trend("time_to_restore"),
                ],
            ),
            section(
                "How they are spread",
                vec![
                    Panel::lines("change_lead_time", &["value", "p75", "p90"])
                        .titled("Change lead time: half, three quarters, nine tenths"),
                    Panel::lines("failed_deployment_recovery_time", &["value", "p75", "p90"])
                        .titled("Recovery time: half, three quarters, nine tenths"),
                ],
            ),
            section(
                "By team",
                vec![
                    Panel::bars("deployment_frequency", "team"),
                    Panel::bars("change_lead_time", "team"),
                    Panel::bars("change_fail_rate", "team"),
                    Panel::lines_by("deployment_frequency", "team"),
                ],
            ),
            section(
                "By service, down to the rows",
                vec![
                    Panel::table("change_lead_time", &["team", "service"], &["value", "p75", "p90", "n", "coverage"]),
                    Panel::table("change_fail_rate", &["team", "service"], &["value", "low", "high", "n"]),
                    Panel::rows("change_lead_time"),
                    Panel::rows("change_fail_rate"),
                ],
            ),
        ],
    }
}
