use crate::codes::MessagePart;
use crate::{ffi, Error, Result};
use std::ptr::null_mut;

/// Parts of many messages in one buffer, for [`crate::Producer::send_parts`]. It may be sent any number of times.
pub struct Packed {
    parts: MessagePart,
    buffer: Vec<u8>,
    offsets: Vec<u32>, // where each part begins, and the end of the last one
    count: usize,
}

impl Packed {
    /// Starts without messages. `parts` is the sum of what each message brings.
    pub fn new(parts: MessagePart) -> Packed {
        Packed {
            parts,
            buffer: Vec::new(),
            offsets: vec![0],
            count: 0,
        }
    }

    /// Adds a message: its parts in the order body, tags, keys, sharding key, without those that are not in the sum. An empty
    /// text is none. Fails with [`crate::Code::ARGUMENT`] for another number of parts, and with [`crate::Code::TOO_LARGE`]
    /// above 4 GiB in all.
    pub fn push(&mut self, parts: &[&[u8]]) -> Result<()> {
        if parts.len() != self.parts.0.count_ones() as usize {
            return Err(Error::take(ffi::RMQ_ERROR_ARGUMENT, null_mut()));
        }
        let bytes: usize = parts.iter().map(|part| part.len()).sum();
        if u32::try_from(self.buffer.len() + bytes).is_err() {
            return Err(Error::take(ffi::RMQ_ERROR_TOO_LARGE, null_mut()));
        }
        for part in parts {
            self.buffer.extend_from_slice(part);
            self.offsets.push(self.buffer.len() as u32);
        }
        self.count += 1;
        Ok(())
    }

    /// Takes all messages away, and keeps the memory.
    pub fn clear(&mut self) {
        self.buffer.clear();
        self.offsets.truncate(1);
        self.count = 0;
    }

    /// The number of messages.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is no message.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(crate) fn parts(&self) -> MessagePart {
        self.parts
    }

    pub(crate) fn buffer(&self) -> &[u8] {
        &self.buffer
    }

    pub(crate) fn offsets(&self) -> &[u32] {
        &self.offsets
    }
}
