use crate::codes::{Category, Code, Outcome, ServerRole};
use crate::ffi;
use std::borrow::Cow;
use std::fmt;
use std::mem::{size_of, MaybeUninit};
use std::os::raw::c_char;
use std::ptr::{null, null_mut, NonNull};
use std::time::Duration;

/// What every call gives that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// A failure with all that the library knows of it. It never changes and outlives whatever failed.
pub struct Error {
    code: Code,
    handle: *mut ffi::rmq_error_t, // null when memory was exhausted
}

// SAFETY: error objects are immutable and may be read from any thread.
unsafe impl Send for Error {}
unsafe impl Sync for Error {}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident $bytes:ident;)*) => { $(
        $(#[$doc])*
        pub fn $name(&self) -> Cow<'_, str> {
            let view = self.view();
            // SAFETY: the texts of a view live as long as the error.
            unsafe { text_out(view.$name, view.$bytes) }.unwrap_or_default()
        }
    )* };
}

impl Error {
    /// Takes over an owned error object; null: there is only the code.
    pub(crate) fn take(code: i32, handle: *mut ffi::rmq_error_t) -> Error {
        Error {
            code: Code(code),
            handle,
        }
    }

    /// Keeps an error object that something lends.
    ///
    /// # Safety
    /// `borrowed` is null or a living error.
    pub(crate) unsafe fn retain(code: i32, borrowed: *const ffi::rmq_error_t) -> Error {
        Error::take(code, ffi::rmq_error_retain(borrowed))
    }

    fn view(&self) -> ffi::rmq_error_view_t {
        let mut view = MaybeUninit::zeroed();
        // SAFETY: the error lives, null is allowed, and the library fills no more than the size it is told.
        unsafe {
            ffi::rmq_error_view(self.handle, view.as_mut_ptr(), size_of::<ffi::rmq_error_view_t>());
            view.assume_init()
        }
    }

    /// What went wrong.
    pub fn code(&self) -> Code {
        self.code
    }

    /// The family of the code.
    pub fn category(&self) -> Category {
        Category(self.view().category)
    }

    /// What the failed operation did to the server.
    pub fn outcome(&self) -> Outcome {
        Outcome(self.view().outcome)
    }

    /// Whether the same call may succeed later without any change.
    pub fn is_retriable(&self) -> bool {
        self.view().retriable != 0
    }

    /// Who answered.
    pub fn server_role(&self) -> ServerRole {
        ServerRole(self.view().server_role)
    }

    /// The server's own code; `None` when no server answered.
    pub fn response_code(&self) -> Option<i32> {
        Some(self.view().response_code).filter(|code| !self.handle.is_null() && *code != -1)
    }

    /// The queue; `None` when none is concerned.
    pub fn queue_id(&self) -> Option<i32> {
        Some(self.view().queue_id).filter(|id| !self.handle.is_null() && *id != -1)
    }

    /// Of a background error: how often it happened since the last event of its cause.
    pub fn count(&self) -> i64 {
        self.view().count
    }

    /// Of a send or another request: how long it went on, all attempts together.
    pub fn elapsed(&self) -> Option<Duration> {
        u64::try_from(self.view().elapsed_ms).ok().filter(|_| !self.handle.is_null()).map(Duration::from_millis)
    }

    /// What its time limit was.
    pub fn limit(&self) -> Option<Duration> {
        u64::try_from(self.view().limit_ms).ok().filter(|_| !self.handle.is_null()).map(Duration::from_millis)
    }

    /// What was tried, on what, and what happened.
    pub fn message(&self) -> Cow<'_, str> {
        if self.handle.is_null() {
            return self.code.sentence().into();
        }
        let view = self.view();
        // SAFETY: as in `texts`.
        unsafe { text_out(view.message, view.message_bytes) }.unwrap_or_default()
    }

    texts! {
        /// What to try; may be empty, as all below.
        hint hint_bytes;
        /// The server's words.
        remark remark_bytes;
        /// host:port of the server.
        address address_bytes;
        /// The topic.
        topic topic_bytes;
        /// The broker's name.
        broker_name broker_name_bytes;
        /// The group of the producer or consumer.
        group group_bytes;
        /// The client id.
        client_id client_id_bytes;
        /// Of a send: the unique id of its message.
        message_id message_id_bytes;
    }
}

impl Clone for Error {
    fn clone(&self) -> Error {
        // SAFETY: the error lives.
        unsafe { Error::retain(self.code.0, self.handle) }
    }
}

impl Drop for Error {
    fn drop(&mut self) {
        // SAFETY: owned; null is allowed.
        unsafe { ffi::rmq_error_destroy(self.handle) }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.name(), self.message())?;
        match self.hint().as_ref() {
            "" => Ok(()),
            hint => write!(f, " ({})", hint),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {}

/// Makes a call whose last parameter is the error slot.
pub(crate) fn check(call: impl FnOnce(*mut *mut ffi::rmq_error_t) -> i32) -> Result<()> {
    let mut error = null_mut();
    match call(&mut error) {
        ffi::RMQ_OK => Ok(()),
        code => Err(Error::take(code, error)),
    }
}

/// Makes an object: the call fills an out parameter and has the error slot after it.
pub(crate) fn make<T>(call: impl FnOnce(*mut *mut T, *mut *mut ffi::rmq_error_t) -> i32) -> Result<NonNull<T>> {
    let mut handle = null_mut();
    check(|error| call(&mut handle, error))?;
    NonNull::new(handle).ok_or_else(|| Error::take(ffi::RMQ_ERROR_INTERNAL, null_mut()))
}

/// Text for the library. Of an empty one the pointer is not null, which would mean "absent".
pub(crate) fn text_in(text: &str) -> (*const c_char, usize) {
    (text.as_ptr().cast(), text.len())
}

pub(crate) fn optional_text_in(text: Option<&str>) -> (*const c_char, usize) {
    text.map_or((null(), 0), text_in)
}

/// Text of the library, borrowed when it is UTF-8. In one that is not, U+FFFD stands for each bad sequence.
///
/// # Safety
/// `text` is null or readable for `'a`.
pub(crate) unsafe fn text_out<'a>(text: *const c_char, bytes: usize) -> Option<Cow<'a, str>> {
    bytes_out(text.cast(), bytes).map(String::from_utf8_lossy)
}

/// # Safety
/// `data` is null or readable for `'a`.
pub(crate) unsafe fn bytes_out<'a>(data: *const u8, bytes: usize) -> Option<&'a [u8]> {
    (!data.is_null()).then(|| std::slice::from_raw_parts(data, bytes))
}

/// A time limit of an operation: `None` is the default. Rounded up, and never 0, which would mean the default too.
pub(crate) fn milliseconds(limit: Option<Duration>) -> i64 {
    limit.map_or(0, |limit| {
        i64::try_from(limit.as_nanos().saturating_add(999_999) / 1_000_000)
            .unwrap_or(i64::MAX)
            .max(1)
    })
}
