//! The bodies of pushes as they arrive: how large one may be, and how much of them is held at once. Of the signed ones
//! nobody knows whose they are before they are there whole.

use std::sync::Arc;

use axum::body::Body;
use axum::http::StatusCode;
use futures_util::StreamExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use web::ApiError;

/// The largest push taken; GitHub's own limit is 25 MB.
const LARGEST: usize = 25 * 1024 * 1024;
/// Room is given by the piece.
const PIECE: usize = 4 * 1024;
/// So much of each body is its begin.
const BEGIN: usize = 64 * 1024;
/// Pieces for the begins of bodies, 32 MiB, and for what is beyond, 96 MiB: a few large bodies leave room for small ones.
const FIRST_PIECES: usize = 8_192;
const MORE_PIECES: usize = 24_576;
/// After how many seconds there may be room again.
const RETRY_SECONDS: u16 = 10;

/// The room for bodies that are held at once.
#[derive(Debug, Clone)]
pub(super) struct Room {
    first: Arc<Semaphore>,
    more: Arc<Semaphore>,
}

impl Default for Room {
    fn default() -> Room {
        Room { first: Arc::new(Semaphore::new(FIRST_PIECES)), more: Arc::new(Semaphore::new(MORE_PIECES)) }
    }
}

/// The room that one body takes, given back when dropped.
pub(super) type Taken = Vec<OwnedSemaphorePermit>;

impl Room {
    /// The whole body, and the room it takes.
    pub(super) async fn whole(&self, body: Body) -> Result<(Vec<u8>, Taken), ApiError> {
        let mut stream = body.into_data_stream();
        let (mut kept, mut taken) = (Vec::new(), Taken::new());
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|error| {
                ApiError::bad_request("BODY_CUT", format!("the body did not arrive whole: {error}"))
            })?;
            let length = kept.len() + chunk.len();
            if length > LARGEST {
                let message = format!("the body is larger than {} MiB", LARGEST >> 20);
                return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE", message));
            }
            while taken.len() * PIECE < length {
                let room = if taken.len() * PIECE < BEGIN { &self.first } else { &self.more };
                taken.push(Arc::clone(room).try_acquire_owned().map_err(|_| full())?);
            }
            kept.extend_from_slice(&chunk);
        }
        Ok((kept, taken))
    }
}

fn full() -> ApiError {
    let most = ((FIRST_PIECES + MORE_PIECES) * PIECE) >> 20;
    let message =
        format!("the bodies of pushes that arrive now fill the {most} MiB that are held at once; send it again later");
    ApiError::busy("TOO_MUCH_AT_ONCE", message, RETRY_SECONDS)
}
