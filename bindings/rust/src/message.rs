use crate::codes::{MessageField, Selector};
use crate::error::{check, make, optional_text_in, text_in};
use crate::received_message::view_of;
use crate::{ffi, ReceivedMessage, Result};
use std::ptr::{null, NonNull};

/// A message to be sent, any number of times.
pub struct Message {
    handle: NonNull<ffi::rmq_message_t>,
}

// SAFETY: a message that is being built belongs to one thread at a time.
unsafe impl Send for Message {}

impl Message {
    /// Starts a message without a body.
    pub fn new(topic: &str) -> Result<Message> {
        let (topic, topic_bytes) = text_in(topic);
        // SAFETY: the text is readable.
        make(|message, error| unsafe {
            ffi::rmq_message_new(topic, topic_bytes, null(), 0, null(), 0, null(), 0, message, error)
        })
        .map(|handle| Message { handle })
    }

    /// Makes a message with all that most messages have, in one call into the library.
    pub fn with(topic: &str, body: &[u8], tags: Option<&str>, keys: Option<&str>) -> Result<Message> {
        let ((topic, topic_bytes), body_bytes) = (text_in(topic), body.len());
        let ((tags, tags_bytes), (keys, keys_bytes)) = (optional_text_in(tags), optional_text_in(keys));
        // SAFETY: the texts and the body are readable.
        make(|message, error| unsafe {
            let body = body.as_ptr().cast();
            ffi::rmq_message_new(
                topic,
                topic_bytes,
                body,
                body_bytes,
                tags,
                tags_bytes,
                keys,
                keys_bytes,
                message,
                error,
            )
        })
        .map(|handle| Message { handle })
    }

    /// Makes a message from one that was received: its body, tags, keys, sharding key, flag and the properties of its sender.
    /// What RocketMQ itself has put there is left out. Without a topic it is that of the source.
    pub fn from_received(source: &ReceivedMessage<'_>, topic: Option<&str>) -> Result<Message> {
        let (topic, topic_bytes) = optional_text_in(topic);
        // SAFETY: the owner of the source is borrowed, and the text is readable or absent.
        make(|message, error| unsafe {
            ffi::rmq_message_new_from(source.pointer(), topic, topic_bytes, message, error)
        })
        .map(|handle| Message { handle })
    }

    /// Shows what was set.
    pub fn view(&self) -> ReceivedMessage<'_> {
        // SAFETY: the message is borrowed, so that it does not change.
        unsafe { view_of(self.handle.as_ptr()) }
    }

    /// Takes a body that lives as long as the program, without a copy.
    pub fn set_body_static(&mut self, body: &'static [u8]) -> Result<&mut Message> {
        // SAFETY: it lives, and nobody changes it.
        unsafe { self.set_body_pinned(body) }
    }

    /// Sets the body without a copy.
    ///
    /// # Safety
    /// The body lives unchanged until the message is dropped and every send of it has ended. A waiting send ends with its
    /// return, an asynchronous one when its event was taken, a one-way send when a flush succeeded.
    pub unsafe fn set_body_pinned(&mut self, body: &[u8]) -> Result<&mut Message> {
        check(|error| ffi::rmq_message_set_body_pinned(self.handle.as_ptr(), body.as_ptr().cast(), body.len(), error))?;
        Ok(self)
    }

    /// Copies the body.
    pub fn set_body(&mut self, body: &[u8]) -> Result<&mut Message> {
        // SAFETY: the handle lives and the body is readable, as in all setters.
        check(|error| unsafe {
            ffi::rmq_message_set_body(self.handle.as_ptr(), body.as_ptr().cast(), body.len(), error)
        })?;
        Ok(self)
    }

    /// Sets the tag that consumers filter by.
    pub fn set_tags(&mut self, tags: Option<&str>) -> Result<&mut Message> {
        self.set_text(MessageField::TAGS, tags)
    }

    /// Sets the keys to find the message by, separated by spaces.
    pub fn set_keys(&mut self, keys: Option<&str>) -> Result<&mut Message> {
        self.set_text(MessageField::KEYS, keys)
    }

    /// Sets a field of text; `None` takes it away.
    pub fn set_text(&mut self, field: MessageField, text: Option<&str>) -> Result<&mut Message> {
        let (text, text_bytes) = optional_text_in(text);
        // SAFETY: as above.
        check(|error| unsafe { ffi::rmq_message_set_text(self.handle.as_ptr(), field.0, text, text_bytes, error) })?;
        Ok(self)
    }

    /// Sets a field that is a number.
    pub fn set_number(&mut self, field: MessageField, number: i64) -> Result<&mut Message> {
        // SAFETY: as above.
        check(|error| unsafe { ffi::rmq_message_set_number(self.handle.as_ptr(), field.0, number, error) })?;
        Ok(self)
    }

    /// Sets a property of yours; `None` takes it away.
    pub fn set_property(&mut self, name: &str, value: Option<&str>) -> Result<&mut Message> {
        let ((name, name_bytes), (value, value_bytes)) = (text_in(name), optional_text_in(value));
        // SAFETY: as above.
        check(|error| unsafe {
            ffi::rmq_message_set_property(self.handle.as_ptr(), name, name_bytes, value, value_bytes, error)
        })?;
        Ok(self)
    }

    pub(crate) fn pointer(&self) -> *const ffi::rmq_message_t {
        self.handle.as_ptr()
    }
}

impl Drop for Message {
    fn drop(&mut self) {
        // SAFETY: owned.
        unsafe { ffi::rmq_message_destroy(self.handle.as_ptr()) }
    }
}

/// One queue of one broker. It never changes.
pub struct Destination {
    handle: NonNull<ffi::rmq_destination_t>,
}

// SAFETY: destinations never change.
unsafe impl Send for Destination {}
unsafe impl Sync for Destination {}

impl Destination {
    /// The queue id of a destination whose broker chooses the queue.
    pub const BROKER_CHOOSES: i32 = -1;

    /// Names a queue by the broker's address or, without one, by the broker's name, whose address the topic's route has.
    pub fn new(address: Option<&str>, broker_name: Option<&str>, queue_id: i32) -> Result<Destination> {
        let ((address, address_bytes), (name, name_bytes)) = (optional_text_in(address), optional_text_in(broker_name));
        // SAFETY: the texts are readable or absent.
        make(|destination, error| unsafe {
            ffi::rmq_destination_new(address, address_bytes, name, name_bytes, queue_id, destination, error)
        })
        .map(|handle| Destination { handle })
    }

    /// Chooses a queue for each message. With a hash of the sharding key, and with a queue id, `SendFlag::ORDERED` keeps the order.
    pub fn selected(selector: Selector) -> Result<Destination> {
        // SAFETY: without a function nothing else is given.
        make(|destination, error| unsafe {
            ffi::rmq_destination_new_selected(selector.0, None, std::ptr::null_mut(), destination, error)
        })
        .map(|handle| Destination { handle })
    }

    pub(crate) fn pointer(destination: Option<&Destination>) -> *const ffi::rmq_destination_t {
        destination.map_or(null(), |destination| destination.handle.as_ptr())
    }
}

impl Drop for Destination {
    fn drop(&mut self) {
        // SAFETY: owned.
        unsafe { ffi::rmq_destination_destroy(self.handle.as_ptr()) }
    }
}
