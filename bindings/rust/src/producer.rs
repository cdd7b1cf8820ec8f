use crate::codes::{MessagePart, SendFlag};
use crate::error::{check, make, milliseconds, text_in};
use crate::packed::Packed;
use crate::{ffi, Config, Destination, Event, EventQueue, Message, Queue, Result, Runtime};
use std::ptr::{null_mut, NonNull};
use std::time::Duration;

/// Sends messages, from any thread. Its events go to the queue that it was made with.
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
    /// Makes and starts a producer; `None`: with the options of the runtime. Its events go to the default queue of the runtime.
    pub fn new(runtime: &Runtime, config: Option<&Config>) -> Result<Producer> {
        Producer::make(runtime, config, None, 0)
    }

    /// Makes and starts a producer whose events go to another queue of the runtime. The token is that of its background errors.
    pub fn on_queue(runtime: &Runtime, config: Option<&Config>, queue: &EventQueue, token: u64) -> Result<Producer> {
        Producer::make(runtime, config, Some(queue), token)
    }

    fn make(runtime: &Runtime, config: Option<&Config>, queue: Option<&EventQueue>, token: u64) -> Result<Producer> {
        let handle = make(|producer, error| unsafe {
            let (config, queue) = (Config::pointer(config), EventQueue::pointer(queue));
            ffi::rmq_producer_new(runtime.pointer(), config, queue, token, null_mut(), producer, error)
        })?;
        let producer = Producer { handle };
        check(|error| unsafe { ffi::rmq_producer_start(handle.as_ptr(), error) })?;
        Ok(producer)
    }

    /// Changes options of the producer, all or none; docs/options.md says which may change. Pending sends do not obey them.
    pub fn update(&self, changes: &Config) -> Result<()> {
        let changes = Config::pointer(Some(changes));
        check(|error| unsafe { ffi::rmq_producer_update(self.handle.as_ptr(), changes, error) })
    }

    /// Sends and waits; the event tells where the message is. The outcome of an error tells whether it may be stored all the
    /// same.
    ///
    /// Without a destination any queue of the topic is chosen. Without a limit the option `send_msg_timeout` is.
    pub fn send(&self, message: &Message, destination: Option<&Destination>, limit: Option<Duration>) -> Result<Event> {
        self.send_with(message, destination, SendFlag::NONE, limit)
    }

    /// Sends and waits, with a sum of flags. [`SendFlag::ONEWAY`]: it waits until all bytes are with the kernel.
    pub fn send_with(
        &self,
        message: &Message,
        destination: Option<&Destination>,
        flags: SendFlag,
        limit: Option<Duration>,
    ) -> Result<Event> {
        let event = make(|event, error| unsafe {
            let destination = Destination::pointer(destination);
            let (producer, message, limit_ms) = (self.handle.as_ptr(), message.pointer(), milliseconds(limit));
            ffi::rmq_producer_send(producer, message, destination, flags.0, limit_ms, event, error)
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
        self.send_async_with(message, destination, SendFlag::NONE, limit, token)
    }

    /// Sends with a sum of flags. With [`SendFlag::ONEWAY`] and [`SendFlag::SILENT`] no event comes.
    pub fn send_async_with(
        &self,
        message: &Message,
        destination: Option<&Destination>,
        flags: SendFlag,
        limit: Option<Duration>,
        token: u64,
    ) -> Result<()> {
        check(|error| unsafe {
            let destination = Destination::pointer(destination);
            let (producer, message, limit_ms) = (self.handle.as_ptr(), message.pointer(), milliseconds(limit));
            ffi::rmq_producer_send_async(
                producer,
                message,
                destination,
                flags.0,
                limit_ms,
                token,
                null_mut(),
                error,
            )
        })
    }

    /// Sends without asking for an answer, and without an event: the message may be lost without anyone knowing.
    pub fn send_oneway(
        &self,
        message: &Message,
        destination: Option<&Destination>,
        limit: Option<Duration>,
    ) -> Result<()> {
        self.send_async_with(message, destination, SendFlag::ONEWAY | SendFlag::SILENT, limit, 0)
    }

    /// Sends messages of any kind, under the tokens first_token, first_token + 1 and so on, in one call into the library. Tells
    /// how many were accepted, and the error of the first that was refused.
    pub fn send_many(
        &self,
        messages: &[&Message],
        destination: Option<&Destination>,
        flags: SendFlag,
        limit: Option<Duration>,
        first_token: u64,
    ) -> (usize, Result<()>) {
        let handles: Vec<_> = messages.iter().map(|message| message.pointer()).collect();
        let tokens = tokens_from(first_token, messages.len());
        let mut accepted = 0;
        let result = check(|error| unsafe {
            ffi::rmq_producer_send_many(
                self.handle.as_ptr(),
                handles.as_ptr(),
                tokens.as_ptr(),
                handles.len(),
                Destination::pointer(destination),
                flags.0,
                milliseconds(limit),
                null_mut(),
                &mut accepted,
                error,
            )
        });
        (accepted, result)
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
        let mut packed = Packed::new(MessagePart::BODY);
        for body in bodies {
            if let Err(error) = packed.push(&[*body]) {
                return (0, Err(error));
            }
        }
        self.send_parts(pattern, &packed, destination, SendFlag::NONE, limit, first_token)
    }

    /// Sends messages that bring some parts of their own, and take all else from `pattern`; otherwise as
    /// [`Producer::send_packed`].
    pub fn send_parts(
        &self,
        pattern: &Message,
        packed: &Packed,
        destination: Option<&Destination>,
        flags: SendFlag,
        limit: Option<Duration>,
        first_token: u64,
    ) -> (usize, Result<()>) {
        let tokens = tokens_from(first_token, packed.len());
        let mut accepted = 0;
        let result = check(|error| unsafe {
            ffi::rmq_producer_send_packed(
                self.handle.as_ptr(),
                pattern.pointer(),
                packed.parts().0,
                packed.buffer().as_ptr().cast(),
                packed.offsets().as_ptr(),
                tokens.as_ptr(),
                packed.len(),
                Destination::pointer(destination),
                flags.0,
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

    /// Takes back a timer message before its time: waits, and tells its message id. The handle is that of its
    /// [`crate::SendResult`].
    pub fn recall(&self, topic: &str, recall_handle: &str, limit: Option<Duration>) -> Result<String> {
        let event = make(|event, error| unsafe { self.ask_recall(topic, recall_handle, limit, 0, event, error) })?;
        Ok(Event::take(event.as_ptr())
            .result_text()
            .unwrap_or_default()
            .into_owned())
    }

    /// The same without waiting; an event with the token tells the end.
    pub fn recall_async(&self, topic: &str, recall_handle: &str, limit: Option<Duration>, token: u64) -> Result<()> {
        check(|error| unsafe { self.ask_recall(topic, recall_handle, limit, token, null_mut(), error) })
    }

    unsafe fn ask_recall(
        &self,
        topic: &str,
        recall_handle: &str,
        limit: Option<Duration>,
        token: u64,
        event: *mut *mut ffi::rmq_event_t,
        error: *mut *mut ffi::rmq_error_t,
    ) -> i32 {
        let ((topic, topic_bytes), (handle, handle_bytes)) = (text_in(topic), text_in(recall_handle));
        ffi::rmq_producer_recall(
            self.handle.as_ptr(),
            topic,
            topic_bytes,
            handle,
            handle_bytes,
            milliseconds(limit),
            token,
            null_mut(),
            event,
            error,
        )
    }

    /// The queues of a topic that take messages: waits.
    pub fn queues(&self, topic: &str, limit: Option<Duration>) -> Result<Vec<Queue>> {
        let event = make(|event, error| unsafe { self.ask_queues(topic, limit, 0, event, error) })?;
        Ok(Event::take(event.as_ptr()).queues())
    }

    /// The same without waiting; an event with the token tells the end.
    pub fn queues_async(&self, topic: &str, limit: Option<Duration>, token: u64) -> Result<()> {
        check(|error| unsafe { self.ask_queues(topic, limit, token, null_mut(), error) })
    }

    unsafe fn ask_queues(
        &self,
        topic: &str,
        limit: Option<Duration>,
        token: u64,
        event: *mut *mut ffi::rmq_event_t,
        error: *mut *mut ffi::rmq_error_t,
    ) -> i32 {
        let ((topic, topic_bytes), limit_ms) = (text_in(topic), milliseconds(limit));
        let producer = self.handle.as_ptr();
        ffi::rmq_producer_queues(producer, topic, topic_bytes, limit_ms, token, null_mut(), event, error)
    }

    /// Waits until every send that was accepted before has ended.
    pub fn flush(&self, limit: Option<Duration>) -> Result<()> {
        check(|error| unsafe { ffi::rmq_producer_flush(self.handle.as_ptr(), milliseconds(limit), error) })
    }

    /// Flushes without waiting; an event with the token tells the end.
    pub fn flush_async(&self, limit: Option<Duration>, token: u64) -> Result<()> {
        check(|error| unsafe {
            ffi::rmq_producer_flush_async(self.handle.as_ptr(), milliseconds(limit), token, null_mut(), error)
        })
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

fn tokens_from(first: u64, count: usize) -> Vec<u64> {
    (0..count as u64).map(|index| first.wrapping_add(index)).collect()
}
