//! Reading ahead: rows are read and checked by a thread of their own, while the ones before are taken.

use std::error::Error;
use std::panic::resume_unwind;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use facts::Batch;

use super::{ImportError, Rejection, Sink};

/// How much may wait to be taken. A batch may be large, so it is little.
const WAITING: usize = 2;

/// What a reader tells its sink.
enum Told {
    Batch(Batch),
    Rejection(Rejection),
    Progress(u64),
    Note(String),
}

/// Hands what a reader tells over to the thread of the sink.
struct Ahead(SyncSender<Told>);

/// The sink took no more; why, it said itself.
#[derive(Debug, thiserror::Error)]
#[error("nothing more was taken")]
struct TakesNoMore;

impl Ahead {
    fn tell(&self, told: Told) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.0.send(told).map_err(|_| TakesNoMore.into())
    }
}

impl Sink for Ahead {
    fn batch(&mut self, batch: Batch) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.tell(Told::Batch(batch))
    }

    fn rejection(&mut self, rejection: Rejection) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.tell(Told::Rejection(rejection))
    }

    fn progress(&mut self, bytes_read: u64) {
        // Nobody is interested any more when it fails, and the next batch will find that out.
        let _ = self.tell(Told::Progress(bytes_read));
    }

    fn note(&mut self, note: String) {
        // As above.
        let _ = self.tell(Told::Note(note));
    }
}

/// Reads `file` on another thread, and has the sink take on this one what comes, in its order.
pub(super) fn read_ahead(
    file: &str,
    sink: &mut dyn Sink,
    read: impl FnOnce(&mut dyn Sink) -> Result<u64, ImportError> + Send,
) -> Result<u64, ImportError> {
    let (sender, arriving) = sync_channel(WAITING);
    thread::scope(|scope| {
        let reading = scope.spawn(move || read(&mut Ahead(sender)));
        let taken = arriving.into_iter().try_for_each(|told| match told {
            Told::Batch(batch) => sink.batch(batch),
            Told::Rejection(rejection) => sink.rejection(rejection),
            Told::Progress(bytes_read) => {
                sink.progress(bytes_read);
                Ok(())
            }
            Told::Note(note) => {
                sink.note(note);
                Ok(())
            }
        });
        let read = reading.join().unwrap_or_else(|panic| resume_unwind(panic));
        taken.map_err(|error| ImportError::Sink { file: file.to_owned(), error }).and(read)
    })
}
