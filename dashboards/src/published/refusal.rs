//! Why a statement is not answered, in PostgreSQL's terms.

use analytics::AnalyticsError;
use store::{SqlFault, StoreError};

/// Why a statement is not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// PostgreSQL's five letters for the kind of error.
    pub sqlstate: &'static str,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub hint: Option<String>,
    /// Where in the statement, in characters from 1.
    pub position: Option<usize>,
}

/// What may be read, for those who asked for something else.
const WHAT_THERE_IS: &str = "read metric_catalogue, metric_value, metric(...) or the other tables of the schema public";

impl Refusal {
    /// A refusal with neither hint nor place.
    pub fn new(sqlstate: &'static str, message: impl Into<String>) -> Refusal {
        Refusal { sqlstate, message: message.into(), hint: None, position: None }
    }

    /// The same with how to mend it.
    pub fn hint(self, hint: impl Into<String>) -> Refusal {
        Refusal { hint: Some(hint.into()), ..self }
    }

    /// It may not be read, or called.
    pub(crate) fn denied(message: impl Into<String>) -> Refusal {
        Refusal::new("42501", message).hint(WHAT_THERE_IS)
    }

    /// It is not done here.
    pub(crate) fn unsupported(message: impl Into<String>) -> Refusal {
        Refusal::new("0A000", message)
    }

    /// The statement was ended from outside.
    pub(crate) fn cancelled() -> Refusal {
        Refusal::new("57014", "canceling statement due to user request")
    }

    /// The statement was ended from outside, and goes on: it is left to itself.
    pub(crate) fn unheeded() -> Refusal {
        Refusal::new("57014", "canceling statement: it took too long, or was to end, and is not waited for any longer")
    }

    /// It is put together of too many pieces within one another.
    fn too_deep() -> Refusal {
        Refusal::new("54001", "the statement is nested too deeply").hint(
            "write long chains of OR as IN (...), and what is joined by UNION ALL or + as VALUES that are summed up; \
            take subqueries and brackets apart by WITH",
        )
    }

    /// The words of the parser, with the place in the text.
    pub(crate) fn of_parser(sql: &str, fault: SqlFault) -> Refusal {
        if fault.kind == "not implemented" {
            return Refusal::denied(
                "only reading is allowed: a single SELECT, WITH, VALUES or TABLE, or a SET or SHOW",
            );
        }
        if is_about_depth(&fault) {
            return Refusal::too_deep();
        }
        let position = fault.position.and_then(|bytes| sql.get(..bytes)).map(|before| before.chars().count() + 1);
        Refusal { position, ..Refusal::new("42601", fault.message) }
    }

    /// The words of the planner, or of what went wrong while it ran.
    pub(crate) fn of_fault(fault: SqlFault) -> Refusal {
        let says = |part: &str| fault.message.contains(part);
        if is_about_depth(&fault) {
            return Refusal::too_deep();
        }
        let sqlstate = match fault.kind.as_str() {
            _ if says(TOO_LONG) => "54000",
            _ if says("must not end with escape character") => "22025",
            "Parser" => "42601",
            "Catalog" if says("Function") => "42883",
            "Catalog" if says("Type with name") => "42704",
            "Catalog" => "42P01",
            "Binder" if says("No function matches") => "42883",
            "Binder" if says("GROUP BY") || says("aggregate") => "42803",
            "Binder" if says("Ambiguous") => "42702",
            "Binder" if says("Referenced table") => "42P01",
            "Binder" if says("Referenced column") || says("does not have a column") => "42703",
            "Binder" if says("Cannot compare") || says("Cannot mix") => "42804",
            "Binder" => "42601",
            "Conversion" => "22P02",
            "Out of Range" => "22003",
            "Invalid Input" => "22023",
            "Out of Memory" => "53200",
            "INTERRUPT" => "57014",
            "Not implemented" => "0A000",
            "Permission" => "42501",
            _ => "XX000",
        };
        if sqlstate == "53200" {
            return Refusal::new(sqlstate, "the query needs more memory than one may use")
                .hint("read fewer rows or columns, or raise postgres_wire.memory in cairn.toml");
        }
        let message = fault.message.lines().next().unwrap_or_default().to_owned();
        let rest: Vec<&str> = fault.message.lines().skip(1).map(str::trim).filter(|line| !line.is_empty()).collect();
        let refusal = Refusal::new(sqlstate, message);
        if rest.is_empty() { refusal } else { refusal.hint(rest.join(" ")) }
    }
}

/// What the sandbox's macros say of a text that a function would take too long over.
const TOO_LONG: &str = "longer than this function takes";

fn is_about_depth(fault: &SqlFault) -> bool {
    ["recursion limit exceeded", "xpression depth limit", "maximum expression depth", "memory exhausted at or near"]
        .iter()
        .any(|part| fault.message.contains(part))
}

impl From<AnalyticsError> for Refusal {
    fn from(error: AnalyticsError) -> Refusal {
        match error {
            AnalyticsError::BadQuestion(message) => Refusal::new("22023", message),
            AnalyticsError::UnknownMetric(message) => {
                Refusal::new("42704", message).hint("metric_catalogue lists the metrics")
            }
            error => Refusal::new("XX000", error.to_string()),
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Refusal {
        match error {
            StoreError::Memory { .. } => Refusal::new("53200", error.to_string()),
            error => Refusal::new("XX000", error.to_string()),
        }
    }
}
