use crate::error::{check, make, milliseconds, text_in};
use crate::{ffi, Config, EventQueue, Result, Runtime};
use std::ptr::{null_mut, NonNull};
use std::time::Duration;

/// Which messages of a topic to receive.
#[derive(Clone, Copy, Debug)]
pub enum Filter<'a> {
    /// Those with one of these tags: `*`, or `a || b`.
    Tag(&'a str),
    /// Those for which this SQL92 expression is true.
    Sql92(&'a str),
}

/// Receives messages: events of its queue that carry the consumer's token and become a [`crate::Delivery`].
pub struct PushConsumer {
    handle: NonNull<ffi::rmq_consumer_t>,
}

// SAFETY: a consumer may be used from any thread at any time.
unsafe impl Send for PushConsumer {}
unsafe impl Sync for PushConsumer {}

// SAFETY of the calls below: handles live while they are borrowed, and texts are copied.
impl PushConsumer {
    /// Makes a consumer, to be subscribed and started. Its events go to the default queue of the runtime.
    pub fn new(runtime: &Runtime, config: Option<&Config>, token: u64) -> Result<PushConsumer> {
        PushConsumer::make(runtime, config, None, token)
    }

    /// Makes a consumer whose events go to another queue of the runtime.
    pub fn on_queue(
        runtime: &Runtime,
        config: Option<&Config>,
        queue: &EventQueue,
        token: u64,
    ) -> Result<PushConsumer> {
        PushConsumer::make(runtime, config, Some(queue), token)
    }

    fn make(
        runtime: &Runtime,
        config: Option<&Config>,
        queue: Option<&EventQueue>,
        token: u64,
    ) -> Result<PushConsumer> {
        make(|consumer, error| unsafe {
            let (runtime, config) = (runtime.pointer(), Config::pointer(config));
            let kind = ffi::RMQ_CONSUMER_PUSH_CONCURRENT;
            let (queue, subscription, store) = (EventQueue::pointer(queue), null_mut(), null_mut());
            ffi::rmq_consumer_new(
                runtime,
                kind,
                config,
                queue,
                subscription,
                store,
                token,
                null_mut(),
                consumer,
                error,
            )
        })
        .map(|handle| PushConsumer { handle })
    }

    /// Subscribes to a topic, before or after the start.
    pub fn subscribe(&self, topic: &str, filter: Filter<'_>) -> Result<()> {
        let (expression_type, expression) = match filter {
            Filter::Tag(expression) => (ffi::RMQ_EXPRESSION_TAG, expression),
            Filter::Sql92(expression) => (ffi::RMQ_EXPRESSION_SQL92, expression),
        };
        let ((topic, topic_bytes), (expression, expression_bytes)) = (text_in(topic), text_in(expression));
        check(|error| unsafe {
            ffi::rmq_consumer_subscribe(
                self.handle.as_ptr(),
                topic,
                topic_bytes,
                expression_type,
                expression,
                expression_bytes,
                error,
            )
        })
    }

    /// Ends the subscription of a topic.
    pub fn unsubscribe(&self, topic: &str) -> Result<()> {
        let (topic, topic_bytes) = text_in(topic);
        check(|error| unsafe { ffi::rmq_consumer_unsubscribe(self.handle.as_ptr(), topic, topic_bytes, error) })
    }

    /// Starts to receive. The network is reached in the background.
    pub fn start(&self) -> Result<()> {
        check(|error| unsafe { ffi::rmq_consumer_start(self.handle.as_ptr(), error) })
    }

    /// Changes options of the consumer, all or none; docs/options.md says which may change.
    pub fn update(&self, changes: &Config) -> Result<()> {
        let changes = Config::pointer(Some(changes));
        check(|error| unsafe { ffi::rmq_consumer_update(self.handle.as_ptr(), changes, error) })
    }

    /// Waits for the answers to what was received, at most `limit`, stores offsets and leaves the group.
    pub fn close(&self, limit: Option<Duration>) -> Result<()> {
        check(|error| unsafe { ffi::rmq_consumer_close(self.handle.as_ptr(), milliseconds(limit), error) })
    }

    /// Closes without waiting; the consumer's last event has the token.
    pub fn close_async(&self, limit: Option<Duration>, token: u64) -> Result<()> {
        check(|error| unsafe {
            let limit_ms = milliseconds(limit);
            ffi::rmq_consumer_close_async(self.handle.as_ptr(), limit_ms, token, null_mut(), error)
        })
    }
}

impl Drop for PushConsumer {
    fn drop(&mut self) {
        // SAFETY: owned.
        unsafe { ffi::rmq_consumer_destroy(self.handle.as_ptr()) }
    }
}
