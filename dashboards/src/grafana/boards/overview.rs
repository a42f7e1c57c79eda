//! *Platform overview*: what a platform leads with, by its stage.

use analytics::value::Stage;

use super::super::dashboard::Board;
use super::super::panel::Panel;
use super::section;

pub fn board() -> Board {
    let headline = |stage: Stage| {
        let panels = stage.headline().iter().map(|metric| match *metric {
            // A wave's figure is never added to another's, so the latest stands for the range.
            "devex_score" => Panel::latest(metric),
            metric => Panel::stat(metric),
        });
        let name = stage.as_str();
        let title = format!("{}{}: {}", name[..1].to_uppercase(), &name[1..], stage.leads_with());
        section(title, panels.map(|panel| panel.sized(24 / stage.headline().len() as u32, 4)).collect())
    };
    Board {
        name: "overview",
        title: "Platform overview",
        about: "What a platform leads with: adoption and satisfaction while it is young, delivery and self-service while \
            it grows, value and compliance once it carries the organisation.",
        sections: vec![
            headline(Stage::Early),
            headline(Stage::Growing),
            headline(Stage::Mature),
            section(
                "Over time",
                vec![
                    Panel::trend("deployment_frequency"),
                    Panel::trend("change_lead_time"),
                    Panel::trend("template_adoption"),
                    Panel::trend("self_service_rate"),
                ],
            ),
        ],
    }
}
