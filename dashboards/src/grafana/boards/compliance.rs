//! *Compliance and exemptions*: which policies hold, what was stopped, and who is exempt for how long.

use super::super::dashboard::Board;
use super::super::panel::Panel;
use super::super::question::Question;
use super::section;

pub fn board() -> Board {
    Board {
        name: "compliance",
        title: "Compliance and exemptions",
        about: "Which policies services keep, what was stopped before it was deployed, and who is exempt for how long.",
        sections: vec![
            section(
                "Policies",
                vec![
                    Panel::stat("policy_compliance").sized(8, 4),
                    Panel::stat("policy_blocks").sized(8, 4),
                    Panel::stat("pipeline_compliance").sized(8, 4),
                    Panel::trend("policy_compliance"),
                    Panel::lines("policy_compliance", &["value", "without_exemptions"])
                        .titled("Policy compliance, and were nobody exempt"),
                    Panel::bars("policy_compliance", "policy").titled("Policy compliance by policy"),
                    Panel::bars("policy_compliance", "team").titled("Policy compliance by team"),
                    Panel::stacked(Question::trend("policy_blocks").by(&["layer"]))
                        .titled("Violations stopped, by layer"),
                    Panel::bars("policy_blocks", "policy").titled("Violations stopped, by policy"),
                ],
            ),
            section(
                "Exemptions",
                vec![
                    Panel::stat("exemptions_open").sized(12, 4),
                    Panel::stat("exemption_decision_time").sized(12, 4),
                    Panel::lines("exemptions_open", &["in_force", "expired"]).titled("Open exemptions by standing"),
                    Panel::lines("exemption_decision_time", &["value", "p90"])
                        .titled("Time to decide: half, nine tenths"),
                    Panel::bars("exemptions_open", "policy").titled("Open exemptions by policy"),
                    Panel::bars("exemptions_open", "team").titled("Open exemptions by team"),
                ],
            ),
            section("The rows", vec![Panel::rows("policy_compliance"), Panel::rows("exemptions_open")]),
        ],
    }
}
