//! RocketMQ through librocketmq_c.
//!
//! Results are events: [`Runtime::poll_batch`] takes them, and each carries the token that was given to the call. The library
//! never calls into Rust. Every object may be dropped at any time and in any order; what is pending then ends with
//! [`Code::SHUTDOWN`], each with its event.

#![warn(missing_docs)]

mod code_text;
pub mod codes;
mod config;
mod delivery;
mod error;
mod event;
mod message;
mod producer;
mod push_consumer;
mod runtime;
#[cfg(feature = "testbroker")]
pub mod testbroker;

pub use codes::{Category, Code, EventType, Outcome, SendStatus, ServerRole};
pub use config::Config;
pub use delivery::{Answer, Delivery, ReceivedMessage};
pub use error::{Error, Result};
pub use event::{Batch, Event};
pub use message::{Destination, Message};
pub use producer::Producer;
pub use push_consumer::{Filter, PushConsumer};
/// The declarations of the header, for what this crate does not wrap.
pub use rocketmq_c_sys as ffi;
pub use runtime::Runtime;
