//! rocketmq_testbroker.h as Rust sees it: tests/tree/check_bindings.py compares the two.

use std::os::raw::c_char;

pub const RMQ_TESTBROKER_OK: i32 = 0;

#[repr(C)]
pub struct rmq_testbroker_t {
    _private: [u8; 0],
}

extern "C" {
    pub fn rmq_testbroker_start(options: *const c_char, error: *mut c_char, error_size: usize)
        -> *mut rmq_testbroker_t;
    pub fn rmq_testbroker_namesrv_addr(broker: *const rmq_testbroker_t) -> *const c_char;
    pub fn rmq_testbroker_command(
        broker: *mut rmq_testbroker_t,
        command: *const c_char,
        reply: *mut c_char,
        reply_size: usize,
        reply_length: *mut usize,
    ) -> i32;
    pub fn rmq_testbroker_destroy(broker: *mut rmq_testbroker_t);
}
