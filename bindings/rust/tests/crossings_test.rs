//! What a call into the library costs is shared by the messages of a batch.
//!
//! This program has the names of the C functions of the path itself. They count, and pass each call on to the library. Calls
//! that the library makes itself, inside of these or on its threads, cross nothing.

mod support;

use rocketmq_c::{Answer, Batch, Config, Filter, Producer, PushConsumer, Runtime};
use std::cell::Cell;
use std::ffi::{c_void, CStr};
use std::os::raw::c_char;
use support::{message, Broker, Stopwatch, LIMIT};

const COUNT: usize = 8000;
const CROSSINGS_PER_MESSAGE_MAX: f64 = 1.0 / 16.0;

thread_local! {
    static CROSSINGS: Cell<usize> = const { Cell::new(0) };
    static DEPTH: Cell<usize> = const { Cell::new(0) }; // of calls into the library that are under way
}

fn crossings() -> usize {
    CROSSINGS.with(Cell::get)
}

fn enter() {
    let depth = DEPTH.with(|depth| depth.replace(depth.get() + 1));
    if depth == 0 {
        CROSSINGS.with(|crossings| crossings.set(crossings.get() + 1));
    }
}

fn leave() {
    DEPTH.with(|depth| depth.set(depth.get() - 1));
}

fn next(name: &[u8]) -> *mut c_void {
    extern "C" {
        fn dlsym(handle: *mut c_void, name: *const c_char) -> *mut c_void;
    }
    const RTLD_NEXT: isize = -1;
    let name = CStr::from_bytes_with_nul(name).unwrap();
    // SAFETY: the name is zero-terminated.
    let function = unsafe { dlsym(RTLD_NEXT as *mut c_void, name.as_ptr()) };
    assert!(!function.is_null(), "{name:?} is not in the library");
    function
}

// A pointer and a size are one register each, as usize is.
macro_rules! counted {
    ($($name:ident($($parameter:ident: $type:ty),*) -> $result:ty;)*) => { $(
        #[no_mangle]
        extern "C" fn $name($($parameter: $type),*) -> $result {
            enter();
            let function = next(concat!(stringify!($name), "\0").as_bytes());
            // SAFETY: the function of this name takes what is passed on.
            let function: extern "C" fn($($type),*) -> $result = unsafe { std::mem::transmute(function) };
            let result = function($($parameter),*);
            leave();
            result
        }
    )* };
}

counted! {
    rmq_runtime_event_queue(runtime: usize) -> usize;
    rmq_event_queue_poll(queue: usize, timeout: i64, views: usize, size: usize, max: usize, count: usize, error: usize) -> i32;
    rmq_event_queue_poll_messages(queue: usize, timeout: i64, views: usize, size: usize, max: usize, count: usize,
        messages: usize, message_size: usize, message_max: usize, message_count: usize, error: usize) -> i32;
    rmq_event_view(event: usize, view: usize, size: usize) -> i32;
    rmq_event_delivery(event: usize, view: usize, size: usize) -> i32;
    rmq_event_messages(event: usize, first: usize, views: usize, size: usize, max: usize) -> usize;
    rmq_event_answer(event: usize, answer: i32, value: i64, error: usize) -> i32;
    rmq_event_answer_each(event: usize, consumed: usize, bytes: usize, value: i64, error: usize) -> i32;
    rmq_event_answer_batch(views: usize, size: usize, count: usize, answers: usize, error: usize) -> i32;
    rmq_event_destroy(event: usize) -> ();
    rmq_event_destroy_batch(views: usize, size: usize, count: usize) -> ();
    rmq_message_view(message: usize, view: usize, size: usize) -> i32;
    rmq_message_property(message: usize, name: usize, bytes: usize, value_bytes: usize) -> usize;
    rmq_message_properties(message: usize, first: usize, views: usize, size: usize, max: usize) -> usize;
    rmq_message_retain(message: usize) -> usize;
    rmq_message_destroy(message: usize) -> ();
    rmq_error_view(error: usize, view: usize, size: usize) -> i32;
    rmq_error_retain(error: usize) -> usize;
    rmq_error_destroy(error: usize) -> ();
}

#[test]
fn crossings_per_message_of_a_batch() {
    let broker = Broker::start(&[]);
    let options = [
        ("namesrv_addr", broker.address.as_str()),
        ("producer_group", "rust"),
        ("consumer_group", "rust_batches"),
        ("consume_from_where", "first"),
        ("consume_message_batch_max_size", "256"),
        ("pull_batch_size", "256"),
    ];
    let runtime = Runtime::new(Some(&Config::with(&options).unwrap())).unwrap();
    let producer = Producer::new(&runtime, None).unwrap();
    let sent = message(b"0123456789abcdef");
    for token in 0..COUNT {
        producer.send_async(&sent, None, None, token as u64).unwrap();
    }
    let mut batch = Batch::with_messages(16, 16 * 256);
    let mut ended = 0;
    while ended < COUNT {
        ended += runtime.poll_batch(&mut batch, LIMIT).unwrap();
        assert!(batch.iter().all(|event| event.error_code().is_none()));
    }
    batch.clear();

    let consumer = PushConsumer::new(&runtime, None, 1).unwrap();
    consumer.subscribe("bench_stub", Filter::Tag("*")).unwrap();
    consumer.start().unwrap();
    let (before, watch) = (crossings(), Stopwatch::start());
    let (mut seen, mut bytes, mut batches) = (0, 0, 0);
    while seen < COUNT {
        assert_ne!(runtime.poll_batch(&mut batch, LIMIT).unwrap(), 0, "no event in 20 s");
        bytes += batch
            .messages()
            .iter()
            .map(|message| message.body().unwrap().len())
            .sum::<usize>();
        seen += batch.messages().len();
        batches += 1;
        batch.answer(Answer::Success).unwrap();
        batch.clear();
    }
    let crossings = crossings() - before;
    watch.show("batches", seen);
    println!("     {seen} messages in {batches} batches: {crossings} calls into the library");
    assert_eq!(bytes, 16 * seen);
    assert!(crossings >= 3 * batches, "the calls are not counted");
    let per_message = crossings as f64 / seen as f64;
    assert!(
        per_message <= CROSSINGS_PER_MESSAGE_MAX,
        "{per_message:.4} calls into the library per message, expected at most {CROSSINGS_PER_MESSAGE_MAX:.4}"
    );
    consumer.close(None).unwrap();
    runtime.close(None).unwrap();
}
