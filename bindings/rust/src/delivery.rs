use crate::error::{check, text_out};
use crate::{ffi, Event, ReceivedMessage, Result};
use std::borrow::Cow;
use std::mem::{size_of, zeroed};

/// What to do with messages that were received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// They are consumed.
    Success,
    /// They are delivered again later.
    ReconsumeLater,
    /// They were not looked at: they are offered again, and not counted.
    Return,
}

impl Answer {
    pub(crate) fn number(self) -> i32 {
        match self {
            Answer::Success => ffi::RMQ_ANSWER_SUCCESS,
            Answer::ReconsumeLater => ffi::RMQ_ANSWER_RECONSUME_LATER,
            Answer::Return => ffi::RMQ_ANSWER_RETURN,
        }
    }
}

/// Messages of one queue, to be answered once. One that is dropped unanswered comes again: without being counted if nobody
/// looked at a message, else later.
pub struct Delivery {
    event: Event,
    info: ffi::rmq_delivery_view_t,
}

// SAFETY: the view points into the event, which goes along.
unsafe impl Send for Delivery {}

impl Delivery {
    /// As a delay level: the more often the messages came, the later they come again.
    pub const BY_COUNT: i32 = ffi::RMQ_DELAY_BY_COUNT;
    /// As a delay level: the messages go to the dead-letter queue at once.
    pub const DEAD_LETTER: i32 = ffi::RMQ_DELAY_DEAD_LETTER;

    pub(crate) fn new(event: Event) -> std::result::Result<Delivery, Event> {
        // SAFETY: views are numbers and pointers, for which zero is a value; the event lives as long as they do.
        unsafe {
            let mut info: ffi::rmq_delivery_view_t = zeroed();
            if ffi::rmq_event_delivery(event.pointer(), &mut info, size_of::<ffi::rmq_delivery_view_t>()) != ffi::RMQ_OK
            {
                return Err(event);
            }
            Ok(Delivery { event, info })
        }
    }

    /// The token of the consumer.
    pub fn token(&self) -> u64 {
        self.event.token()
    }

    /// The topic of the queue.
    pub fn topic(&self) -> Cow<'_, str> {
        // SAFETY: texts live as long as the event, here and below.
        unsafe { text_out(self.info.topic, self.info.topic_bytes) }.unwrap_or_default()
    }

    /// The broker of the queue.
    pub fn broker_name(&self) -> Cow<'_, str> {
        unsafe { text_out(self.info.broker_name, self.info.broker_name_bytes) }.unwrap_or_default()
    }

    /// The group of the consumer.
    pub fn group(&self) -> Cow<'_, str> {
        unsafe { text_out(self.info.group, self.info.group_bytes) }.unwrap_or_default()
    }

    /// The place of the first message in the queue.
    pub fn first_queue_offset(&self) -> i64 {
        self.info.first_queue_offset
    }

    /// The queue.
    pub fn queue_id(&self) -> i32 {
        self.info.queue_id
    }

    /// Which holding of the queue this belongs to.
    pub fn epoch(&self) -> u64 {
        self.info.epoch
    }

    /// The messages. Each is looked at when the iterator comes to it; their number is no look at them.
    pub fn messages(&self) -> impl ExactSizeIterator<Item = ReceivedMessage<'_>> {
        (0..self.event.message_count()).map(move |index| self.message(index))
    }

    fn message(&self, index: usize) -> ReceivedMessage<'_> {
        // SAFETY: a view is numbers and pointers, for which zero is a value; the result borrows the delivery, which owns the
        // event.
        unsafe {
            let mut view: ffi::rmq_message_view_t = zeroed();
            let size = size_of::<ffi::rmq_message_view_t>();
            let count = ffi::rmq_event_messages(self.event.pointer(), index, &mut view, size, 1);
            debug_assert_eq!(count, 1);
            ReceivedMessage::of_view(view)
        }
    }

    /// Answers for all messages. Fails with [`crate::Code::STALE`] when the queue is no longer held: others receive the messages.
    ///
    /// `delay_level` says when to deliver again: [`Delivery::BY_COUNT`], 1 to 255, or [`Delivery::DEAD_LETTER`].
    pub fn answer(self, answer: Answer, delay_level: i32) -> Result<()> {
        // SAFETY: the event lives.
        check(|error| unsafe {
            ffi::rmq_event_answer(self.event.pointer(), answer.number(), delay_level.into(), error)
        })
    }

    /// Answers message by message, as [`Delivery::answer`] does: those that are not consumed are delivered again later.
    pub fn answer_each(self, consumed: &[bool], delay_level: i32) -> Result<()> {
        let mut bits = vec![0u8; (consumed.len() + 7) / 8];
        for (index, _) in consumed.iter().enumerate().filter(|(_, consumed)| **consumed) {
            bits[index / 8] |= 1 << (index % 8);
        }
        // SAFETY: the event lives and the bits are readable.
        check(|error| unsafe {
            ffi::rmq_event_answer_each(
                self.event.pointer(),
                bits.as_ptr(),
                bits.len(),
                delay_level.into(),
                error,
            )
        })
    }
}
