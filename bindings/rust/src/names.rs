use crate::codes::{
    Category, Code, EventType, LogLevel, MessagePart, NameGroup, OptionOwner, Outcome, SendFlag, SendStatus,
    ServerRole, Version,
};
use crate::ffi;
use std::ffi::CStr;
use std::fmt;
use std::ops::BitOr;
use std::os::raw::c_char;

/// The version of the library that is loaded. [`Version::VERSION`] is that of the header.
pub fn version() -> Version {
    // SAFETY: takes nothing.
    Version(unsafe { ffi::rmq_version() })
}

/// The version of the library as text, for example "0.2.0".
pub fn version_text() -> &'static str {
    // SAFETY: the text lives as long as the library, here and below.
    unsafe { lasting(ffi::rmq_version_text()) }
}

/// Names a number of a group; "UNKNOWN" for one that the library does not know.
pub fn name(group: NameGroup, number: i32) -> &'static str {
    // SAFETY: any numbers are fine.
    unsafe { lasting(ffi::rmq_name(group.0, number)) }
}

/// Describes a number of a group in one sentence.
pub fn sentence(group: NameGroup, number: i32) -> &'static str {
    // SAFETY: any numbers are fine.
    unsafe { lasting(ffi::rmq_sentence(group.0, number)) }
}

/// # Safety
/// `text` is zero-terminated and lives as long as the library.
unsafe fn lasting(text: *const c_char) -> &'static str {
    CStr::from_ptr(text).to_str().unwrap_or("")
}

macro_rules! named {
    ($($type:ident $group:ident;)*) => { $(
        impl $type {
            /// The name of the number, without what the names of its group share.
            pub fn name(self) -> &'static str {
                name(NameGroup::$group, self.0)
            }

            /// The number in one sentence.
            pub fn sentence(self) -> &'static str {
                sentence(NameGroup::$group, self.0)
            }
        }
    )* };
}

named! {
    Code ERROR;
    Category CATEGORY;
    Outcome OUTCOME;
    ServerRole SERVER_ROLE;
    EventType EVENT_TYPE;
    SendStatus SEND_STATUS;
    LogLevel LOG_LEVEL;
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name(), self.0)
    }
}

macro_rules! sums {
    ($($type:ident)*) => { $(
        impl $type {
            /// The sum of nothing.
            pub const NONE: $type = $type(0);

            /// Whether all of `part` are in this sum.
            pub fn has(self, part: $type) -> bool {
                self.0 & part.0 == part.0
            }
        }

        impl BitOr for $type {
            type Output = $type;

            fn bitor(self, other: $type) -> $type {
                $type(self.0 | other.0)
            }
        }
    )* };
}

sums! { SendFlag MessagePart OptionOwner }
