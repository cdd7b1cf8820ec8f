//! rocketmq_c.h as Rust sees it, and nothing more: tests/tree/check_bindings.py compares the two.
//! The crate `rocketmq-c` is the one to use.

#![allow(non_camel_case_types, missing_docs)]

#[cfg(feature = "testbroker")]
pub mod testbroker;

use std::os::raw::{c_char, c_void};

macro_rules! handles {
    ($($name:ident)*) => { $(
        #[repr(C)]
        pub struct $name {
            _private: [u8; 0],
        }
    )* };
}

handles! {
    rmq_error_t
    rmq_config_t
    rmq_runtime_t
    rmq_event_queue_t
    rmq_event_t
    rmq_message_t
    rmq_message_list_t
    rmq_destination_t
    rmq_producer_t
    rmq_push_consumer_t
}

pub type rmq_wakeup_fn = Option<unsafe extern "C" fn(*mut c_void)>;
pub type rmq_event_fn = Option<unsafe extern "C" fn(*mut rmq_event_t, *mut c_void) -> i32>;

pub const RMQ_OK: i32 = 0;
pub const RMQ_ERROR_ARGUMENT: i32 = 100;
pub const RMQ_ERROR_MESSAGE_ILLEGAL: i32 = 101;
pub const RMQ_ERROR_TOPIC_ILLEGAL: i32 = 102;
pub const RMQ_ERROR_TOO_LARGE: i32 = 103;
pub const RMQ_ERROR_GROUP_ILLEGAL: i32 = 104;
pub const RMQ_ERROR_OPTION_UNKNOWN: i32 = 120;
pub const RMQ_ERROR_OPTION_VALUE: i32 = 121;
pub const RMQ_ERROR_OPTION_PLACE: i32 = 122;
pub const RMQ_ERROR_NOT_STARTED: i32 = 140;
pub const RMQ_ERROR_ALREADY_STARTED: i32 = 141;
pub const RMQ_ERROR_CLOSING: i32 = 142;
pub const RMQ_ERROR_CLOSED: i32 = 143;
pub const RMQ_ERROR_WRONG_THREAD: i32 = 144;
pub const RMQ_ERROR_FORKED: i32 = 145;
pub const RMQ_ERROR_ALREADY_ANSWERED: i32 = 146;
pub const RMQ_ERROR_STALE: i32 = 147;
pub const RMQ_ERROR_IN_PROGRESS: i32 = 148;
pub const RMQ_ERROR_HAS_CHILDREN: i32 = 149;
pub const RMQ_ERROR_START_FAILED: i32 = 150;
pub const RMQ_ERROR_CLOSE_FAILED: i32 = 151;
pub const RMQ_ERROR_INTERRUPTED: i32 = 152;
pub const RMQ_ERROR_WRONG_EVENT: i32 = 153;
pub const RMQ_ERROR_NETWORK: i32 = 200;
pub const RMQ_ERROR_CANNOT_RESOLVE: i32 = 201;
pub const RMQ_ERROR_REFUSED: i32 = 202;
pub const RMQ_ERROR_UNREACHABLE: i32 = 203;
pub const RMQ_ERROR_RESET: i32 = 204;
pub const RMQ_ERROR_TLS: i32 = 205;
pub const RMQ_ERROR_TLS_CERTIFICATE: i32 = 206;
pub const RMQ_ERROR_TLS_NAME: i32 = 207;
pub const RMQ_ERROR_TLS_VERSION: i32 = 208;
pub const RMQ_ERROR_PROXY: i32 = 209;
pub const RMQ_ERROR_CONNECT_TIMEOUT: i32 = 220;
pub const RMQ_ERROR_REQUEST_TIMEOUT: i32 = 221;
pub const RMQ_ERROR_QUEUE_FULL: i32 = 222;
pub const RMQ_ERROR_CLOSE_TIMEOUT: i32 = 223;
pub const RMQ_ERROR_BAD_FRAME: i32 = 240;
pub const RMQ_ERROR_BAD_HEADER: i32 = 241;
pub const RMQ_ERROR_BAD_BODY: i32 = 242;
pub const RMQ_ERROR_UNSUPPORTED: i32 = 243;
pub const RMQ_ERROR_NO_NAMESERVER: i32 = 260;
pub const RMQ_ERROR_NO_ROUTE: i32 = 261;
pub const RMQ_ERROR_NAMESERVER_ANSWER: i32 = 262;
pub const RMQ_ERROR_BROKER: i32 = 300;
pub const RMQ_ERROR_BROKER_BUSY: i32 = 301;
pub const RMQ_ERROR_BROKER_SYSTEM: i32 = 302;
pub const RMQ_ERROR_NO_PERMISSION: i32 = 303;
pub const RMQ_ERROR_AUTHENTICATION: i32 = 304;
pub const RMQ_ERROR_AUTHORIZATION: i32 = 305;
pub const RMQ_ERROR_TOPIC_MISSING: i32 = 306;
pub const RMQ_ERROR_QUEUE_MISSING: i32 = 307;
pub const RMQ_ERROR_SUBSCRIPTION_MISSING: i32 = 308;
pub const RMQ_ERROR_SUBSCRIPTION_STALE: i32 = 309;
pub const RMQ_ERROR_GROUP_MISSING: i32 = 310;
pub const RMQ_ERROR_FLUSH_TIMEOUT: i32 = 311;
pub const RMQ_ERROR_SLAVE_TIMEOUT: i32 = 312;
pub const RMQ_ERROR_BROKER_MESSAGE_ILLEGAL: i32 = 313;
pub const RMQ_ERROR_SERVICE_NOT_AVAILABLE: i32 = 314;
pub const RMQ_ERROR_BROKER_NOT_AVAILABLE: i32 = 315;
pub const RMQ_ERROR_NOT_LEADER: i32 = 316;
pub const RMQ_ERROR_SERVER_LEAVING: i32 = 317;
pub const RMQ_ERROR_NOT_FOUND: i32 = 318;
pub const RMQ_ERROR_PULL_NOT_FOUND: i32 = 340;
pub const RMQ_ERROR_OFFSET_MOVED: i32 = 341;
pub const RMQ_ERROR_RETRY_IMMEDIATELY: i32 = 342;
pub const RMQ_ERROR_FILTER_REJECTED: i32 = 343;
pub const RMQ_ERROR_OFFSET_NONE: i32 = 360;
pub const RMQ_ERROR_OFFSET_ILLEGAL: i32 = 361;
pub const RMQ_ERROR_OFFSET_PERSIST: i32 = 362;
pub const RMQ_ERROR_OFFSET_FILE: i32 = 363;
pub const RMQ_ERROR_TRANSACTION: i32 = 380;
pub const RMQ_ERROR_PRODUCER: i32 = 390;
pub const RMQ_ERROR_CONSUMER: i32 = 395;
pub const RMQ_ERROR_SUBSCRIBE_FAILED: i32 = 400;
pub const RMQ_ERROR_UNSUBSCRIBE_FAILED: i32 = 401;
pub const RMQ_ERROR_SUBSCRIPTION_TOPIC: i32 = 402;
pub const RMQ_ERROR_SUBSCRIPTION_SELECTOR: i32 = 403;
pub const RMQ_ERROR_NOT_SUBSCRIBED: i32 = 404;
pub const RMQ_ERROR_SUBSCRIPTION_CONFLICT: i32 = 405;
pub const RMQ_ERROR_SUBSCRIPTION_LIMIT: i32 = 406;
pub const RMQ_ERROR_SUBSCRIPTION_DATA: i32 = 407;
pub const RMQ_ERROR_REBALANCE: i32 = 420;
pub const RMQ_ERROR_LISTENER: i32 = 430;
pub const RMQ_ERROR_MEMORY: i32 = 440;
pub const RMQ_ERROR_THREADS: i32 = 441;
pub const RMQ_ERROR_FILE: i32 = 442;
pub const RMQ_ERROR_DESCRIPTORS: i32 = 443;
pub const RMQ_ERROR_SHUTDOWN: i32 = 460;
pub const RMQ_ERROR_CANCELLED: i32 = 461;
pub const RMQ_ERROR_INTERNAL: i32 = 499;

pub const RMQ_CATEGORY_NONE: i32 = 0;
pub const RMQ_CATEGORY_ARGUMENT: i32 = 1;
pub const RMQ_CATEGORY_CONFIGURATION: i32 = 2;
pub const RMQ_CATEGORY_STATE: i32 = 3;
pub const RMQ_CATEGORY_NETWORK: i32 = 4;
pub const RMQ_CATEGORY_TIMEOUT: i32 = 5;
pub const RMQ_CATEGORY_PROTOCOL: i32 = 6;
pub const RMQ_CATEGORY_NAMESERVER: i32 = 7;
pub const RMQ_CATEGORY_BROKER: i32 = 8;
pub const RMQ_CATEGORY_PULL: i32 = 9;
pub const RMQ_CATEGORY_OFFSET: i32 = 10;
pub const RMQ_CATEGORY_TRANSACTION: i32 = 11;
pub const RMQ_CATEGORY_PRODUCER: i32 = 12;
pub const RMQ_CATEGORY_CONSUMER: i32 = 13;
pub const RMQ_CATEGORY_SUBSCRIPTION: i32 = 14;
pub const RMQ_CATEGORY_REBALANCE: i32 = 15;
pub const RMQ_CATEGORY_LISTENER: i32 = 16;
pub const RMQ_CATEGORY_RESOURCE: i32 = 17;
pub const RMQ_CATEGORY_SHUTDOWN: i32 = 18;
pub const RMQ_CATEGORY_INTERNAL: i32 = 19;

pub const RMQ_OUTCOME_NOT_APPLIED: i32 = 0;
pub const RMQ_OUTCOME_MAYBE_APPLIED: i32 = 1;
pub const RMQ_OUTCOME_APPLIED: i32 = 2;

pub const RMQ_SERVER_NONE: i32 = 0;
pub const RMQ_SERVER_NAMESERVER: i32 = 1;
pub const RMQ_SERVER_BROKER: i32 = 2;
pub const RMQ_SERVER_PROXY: i32 = 3;

pub const RMQ_OWNER_RUNTIME: i32 = 1;
pub const RMQ_OWNER_PRODUCER: i32 = 2;
pub const RMQ_OWNER_CONSUMER: i32 = 4;
pub const RMQ_OWNER_STORE: i32 = 8;
pub const RMQ_OWNER_ADMIN: i32 = 16;

pub const RMQ_WAIT_FOREVER: i32 = -1;

pub const RMQ_ANSWER_DONE: i32 = 0;
pub const RMQ_ANSWER_LATER: i32 = 1;
pub const RMQ_ANSWER_SUCCESS: i32 = 2;
pub const RMQ_ANSWER_RECONSUME_LATER: i32 = 3;
pub const RMQ_ANSWER_RETURN: i32 = 4;

pub const RMQ_EVENT_SEND: i32 = 1;
pub const RMQ_EVENT_CLOSED: i32 = 2;
pub const RMQ_EVENT_FLUSHED: i32 = 3;
pub const RMQ_EVENT_LOG: i32 = 4;
pub const RMQ_EVENT_RESOLVE: i32 = 5;
pub const RMQ_EVENT_DELIVERY: i32 = 6;
pub const RMQ_EVENT_ERROR: i32 = 8;

pub const RMQ_SEND_NONE: i32 = -1;
pub const RMQ_SEND_OK: i32 = 0;
pub const RMQ_SEND_FLUSH_DISK_TIMEOUT: i32 = 10;
pub const RMQ_SEND_SLAVE_NOT_AVAILABLE: i32 = 11;
pub const RMQ_SEND_FLUSH_SLAVE_TIMEOUT: i32 = 12;
pub const RMQ_SEND_WRITTEN: i32 = 100;

pub const RMQ_LOG_OFF: i32 = 0;
pub const RMQ_LOG_ERROR: i32 = 1;
pub const RMQ_LOG_WARN: i32 = 2;
pub const RMQ_LOG_INFO: i32 = 3;
pub const RMQ_LOG_DEBUG: i32 = 4;

pub const RMQ_ONEWAY_SILENT: i32 = 0;
pub const RMQ_ONEWAY_EVENT: i32 = 1;

pub const RMQ_DELAY_BY_COUNT: i32 = 0;
pub const RMQ_DELAY_DEAD_LETTER: i32 = -1;

pub const RMQ_FILTER_TAG: i32 = 0;
pub const RMQ_FILTER_SQL92: i32 = 1;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct rmq_error_view_t {
    pub code: i32,
    pub category: i32,
    pub outcome: i32,
    pub retriable: i32,
    pub server_role: i32,
    pub response_code: i32,
    pub queue_id: i32,
    pub reserved: i32,
    pub name: *const c_char,
    pub name_bytes: usize,
    pub message: *const c_char,
    pub message_bytes: usize,
    pub hint: *const c_char,
    pub hint_bytes: usize,
    pub remark: *const c_char,
    pub remark_bytes: usize,
    pub address: *const c_char,
    pub address_bytes: usize,
    pub topic: *const c_char,
    pub topic_bytes: usize,
    pub broker_name: *const c_char,
    pub broker_name_bytes: usize,
    pub group: *const c_char,
    pub group_bytes: usize,
    pub client_id: *const c_char,
    pub client_id_bytes: usize,
    pub message_id: *const c_char,
    pub message_id_bytes: usize,
    pub count: i64,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct rmq_option_view_t {
    pub name: *const c_char,
    pub name_bytes: usize,
    pub r#type: *const c_char,
    pub type_bytes: usize,
    pub unit: *const c_char,
    pub unit_bytes: usize,
    pub default_value: *const c_char,
    pub default_value_bytes: usize,
    pub sentence: *const c_char,
    pub sentence_bytes: usize,
    pub choices: *const c_char,
    pub choices_bytes: usize,
    pub minimum: i64,
    pub maximum: i64,
    pub owners: i32,
    pub is_secret: i32,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct rmq_event_view_t {
    pub event: *mut rmq_event_t,
    pub token: u64,
    pub user_data: *mut c_void,
    pub error: *const rmq_error_t,
    pub event_type: i32,
    pub error_code: i32,
    pub outcome: i32,
    pub send_status: i32,
    pub queue_offset: i64,
    pub queue_id: i32,
    pub message_count: i32,
    pub message_id: *const c_char,
    pub message_id_bytes: usize,
    pub error_message: *const c_char,
    pub error_message_bytes: usize,
    pub broker_name: *const c_char,
    pub broker_name_bytes: usize,
    pub offset_message_id: *const c_char,
    pub offset_message_id_bytes: usize,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct rmq_send_result_view_t {
    pub status: i32,
    pub queue_id: i32,
    pub queue_offset: i64,
    pub message_id: *const c_char,
    pub message_id_bytes: usize,
    pub offset_message_id: *const c_char,
    pub offset_message_id_bytes: usize,
    pub broker_name: *const c_char,
    pub broker_name_bytes: usize,
    pub transaction_id: *const c_char,
    pub transaction_id_bytes: usize,
    pub region_id: *const c_char,
    pub region_id_bytes: usize,
    pub recall_handle: *const c_char,
    pub recall_handle_bytes: usize,
    pub trace_on: i32,
    pub reserved: i32,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct rmq_log_view_t {
    pub level: i32,
    pub status: i32,
    pub timestamp_ms: i64,
    pub execution_time_us: i64,
    pub operation: *const c_char,
    pub operation_bytes: usize,
    pub client_id: *const c_char,
    pub client_id_bytes: usize,
    pub error: *const c_char,
    pub error_bytes: usize,
    pub line: *const c_char,
    pub line_bytes: usize,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct rmq_message_view_t {
    pub message: *const rmq_message_t,
    pub topic: *const c_char,
    pub topic_bytes: usize,
    pub body: *const c_void,
    pub body_bytes: usize,
    pub tags: *const c_char,
    pub tags_bytes: usize,
    pub keys: *const c_char,
    pub keys_bytes: usize,
    pub message_id: *const c_char,
    pub message_id_bytes: usize,
    pub offset_message_id: *const c_char,
    pub offset_message_id_bytes: usize,
    pub born_host: *const c_char,
    pub born_host_bytes: usize,
    pub store_host: *const c_char,
    pub store_host_bytes: usize,
    pub queue_offset: i64,
    pub commit_log_offset: i64,
    pub born_timestamp_ms: i64,
    pub store_timestamp_ms: i64,
    pub prepared_transaction_offset: i64,
    pub queue_id: i32,
    pub flag: i32,
    pub sys_flag: i32,
    pub reconsume_times: i32,
    pub property_count: i32,
    pub error_code: i32,
    pub error: *const rmq_error_t,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct rmq_delivery_view_t {
    pub topic: *const c_char,
    pub topic_bytes: usize,
    pub broker_name: *const c_char,
    pub broker_name_bytes: usize,
    pub group: *const c_char,
    pub group_bytes: usize,
    pub first_queue_offset: i64,
    pub epoch: u64,
    pub queue_id: i32,
    pub message_count: i32,
}

extern "C" {
    pub fn rmq_version() -> i32;
    pub fn rmq_version_text() -> *const c_char;
    pub fn rmq_error_view(error: *const rmq_error_t, view: *mut rmq_error_view_t, view_size: usize) -> i32;
    pub fn rmq_error_code(error: *const rmq_error_t) -> i32;
    pub fn rmq_error_message(error: *const rmq_error_t) -> *const c_char;
    pub fn rmq_error_retain(error: *const rmq_error_t) -> *mut rmq_error_t;
    pub fn rmq_error_destroy(error: *mut rmq_error_t);
    pub fn rmq_error_name(code: i32) -> *const c_char;
    pub fn rmq_error_sentence(code: i32) -> *const c_char;
    pub fn rmq_config_new(
        predefined: *const c_char,
        predefined_bytes: usize,
        config: *mut *mut rmq_config_t,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_config_copy(config: *const rmq_config_t) -> *mut rmq_config_t;
    pub fn rmq_config_destroy(config: *mut rmq_config_t);
    pub fn rmq_config_set(
        config: *mut rmq_config_t,
        name: *const c_char,
        name_bytes: usize,
        value: *const c_char,
        value_bytes: usize,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_config_get(
        config: *const rmq_config_t,
        name: *const c_char,
        name_bytes: usize,
        value: *mut *const c_char,
        value_bytes: *mut usize,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_config_describe(index: usize, view: *mut rmq_option_view_t, view_size: usize) -> i32;
    pub fn rmq_config_load_environment(config: *mut rmq_config_t, error: *mut *mut rmq_error_t) -> i32;
    pub fn rmq_config_load_file(
        config: *mut rmq_config_t,
        path: *const c_char,
        path_bytes: usize,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_runtime_new(
        config: *const rmq_config_t,
        runtime: *mut *mut rmq_runtime_t,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_runtime_start(runtime: *mut rmq_runtime_t, error: *mut *mut rmq_error_t) -> i32;
    pub fn rmq_runtime_close(runtime: *mut rmq_runtime_t, timeout_ms: i64, error: *mut *mut rmq_error_t) -> i32;
    pub fn rmq_runtime_close_async(
        runtime: *mut rmq_runtime_t,
        timeout_ms: i64,
        token: u64,
        user_data: *mut c_void,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_runtime_destroy(runtime: *mut rmq_runtime_t);
    pub fn rmq_runtime_thread_count(runtime: *const rmq_runtime_t) -> i32;
    pub fn rmq_runtime_event_queue(runtime: *mut rmq_runtime_t) -> *mut rmq_event_queue_t;
    pub fn rmq_runtime_set_event_queue(
        runtime: *mut rmq_runtime_t,
        event_type: i32,
        queue: *mut rmq_event_queue_t,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_runtime_fd(runtime: *const rmq_runtime_t) -> i32;
    pub fn rmq_runtime_timeout_ms(runtime: *mut rmq_runtime_t) -> i64;
    pub fn rmq_runtime_step(runtime: *mut rmq_runtime_t, error: *mut *mut rmq_error_t) -> i32;
    pub fn rmq_event_queue_new(
        runtime: *mut rmq_runtime_t,
        queue: *mut *mut rmq_event_queue_t,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_event_queue_destroy(queue: *mut rmq_event_queue_t);
    pub fn rmq_event_queue_fd(queue: *mut rmq_event_queue_t) -> i32;
    pub fn rmq_event_queue_set_wakeup(
        queue: *mut rmq_event_queue_t,
        wakeup: rmq_wakeup_fn,
        user_data: *mut c_void,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_event_queue_set_callback(
        queue: *mut rmq_event_queue_t,
        callback: rmq_event_fn,
        user_data: *mut c_void,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_event_queue_poll(
        queue: *mut rmq_event_queue_t,
        timeout_ms: i64,
        event: *mut *mut rmq_event_t,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_event_queue_poll_batch(
        queue: *mut rmq_event_queue_t,
        timeout_ms: i64,
        views: *mut rmq_event_view_t,
        view_size: usize,
        count_max: usize,
        count: *mut usize,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_event_queue_interrupt(queue: *mut rmq_event_queue_t);
    pub fn rmq_event_queue_length(queue: *const rmq_event_queue_t) -> usize;
    pub fn rmq_event_queue_dropped(queue: *const rmq_event_queue_t) -> u64;
    pub fn rmq_event_view(event: *mut rmq_event_t, view: *mut rmq_event_view_t, view_size: usize) -> i32;
    pub fn rmq_event_type(event: *const rmq_event_t) -> i32;
    pub fn rmq_event_token(event: *const rmq_event_t) -> u64;
    pub fn rmq_event_user_data(event: *const rmq_event_t) -> *mut c_void;
    pub fn rmq_event_error(event: *const rmq_event_t) -> *const rmq_error_t;
    pub fn rmq_event_send_result(event: *const rmq_event_t, view: *mut rmq_send_result_view_t, view_size: usize)
        -> i32;
    pub fn rmq_event_log(event: *const rmq_event_t, view: *mut rmq_log_view_t, view_size: usize) -> i32;
    pub fn rmq_event_text(event: *const rmq_event_t, text_bytes: *mut usize) -> *const c_char;
    pub fn rmq_event_answer_text(
        event: *mut rmq_event_t,
        text: *const c_char,
        text_bytes: usize,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_event_destroy(event: *mut rmq_event_t);
    pub fn rmq_event_destroy_batch(views: *mut rmq_event_view_t, view_size: usize, count: usize);
    pub fn rmq_message_new(
        topic: *const c_char,
        topic_bytes: usize,
        message: *mut *mut rmq_message_t,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_message_destroy(message: *mut rmq_message_t);
    pub fn rmq_message_retain(message: *const rmq_message_t) -> *mut rmq_message_t;
    pub fn rmq_message_set_body(
        message: *mut rmq_message_t,
        body: *const c_void,
        body_bytes: usize,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_message_set_body_pinned(
        message: *mut rmq_message_t,
        body: *const c_void,
        body_bytes: usize,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_message_set_tags(
        message: *mut rmq_message_t,
        tags: *const c_char,
        tags_bytes: usize,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_message_set_keys(
        message: *mut rmq_message_t,
        keys: *const c_char,
        keys_bytes: usize,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_message_set_property(
        message: *mut rmq_message_t,
        name: *const c_char,
        name_bytes: usize,
        value: *const c_char,
        value_bytes: usize,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_message_set_flag(message: *mut rmq_message_t, flag: i32, error: *mut *mut rmq_error_t) -> i32;
    pub fn rmq_message_set_delay_level(
        message: *mut rmq_message_t,
        delay_level: i32,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_message_set_wait_store(message: *mut rmq_message_t, wait: i32, error: *mut *mut rmq_error_t) -> i32;
    pub fn rmq_message_set_sharding_key(
        message: *mut rmq_message_t,
        key: *const c_char,
        key_bytes: usize,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_message_view(message: *const rmq_message_t, view: *mut rmq_message_view_t, view_size: usize) -> i32;
    pub fn rmq_message_property(
        message: *const rmq_message_t,
        name: *const c_char,
        name_bytes: usize,
        value_bytes: *mut usize,
    ) -> *const c_char;
    pub fn rmq_message_property_at(
        message: *const rmq_message_t,
        index: usize,
        name: *mut *const c_char,
        name_bytes: *mut usize,
        value: *mut *const c_char,
        value_bytes: *mut usize,
    ) -> i32;
    pub fn rmq_message_list_decode(
        bytes: *const c_void,
        bytes_size: usize,
        list: *mut *mut rmq_message_list_t,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_message_list_count(list: *const rmq_message_list_t) -> usize;
    pub fn rmq_message_list_views(
        list: *const rmq_message_list_t,
        first: usize,
        views: *mut rmq_message_view_t,
        view_size: usize,
        count_max: usize,
    ) -> usize;
    pub fn rmq_message_list_destroy(list: *mut rmq_message_list_t);
    pub fn rmq_destination_new(
        address: *const c_char,
        address_bytes: usize,
        broker_name: *const c_char,
        broker_name_bytes: usize,
        queue_id: i32,
        destination: *mut *mut rmq_destination_t,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_destination_destroy(destination: *mut rmq_destination_t);
    pub fn rmq_producer_new(
        runtime: *mut rmq_runtime_t,
        config: *const rmq_config_t,
        queue: *mut rmq_event_queue_t,
        producer: *mut *mut rmq_producer_t,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_producer_start(producer: *mut rmq_producer_t, error: *mut *mut rmq_error_t) -> i32;
    pub fn rmq_producer_send(
        producer: *mut rmq_producer_t,
        message: *const rmq_message_t,
        destination: *const rmq_destination_t,
        timeout_ms: i64,
        event: *mut *mut rmq_event_t,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_producer_send_async(
        producer: *mut rmq_producer_t,
        message: *const rmq_message_t,
        destination: *const rmq_destination_t,
        timeout_ms: i64,
        token: u64,
        user_data: *mut c_void,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_producer_send_oneway(
        producer: *mut rmq_producer_t,
        message: *const rmq_message_t,
        destination: *const rmq_destination_t,
        mode: i32,
        token: u64,
        user_data: *mut c_void,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_producer_send_many(
        producer: *mut rmq_producer_t,
        messages: *const *const rmq_message_t,
        tokens: *const u64,
        count: usize,
        destination: *const rmq_destination_t,
        timeout_ms: i64,
        user_data: *mut c_void,
        accepted: *mut usize,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_producer_send_packed(
        producer: *mut rmq_producer_t,
        pattern: *const rmq_message_t,
        buffer: *const c_void,
        offsets: *const u32,
        first_token: u64,
        count: usize,
        destination: *const rmq_destination_t,
        timeout_ms: i64,
        user_data: *mut c_void,
        accepted: *mut usize,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_producer_cancel(producer: *mut rmq_producer_t, token: u64, error: *mut *mut rmq_error_t) -> i32;
    pub fn rmq_producer_flush(producer: *mut rmq_producer_t, timeout_ms: i64, error: *mut *mut rmq_error_t) -> i32;
    pub fn rmq_producer_flush_async(
        producer: *mut rmq_producer_t,
        timeout_ms: i64,
        token: u64,
        user_data: *mut c_void,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_producer_close(producer: *mut rmq_producer_t, timeout_ms: i64, error: *mut *mut rmq_error_t) -> i32;
    pub fn rmq_producer_close_async(
        producer: *mut rmq_producer_t,
        timeout_ms: i64,
        token: u64,
        user_data: *mut c_void,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_producer_destroy(producer: *mut rmq_producer_t);
    pub fn rmq_event_delivery(event: *const rmq_event_t, view: *mut rmq_delivery_view_t, view_size: usize) -> i32;
    pub fn rmq_event_messages(
        event: *const rmq_event_t,
        first: usize,
        views: *mut rmq_message_view_t,
        view_size: usize,
        count_max: usize,
    ) -> usize;
    pub fn rmq_event_answer(
        event: *mut rmq_event_t,
        answer: i32,
        delay_level: i32,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_event_answer_each(
        event: *mut rmq_event_t,
        consumed: *const u8,
        bytes: usize,
        delay_level: i32,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_push_consumer_new(
        runtime: *mut rmq_runtime_t,
        config: *const rmq_config_t,
        queue: *mut rmq_event_queue_t,
        token: u64,
        user_data: *mut c_void,
        consumer: *mut *mut rmq_push_consumer_t,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_push_consumer_subscribe(
        consumer: *mut rmq_push_consumer_t,
        topic: *const c_char,
        topic_bytes: usize,
        expression_type: i32,
        expression: *const c_char,
        expression_bytes: usize,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_push_consumer_unsubscribe(
        consumer: *mut rmq_push_consumer_t,
        topic: *const c_char,
        topic_bytes: usize,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_push_consumer_start(consumer: *mut rmq_push_consumer_t, error: *mut *mut rmq_error_t) -> i32;
    pub fn rmq_push_consumer_close(
        consumer: *mut rmq_push_consumer_t,
        timeout_ms: i64,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_push_consumer_close_async(
        consumer: *mut rmq_push_consumer_t,
        timeout_ms: i64,
        token: u64,
        user_data: *mut c_void,
        error: *mut *mut rmq_error_t,
    ) -> i32;
    pub fn rmq_push_consumer_destroy(consumer: *mut rmq_push_consumer_t);
}
