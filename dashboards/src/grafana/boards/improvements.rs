//! *Improvements*: which arrived where and when, and what moved around them.

use super::super::dashboard::Board;
use super::super::panel::{Other, Panel};
use super::section;

/// The metrics that are compared.
const METRICS: &str = "change_lead_time,deployment_frequency,change_fail_rate,failed_deployment_recovery_time";

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
    let strongest = Other {
        about: "What each improvement did, by the design that allows the strongest word. “Effect of” says that it came of the \
            improvement; “associated with”, that time and how each stood before are taken into account; “after”, only that it \
            was so afterwards; without a word there is too little to tell. From and to are the ends of the 95 % interval: \
            where one is better and the other worse, nothing is clear. All observations are looked at, whatever the range.",
        path: "/v1/comparisons/rows",
        parameters: &[("metric", METRICS), ("designs", "strongest")],
        root: "",
        columns: &[
            ("improvement", "string"),
            ("title", "string"),
            ("verb", "string"),
            ("effect", "string"),
            ("effect_from", "string"),
            ("effect_to", "string"),
            ("n", "number"),
            ("says", "string"),
        ],
        statement: Some(
            "select improvement, title, verb, effect, effect_from, effect_to, n, says from comparison \
            where metric in ('change_lead_time', 'deployment_frequency', 'change_fail_rate', \
            'failed_deployment_recovery_time') and is_strongest order by improvement, title",
        ),
    };
    let designs = Other {
        about: "The same by every design: adopters against those it had not reached yet, by roll-out or by rank, and adopters \
            before against after. The figures are ratios, where 1 is no change, or differences in the metric's unit.",
        path: "/v1/comparisons/rows",
        parameters: &[("metric", METRICS)],
        root: "",
        columns: &[
            ("improvement", "string"),
            ("title", "string"),
            ("design", "string"),
            ("verb", "string"),
            ("measure", "string"),
            ("value", "number"),
            ("low", "number"),
            ("high", "number"),
            ("n", "number"),
            ("services", "number"),
            ("teams", "number"),
        ],
        statement: Some(
            "select improvement, title, design, verb, measure, value, low, high, n, services, teams from comparison \
            where metric in ('change_lead_time', 'deployment_frequency', 'change_fail_rate', \
            'failed_deployment_recovery_time') order by improvement, title, is_strongest desc, design",
        ),
    };
    Board {
        name: "improvements",
        title: "Improvements",
        about: "What was improved, where it arrived, and how the figures ran before and after, at adopters and others. \
            Green lines mark the arrivals. What each improvement did, and with what right that is said, stands in two tables; \
            assumptions and the course before and after are on its page in Cairn.",
        sections: vec![
            section("Arrivals", vec![Panel::other("Improvements and adopters", arrivals)]),
            section(
                "What they did",
                vec![
                    Panel::other("What each improvement did", strongest),
                    Panel::other("Adopters against others, before and after", designs),
                ],
            ),
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
