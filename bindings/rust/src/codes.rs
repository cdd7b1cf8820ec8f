//! The constants of the header, as types. A number that this crate has no name for is kept as it is.

use crate::ffi;
use std::ffi::CStr;
use std::fmt;

/// What went wrong, as RMQ_ERROR_ names it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Code(pub i32);

#[allow(missing_docs)]
impl Code {
    pub const ARGUMENT: Code = Code(ffi::RMQ_ERROR_ARGUMENT);
    pub const MESSAGE_ILLEGAL: Code = Code(ffi::RMQ_ERROR_MESSAGE_ILLEGAL);
    pub const TOPIC_ILLEGAL: Code = Code(ffi::RMQ_ERROR_TOPIC_ILLEGAL);
    pub const TOO_LARGE: Code = Code(ffi::RMQ_ERROR_TOO_LARGE);
    pub const GROUP_ILLEGAL: Code = Code(ffi::RMQ_ERROR_GROUP_ILLEGAL);
    pub const OPTION_UNKNOWN: Code = Code(ffi::RMQ_ERROR_OPTION_UNKNOWN);
    pub const OPTION_VALUE: Code = Code(ffi::RMQ_ERROR_OPTION_VALUE);
    pub const OPTION_PLACE: Code = Code(ffi::RMQ_ERROR_OPTION_PLACE);
    pub const NOT_STARTED: Code = Code(ffi::RMQ_ERROR_NOT_STARTED);
    pub const ALREADY_STARTED: Code = Code(ffi::RMQ_ERROR_ALREADY_STARTED);
    pub const CLOSING: Code = Code(ffi::RMQ_ERROR_CLOSING);
    pub const CLOSED: Code = Code(ffi::RMQ_ERROR_CLOSED);
    pub const WRONG_THREAD: Code = Code(ffi::RMQ_ERROR_WRONG_THREAD);
    pub const FORKED: Code = Code(ffi::RMQ_ERROR_FORKED);
    pub const ALREADY_ANSWERED: Code = Code(ffi::RMQ_ERROR_ALREADY_ANSWERED);
    pub const STALE: Code = Code(ffi::RMQ_ERROR_STALE);
    pub const IN_PROGRESS: Code = Code(ffi::RMQ_ERROR_IN_PROGRESS);
    pub const HAS_CHILDREN: Code = Code(ffi::RMQ_ERROR_HAS_CHILDREN);
    pub const START_FAILED: Code = Code(ffi::RMQ_ERROR_START_FAILED);
    pub const CLOSE_FAILED: Code = Code(ffi::RMQ_ERROR_CLOSE_FAILED);
    pub const INTERRUPTED: Code = Code(ffi::RMQ_ERROR_INTERRUPTED);
    pub const WRONG_EVENT: Code = Code(ffi::RMQ_ERROR_WRONG_EVENT);
    pub const NETWORK: Code = Code(ffi::RMQ_ERROR_NETWORK);
    pub const CANNOT_RESOLVE: Code = Code(ffi::RMQ_ERROR_CANNOT_RESOLVE);
    pub const REFUSED: Code = Code(ffi::RMQ_ERROR_REFUSED);
    pub const UNREACHABLE: Code = Code(ffi::RMQ_ERROR_UNREACHABLE);
    pub const RESET: Code = Code(ffi::RMQ_ERROR_RESET);
    pub const TLS: Code = Code(ffi::RMQ_ERROR_TLS);
    pub const TLS_CERTIFICATE: Code = Code(ffi::RMQ_ERROR_TLS_CERTIFICATE);
    pub const TLS_NAME: Code = Code(ffi::RMQ_ERROR_TLS_NAME);
    pub const TLS_VERSION: Code = Code(ffi::RMQ_ERROR_TLS_VERSION);
    pub const PROXY: Code = Code(ffi::RMQ_ERROR_PROXY);
    pub const CONNECT_TIMEOUT: Code = Code(ffi::RMQ_ERROR_CONNECT_TIMEOUT);
    pub const REQUEST_TIMEOUT: Code = Code(ffi::RMQ_ERROR_REQUEST_TIMEOUT);
    pub const QUEUE_FULL: Code = Code(ffi::RMQ_ERROR_QUEUE_FULL);
    pub const CLOSE_TIMEOUT: Code = Code(ffi::RMQ_ERROR_CLOSE_TIMEOUT);
    pub const BAD_FRAME: Code = Code(ffi::RMQ_ERROR_BAD_FRAME);
    pub const BAD_HEADER: Code = Code(ffi::RMQ_ERROR_BAD_HEADER);
    pub const BAD_BODY: Code = Code(ffi::RMQ_ERROR_BAD_BODY);
    pub const UNSUPPORTED: Code = Code(ffi::RMQ_ERROR_UNSUPPORTED);
    pub const NO_NAMESERVER: Code = Code(ffi::RMQ_ERROR_NO_NAMESERVER);
    pub const NO_ROUTE: Code = Code(ffi::RMQ_ERROR_NO_ROUTE);
    pub const NAMESERVER_ANSWER: Code = Code(ffi::RMQ_ERROR_NAMESERVER_ANSWER);
    pub const BROKER: Code = Code(ffi::RMQ_ERROR_BROKER);
    pub const BROKER_BUSY: Code = Code(ffi::RMQ_ERROR_BROKER_BUSY);
    pub const BROKER_SYSTEM: Code = Code(ffi::RMQ_ERROR_BROKER_SYSTEM);
    pub const NO_PERMISSION: Code = Code(ffi::RMQ_ERROR_NO_PERMISSION);
    pub const AUTHENTICATION: Code = Code(ffi::RMQ_ERROR_AUTHENTICATION);
    pub const AUTHORIZATION: Code = Code(ffi::RMQ_ERROR_AUTHORIZATION);
    pub const TOPIC_MISSING: Code = Code(ffi::RMQ_ERROR_TOPIC_MISSING);
    pub const QUEUE_MISSING: Code = Code(ffi::RMQ_ERROR_QUEUE_MISSING);
    pub const SUBSCRIPTION_MISSING: Code = Code(ffi::RMQ_ERROR_SUBSCRIPTION_MISSING);
    pub const SUBSCRIPTION_STALE: Code = Code(ffi::RMQ_ERROR_SUBSCRIPTION_STALE);
    pub const GROUP_MISSING: Code = Code(ffi::RMQ_ERROR_GROUP_MISSING);
    pub const FLUSH_TIMEOUT: Code = Code(ffi::RMQ_ERROR_FLUSH_TIMEOUT);
    pub const SLAVE_TIMEOUT: Code = Code(ffi::RMQ_ERROR_SLAVE_TIMEOUT);
    pub const BROKER_MESSAGE_ILLEGAL: Code = Code(ffi::RMQ_ERROR_BROKER_MESSAGE_ILLEGAL);
    pub const SERVICE_NOT_AVAILABLE: Code = Code(ffi::RMQ_ERROR_SERVICE_NOT_AVAILABLE);
    pub const BROKER_NOT_AVAILABLE: Code = Code(ffi::RMQ_ERROR_BROKER_NOT_AVAILABLE);
    pub const NOT_LEADER: Code = Code(ffi::RMQ_ERROR_NOT_LEADER);
    pub const SERVER_LEAVING: Code = Code(ffi::RMQ_ERROR_SERVER_LEAVING);
    pub const NOT_FOUND: Code = Code(ffi::RMQ_ERROR_NOT_FOUND);
    pub const PULL_NOT_FOUND: Code = Code(ffi::RMQ_ERROR_PULL_NOT_FOUND);
    pub const OFFSET_MOVED: Code = Code(ffi::RMQ_ERROR_OFFSET_MOVED);
    pub const RETRY_IMMEDIATELY: Code = Code(ffi::RMQ_ERROR_RETRY_IMMEDIATELY);
    pub const FILTER_REJECTED: Code = Code(ffi::RMQ_ERROR_FILTER_REJECTED);
    pub const OFFSET_NONE: Code = Code(ffi::RMQ_ERROR_OFFSET_NONE);
    pub const OFFSET_ILLEGAL: Code = Code(ffi::RMQ_ERROR_OFFSET_ILLEGAL);
    pub const OFFSET_PERSIST: Code = Code(ffi::RMQ_ERROR_OFFSET_PERSIST);
    pub const OFFSET_FILE: Code = Code(ffi::RMQ_ERROR_OFFSET_FILE);
    pub const TRANSACTION: Code = Code(ffi::RMQ_ERROR_TRANSACTION);
    pub const PRODUCER: Code = Code(ffi::RMQ_ERROR_PRODUCER);
    pub const CONSUMER: Code = Code(ffi::RMQ_ERROR_CONSUMER);
    pub const SUBSCRIBE_FAILED: Code = Code(ffi::RMQ_ERROR_SUBSCRIBE_FAILED);
    pub const UNSUBSCRIBE_FAILED: Code = Code(ffi::RMQ_ERROR_UNSUBSCRIBE_FAILED);
    pub const SUBSCRIPTION_TOPIC: Code = Code(ffi::RMQ_ERROR_SUBSCRIPTION_TOPIC);
    pub const SUBSCRIPTION_SELECTOR: Code = Code(ffi::RMQ_ERROR_SUBSCRIPTION_SELECTOR);
    pub const NOT_SUBSCRIBED: Code = Code(ffi::RMQ_ERROR_NOT_SUBSCRIBED);
    pub const SUBSCRIPTION_CONFLICT: Code = Code(ffi::RMQ_ERROR_SUBSCRIPTION_CONFLICT);
    pub const SUBSCRIPTION_LIMIT: Code = Code(ffi::RMQ_ERROR_SUBSCRIPTION_LIMIT);
    pub const SUBSCRIPTION_DATA: Code = Code(ffi::RMQ_ERROR_SUBSCRIPTION_DATA);
    pub const REBALANCE: Code = Code(ffi::RMQ_ERROR_REBALANCE);
    pub const LISTENER: Code = Code(ffi::RMQ_ERROR_LISTENER);
    pub const MEMORY: Code = Code(ffi::RMQ_ERROR_MEMORY);
    pub const THREADS: Code = Code(ffi::RMQ_ERROR_THREADS);
    pub const FILE: Code = Code(ffi::RMQ_ERROR_FILE);
    pub const DESCRIPTORS: Code = Code(ffi::RMQ_ERROR_DESCRIPTORS);
    pub const SHUTDOWN: Code = Code(ffi::RMQ_ERROR_SHUTDOWN);
    pub const CANCELLED: Code = Code(ffi::RMQ_ERROR_CANCELLED);
    pub const INTERNAL: Code = Code(ffi::RMQ_ERROR_INTERNAL);
}

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

/// The family of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Category(pub i32);

#[allow(missing_docs)]
impl Category {
    pub const NONE: Category = Category(ffi::RMQ_CATEGORY_NONE);
    pub const ARGUMENT: Category = Category(ffi::RMQ_CATEGORY_ARGUMENT);
    pub const CONFIGURATION: Category = Category(ffi::RMQ_CATEGORY_CONFIGURATION);
    pub const STATE: Category = Category(ffi::RMQ_CATEGORY_STATE);
    pub const NETWORK: Category = Category(ffi::RMQ_CATEGORY_NETWORK);
    pub const TIMEOUT: Category = Category(ffi::RMQ_CATEGORY_TIMEOUT);
    pub const PROTOCOL: Category = Category(ffi::RMQ_CATEGORY_PROTOCOL);
    pub const NAMESERVER: Category = Category(ffi::RMQ_CATEGORY_NAMESERVER);
    pub const BROKER: Category = Category(ffi::RMQ_CATEGORY_BROKER);
    pub const PULL: Category = Category(ffi::RMQ_CATEGORY_PULL);
    pub const OFFSET: Category = Category(ffi::RMQ_CATEGORY_OFFSET);
    pub const TRANSACTION: Category = Category(ffi::RMQ_CATEGORY_TRANSACTION);
    pub const PRODUCER: Category = Category(ffi::RMQ_CATEGORY_PRODUCER);
    pub const CONSUMER: Category = Category(ffi::RMQ_CATEGORY_CONSUMER);
    pub const SUBSCRIPTION: Category = Category(ffi::RMQ_CATEGORY_SUBSCRIPTION);
    pub const REBALANCE: Category = Category(ffi::RMQ_CATEGORY_REBALANCE);
    pub const LISTENER: Category = Category(ffi::RMQ_CATEGORY_LISTENER);
    pub const RESOURCE: Category = Category(ffi::RMQ_CATEGORY_RESOURCE);
    pub const SHUTDOWN: Category = Category(ffi::RMQ_CATEGORY_SHUTDOWN);
    pub const INTERNAL: Category = Category(ffi::RMQ_CATEGORY_INTERNAL);
}

/// What a failed operation did to the server: decides whether sending again can make a duplicate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Outcome(pub i32);

#[allow(missing_docs)]
impl Outcome {
    pub const NOT_APPLIED: Outcome = Outcome(ffi::RMQ_OUTCOME_NOT_APPLIED);
    pub const MAYBE_APPLIED: Outcome = Outcome(ffi::RMQ_OUTCOME_MAYBE_APPLIED);
    pub const APPLIED: Outcome = Outcome(ffi::RMQ_OUTCOME_APPLIED);
}

/// Who answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ServerRole(pub i32);

#[allow(missing_docs)]
impl ServerRole {
    pub const NONE: ServerRole = ServerRole(ffi::RMQ_SERVER_NONE);
    pub const NAMESERVER: ServerRole = ServerRole(ffi::RMQ_SERVER_NAMESERVER);
    pub const BROKER: ServerRole = ServerRole(ffi::RMQ_SERVER_BROKER);
    pub const PROXY: ServerRole = ServerRole(ffi::RMQ_SERVER_PROXY);
}

/// How safe a stored message is; the broker has stored it in every case but `NONE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SendStatus(pub i32);

#[allow(missing_docs)]
impl SendStatus {
    pub const NONE: SendStatus = SendStatus(ffi::RMQ_SEND_NONE);
    pub const OK: SendStatus = SendStatus(ffi::RMQ_SEND_OK);
    pub const FLUSH_DISK_TIMEOUT: SendStatus = SendStatus(ffi::RMQ_SEND_FLUSH_DISK_TIMEOUT);
    pub const SLAVE_NOT_AVAILABLE: SendStatus = SendStatus(ffi::RMQ_SEND_SLAVE_NOT_AVAILABLE);
    pub const FLUSH_SLAVE_TIMEOUT: SendStatus = SendStatus(ffi::RMQ_SEND_FLUSH_SLAVE_TIMEOUT);
    pub const WRITTEN: SendStatus = SendStatus(ffi::RMQ_SEND_WRITTEN);
}

/// What an event tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EventType(pub i32);

#[allow(missing_docs)]
impl EventType {
    pub const SEND: EventType = EventType(ffi::RMQ_EVENT_SEND);
    pub const CLOSED: EventType = EventType(ffi::RMQ_EVENT_CLOSED);
    pub const FLUSHED: EventType = EventType(ffi::RMQ_EVENT_FLUSHED);
    pub const LOG: EventType = EventType(ffi::RMQ_EVENT_LOG);
    pub const RESOLVE: EventType = EventType(ffi::RMQ_EVENT_RESOLVE);
    pub const DELIVERY: EventType = EventType(ffi::RMQ_EVENT_DELIVERY);
    pub const ERROR: EventType = EventType(ffi::RMQ_EVENT_ERROR);
}
