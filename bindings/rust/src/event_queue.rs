use crate::error::{check, make, milliseconds};
use crate::{ffi, Batch, Event, Result, Runtime};
use std::any::Any;
use std::cell::Cell;
use std::mem::{forget, replace};
use std::os::raw::{c_int, c_void};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr::{null_mut, NonNull};
use std::sync::Mutex;
use std::time::Duration;

type Closure = Box<dyn Any + Send>;

/// A queue of events: one of yours, or the default one of a runtime.
pub struct EventQueue {
    handle: NonNull<ffi::rmq_event_queue_t>,
    is_default: bool,
    closures: Mutex<Closures>,
}

// What the library calls.
#[derive(Default)]
struct Closures {
    callback: Option<Closure>,
    wakeup: Option<Closure>,
}

// SAFETY: an event queue may be used from any thread at any time.
unsafe impl Send for EventQueue {}
unsafe impl Sync for EventQueue {}

// SAFETY of the calls below: the handle lives.
impl EventQueue {
    /// Makes an event queue. Dropping it gives up the events on it; deliveries go to the next member of the group.
    pub fn new(runtime: &Runtime) -> Result<EventQueue> {
        let handle = make(|queue, error| unsafe { ffi::rmq_event_queue_new(runtime.pointer(), queue, error) })?;
        Ok(EventQueue {
            handle,
            is_default: false,
            closures: Mutex::default(),
        })
    }

    /// The default queue of a runtime, which has to outlive the value.
    pub(crate) fn default_of(runtime: *mut ffi::rmq_runtime_t) -> Option<EventQueue> {
        let handle = NonNull::new(unsafe { ffi::rmq_runtime_event_queue(runtime) })?;
        Some(EventQueue {
            handle,
            is_default: true,
            closures: Mutex::default(),
        })
    }

    pub(crate) fn pointer(queue: Option<&EventQueue>) -> *mut ffi::rmq_event_queue_t {
        queue.map_or(null_mut(), |queue| queue.handle.as_ptr())
    }

    /// Fills the batch with events, and with their messages as far as it has room for messages, in one call into the library.
    /// Tells how many events came in time (`None`: no limit). Any number of threads may poll.
    ///
    /// Fails with [`crate::Code::CLOSED`] when nothing will ever come, and with [`crate::Code::INTERRUPTED`] after
    /// [`EventQueue::interrupt`].
    pub fn poll_batch(&self, batch: &mut Batch, limit: Option<Duration>) -> Result<usize> {
        let limit_ms = match limit {
            None => ffi::RMQ_WAIT_FOREVER.into(),
            Some(Duration::ZERO) => 0,
            some => milliseconds(some),
        };
        batch.fill(self.handle.as_ptr(), limit_ms)
    }

    /// Wakes every thread that waits in a poll, once.
    pub fn interrupt(&self) {
        unsafe { ffi::rmq_event_queue_interrupt(self.handle.as_ptr()) }
    }

    /// A descriptor that is readable while a poll would not wait; never read or close it. -1: there is none.
    pub fn fd(&self) -> c_int {
        unsafe { ffi::rmq_event_queue_fd(self.handle.as_ptr()) }
    }

    /// How many events are on the queue now.
    pub fn len(&self) -> usize {
        unsafe { ffi::rmq_event_queue_length(self.handle.as_ptr()) }
    }

    /// Whether no event is on the queue now.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many events were dropped because too many of their kind were waiting.
    pub fn dropped(&self) -> u64 {
        unsafe { ffi::rmq_event_queue_dropped(self.handle.as_ptr()) }
    }

    /// Has `threads` threads of the library (0: option dispatcher_threads) call a function with each event, instead of polls. The
    /// messages of a delivery count as looked at. A panic ends the call, and drops its event.
    pub fn set_callback<F>(&self, threads: i32, callback: F) -> Result<()>
    where
        F: Fn(Event) + Send + Sync + 'static,
    {
        let mut closures = self.closures.lock().unwrap();
        let (callback, pointer) = lent(callback);
        check(|error| unsafe {
            ffi::rmq_event_queue_set_callback(self.handle.as_ptr(), Some(on_event::<F>), pointer, threads, error)
        })?;
        closures.callback = Some(callback);
        Ok(())
    }

    /// Takes the callback away, and waits until it has ended. Events that are left can be polled.
    pub fn clear_callback(&self) -> Result<()> {
        let former = self.closures.lock().unwrap().callback.take(); // a new one is refused until the library has lost this one
        let result = check(|error| unsafe {
            ffi::rmq_event_queue_set_callback(self.handle.as_ptr(), None, null_mut(), 0, error)
        });
        match result {
            Ok(()) => give_up(former),
            Err(_) => forget(former),
        }
        result
    }

    /// Calls a function when there are events, instead of making the descriptor readable. It comes from any thread, may only
    /// signal, and must not call this crate. The former function has ended when this returns.
    pub fn set_wakeup<F>(&self, wakeup: F) -> Result<()>
    where
        F: Fn() + Send + Sync + 'static,
    {
        let (wakeup, pointer) = lent(wakeup);
        self.replace_wakeup(Some(on_wakeup::<F>), pointer, Some(wakeup))
    }

    /// Takes the function of [`EventQueue::set_wakeup`] away.
    pub fn clear_wakeup(&self) -> Result<()> {
        self.replace_wakeup(None, null_mut(), None)
    }

    fn replace_wakeup(&self, wakeup: ffi::rmq_wakeup_fn, pointer: *mut c_void, closure: Option<Closure>) -> Result<()> {
        let mut closures = self.closures.lock().unwrap();
        check(|error| unsafe { ffi::rmq_event_queue_set_wakeup(self.handle.as_ptr(), wakeup, pointer, error) })?;
        give_up(replace(&mut closures.wakeup, closure));
        Ok(())
    }
}

impl Drop for EventQueue {
    fn drop(&mut self) {
        if !self.is_default {
            // SAFETY: owned.
            unsafe { ffi::rmq_event_queue_destroy(self.handle.as_ptr()) }
        }
        let closures = self.closures.get_mut().unwrap_or_else(|poisoned| poisoned.into_inner());
        give_up(closures.callback.take());
        give_up(closures.wakeup.take());
    }
}

thread_local! {
    static CALLS: Cell<usize> = const { Cell::new(0) }; // of functions of ours that the library is making on this thread
}

// The library does not wait inside a call that it makes. A closure that may still run is lost rather than freed.
fn give_up(closure: Option<Closure>) {
    if CALLS.with(Cell::get) > 0 {
        forget(closure);
    }
}

fn lent<F: Send + 'static>(closure: F) -> (Closure, *mut c_void) {
    let mut closure = Box::new(closure);
    let pointer: *mut F = &mut *closure;
    (closure, pointer.cast())
}

// Nothing unwinds into the library.
fn guarded(call: impl FnOnce()) {
    CALLS.with(|calls| calls.set(calls.get() + 1));
    let _ = catch_unwind(AssertUnwindSafe(call));
    CALLS.with(|calls| calls.set(calls.get() - 1));
}

unsafe extern "C" fn on_event<F: Fn(Event)>(view: *mut ffi::rmq_event_view_t, closure: *mut c_void) -> i32 {
    // SAFETY: the closure lives while the library calls it, and the event is ours because it is kept.
    let event = Event::of_view(*view);
    guarded(move || (*closure.cast::<F>())(event));
    ffi::RMQ_EVENT_KEEP
}

unsafe extern "C" fn on_wakeup<F: Fn()>(closure: *mut c_void) {
    // SAFETY: as above.
    guarded(|| (*closure.cast::<F>())());
}
