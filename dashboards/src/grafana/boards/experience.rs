//! *Developer experience*: what engineers say, how they start, and what they ask.

use super::super::dashboard::Board;
use super::super::panel::Panel;
use super::super::question::Question;
use super::section;

pub fn board() -> Board {
    Board {
        name: "experience",
        title: "Developer experience",
        about: "What engineers say in surveys, how long newcomers need to a first deployment, and what is asked of the \
            platform team. Figures of surveys are published cells: where few answered they are withheld.",
        sections: vec![
            section(
                "Surveys",
                vec![
                    Panel::latest("devex_score").sized(8, 4),
                    Panel::latest("employee_nps").sized(8, 4),
                    Panel::latest("survey_response_rate").sized(8, 4),
                    Panel::bars("devex_score", "wave").titled("DevEx score by wave"),
                    Panel::bars("survey_response_rate", "wave").titled("Response rate by wave"),
                    Panel::table("devex_area_score", &["wave", "area"], &["value", "low", "high", "n"]),
                ],
            ),
            section(
                "First steps",
                vec![
                    Panel::stat("time_to_first_deployment").sized(6, 8),
                    Panel::lines("time_to_first_deployment", &["value", "p75", "p90"])
                        .titled("Time to first deployment: half, three quarters, nine tenths")
                        .sized(18, 8),
                ],
            ),
            section(
                "Questions and tickets",
                vec![
                    Panel::stacked(Question::trend("platform_ticket_volume").by(&["category"]))
                        .titled("Tickets per week, by category"),
                    Panel::lines("platform_ticket_volume", &["answered_by_docs"])
                        .titled("Tickets that a document would have answered"),
                    Panel::lines("ticket_first_response", &["value", "p90"])
                        .titled("Time to first response: half, nine tenths"),
                    Panel::lines("ticket_resolution", &["value", "p90"]).titled("Time to resolve: half, nine tenths"),
                    Panel::bars("ticket_first_response", "category").titled("Time to first response by category"),
                    Panel::bars("platform_ticket_volume", "team").titled("Tickets per week, by team"),
                ],
            ),
            section("The rows", vec![Panel::rows("ticket_first_response")]),
        ],
    }
}
