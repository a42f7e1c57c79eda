//! What happens where a message is not what its length and kind promise: the library that reads it panics. That is no fault of
//! the server's, so it is one line in the log, and the client is told before its connection ends.

use std::any::Any;
use std::cell::Cell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Once;
use std::task::{Context, Poll};

use tokio::net::TcpStream;

thread_local! {
    static IS_CONTAINED: Cell<bool> = const { Cell::new(false) };
}

/// A future whose panics are what it gives, in words, and are written nowhere else.
pub(super) struct Contained<F>(Pin<Box<F>>);

impl<F: Future> Contained<F> {
    pub(super) fn new(future: F) -> Contained<F> {
        static QUIETEN: Once = Once::new();
        QUIETEN.call_once(|| {
            let former = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                if !IS_CONTAINED.get() {
                    former(panic);
                }
            }));
        });
        Contained(Box::pin(future))
    }
}

impl<F: Future> Future for Contained<F> {
    type Output = Result<F::Output, String>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let former = IS_CONTAINED.replace(true);
        // After a panic it is not polled again.
        let polled = catch_unwind(AssertUnwindSafe(|| self.0.as_mut().poll(context)));
        IS_CONTAINED.set(former);
        match polled {
            Ok(polled) => polled.map(Ok),
            Err(panic) => Poll::Ready(Err(words(&*panic))),
        }
    }
}

fn words(panic: &(dyn Any + Send)) -> String {
    let literal = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    literal.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no reason is given".to_owned())
}

/// Tells a client that its message could not be read. What was on its way to it is lost, and so is the connection.
pub(super) fn tell(socket: &TcpStream) {
    let mut fields = Vec::new();
    let message = "a message is not what its length and kind promise";
    for (field, text) in [(b'S', "FATAL"), (b'V', "FATAL"), (b'C', "08P01"), (b'M', message)] {
        fields.push(field);
        fields.extend_from_slice(text.as_bytes());
        fields.push(0);
    }
    fields.push(0);
    let mut answer = vec![b'E'];
    answer.extend_from_slice(&(fields.len() as u32 + 4).to_be_bytes());
    answer.extend_from_slice(&fields);
    // Who does not take it has gone.
    let _ = socket.try_write(&answer);
}
