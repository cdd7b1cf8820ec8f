use crate::codes::{Code, EventType, Outcome, SendStatus};
use crate::delivery::Delivery;
use crate::error::text_out;
use crate::{ffi, Error, Result};
use std::borrow::Cow;
use std::mem::{replace, size_of, zeroed};

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

    pub(crate) fn pointer(&self) -> *mut ffi::rmq_event_t {
        self.view.event
    }

    /// The token that was given to the call.
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
        SendStatus(self.view.send_status)
    }

    /// The queue of a sent message.
    pub fn queue_id(&self) -> i32 {
        self.view.queue_id
    }

    /// The place of a sent message in its queue.
    pub fn queue_offset(&self) -> i64 {
        self.view.queue_offset
    }

    /// How many messages a delivery has.
    pub fn message_count(&self) -> usize {
        self.view.message_count as usize
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

    /// The broker of a sent message.
    pub fn broker_name(&self) -> Option<Cow<'_, str>> {
        unsafe { text_out(self.view.broker_name, self.view.broker_name_bytes) }
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

/// Room for events, to be filled any number of times.
pub struct Batch {
    events: Box<[Event]>,
    count: usize,
}

impl Batch {
    /// Makes room for `capacity` events.
    pub fn new(capacity: usize) -> Batch {
        Batch {
            events: (0..capacity).map(|_| Event::empty()).collect(),
            count: 0,
        }
    }

    /// The events that the last poll took.
    pub fn iter(&self) -> std::slice::Iter<'_, Event> {
        self.events[..self.count].iter()
    }

    /// Takes the events out, to be kept or to be answered.
    pub fn drain(&mut self) -> impl Iterator<Item = Event> + '_ {
        let count = replace(&mut self.count, 0);
        self.events[..count]
            .iter_mut()
            .map(|event| replace(event, Event::empty()))
    }

    /// Gives up the events in one call into the library.
    pub fn clear(&mut self) {
        let count = replace(&mut self.count, 0);
        // SAFETY: an Event is its view; the call takes the events out of the views.
        unsafe { ffi::rmq_event_destroy_batch(self.events.as_mut_ptr().cast(), VIEW_SIZE, count) }
    }

    /// Has `fill` put owned events into the views: their first, how many there are, and where to say how many are filled.
    pub(crate) fn fill(
        &mut self,
        fill: impl FnOnce(*mut ffi::rmq_event_view_t, usize, *mut usize) -> Result<()>,
    ) -> Result<usize> {
        self.clear();
        let result = fill(self.events.as_mut_ptr().cast(), self.events.len(), &mut self.count);
        result.map(|()| self.count)
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        self.clear();
    }
}

impl<'a> IntoIterator for &'a Batch {
    type Item = &'a Event;
    type IntoIter = std::slice::Iter<'a, Event>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
