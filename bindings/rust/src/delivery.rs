use crate::error::{bytes_out, check, text_out};
use crate::{ffi, Error, Event, Result};
use std::borrow::Cow;
use std::marker::PhantomData;
use std::mem::{size_of, zeroed};
use std::ptr::null;

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
    fn number(self) -> i32 {
        match self {
            Answer::Success => ffi::RMQ_ANSWER_SUCCESS,
            Answer::ReconsumeLater => ffi::RMQ_ANSWER_RECONSUME_LATER,
            Answer::Return => ffi::RMQ_ANSWER_RETURN,
        }
    }
}

/// Messages of one queue, to be answered once. One that is dropped unanswered comes again: without being counted if nobody looked at
/// a message, else later.
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
        // SAFETY: a view is numbers and pointers, for which zero is a value; the result borrows the delivery, which owns the event.
        unsafe {
            let mut view: ffi::rmq_message_view_t = zeroed();
            let size = size_of::<ffi::rmq_message_view_t>();
            let count = ffi::rmq_event_messages(self.event.pointer(), index, &mut view, size, 1);
            debug_assert_eq!(count, 1);
            ReceivedMessage {
                view,
                delivery: PhantomData,
            }
        }
    }

    /// Answers for all messages. Fails with [`crate::Code::STALE`] when the queue is no longer held: others receive the messages.
    ///
    /// `delay_level` says when to deliver again: [`Delivery::BY_COUNT`], 1 to 18, or [`Delivery::DEAD_LETTER`].
    pub fn answer(self, answer: Answer, delay_level: i32) -> Result<()> {
        // SAFETY: the event lives.
        check(|error| unsafe { ffi::rmq_event_answer(self.event.pointer(), answer.number(), delay_level, error) })
    }

    /// Answers message by message, as [`Delivery::answer`] does: those that are not consumed are delivered again later.
    pub fn answer_each(self, consumed: &[bool], delay_level: i32) -> Result<()> {
        let mut bits = vec![0u8; (consumed.len() + 7) / 8];
        for (index, _) in consumed.iter().enumerate().filter(|(_, consumed)| **consumed) {
            bits[index / 8] |= 1 << (index % 8);
        }
        // SAFETY: the event lives and the bits are readable.
        check(|error| unsafe {
            ffi::rmq_event_answer_each(self.event.pointer(), bits.as_ptr(), bits.len(), delay_level, error)
        })
    }
}

/// A message as the broker gave it, lent by its delivery: nothing is copied.
///
/// Other clients may have written texts that are not UTF-8. Each text is to be had as a `str`, in which U+FFFD stands for what is
/// not UTF-8, and with `_bytes` behind its name exactly as it came.
#[derive(Clone, Copy)]
pub struct ReceivedMessage<'a> {
    view: ffi::rmq_message_view_t,
    delivery: PhantomData<&'a Delivery>,
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident $bytes:ident;)*) => { $(
        $(#[$doc])*
        pub fn $name(&self) -> Option<Cow<'a, str>> {
            // SAFETY: the delivery is borrowed.
            unsafe { text_out(self.view.$name, self.view.$bytes) }
        }

        /// The bytes of this text as they came.
        pub fn $bytes(&self) -> Option<&'a [u8]> {
            // SAFETY: the delivery is borrowed.
            unsafe { bytes_out(self.view.$name.cast(), self.view.$bytes) }
        }
    )* };
}

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident: $type:ty;)*) => { $(
        $(#[$doc])*
        pub fn $name(&self) -> $type {
            self.view.$name
        }
    )* };
}

impl<'a> ReceivedMessage<'a> {
    /// The body, decompressed; fails with why it could not be read.
    pub fn body(&self) -> Result<&'a [u8]> {
        if self.view.error_code != ffi::RMQ_OK {
            // SAFETY: the delivery is borrowed and lends the error.
            return Err(unsafe { Error::retain(self.view.error_code, self.view.error) });
        }
        // SAFETY: the delivery is borrowed.
        Ok(unsafe { bytes_out(self.view.body.cast(), self.view.body_bytes) }.unwrap_or(&[]))
    }

    /// A property by name.
    pub fn property(&self, name: impl AsRef<[u8]>) -> Option<Cow<'a, str>> {
        self.property_bytes(name).map(String::from_utf8_lossy)
    }

    /// A property by name, as it came.
    pub fn property_bytes(&self, name: impl AsRef<[u8]>) -> Option<&'a [u8]> {
        let name = name.as_ref();
        let mut bytes = 0;
        // SAFETY: the delivery is borrowed and lends the text.
        unsafe {
            let value = ffi::rmq_message_property(self.view.message, name.as_ptr().cast(), name.len(), &mut bytes);
            bytes_out(value.cast(), bytes)
        }
    }

    /// Names and values of all properties, in the order of the message.
    pub fn properties(&self) -> impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)> {
        self.properties_bytes()
            .map(|(name, value)| (String::from_utf8_lossy(name), String::from_utf8_lossy(value)))
    }

    /// Names and values of all properties as they came, in the order of the message.
    pub fn properties_bytes(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        let message = self.view.message;
        (0..self.view.property_count as usize).filter_map(move |index| {
            let (mut name, mut name_bytes, mut value, mut value_bytes) = (null(), 0, null(), 0);
            // SAFETY: the delivery is borrowed and lends the texts.
            unsafe {
                ffi::rmq_message_property_at(message, index, &mut name, &mut name_bytes, &mut value, &mut value_bytes);
                Some((
                    bytes_out(name.cast(), name_bytes)?,
                    bytes_out(value.cast(), value_bytes)?,
                ))
            }
        })
    }

    texts! {
        /// The topic.
        topic topic_bytes;
        /// The tag.
        tags tags_bytes;
        /// The keys, separated by spaces.
        keys keys_bytes;
        /// The sender's unique id, or else the offset message id.
        message_id message_id_bytes;
        /// Where the broker stored it.
        offset_message_id offset_message_id_bytes;
        /// ip:port of the sender.
        born_host born_host_bytes;
        /// ip:port of the broker.
        store_host store_host_bytes;
    }

    numbers! {
        /// The queue.
        queue_id: i32;
        /// The place in the queue.
        queue_offset: i64;
        /// When it was made.
        born_timestamp_ms: i64;
        /// When it was stored.
        store_timestamp_ms: i64;
        /// How often it was delivered before.
        reconsume_times: i32;
        /// The number that travels with the message.
        flag: i32;
    }
}
