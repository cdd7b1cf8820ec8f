//! A NameServer and brokers in this process, for tests; needs the feature `testbroker` and librocketmq_testbroker.
//!
//! ```no_run
//! use rocketmq_c::testbroker::Broker;
//! let broker = Broker::start("topic=orders:8")?;
//! let config = rocketmq_c::Config::with(&[("namesrv_addr", broker.namesrv_addr())]);
//! broker.command("fault all SEND_MESSAGE_V2 nth=1 no_answer")?;
//! # Ok::<(), rocketmq_c::testbroker::Error>(())
//! ```
//!
//! Options and commands are those of docs/testbroker.md.

use rocketmq_c_sys::testbroker as ffi;
use std::ffi::{CStr, CString};
use std::fmt;
use std::ptr::NonNull;

const ERROR_BYTES: usize = 4096;
const REPLY_BYTES: usize = 64 * 1024;

/// Options or a command that the broker did not take; the text says why.
#[derive(Debug)]
pub struct Error(String);

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

/// A running cluster. Dropping it closes every connection and ends its thread.
pub struct Broker {
    handle: NonNull<ffi::rmq_testbroker_t>,
    namesrv_addr: String,
}

// SAFETY: every function but the last may be called on any thread, and several at once.
unsafe impl Send for Broker {}
unsafe impl Sync for Broker {}

impl Broker {
    /// Starts a cluster; every server listens when this returns.
    pub fn start(options: &str) -> Result<Broker, Error> {
        let options = terminated(options)?;
        let mut why = [0_u8; ERROR_BYTES];
        // SAFETY: the text ends with a zero, and `why` has the size that is given.
        let handle = unsafe { ffi::rmq_testbroker_start(options.as_ptr(), why.as_mut_ptr().cast(), ERROR_BYTES) };
        let handle = NonNull::new(handle).ok_or_else(|| Error(text(&why)))?;
        // SAFETY: the broker lives, and so does its address.
        let namesrv_addr = unsafe { CStr::from_ptr(ffi::rmq_testbroker_namesrv_addr(handle.as_ptr())) };
        let namesrv_addr = namesrv_addr.to_string_lossy().into_owned();
        Ok(Broker { handle, namesrv_addr })
    }

    /// The value for the option `namesrv_addr`.
    pub fn namesrv_addr(&self) -> &str {
        &self.namesrv_addr
    }

    /// Runs one command, waits until it is done, and gives its answer.
    pub fn command(&self, line: &str) -> Result<String, Error> {
        let line = terminated(line)?;
        let mut size = REPLY_BYTES;
        loop {
            let mut reply = vec![0_u8; size];
            let mut length = 0;
            let (handle, to) = (self.handle.as_ptr(), reply.as_mut_ptr().cast());
            // SAFETY: the broker lives, the text ends with a zero, and `reply` has the size that is given.
            let code = unsafe { ffi::rmq_testbroker_command(handle, line.as_ptr(), to, size, &mut length) };
            if code != ffi::RMQ_TESTBROKER_OK {
                return Err(Error(match text(&reply) {
                    reason if reason.is_empty() => format!("the command failed with code {code}"),
                    reason => reason,
                }));
            }
            if length < size {
                return Ok(text(&reply));
            }
            size = length + REPLY_BYTES; // only commands that change nothing answer so much
        }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        // SAFETY: nobody has the broker any more.
        unsafe { ffi::rmq_testbroker_destroy(self.handle.as_ptr()) }
    }
}

fn terminated(text: &str) -> Result<CString, Error> {
    CString::new(text).map_err(|_| Error("a text for the broker holds a zero".to_string()))
}

/// The bytes before the first zero.
fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}
