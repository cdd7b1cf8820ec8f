//! Sends from Rust against an embedded broker, and what a binding must get right around them.

mod support;

use rocketmq_c::{
    Batch, Category, Code, Config, Destination, Error, EventType, Outcome, Runtime, SendStatus, ServerRole,
};
use std::time::Duration;
use support::{message, message_count, open, sample, Broker, Stopwatch, LIMIT, NEVER_ANSWERS};

const WINDOW: usize = 4096;
const BODY: &[u8] = b"0123456789abcdef";
const AT_ONCE: Option<Duration> = Some(Duration::from_millis(1));

/// Counts the events of each token.
struct Account {
    seen: Vec<u8>,
    codes: Vec<Option<Code>>,
    total: usize,
    batch: Batch,
}

impl Account {
    fn new(count: usize) -> Account {
        Account {
            seen: vec![0; count],
            codes: vec![None; count],
            total: 0,
            batch: Batch::new(256),
        }
    }

    fn take_events(&mut self, runtime: &Runtime) {
        let taken = runtime.poll_batch(&mut self.batch, LIMIT).unwrap();
        assert_ne!(taken, 0, "no event came in 20 s");
        for event in &self.batch {
            let token = event.token() as usize;
            self.seen[token] += 1;
            self.codes[token] = event.error_code();
        }
        self.total += taken;
    }

    fn take_all(&mut self, runtime: &Runtime, expected: Option<Code>) {
        while self.total < self.seen.len() {
            self.take_events(runtime);
        }
        assert!(self.seen.iter().all(|seen| *seen == 1), "each token has one event");
        assert!(
            self.codes.iter().all(|code| *code == expected),
            "each event tells {:?}",
            expected
        );
    }
}

fn code_of<T>(result: rocketmq_c::Result<T>) -> Code {
    result.err().expect("an error").code()
}

// Sends in parts; `send(first)` gives how many it sent.
fn send_all(name: &str, runtime: &Runtime, mut send: impl FnMut(usize) -> usize) {
    let count = message_count();
    let mut account = Account::new(count);
    let watch = Stopwatch::start();
    let mut sent = 0;
    while sent < count {
        sent += send(sent);
        while sent - account.total > WINDOW {
            account.take_events(runtime);
        }
    }
    account.take_all(runtime, None);
    watch.show(name, count);
}

#[test]
fn single_sends_yield_one_event_per_token() {
    let broker = Broker::start(&[]);
    let (runtime, producer) = open(&[]);
    let (queue, mut message) = (broker.queue(), message(BODY));
    send_all("single", &runtime, |token| {
        message.set_body(BODY).unwrap();
        producer.send_async(&message, Some(&queue), None, token as u64).unwrap();
        1
    });
    runtime.close(None).unwrap();
}

#[test]
fn packed_sends_yield_one_event_per_token() {
    let broker = Broker::start(&[]);
    let (runtime, producer) = open(&[]);
    let (queue, pattern, bodies) = (broker.queue(), message(b""), [BODY; 256]);
    send_all("packed", &runtime, |first| {
        let count = bodies.len().min(message_count() - first);
        let (accepted, result) = producer.send_packed(&pattern, &bodies[..count], Some(&queue), None, first as u64);
        result.unwrap();
        accepted
    });
    runtime.close(None).unwrap();
}

#[test]
fn many_threads_wait_for_their_sends() {
    let broker = Broker::start(&[]);
    let (runtime, producer) = open(&[]);
    let queue = broker.queue();
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                for _ in 0..50 {
                    let sent = producer.send(&message(b"x"), Some(&queue), None).unwrap();
                    assert_eq!(sent.send_status(), SendStatus::OK);
                    assert!(sent.message_id().is_some());
                }
            });
        }
    });
    runtime.close(None).unwrap();
}

#[test]
fn refused_calls_tell_their_error() {
    let error = Config::with(&[("namesrv_adr", "x")]).err().unwrap();
    assert_eq!(error.code(), Code::OPTION_UNKNOWN);
    assert!(error.to_string().starts_with("OPTION_UNKNOWN: "), "{}", error);
    assert!(error.to_string().contains("namesrv_addr"), "the suggestion: {}", error);
    let broker = Broker::start(&[]);
    let (runtime, producer) = open(&[]);
    let queue = broker.queue();
    assert_eq!(
        code_of(producer.send_async(&message(b""), Some(&queue), None, 0)),
        Code::MESSAGE_ILLEGAL
    );
    let (accepted, result) = producer.send_packed(&message(b""), &[b"a", b"b", b"", b"c"], Some(&queue), None, 0);
    assert_eq!((accepted, code_of(result)), (2, Code::MESSAGE_ILLEGAL));
    assert_eq!(code_of(Destination::new(Some("no port"), None, 0)), Code::ARGUMENT);
    runtime.close(None).unwrap();
}

#[test]
fn errors_are_errors_that_outlive_their_event() {
    let (runtime, producer) = open(&[("send_msg_timeout", "500"), ("retry_times_when_send_failed", "0")]);
    let queue = Destination::new(Some("127.0.0.1:1"), None, 0).unwrap();
    let error = producer.send(&message(b"x"), Some(&queue), None).err().unwrap();
    assert_eq!(error.code(), Code::REFUSED);
    drop((runtime, producer));
    let boxed: Box<dyn std::error::Error + Send + Sync> = error.clone().into();
    assert_eq!(boxed.to_string(), error.to_string());
    let error = boxed.downcast::<Error>().unwrap();
    assert_eq!(error.address(), "127.0.0.1:1");
    assert_eq!(error.outcome(), Outcome::NOT_APPLIED);
    assert_eq!(error.response_code(), None);
    assert!(error.is_retriable());
}

#[test]
fn failed_sends_tell_what_the_broker_said() {
    let broker = Broker::start(&["SEND_MESSAGE_V2 first=1000 error=16"]);
    let (runtime, producer) = open(&[]);
    let error = producer
        .send(&message(b"x"), Some(&broker.queue()), None)
        .err()
        .unwrap();
    assert_eq!(error.code(), Code::NO_PERMISSION);
    assert_eq!(error.category(), Category::BROKER);
    assert_eq!(error.outcome(), Outcome::NOT_APPLIED);
    assert_eq!(error.server_role(), ServerRole::BROKER);
    assert_eq!((error.response_code(), error.queue_id()), (Some(16), Some(0)));
    assert_eq!((&*error.address(), &*error.group()), (broker.address.as_str(), "rust"));
    assert!(!error.is_retriable());
    runtime.close(None).unwrap();
}

#[test]
fn bodies_are_any_bytes_up_to_the_limit() {
    let broker = Broker::start(&[]);
    let (runtime, producer) = open(&[("max_message_size", "65536")]);
    for body in [&b"\0"[..], b"a\0b\0", &[0; 65536]] {
        producer.send(&message(body), Some(&broker.queue()), None).unwrap();
    }
    assert_eq!(
        code_of(producer.send(&message(&[0; 65537]), Some(&broker.queue()), None)),
        Code::TOO_LARGE
    );
    runtime.close(None).unwrap();
}

#[test]
fn a_send_is_cancelled_by_its_token() {
    let broker = Broker::start(&[NEVER_ANSWERS]);
    let (runtime, producer) = open(&[]);
    producer
        .send_async(&message(b"x"), Some(&broker.queue()), None, u64::MAX)
        .unwrap();
    producer.cancel(u64::MAX).unwrap();
    let mut batch = Batch::new(4);
    assert_eq!(runtime.poll_batch(&mut batch, LIMIT).unwrap(), 1);
    let event = batch.drain().next().unwrap();
    assert_eq!((event.token(), code_of(event.result())), (u64::MAX, Code::CANCELLED));
    runtime.close(None).unwrap();
}

#[test]
fn sends_of_a_dropped_producer_end_with_their_event() {
    let broker = Broker::start(&[NEVER_ANSWERS]);
    let (runtime, producer) = open(&[]);
    for token in 0..1000 {
        producer
            .send_async(&message(b"x"), Some(&broker.queue()), None, token)
            .unwrap();
    }
    drop(producer);
    Account::new(1000).take_all(&runtime, Some(Code::SHUTDOWN));
    runtime.close(None).unwrap();
}

#[test]
fn events_are_there_after_close() {
    let broker = Broker::start(&[NEVER_ANSWERS]);
    let (runtime, producer) = open(&[]);
    for token in 0..10 {
        producer
            .send_async(&message(b"x"), Some(&broker.queue()), None, token)
            .unwrap();
    }
    assert_eq!(code_of(runtime.close(AT_ONCE)), Code::CLOSE_TIMEOUT);
    assert_eq!(
        code_of(producer.send_async(&message(b"x"), Some(&broker.queue()), None, 10)),
        Code::CLOSED
    );
    Account::new(10).take_all(&runtime, Some(Code::SHUTDOWN));
    assert_eq!(code_of(runtime.poll_batch(&mut Batch::new(1), None)), Code::CLOSED);
}

#[test]
fn the_event_of_a_close_comes_after_all_others() {
    let broker = Broker::start(&[NEVER_ANSWERS]);
    let (runtime, producer) = open(&[]);
    for token in 0..10 {
        producer
            .send_async(&message(b"x"), Some(&broker.queue()), None, token)
            .unwrap();
    }
    producer.close_async(AT_ONCE, 10).unwrap();
    let mut batch = Batch::new(4);
    let mut events = Vec::new();
    while events.len() < 11 {
        assert_ne!(
            runtime.poll_batch(&mut batch, LIMIT).unwrap(),
            0,
            "no event came in 20 s"
        );
        events.extend(batch.drain());
    }
    let last = &events[10];
    assert_eq!((last.token(), last.event_type()), (10, EventType::CLOSED));
    assert_eq!(code_of(last.result()), Code::CLOSE_TIMEOUT);
}

#[test]
fn objects_are_dropped_in_any_order() {
    let broker = Broker::start(&[]);
    let (runtime, producer) = open(&[]);
    let (queue, message) = (broker.queue(), message(b"x"));
    producer.send_async(&message, Some(&queue), None, 7).unwrap();
    let mut batch = Batch::new(4);
    assert_eq!(runtime.poll_batch(&mut batch, LIMIT).unwrap(), 1);
    drop(runtime);
    drop((queue, message, producer));
    let event = batch.drain().next().unwrap();
    drop(batch);
    assert_eq!(event.token(), 7);
    assert!(event.message_id().is_some(), "an event outlives its runtime");
}

#[test]
fn an_interrupt_ends_a_wait() {
    let (runtime, _producer) = open(&[]);
    std::thread::scope(|scope| {
        let wait = scope.spawn(|| runtime.poll_batch(&mut Batch::new(1), None));
        runtime.interrupt();
        assert_eq!(code_of(wait.join().unwrap()), Code::INTERRUPTED);
    });
}

#[test]
fn the_sample_sends_one() {
    let broker = Broker::start(&[]);
    let output = sample("send_one")
        .args([&broker.address, "bench_stub", "hello"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        text.contains(" is at offset 0 of queue "),
        "{}{}",
        text,
        String::from_utf8_lossy(&output.stderr)
    );
}
