//! *Adoption and templates*: who is on the golden paths, and how current they are.

use super::super::dashboard::Board;
use super::super::panel::Panel;
use super::section;

pub fn board() -> Board {
    Board {
        name: "adoption",
        title: "Adoption and templates",
        about: "How many services are on a platform's template and pipeline, which, and how far behind they are.",
        sections: vec![
            section(
                "Templates",
                vec![
                    Panel::stat("template_adoption").sized(8, 4),
                    Panel::stat("template_drift").sized(8, 4),
                    Panel::stat("platform_leverage").sized(8, 4),
                    Panel::trend("template_adoption"),
                    Panel::trend("template_drift"),
                    Panel::bars("template_adoption", "team").titled("Template adoption by team"),
                    Panel::bars("template_drift", "template").titled("Services behind, by template"),
                    Panel::table(
                        "template_drift",
                        &["template", "template_version"],
                        &["value", "versions_behind", "version_age", "n"],
                    ),
                ],
            ),
            section(
                "Pipelines",
                vec![
                    Panel::trend("pipeline_compliance"),
                    Panel::bars("pipeline_compliance", "team").titled("On an approved pipeline, by team"),
                    Panel::table("pipeline_compliance", &["pipeline", "pipeline_version"], &["value", "n"]),
                ],
            ),
            section("The rows", vec![Panel::rows("template_adoption")]),
        ],
    }
}
