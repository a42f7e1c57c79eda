//! A system's answer, and what went wrong in reading it.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Note;

/// What came back for a request.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Header names in lower case, with their values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// When it was asked for.
    pub at: DateTime<Utc>,
}

/// An answer that cannot be read.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct Misread {
    /// What is wrong and where.
    pub message: String,
    /// It is not wrong, only early: to be asked again at this time.
    pub again_at: Option<DateTime<Utc>>,
    /// The system failed over it, which another try may mend.
    pub may_pass: bool,
}

impl Misread {
    /// An answer that is wrong.
    pub fn new(message: impl Into<String>) -> Misread {
        Misread { message: facts::shorten_message(&message.into()).into_owned(), again_at: None, may_pass: false }
    }
}

/// A list of which some elements may be odd: they do not spoil the others.
#[derive(Debug)]
pub struct Each<T> {
    read: Vec<T>,
    /// What is wrong with the first of the odd ones.
    odd: Vec<String>,
    n_odd: usize,
}

/// Of so many odd elements it is told what is wrong with them.
const MOST_ODD: usize = 20;
/// So many odd elements and no other are not what was asked for, but for one or two that may be broken.
const FEWEST_OF_SOMETHING_ELSE: usize = 3;

impl<'de, T: DeserializeOwned> Deserialize<'de> for Each<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Each<T>, D::Error> {
        let mut each = Each { read: Vec::new(), odd: Vec::new(), n_odd: 0 };
        for (number, element) in Vec::<serde_json::Value>::deserialize(deserializer)?.into_iter().enumerate() {
            match serde_path_to_error::deserialize(element) {
                Ok(element) => each.read.push(element),
                Err(error) => {
                    each.n_odd += 1;
                    if each.odd.len() < MOST_ODD {
                        each.odd.push(format!("number {} at {}: {}", number + 1, error.path(), error.inner()));
                    }
                }
            }
        }
        Ok(each)
    }
}

impl<T> Each<T> {
    /// How many there are, the odd ones too.
    pub fn count(&self) -> usize {
        self.read.len() + self.n_odd
    }

    /// Those that can be read, with a note for the others. Where none can, the answer is not what it should be.
    pub fn take(self, what: &str, notes: &mut Vec<Note>) -> Result<Vec<T>, Misread> {
        match self.odd.first() {
            Some(first) if self.read.is_empty() && self.n_odd >= FEWEST_OF_SOMETHING_ELSE => {
                return Err(Misread::new(format!("none of the {what} can be read: {first}")));
            }
            _ => {}
        }
        notes.extend(self.odd.iter().map(|odd| Note::LeftOut(format!("one of the {what} cannot be read: {odd}"))));
        if self.n_odd > self.odd.len() {
            let n = self.n_odd - self.odd.len();
            notes.push(Note::LeftOut(format!("{n} more of the {what} cannot be read either")));
        }
        Ok(self.read)
    }
}

impl Answer {
    /// An answer with status 200, for tests and recordings.
    pub fn of(body: impl Into<Vec<u8>>, at: DateTime<Utc>) -> Answer {
        Answer { status: 200, headers: Vec::new(), body: body.into(), at }
    }

    /// The same answer with one header more.
    pub fn with_header(mut self, name: &str, value: &str) -> Answer {
        self.headers.push((name.to_ascii_lowercase(), value.to_owned()));
        self
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// What a refusal means, and what the system itself says of it, unless that is a page for people.
    pub fn beside(&self, meaning: &str) -> String {
        let said = String::from_utf8_lossy(&self.body[..self.body.len().min(300)]);
        match said.trim() {
            "" => meaning.to_owned(),
            said if said.starts_with('<') => meaning.to_owned(),
            said => format!("{meaning}. It says: {said}"),
        }
    }

    /// The body as JSON; the error tells the place and shows the begin of what came instead.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Misread> {
        let mut reader = serde_json::Deserializer::from_slice(&self.body);
        let told = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            let text = String::from_utf8_lossy(&self.body[..self.body.len().min(120)]).into_owned();
            let begin = text.trim_start();
            if begin.starts_with('<') {
                return Misread::new(format!(
                    "HTML came instead of JSON, as from a log-in page or a proxy; is the address the API's? It begins: {}",
                    begin.lines().next().unwrap_or_default()
                ));
            }
            let path = error.path().to_string();
            let error = error.inner();
            Misread::new(match &*path {
                "." => format!("the answer is not as expected: {error}; is url the base address of this system's API?"),
                place => format!("the answer is not as expected at {place}: {error}"),
            })
        })?;
        reader.end().map_err(|error| Misread::new(format!("something follows the end of the answer: {error}")))?;
        Ok(told)
    }

    /// The address of the next page by the `Link` header.
    pub fn next_link(&self) -> Option<String> {
        self.header("link")?.split(',').find_map(|link| {
            let (address, parameters) = link.split_once(';')?;
            let is_next = parameters.split(';').any(|parameter| {
                let parameter = parameter.trim();
                parameter == "rel=\"next\"" || parameter == "rel=next"
            });
            is_next.then(|| address.trim().trim_start_matches('<').trim_end_matches('>').to_owned())
        })
    }
}
