use crate::codes::{Code, EventType};
use crate::error::{check, make, milliseconds, text_out};
use crate::{ffi, Batch, Config, Error, EventQueue, Result};
use std::mem::{size_of, zeroed};
use std::os::raw::c_int;
use std::ptr::{null_mut, NonNull};
use std::time::Duration;

/// A loop with its connections and its event queue. Producers and consumers are made on it.
pub struct Runtime {
    handle: NonNull<ffi::rmq_runtime_t>,
    queue: EventQueue, // dropped after the runtime, whose end is that of the queue's callbacks
}

// SAFETY: a runtime may be used from any thread at any time.
unsafe impl Send for Runtime {}
unsafe impl Sync for Runtime {}

/// A runtime as it is now.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RuntimeView {
    /// Its threads; 0 when it is driven.
    pub threads: i32,
    /// Whether the host drives it.
    pub is_driven: bool,
    /// Whether it is between its start and the beginning of its close.
    pub is_running: bool,
    /// What brokers know its members by.
    pub client_id: String,
}

// SAFETY of the calls below: the handle, and what is lent to a call, lives.
impl Runtime {
    /// Makes and starts a runtime; `None`: all options at their defaults.
    pub fn new(config: Option<&Config>) -> Result<Runtime> {
        let runtime = Runtime::unstarted(config, 0)?;
        runtime.start()?;
        Ok(runtime)
    }

    /// Makes a runtime that is yet to be started. The token is that of its log lines, questions and errors.
    pub fn unstarted(config: Option<&Config>, token: u64) -> Result<Runtime> {
        let handle = make(|runtime, error| unsafe {
            ffi::rmq_runtime_new(Config::pointer(config), token, null_mut(), runtime, error)
        })?;
        match EventQueue::default_of(handle.as_ptr()) {
            Some(queue) => Ok(Runtime { handle, queue }),
            None => {
                unsafe { ffi::rmq_runtime_destroy(handle.as_ptr()) }
                Err(Error::take(Code::INTERNAL.0, null_mut()))
            }
        }
    }

    /// Starts the runtime. In run mode `driven` this thread counts as the driving one until another one steps.
    pub fn start(&self) -> Result<()> {
        check(|error| unsafe { ffi::rmq_runtime_start(self.handle.as_ptr(), error) })
    }

    /// Chooses the queue of log lines ([`EventType::LOG`]) or of questions for addresses ([`EventType::RESOLVE`]), which are off
    /// otherwise. To be called before the start.
    pub fn set_event_queue(&self, event_type: EventType, queue: Option<&EventQueue>) -> Result<()> {
        check(|error| unsafe {
            let queue = EventQueue::pointer(queue);
            ffi::rmq_runtime_set_event_queue(self.handle.as_ptr(), event_type.0, queue, error)
        })
    }

    pub(crate) fn pointer(&self) -> *mut ffi::rmq_runtime_t {
        self.handle.as_ptr()
    }

    /// The default event queue, of everything that has no queue of its own.
    pub fn queue(&self) -> &EventQueue {
        &self.queue
    }

    /// As [`EventQueue::poll_batch`] of the default queue.
    pub fn poll_batch(&self, batch: &mut Batch, limit: Option<Duration>) -> Result<usize> {
        self.queue.poll_batch(batch, limit)
    }

    /// As [`EventQueue::interrupt`] of the default queue.
    pub fn interrupt(&self) {
        self.queue.interrupt()
    }

    /// As [`EventQueue::fd`] of the default queue.
    pub fn event_fd(&self) -> c_int {
        self.queue.fd()
    }

    /// Shows the runtime.
    pub fn view(&self) -> RuntimeView {
        unsafe {
            let mut view: ffi::rmq_runtime_view_t = zeroed(); // numbers and pointers
            ffi::rmq_runtime_view(self.handle.as_ptr(), &mut view, size_of::<ffi::rmq_runtime_view_t>());
            RuntimeView {
                threads: view.threads,
                is_driven: view.is_driven != 0,
                is_running: view.is_running != 0,
                client_id: text_out(view.client_id, view.client_id_bytes)
                    .unwrap_or_default()
                    .into_owned(),
            }
        }
    }

    /// Changes options of the runtime itself, all or none; docs/options.md says which may change.
    pub fn update(&self, changes: &Config) -> Result<()> {
        check(|error| unsafe { ffi::rmq_runtime_update(self.handle.as_ptr(), Config::pointer(Some(changes)), error) })
    }

    /// The descriptor to watch for reading in run mode `driven`; -1 in another one, and when the runtime has ended.
    pub fn fd(&self) -> c_int {
        unsafe { ffi::rmq_runtime_fd(self.handle.as_ptr()) }
    }

    /// For how long the driving thread may sleep on [`Runtime::fd`]; `None`: until it is readable. Zero when there is no
    /// descriptor any more: the next step tells the end.
    pub fn step_timeout(&self) -> Option<Duration> {
        if self.fd() < 0 {
            return Some(Duration::ZERO);
        }
        let timeout_ms = unsafe { ffi::rmq_runtime_timeout_ms(self.handle.as_ptr()) };
        u64::try_from(timeout_ms).ok().map(Duration::from_millis)
    }

    /// Does all work of a driven runtime that is ready. Fails with [`Code::CLOSED`] when it has ended.
    pub fn step(&self) -> Result<()> {
        check(|error| unsafe { ffi::rmq_runtime_step(self.handle.as_ptr(), error) })
    }

    /// Lets pending operations end for at most `limit` (`None`: option close_timeout); the rest ends with [`Code::SHUTDOWN`],
    /// and the error is then [`Code::CLOSE_TIMEOUT`]. Events can still be polled. On the driving thread and in a callback this
    /// only starts the close, and fails with [`Code::IN_PROGRESS`].
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
