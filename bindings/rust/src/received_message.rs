use crate::error::{bytes_out, make, text_out};
use crate::{ffi, Error, Result};
use std::borrow::Cow;
use std::marker::PhantomData;
use std::mem::{size_of, zeroed};
use std::ptr::{null_mut, NonNull};

/// A message as the broker gave it, lent by its delivery, batch or list: nothing is copied. It also shows a message that is
/// being built.
///
/// Other clients may have written texts that are not UTF-8. Each text is to be had as a `str`, in which U+FFFD stands for what is
/// not UTF-8, and with `_bytes` behind its name exactly as it came.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct ReceivedMessage<'a> {
    view: ffi::rmq_message_view_t,
    owner: PhantomData<&'a ()>,
}

// SAFETY: what a view points to never changes while it is lent.
unsafe impl Send for ReceivedMessage<'_> {}
unsafe impl Sync for ReceivedMessage<'_> {}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident $bytes:ident;)*) => { $(
        $(#[$doc])*
        pub fn $name(&self) -> Option<Cow<'a, str>> {
            // SAFETY: its owner is borrowed.
            unsafe { text_out(self.view.$name, self.view.$bytes) }
        }

        /// The bytes of this text as they came.
        pub fn $bytes(&self) -> Option<&'a [u8]> {
            // SAFETY: its owner is borrowed.
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
    /// # Safety
    /// What the view points to lives for `'a`.
    pub(crate) unsafe fn of_view(view: ffi::rmq_message_view_t) -> ReceivedMessage<'a> {
        ReceivedMessage {
            view,
            owner: PhantomData,
        }
    }

    /// # Safety
    /// As [`ReceivedMessage::of_view`].
    pub(crate) unsafe fn of_views(views: &'a [ffi::rmq_message_view_t]) -> &'a [ReceivedMessage<'a>] {
        std::slice::from_raw_parts(views.as_ptr().cast(), views.len())
    }

    pub(crate) fn pointer(&self) -> *const ffi::rmq_message_t {
        self.view.message
    }

    /// Keeps the message, which then lives on its own.
    pub fn retain(&self) -> Result<KeptMessage> {
        // SAFETY: its owner is borrowed.
        NonNull::new(unsafe { ffi::rmq_message_retain(self.view.message) })
            .map(|handle| KeptMessage { handle })
            .ok_or_else(|| Error::take(ffi::RMQ_ERROR_MEMORY, null_mut()))
    }

    /// The bytes of the body also where [`ReceivedMessage::body`] fails: then as they were stored.
    pub fn stored_body(&self) -> &'a [u8] {
        // SAFETY: its owner is borrowed.
        unsafe { bytes_out(self.view.body.cast(), self.view.body_bytes) }.unwrap_or(&[])
    }

    /// The body, decompressed; fails with why it could not be read.
    pub fn body(&self) -> Result<&'a [u8]> {
        if self.view.error_code != ffi::RMQ_OK {
            // SAFETY: its owner is borrowed and lends the error.
            return Err(unsafe { Error::retain(self.view.error_code, self.view.error) });
        }
        Ok(self.stored_body())
    }

    /// A property by name.
    pub fn property(&self, name: impl AsRef<[u8]>) -> Option<Cow<'a, str>> {
        self.property_bytes(name).map(String::from_utf8_lossy)
    }

    /// A property by name, as it came.
    pub fn property_bytes(&self, name: impl AsRef<[u8]>) -> Option<&'a [u8]> {
        let name = name.as_ref();
        let mut bytes = 0;
        // SAFETY: its owner is borrowed and lends the text.
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
            // SAFETY: its owner is borrowed and lends the texts; zero is a value of the view.
            unsafe {
                let mut view: ffi::rmq_property_view_t = zeroed();
                let size = size_of::<ffi::rmq_property_view_t>();
                ffi::rmq_message_properties(message, index, &mut view, size, 1);
                Some((
                    bytes_out(view.name.cast(), view.name_bytes)?,
                    bytes_out(view.value.cast(), view.value_bytes)?,
                ))
            }
        })
    }

    /// All properties in RocketMQ's own form: name, 1, value, 2, and so on. None when there are none.
    pub fn raw_properties(&self) -> Option<&'a [u8]> {
        // SAFETY: its owner is borrowed and lends the bytes.
        unsafe { bytes_out(self.view.properties.cast(), self.view.properties_bytes) }
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
        /// The broker that the message was pulled from.
        broker_name broker_name_bytes;
    }

    numbers! {
        /// The queue.
        queue_id: i32;
        /// The place in the queue.
        queue_offset: i64;
        /// The place in the broker's log.
        commit_log_offset: i64;
        /// The place of the first half of a transaction.
        prepared_transaction_offset: i64;
        /// When it was made.
        born_timestamp_ms: i64;
        /// When it was stored.
        store_timestamp_ms: i64;
        /// How often it was delivered before.
        reconsume_times: i32;
        /// The number that travels with the message.
        flag: i32;
        /// The bits of RocketMQ, as stored.
        sys_flag: i32;
        /// The number of properties.
        property_count: i32;
        /// The bytes of the message as stored; 0 for one that is being built.
        store_size: i32;
        /// The checksum of the body, as stored.
        body_crc: i32;
    }
}

/// A received message that was kept. It lives on its own, and never changes.
pub struct KeptMessage {
    handle: NonNull<ffi::rmq_message_t>,
}

// SAFETY: a received message never changes.
unsafe impl Send for KeptMessage {}
unsafe impl Sync for KeptMessage {}

impl KeptMessage {
    /// Shows the message.
    pub fn view(&self) -> ReceivedMessage<'_> {
        // SAFETY: the handle lives while it is borrowed.
        unsafe { view_of(self.handle.as_ptr()) }
    }
}

impl Drop for KeptMessage {
    fn drop(&mut self) {
        // SAFETY: owned.
        unsafe { ffi::rmq_message_destroy(self.handle.as_ptr()) }
    }
}

/// # Safety
/// The message lives and does not change for `'a`.
pub(crate) unsafe fn view_of<'a>(message: *const ffi::rmq_message_t) -> ReceivedMessage<'a> {
    let mut view: ffi::rmq_message_view_t = zeroed(); // numbers and pointers
    ffi::rmq_message_view(message, &mut view, size_of::<ffi::rmq_message_view_t>());
    ReceivedMessage::of_view(view)
}

/// Messages as brokers store them, one after another.
pub struct MessageList {
    handle: NonNull<ffi::rmq_message_list_t>,
}

// SAFETY: a list never changes.
unsafe impl Send for MessageList {}
unsafe impl Sync for MessageList {}

// SAFETY of the calls below: the handle lives while it is borrowed.
impl MessageList {
    /// Reads stored messages: the body of a pull answer. One whose body cannot be read stays in the list.
    pub fn decode(stored: &[u8]) -> Result<MessageList> {
        make(|list, error| unsafe { ffi::rmq_message_list_decode(stored.as_ptr().cast(), stored.len(), list, error) })
            .map(|handle| MessageList { handle })
    }

    /// The number of messages.
    pub fn len(&self) -> usize {
        unsafe { ffi::rmq_message_list_count(self.handle.as_ptr()) }
    }

    /// Whether there is no message.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All messages, in one call into the library.
    pub fn messages(&self) -> Vec<ReceivedMessage<'_>> {
        let mut views = vec![unsafe { zeroed::<ffi::rmq_message_view_t>() }; self.len()];
        let size = size_of::<ffi::rmq_message_view_t>();
        let count =
            unsafe { ffi::rmq_message_list_views(self.handle.as_ptr(), 0, views.as_mut_ptr(), size, views.len()) };
        views.truncate(count);
        views
            .into_iter()
            .map(|view| unsafe { ReceivedMessage::of_view(view) })
            .collect()
    }
}

impl Drop for MessageList {
    fn drop(&mut self) {
        // SAFETY: owned.
        unsafe { ffi::rmq_message_list_destroy(self.handle.as_ptr()) }
    }
}
