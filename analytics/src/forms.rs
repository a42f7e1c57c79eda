//! The forms in which `/v1/metrics/{name}` gives an answer: the whole of it, flat rows (all or by pages), or CSV.

use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use web::rows::{Shape, accepts_csv, cursor, place};
use web::{ApiError, Json};

use crate::answer::{Answer, Row};
use crate::ask::Question;

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// The answer with all that is known of it.
    Json,
    /// Its rows only, flat.
    Rows,
    /// The same as CSV.
    Csv,
}

const FORMS: [(&str, Form); 3] = [("json", Form::Json), ("rows", Form::Rows), ("csv", Form::Csv)];

impl Form {
    /// The form that a request asks for: by `format`, else by what it accepts.
    pub fn asked(format: Option<&str>, headers: &HeaderMap) -> Result<Form, ApiError> {
        let Some(name) = format else {
            return Ok(if accepts_csv(headers) { Form::Csv } else { Form::Json });
        };
        FORMS.iter().find(|(known, _)| *known == name).map(|(_, form)| *form).ok_or_else(|| {
            let names = FORMS.map(|(name, _)| name);
            let hint = facts::did_you_mean(name, &names);
            let message = format!("there is no format `{name}`{hint}; the formats are {}", names.join(", "));
            ApiError::bad_request("INVALID_QUESTION", message)
        })
    }
}

/// Which of an answer's buckets are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Buckets {
    /// All of them.
    #[default]
    All,
    /// Those that lie whole in the window and in the past, as trends want them.
    Complete,
}

/// The page of rows that is wanted: all of them unless it says something.
#[derive(Debug, Clone, Default)]
pub(crate) struct Paging {
    /// Rows on a page.
    pub limit: Option<usize>,
    /// Where the page before ended.
    pub after: Option<Place>,
    /// What is asked, apart from the window.
    of: String,
}

/// Where a page ended. It keeps the question and its window, so that pages asked for at different times are of one answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Place {
    of: String,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    time: DateTime<Utc>,
    group: Vec<Option<String>>,
}

const MOST_ROWS: usize = 10_000;
const USUAL_ROWS: usize = 1_000;

impl Paging {
    /// Reads the parameters; only rows have pages.
    pub fn read(
        form: Form,
        limit: Option<usize>,
        cursor: Option<&str>,
        question: &Question,
    ) -> Result<Paging, ApiError> {
        if form != Form::Rows && (limit.is_some() || cursor.is_some()) {
            let message = "`limit` and `cursor` page through rows; ask for format=rows";
            return Err(ApiError::bad_request("INVALID_PAGE", message));
        }
        if limit.is_some_and(|limit| !(1..=MOST_ROWS).contains(&limit)) {
            return Err(ApiError::bad_request("INVALID_PAGE", format!("limit lies between 1 and {MOST_ROWS}")));
        }
        let Question { metric, grain, by, filters, .. } = question;
        let of = format!("{metric} {} {} {}", grain.as_deref().unwrap_or_default(), by.join(","), filters.join(";"));
        let after: Option<Place> = cursor.map(place).transpose()?;
        if after.as_ref().is_some_and(|after| after.of != of) {
            let message = "this cursor is of another question: metric, `grain`, `by` and `where` stay as they were; leave `cursor` out to begin anew";
            return Err(ApiError::bad_request("INVALID_CURSOR", message));
        }
        let limit = limit.or(after.as_ref().map(|_| USUAL_ROWS));
        Ok(Paging { limit, after, of })
    }

    /// The question, over the window of the first page.
    pub fn pinned(&self, question: Question) -> Question {
        match &self.after {
            None => question,
            Some(place) => {
                Question { from: Some(place.from.to_rfc3339()), to: Some(place.to.to_rfc3339()), ..question }
            }
        }
    }

    /// The rows of the page, in the answer's order, and the cursor of the next.
    fn cut<'a>(&self, answer: &Answer, rows: Vec<&'a Row>) -> Result<(Vec<&'a Row>, Shape), ApiError> {
        let Some(limit) = self.limit else { return Ok((rows, Shape::Whole)) };
        let names = |row: &Row| row.group.iter().map(|(_, name)| name.clone()).collect::<Vec<_>>();
        let mut rows = rows;
        if let Some(after) = &self.after {
            rows.retain(|row| (row.time, names(row)) > (after.time, after.group.clone()));
        }
        let is_last = rows.len() <= limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| !is_last).map(|last| Place {
            of: self.of.clone(),
            from: answer.window.from,
            to: answer.window.to,
            time: last.time,
            group: names(last),
        });
        Ok((rows, Shape::Page(next.as_ref().map(cursor).transpose()?)))
    }
}

/// An answer in its form.
pub(crate) fn respond(answer: &Answer, form: Form, buckets: Buckets, paging: &Paging) -> Result<Response, ApiError> {
    let is_wanted = |row: &&Row| buckets == Buckets::All || row.is_complete;
    if form == Form::Json {
        let mut answer = answer.clone();
        answer.rows.retain(|row| is_wanted(&row));
        return Ok(Json(answer).into_response());
    }
    let (rows, shape) = paging.cut(answer, answer.rows.iter().filter(is_wanted).collect())?;
    let flat = answer.flat_of(&rows)?;
    Ok(if form == Form::Csv { flat.csv() } else { flat.json(shape) })
}
