use crate::error::{check, make, milliseconds};
use crate::{ffi, Config, Destination, Error, Event, Message, Result, Runtime};
use std::ptr::{null_mut, NonNull};
use std::time::Duration;

/// Sends messages, from any thread. Its events go to the runtime's queue.
///
/// At its bounds a send waits for room, which is made by polling events: a thread that does both sets the option
/// `queue_full_policy` to `error`.
pub struct Producer {
    handle: NonNull<ffi::rmq_producer_t>,
}

// SAFETY: a producer may be used from any thread at any time.
unsafe impl Send for Producer {}
unsafe impl Sync for Producer {}

// SAFETY of the calls below: handles live while they are borrowed, and what is passed is copied.
impl Producer {
    /// Makes and starts a producer; `None`: with the options of the runtime.
    pub fn new(runtime: &Runtime, config: Option<&Config>) -> Result<Producer> {
        let handle = make(|producer, error| unsafe {
            ffi::rmq_producer_new(runtime.pointer(), Config::pointer(config), null_mut(), producer, error)
        })?;
        let producer = Producer { handle };
        check(|error| unsafe { ffi::rmq_producer_start(handle.as_ptr(), error) })?;
        Ok(producer)
    }

    /// Sends and waits; the event tells where the message is. The outcome of an error tells whether it may be stored all the same.
    ///
    /// Without a destination any queue of the topic is chosen. Without a limit the option `send_msg_timeout` is.
    pub fn send(&self, message: &Message, destination: Option<&Destination>, limit: Option<Duration>) -> Result<Event> {
        let event = make(|event, error| unsafe {
            ffi::rmq_producer_send(
                self.handle.as_ptr(),
                message.pointer(),
                Destination::pointer(destination),
                milliseconds(limit),
                event,
                error,
            )
        })?;
        Ok(Event::take(event.as_ptr()))
    }

    /// Sends; an event with the token tells the end.
    pub fn send_async(
        &self,
        message: &Message,
        destination: Option<&Destination>,
        limit: Option<Duration>,
        token: u64,
    ) -> Result<()> {
        check(|error| unsafe {
            ffi::rmq_producer_send_async(
                self.handle.as_ptr(),
                message.pointer(),
                Destination::pointer(destination),
                milliseconds(limit),
                token,
                null_mut(),
                error,
            )
        })
    }

    /// Sends each body with the topic, tags, keys and properties of `pattern`, under the tokens first_token, first_token + 1 and
    /// so on, in one call into the library. Tells how many were accepted, and the error of the first that was refused.
    pub fn send_packed(
        &self,
        pattern: &Message,
        bodies: &[&[u8]],
        destination: Option<&Destination>,
        limit: Option<Duration>,
        first_token: u64,
    ) -> (usize, Result<()>) {
        let mut offsets = Vec::with_capacity(bodies.len() + 1);
        let mut end = 0usize;
        offsets.push(0);
        for body in bodies {
            end += body.len();
            match u32::try_from(end) {
                Ok(offset) => offsets.push(offset),
                Err(_) => return (0, Err(Error::take(ffi::RMQ_ERROR_TOO_LARGE, null_mut()))),
            }
        }
        let buffer = bodies.concat();
        let mut accepted = 0;
        let result = check(|error| unsafe {
            ffi::rmq_producer_send_packed(
                self.handle.as_ptr(),
                pattern.pointer(),
                buffer.as_ptr().cast(),
                offsets.as_ptr(),
                first_token,
                bodies.len(),
                Destination::pointer(destination),
                milliseconds(limit),
                null_mut(),
                &mut accepted,
                error,
            )
        });
        (accepted, result)
    }

    /// Cancels the pending sends that have this token. Each still yields its one event.
    pub fn cancel(&self, token: u64) -> Result<()> {
        check(|error| unsafe { ffi::rmq_producer_cancel(self.handle.as_ptr(), token, error) })
    }

    /// Waits until every send that was accepted before has ended.
    pub fn flush(&self, limit: Option<Duration>) -> Result<()> {
        check(|error| unsafe { ffi::rmq_producer_flush(self.handle.as_ptr(), milliseconds(limit), error) })
    }

    /// Lets pending sends end for at most `limit`; the rest ends with [`crate::Code::SHUTDOWN`], and the error is then
    /// [`crate::Code::CLOSE_TIMEOUT`].
    pub fn close(&self, limit: Option<Duration>) -> Result<()> {
        check(|error| unsafe { ffi::rmq_producer_close(self.handle.as_ptr(), milliseconds(limit), error) })
    }

    /// Closes without waiting; the producer's last event has the token.
    pub fn close_async(&self, limit: Option<Duration>, token: u64) -> Result<()> {
        check(|error| unsafe {
            ffi::rmq_producer_close_async(self.handle.as_ptr(), milliseconds(limit), token, null_mut(), error)
        })
    }
}

impl Drop for Producer {
    fn drop(&mut self) {
        // SAFETY: owned.
        unsafe { ffi::rmq_producer_destroy(self.handle.as_ptr()) }
    }
}
