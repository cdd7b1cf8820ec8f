use crate::codes::{self, Code, EventType, LogLevel, Outcome, SendStatus};
use crate::delivery::Delivery;
use crate::error::{check, optional_text_in, text_out};
use crate::{ffi, Error, Result};
use std::borrow::Cow;
use std::marker::PhantomData;
use std::mem::{size_of, zeroed};
use std::time::Duration;

/// The size of an event view that this crate knows.
pub(crate) const VIEW_SIZE: usize = size_of::<ffi::rmq_event_view_t>();

/// The end of an operation, or a delivery. It owns all that it shows and outlives whatever made it.
#[repr(transparent)]
pub struct Event {
    view: ffi::rmq_event_view_t, // of no event: all zero
}

// SAFETY: an event belongs to one thread at a time.
unsafe impl Send for Event {}

impl Event {
    pub(crate) fn empty() -> Event {
        // SAFETY: numbers and pointers, for which zero is a value.
        Event {
            view: unsafe { zeroed() },
        }
    }

    /// Takes over an owned event.
    pub(crate) fn take(event: *mut ffi::rmq_event_t) -> Event {
        let mut taken = Event::empty();
        // SAFETY: the event lives and the view is ours.
        unsafe { ffi::rmq_event_view(event, &mut taken.view, VIEW_SIZE) };
        taken.view.event = event;
        taken
    }

    /// Takes over the event of a view.
    pub(crate) fn of_view(view: ffi::rmq_event_view_t) -> Event {
        Event { view }
    }

    pub(crate) fn view(&self) -> &ffi::rmq_event_view_t {
        &self.view
    }

    pub(crate) fn pointer(&self) -> *mut ffi::rmq_event_t {
        self.view.event
    }

    /// The token that was given to the call, or of the consumer, producer or runtime.
    pub fn token(&self) -> u64 {
        self.view.token
    }

    /// What this tells.
    pub fn event_type(&self) -> EventType {
        EventType(self.view.event_type)
    }

    /// Whether the operation failed, and how.
    pub fn error_code(&self) -> Option<Code> {
        Some(Code(self.view.error_code)).filter(|code| code.0 != ffi::RMQ_OK)
    }

    /// Fails with the error of the operation, or of the background for `EventType::ERROR`.
    pub fn result(&self) -> Result<()> {
        match self.view.error_code {
            ffi::RMQ_OK => Ok(()),
            // SAFETY: the event lends the error while it lives.
            code => Err(unsafe { Error::retain(code, self.view.error) }),
        }
    }

    /// What a failed operation did to the server.
    pub fn outcome(&self) -> Outcome {
        Outcome(self.view.outcome)
    }

    /// How safe a sent message is.
    pub fn send_status(&self) -> SendStatus {
        SendStatus(self.view.status)
    }

    /// The queue of a sent message or a delivery.
    pub fn queue_id(&self) -> i32 {
        self.view.queue_id
    }

    /// The place of a sent message, or of the first one of a delivery, in its queue.
    pub fn queue_offset(&self) -> i64 {
        self.view.offset
    }

    /// How many messages a delivery has.
    pub fn message_count(&self) -> usize {
        match self.event_type() {
            EventType::DELIVERY => self.view.count as usize,
            _ => 0,
        }
    }

    /// The unique id of a sent message.
    pub fn message_id(&self) -> Option<Cow<'_, str>> {
        // SAFETY: texts of the view live as long as the event, here and below.
        unsafe { text_out(self.view.message_id, self.view.message_id_bytes) }
    }

    /// Where the broker stored a sent message.
    pub fn offset_message_id(&self) -> Option<Cow<'_, str>> {
        unsafe { text_out(self.view.offset_message_id, self.view.offset_message_id_bytes) }
    }

    /// The topic of a sent message, or of the queue of a delivery.
    pub fn topic(&self) -> Option<Cow<'_, str>> {
        unsafe { text_out(self.view.topic, self.view.topic_bytes) }
    }

    /// The broker of a sent message or a delivery.
    pub fn broker_name(&self) -> Option<Cow<'_, str>> {
        unsafe { text_out(self.view.broker_name, self.view.broker_name_bytes) }
    }

    /// How many operations were left when a close or flush ended.
    pub fn left(&self) -> usize {
        match self.event_type() {
            EventType::CLOSED | EventType::FLUSHED => self.view.count as usize,
            _ => 0,
        }
    }

    /// Whether a question or delivery waits for its answer.
    pub fn wants_answer(&self) -> bool {
        self.view.wants_answer != 0
    }

    /// All that a send that succeeded tells; `None` for any other event.
    pub fn send_result(&self) -> Option<SendResult<'_>> {
        // SAFETY: views are numbers and pointers, for which zero is a value; the event lives, here and below.
        unsafe {
            let mut view: ffi::rmq_send_result_view_t = zeroed();
            let code = ffi::rmq_event_send_result(self.view.event, &mut view, size_of::<ffi::rmq_send_result_view_t>());
            (code == ffi::RMQ_OK).then_some(SendResult {
                view,
                event: PhantomData,
            })
        }
    }

    /// The line of a log event; `None` for any other one.
    pub fn log(&self) -> Option<LogLine<'_>> {
        unsafe {
            let mut view: ffi::rmq_log_view_t = zeroed();
            let code = ffi::rmq_event_log(self.view.event, &mut view, size_of::<ffi::rmq_log_view_t>());
            (code == ffi::RMQ_OK).then_some(LogLine {
                view,
                event: PhantomData,
            })
        }
    }

    /// The host name that a question asks about; `None` for any other event.
    pub fn question(&self) -> Option<Cow<'_, str>> {
        unsafe {
            let mut bytes = 0;
            let text = ffi::rmq_event_text(self.view.event, &mut bytes);
            text_out(text, bytes)
        }
    }

    /// What the result of a call tells as text: of a recall the id of the message; `None` for any other event.
    pub fn result_text(&self) -> Option<Cow<'_, str>> {
        (self.event_type() == EventType::RESULT)
            .then(|| self.question())
            .flatten()
    }

    /// The queues of a result.
    pub fn queues(&self) -> Vec<Queue> {
        unsafe {
            let mut views = vec![zeroed::<ffi::rmq_queue_view_t>(); self.view.count.max(0) as usize];
            let size = size_of::<ffi::rmq_queue_view_t>();
            let filled = ffi::rmq_event_queues(self.view.event, 0, views.as_mut_ptr(), size, views.len());
            views.truncate(filled);
            views
                .iter()
                .map(|view| Queue {
                    topic: text_out(view.topic, view.topic_bytes).unwrap_or_default().into_owned(),
                    broker_name: text_out(view.broker_name, view.broker_name_bytes)
                        .unwrap_or_default()
                        .into_owned(),
                    queue_id: view.queue_id,
                })
                .collect()
        }
    }

    /// Answers a question with IP addresses, separated by ";"; `None`: the name has none. A question that is dropped unanswered
    /// gets that answer too.
    pub fn answer_question(&self, addresses: Option<&str>) -> Result<()> {
        let (text, text_bytes) = optional_text_in(addresses);
        check(|error| unsafe { ffi::rmq_event_answer_text(self.view.event, text, text_bytes, error) })
    }

    /// Ends a transaction: [`codes::Answer::COMMIT`], [`codes::Answer::ROLLBACK`] or [`codes::Answer::UNKNOWN`]. Of a send with
    /// [`crate::SendFlag::TRANSACTION`] and of [`EventType::TRANSACTION_CHECK`]. Dropping the event unanswered means unknown.
    pub fn end_transaction(&self, answer: codes::Answer) -> Result<()> {
        // SAFETY: the event lives.
        check(|error| unsafe { ffi::rmq_event_answer(self.view.event, answer.0, 0, error) })
    }

    /// The messages of a delivery; any other event is given back.
    pub fn into_delivery(self) -> std::result::Result<Delivery, Event> {
        Delivery::new(self)
    }
}

impl Drop for Event {
    fn drop(&mut self) {
        if !self.view.event.is_null() {
            // SAFETY: owned.
            unsafe { ffi::rmq_event_destroy(self.view.event) }
        }
    }
}

/// One queue of a topic.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Queue {
    /// The topic.
    pub topic: String,
    /// The broker that has the queue.
    pub broker_name: String,
    /// Its number on that broker.
    pub queue_id: i32,
}

/// Where a message was stored, lent by its event.
#[derive(Clone, Copy)]
pub struct SendResult<'a> {
    view: ffi::rmq_send_result_view_t,
    event: PhantomData<&'a Event>,
}

/// A line of the log, lent by its event.
#[derive(Clone, Copy)]
pub struct LogLine<'a> {
    view: ffi::rmq_log_view_t,
    event: PhantomData<&'a Event>,
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident $bytes:ident;)*) => { $(
        $(#[$doc])*
        pub fn $name(&self) -> Option<Cow<'a, str>> {
            // SAFETY: the event is borrowed.
            unsafe { text_out(self.view.$name, self.view.$bytes) }
        }
    )* };
}

impl<'a> SendResult<'a> {
    /// How safe the message is.
    pub fn status(&self) -> SendStatus {
        SendStatus(self.view.status)
    }

    /// The queue; -1 when unknown.
    pub fn queue_id(&self) -> i32 {
        self.view.queue_id
    }

    /// The place in the queue.
    pub fn queue_offset(&self) -> i64 {
        self.view.queue_offset
    }

    /// Whether the broker wants a trace.
    pub fn trace_on(&self) -> bool {
        self.view.trace_on != 0
    }

    texts! {
        /// The unique id that consumers see.
        message_id message_id_bytes;
        /// Where the broker stored it.
        offset_message_id offset_message_id_bytes;
        /// The broker.
        broker_name broker_name_bytes;
        /// The transaction.
        transaction_id transaction_id_bytes;
        /// The region of the broker.
        region_id region_id_bytes;
        /// What the message can be recalled by.
        recall_handle recall_handle_bytes;
    }
}

impl<'a> LogLine<'a> {
    /// How serious the line is.
    pub fn level(&self) -> LogLevel {
        LogLevel(self.view.level)
    }

    /// [`Code::OK`], or what failed.
    pub fn status(&self) -> Code {
        Code(self.view.status)
    }

    /// When it was written, in milliseconds since 1970.
    pub fn timestamp_ms(&self) -> i64 {
        self.view.timestamp_ms
    }

    /// How long the operation took.
    pub fn execution_time(&self) -> Option<Duration> {
        u64::try_from(self.view.execution_time_us)
            .ok()
            .map(Duration::from_micros)
    }

    texts! {
        /// A stable word such as "connect" or "send".
        operation operation_bytes;
        /// The client id.
        client_id client_id_bytes;
        /// What went wrong.
        error error_bytes;
        /// The whole: "event=connect address=... status=...".
        line line_bytes;
    }
}
