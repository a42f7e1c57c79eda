//! *Data quality*: what the figures lack, and what would mend it.

use super::super::dashboard::Board;
use super::super::panel::{Other, Panel};
use super::section;

pub fn board() -> Board {
    let findings = Other {
        about: "What is wrong or missing in the data, worst first: how many observations are lost, which metrics suffer, and \
            what would mend it.",
        path: "/v1/data-quality",
        parameters: &[],
        root: "findings",
        columns: &[
            ("check", "string"),
            ("title", "string"),
            ("n", "number"),
            ("relevant", "number"),
            ("share", "number"),
            ("severity", "number"),
            ("fix", "string"),
        ],
        statement: Some("select * from data_quality"),
    };
    let metrics = Other {
        about: "What the data lack for each metric, those that suffer most first.",
        path: "/v1/data-quality",
        parameters: &[],
        root: "metrics",
        columns: &[("metric", "string"), ("title", "string"), ("says", "string"), ("lost", "number")],
        statement: None,
    };
    let sources = Other {
        about: "The sources: up to when they told of anything, how their last runs went, and pushes that wait or cannot be read.",
        path: "/v1/sources",
        parameters: &[],
        root: "sources",
        columns: &[
            ("name", "string"),
            ("kind", "string"),
            ("told_to", "timestamp"),
            ("last_run_at", "timestamp"),
            ("last_error", "string"),
            ("waiting", "number"),
            ("dead_letters", "number"),
        ],
        statement: None,
    };
    Board {
        name: "data-quality",
        title: "Data quality",
        about: "What the figures rest on: coverage over time, what is missing, which metrics suffer, and how the sources are.",
        sections: vec![
            section(
                "Coverage",
                vec![
                    Panel::lines("change_lead_time", &["coverage"]).titled("Coverage of change lead time"),
                    Panel::lines("change_fail_rate", &["coverage"]).titled("Coverage of change fail rate"),
                    Panel::lines("time_to_provision", &["coverage"]).titled("Coverage of time to provision"),
                    Panel::lines("policy_compliance", &["coverage"]).titled("Coverage of policy compliance"),
                ],
            ),
            section(
                "What is missing",
                vec![
                    Panel::other("Findings", findings),
                    Panel::other("Metrics that suffer", metrics),
                    Panel::other("Sources", sources),
                ],
            ),
        ],
    }
}
