//! RocketMQ through librocketmq_c.
//!
//! Results are events: [`EventQueue::poll_batch`] takes them, and each carries the token that was given to the call. The library
//! calls into Rust only where [`EventQueue::set_callback`] or [`EventQueue::set_wakeup`] ask for it. Every object may be
//! dropped at any time and in any order; what is pending then ends with [`Code::SHUTDOWN`], each with its event.

#![warn(missing_docs)]

mod batch;
pub mod codes;
mod config;
mod delivery;
mod error;
mod event;
mod event_queue;
mod message;
mod names;
mod packed;
mod producer;
mod push_consumer;
mod received_message;
mod runtime;
#[cfg(feature = "testbroker")]
pub mod testbroker;

pub use batch::Batch;
pub use codes::{
    Category, Code, EventType, LogLevel, MessageField, MessagePart, NameGroup, OptionOwner, Outcome, Selector, SendFlag,
    SendStatus, ServerRole, Version,
};
pub use config::{Config, OptionDescription};
pub use delivery::{Answer, Delivery};
pub use error::{Error, Result};
pub use event::{Event, LogLine, Queue, SendResult};
pub use event_queue::EventQueue;
pub use message::{Destination, Message};
pub use names::{name, sentence, version, version_text};
pub use packed::Packed;
pub use producer::Producer;
pub use push_consumer::{Filter, PushConsumer};
pub use received_message::{KeptMessage, MessageList, ReceivedMessage};
/// The declarations of the header, for what this crate does not wrap.
pub use rocketmq_c_sys as ffi;
pub use runtime::{Runtime, RuntimeView};
