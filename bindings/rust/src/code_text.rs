use crate::codes::Code;
use crate::ffi;
use std::ffi::CStr;
use std::fmt;

impl Code {
    /// The name, for example "TOO_LARGE".
    pub fn name(self) -> &'static str {
        // SAFETY: any number is fine; the text lives as long as the library.
        unsafe { CStr::from_ptr(ffi::rmq_error_name(self.0)) }
            .to_str()
            .unwrap_or("")
    }

    /// The code in one sentence.
    pub fn sentence(self) -> &'static str {
        // SAFETY: as above.
        unsafe { CStr::from_ptr(ffi::rmq_error_sentence(self.0)) }
            .to_str()
            .unwrap_or("")
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name(), self.0)
    }
}
