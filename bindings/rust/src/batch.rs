use crate::codes::{self, EventType};
use crate::error::check;
use crate::event::VIEW_SIZE;
use crate::{ffi, Answer, Event, ReceivedMessage, Result};
use std::mem::{replace, size_of, take, zeroed};

const MESSAGE_VIEW_SIZE: usize = size_of::<ffi::rmq_message_view_t>();

/// Room for events, and for the messages of deliveries, to be filled any number of times by [`crate::EventQueue::poll_batch`].
///
/// One call into the library fills it, one answers for all of it, and one gives all of it up. Reading is no call.
pub struct Batch {
    events: Box<[Event]>,
    messages: Box<[ffi::rmq_message_view_t]>,
    answers: Vec<i32>,
    count: usize,
    shown: usize, // messages; what they point to lives until an event leaves the batch
}

// SAFETY: the views point into the events, which go along.
unsafe impl Send for Batch {}

impl Batch {
    /// Makes room for so many events, without their messages.
    pub fn new(events: usize) -> Batch {
        Batch::with_messages(events, 0)
    }

    /// Makes room for so many events, and for so many messages in all of them together. Nothing is left over with
    /// consume_message_batch_max_size messages for each event.
    pub fn with_messages(events: usize, messages: usize) -> Batch {
        Batch {
            events: (0..events).map(|_| Event::empty()).collect(),
            // SAFETY: numbers and pointers, for which zero is a value.
            messages: (0..messages).map(|_| unsafe { zeroed() }).collect(),
            answers: Vec::with_capacity(events),
            count: 0,
            shown: 0,
        }
    }

    /// The events that the last poll took.
    pub fn iter(&self) -> std::slice::Iter<'_, Event> {
        self.events[..self.count].iter()
    }

    /// The messages of all deliveries, those of one delivery side by side.
    pub fn messages(&self) -> &[ReceivedMessage<'_>] {
        // SAFETY: the views were filled, and what they point to lives while the batch is borrowed.
        unsafe { ReceivedMessage::of_views(&self.messages[..self.shown]) }
    }

    /// The messages that the batch shows of one of its events. If they are fewer than [`Event::message_count`], there was no
    /// room: [`Batch::drain`] and [`Event::into_delivery`] give all.
    pub fn messages_of(&self, event: &Event) -> &[ReceivedMessage<'_>] {
        let (first, count) = (
            event.view().first_message as usize,
            event.view().messages_shown as usize,
        );
        self.messages().get(first..first + count).unwrap_or(&[])
    }

    /// Gives one answer to all deliveries, in one call into the library.
    pub fn answer(&mut self, answer: Answer) -> Result<()> {
        self.answer_each(|_, _| Some(answer))
    }

    /// Asks for the answer to each delivery, and gives all of them in one call into the library; `None` leaves one unanswered.
    ///
    /// The error is that of the first answer that was refused. All others are taken all the same.
    pub fn answer_each(
        &mut self,
        mut choose: impl FnMut(&Event, &[ReceivedMessage<'_>]) -> Option<Answer>,
    ) -> Result<()> {
        let mut answers = take(&mut self.answers);
        answers.clear();
        answers.extend(self.iter().map(|event| match event.event_type() {
            EventType::DELIVERY => choose(event, self.messages_of(event)).map_or(codes::Answer::NONE.0, Answer::number),
            _ => codes::Answer::NONE.0,
        }));
        self.answers = answers;
        if self.count == 0 {
            return Ok(());
        }
        let views = self.events.as_ptr().cast();
        // SAFETY: an Event is its view.
        check(|error| unsafe {
            ffi::rmq_event_answer_batch(views, VIEW_SIZE, self.count, self.answers.as_ptr(), error)
        })
    }

    /// Takes the events out, to be kept or to be answered. The messages that the batch shows go.
    pub fn drain(&mut self) -> impl Iterator<Item = Event> + '_ {
        let count = replace(&mut self.count, 0);
        self.shown = 0;
        self.events[..count]
            .iter_mut()
            .map(|event| replace(event, Event::empty()))
    }

    /// Gives up the events in one call into the library. A delivery without an answer comes again, and is not
    /// counted.
    pub fn clear(&mut self) {
        let count = replace(&mut self.count, 0);
        self.shown = 0;
        if count > 0 {
            // SAFETY: an Event is its view; the call takes the events out of the views.
            unsafe { ffi::rmq_event_destroy_batch(self.events.as_mut_ptr().cast(), VIEW_SIZE, count) }
        }
    }

    pub(crate) fn fill(&mut self, queue: *mut ffi::rmq_event_queue_t, limit_ms: i64) -> Result<usize> {
        self.clear();
        let (views, count_max) = (self.events.as_mut_ptr().cast(), self.events.len());
        let (messages, messages_max) = (self.messages.as_mut_ptr(), self.messages.len());
        let (count, shown) = (&mut self.count, &mut self.shown);
        // SAFETY: the room is as large as it is said to be, and what is in the views is given up.
        check(|error| unsafe {
            if messages_max == 0 {
                return ffi::rmq_event_queue_poll(queue, limit_ms, views, VIEW_SIZE, count_max, count, error);
            }
            ffi::rmq_event_queue_poll_messages(
                queue,
                limit_ms,
                views,
                VIEW_SIZE,
                count_max,
                count,
                messages,
                MESSAGE_VIEW_SIZE,
                messages_max,
                shown,
                error,
            )
        })?;
        Ok(self.count)
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
