//! *Improvements*: which arrived where and when, and what moved around them.

use super::super::dashboard::Board;
use super::super::panel::{Other, Panel};
use super::section;

pub fn board() -> Board {
    let arrivals = Other {
        about: "The improvements and where they arrived, in their order.",
        path: "/v1/annotations",
        parameters: &[
            ("kind", "improvement"),
            ("from", "${__from:date:iso}"),
            ("to", "${__to:date:iso}"),
            ("team", "${team:csv}"),
            ("service", "${service:csv}"),
        ],
        root: "",
        columns: &[
            ("time", "timestamp"),
            ("title", "string"),
            ("text", "string"),
            ("team", "string"),
            ("service", "string"),
        ],
        statement: Some(
            "select time, name as title, team, service from improvement where $__timeFilter(time) order by time",
        ),
    };
    Board {
        name: "improvements",
        title: "Improvements",
        about: "What was improved, where it arrived, and how the figures ran before and after, at adopters and others. \
            Green lines mark the arrivals. What an improvement did, and with what right that is said, \
            `cairn compare METRIC --improvement NAME` and /v1/comparisons answer.",
        sections: vec![
            section("Arrivals", vec![Panel::other("Improvements and adopters", arrivals)]),
            section(
                "Before and after",
                vec![
                    Panel::trend("change_lead_time"),
                    Panel::trend("deployment_frequency"),
                    Panel::trend("change_fail_rate"),
                    Panel::trend("failed_deployment_recovery_time"),
                ],
            ),
            section(
                "Adopters and others",
                vec![
                    Panel::lines_by("change_lead_time", "template").titled("Change lead time by template"),
                    Panel::lines_by("deployment_frequency", "template").titled("Deployment frequency by template"),
                    Panel::lines_by("change_fail_rate", "template").titled("Change fail rate by template"),
                    Panel::lines_by("change_lead_time", "team").titled("Change lead time by team"),
                ],
            ),
        ],
    }
}
