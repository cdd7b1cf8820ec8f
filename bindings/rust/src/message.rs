use crate::error::{check, make, optional_text_in, text_in};
use crate::{ffi, Result};
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
        make(|message, error| unsafe { ffi::rmq_message_new(topic, topic_bytes, message, error) })
            .map(|handle| Message { handle })
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
        let (tags, tags_bytes) = optional_text_in(tags);
        // SAFETY: as above.
        check(|error| unsafe { ffi::rmq_message_set_tags(self.handle.as_ptr(), tags, tags_bytes, error) })?;
        Ok(self)
    }

    /// Sets the keys to find the message by, separated by spaces.
    pub fn set_keys(&mut self, keys: Option<&str>) -> Result<&mut Message> {
        let (keys, keys_bytes) = optional_text_in(keys);
        // SAFETY: as above.
        check(|error| unsafe { ffi::rmq_message_set_keys(self.handle.as_ptr(), keys, keys_bytes, error) })?;
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
