//! *Value*: hours saved, what they are worth, and what the platform costs.

use super::super::dashboard::Board;
use super::super::panel::Panel;
use super::super::question::Question;
use super::section;

pub fn board() -> Board {
    Board {
        name: "value",
        title: "Value",
        about: "Hours that the platform saves, incidents it prevents, what that is worth and what it costs. Hours that tools \
            measured and hours that people told of are never added.",
        sections: vec![
            section(
                "Hours and money",
                vec![
                    Panel::stat("hours_saved").sized(6, 4),
                    Panel::stat("incidents_prevented").sized(6, 4),
                    Panel::stat("value_of_time_saved").sized(6, 4),
                    Panel::stat("platform_cost").sized(6, 4),
                    Panel::stacked(Question::trend("hours_saved").by(&["capability"]))
                        .titled("Hours saved, by capability"),
                    Panel::bars("hours_saved", "team").titled("Hours saved, by team"),
                    Panel::lines("incidents_prevented", &["violations", "incidents"])
                        .titled("Violations stopped, and incidents expected of them"),
                    Panel::stacked(Question::trend("platform_cost").by(&["resource"]))
                        .titled("Cost of the platform, by resource"),
                ],
            ),
            section(
                "What it carries",
                vec![
                    Panel::trend("platform_leverage"),
                    Panel::lines("platform_availability", &["value"]),
                    Panel::bars("platform_availability", "component").titled("Availability by component"),
                    Panel::lines("platform_availability", &["error_budget_left"]).titled("Error budget left"),
                ],
            ),
            section("The rows", vec![Panel::rows("hours_saved")]),
        ],
    }
}
