use crate::error::{check, make, milliseconds};
use crate::event::VIEW_SIZE;
use crate::{ffi, Batch, Config, Result};
use std::os::raw::c_int;
use std::ptr::{null_mut, NonNull};
use std::time::Duration;

/// A loop with its connections and its event queue. Producers and consumers are made on it.
pub struct Runtime {
    handle: NonNull<ffi::rmq_runtime_t>,
}

// SAFETY: a runtime may be used from any thread at any time.
unsafe impl Send for Runtime {}
unsafe impl Sync for Runtime {}

impl Runtime {
    /// Makes and starts a runtime; `None`: all options at their defaults.
    pub fn new(config: Option<&Config>) -> Result<Runtime> {
        // SAFETY: the config lives, here and below the handle does.
        let handle = make(|runtime, error| unsafe { ffi::rmq_runtime_new(Config::pointer(config), runtime, error) })?;
        let runtime = Runtime { handle };
        check(|error| unsafe { ffi::rmq_runtime_start(handle.as_ptr(), error) })?;
        Ok(runtime)
    }

    pub(crate) fn pointer(&self) -> *mut ffi::rmq_runtime_t {
        self.handle.as_ptr()
    }

    fn queue(&self) -> *mut ffi::rmq_event_queue_t {
        unsafe { ffi::rmq_runtime_event_queue(self.handle.as_ptr()) }
    }

    /// Fills the batch with events and tells how many came in time (`None`: no limit). Any number of threads may poll. Fails with
    /// [`crate::Code::CLOSED`] when nothing will ever come, and with [`crate::Code::INTERRUPTED`] after [`Runtime::interrupt`].
    pub fn poll_batch(&self, batch: &mut Batch, limit: Option<Duration>) -> Result<usize> {
        let limit_ms = match limit {
            None => ffi::RMQ_WAIT_FOREVER.into(),
            Some(Duration::ZERO) => 0,
            some => milliseconds(some),
        };
        batch.fill(|views, capacity, count| {
            check(|error| unsafe {
                ffi::rmq_event_queue_poll_batch(self.queue(), limit_ms, views, VIEW_SIZE, capacity, count, error)
            })
        })
    }

    /// Wakes every thread that waits in a poll, once.
    pub fn interrupt(&self) {
        unsafe { ffi::rmq_event_queue_interrupt(self.queue()) }
    }

    /// A descriptor that is readable while there are events; never read or close it.
    pub fn event_fd(&self) -> c_int {
        unsafe { ffi::rmq_event_queue_fd(self.queue()) }
    }

    /// Lets pending operations end for at most `limit` (`None`: 3 s); the rest ends with [`crate::Code::SHUTDOWN`], and the error is
    /// then [`crate::Code::CLOSE_TIMEOUT`]. Events can still be polled.
    pub fn close(&self, limit: Option<Duration>) -> Result<()> {
        check(|error| unsafe { ffi::rmq_runtime_close(self.handle.as_ptr(), milliseconds(limit), error) })
    }

    /// Closes without waiting; the last event has the token.
    pub fn close_async(&self, limit: Option<Duration>, token: u64) -> Result<()> {
        check(|error| unsafe {
            ffi::rmq_runtime_close_async(self.handle.as_ptr(), milliseconds(limit), token, null_mut(), error)
        })
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        // SAFETY: owned.
        unsafe { ffi::rmq_runtime_destroy(self.handle.as_ptr()) }
    }
}
