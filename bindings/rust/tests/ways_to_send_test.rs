//! The ways to send, beside those of send_test.rs.

mod support;

use rocketmq_c::testbroker;
use rocketmq_c::{
    Batch, Code, Config, Destination, EventType, Message, MessageField, MessagePart, Packed, Producer, Result, Runtime, Selector,
    SendFlag, SendStatus,
};
use std::time::{Duration, Instant};
use support::{message, Broker, LIMIT, NEVER_ANSWERS};

fn open() -> (testbroker::Broker, Runtime, Producer) {
    let broker = testbroker::Broker::start("topic=orders:1").unwrap();
    let runtime = Runtime::new(Some(&Config::with(&[("namesrv_addr", broker.namesrv_addr())]).unwrap())).unwrap();
    let producer = Producer::new(&runtime, Some(&Config::with(&[("producer_group", "shop")]).unwrap())).unwrap();
    (broker, runtime, producer)
}

fn order(body: &[u8]) -> Message {
    Message::with("orders", body, None, None).unwrap()
}

fn code_of<T>(result: Result<T>) -> Code {
    result.err().expect("an error").code()
}

/// The tokens of so many events, all of them of operations that succeeded.
fn take(runtime: &Runtime, count: usize) -> Vec<u64> {
    let (mut batch, mut tokens) = (Batch::new(16), Vec::new());
    while tokens.len() < count {
        assert_ne!(runtime.poll_batch(&mut batch, LIMIT).unwrap(), 0, "no event in 20 s");
        for event in &batch {
            event.result().unwrap();
            tokens.push(event.token());
        }
    }
    tokens.sort_unstable();
    tokens
}

/// Waits until the broker has so many messages: nobody else tells the end of a one-way send.
fn await_messages(broker: &testbroker::Broker, count: usize) -> String {
    let start = Instant::now();
    loop {
        let messages = broker.command("messages orders").unwrap();
        if messages.lines().count() >= count {
            return messages;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "{messages}");
        std::thread::yield_now();
    }
}

#[test]
fn a_waiting_send_tells_where_the_message_is() {
    let (_broker, runtime, producer) = open();
    let event = producer
        .send_with(&order(b"one"), None, SendFlag::NO_WAIT, LIMIT)
        .unwrap();
    let result = event.send_result().unwrap();
    assert_eq!(
        (result.status(), result.queue_id(), result.queue_offset()),
        (SendStatus::OK, 0, 0)
    );
    assert_eq!(result.broker_name().as_deref(), Some("broker-a"));
    assert!(result.message_id().is_some() && result.offset_message_id().is_some());
    assert_eq!(event.topic().as_deref(), Some("orders"));
    let event = producer
        .send_with(&order(b"two"), None, SendFlag::ONEWAY, None)
        .unwrap();
    assert_eq!(event.send_status(), SendStatus::WRITTEN);
    let silent = SendFlag::ONEWAY | SendFlag::SILENT;
    assert_eq!(
        code_of(producer.send_with(&order(b"three"), None, silent, None)),
        Code::ARGUMENT
    );
    runtime.close(None).unwrap();
}

#[test]
fn one_way_sends_are_flushed() {
    let (broker, runtime, producer) = open();
    for _ in 0..10 {
        producer.send_oneway(&order(b"x"), None, None).unwrap();
    }
    producer
        .send_async_with(&order(b"x"), None, SendFlag::ONEWAY, None, 1)
        .unwrap();
    producer.flush(None).unwrap();
    await_messages(&broker, 11);
    producer.flush_async(None, 2).unwrap();
    assert_eq!(take(&runtime, 2), [1, 2], "the silent ones have no event");
    producer.close_async(None, 3).unwrap();
    let mut batch = Batch::new(1);
    runtime.poll_batch(&mut batch, LIMIT).unwrap();
    let event = batch.iter().next().expect("an event within 20 s");
    assert_eq!(
        (event.event_type(), event.token(), event.left()),
        (EventType::CLOSED, 3, 0)
    );
    runtime.close(None).unwrap();
}

#[test]
fn many_messages_go_in_one_call() {
    let (broker, runtime, producer) = open();
    let messages = [order(b"a"), order(b"bb"), order(b"ccc")];
    let (accepted, result) = producer.send_many(
        &[&messages[0], &messages[1], &messages[2]],
        None,
        SendFlag::NONE,
        None,
        40,
    );
    result.unwrap();
    assert_eq!((accepted, take(&runtime, 3)), (3, vec![40, 41, 42]));
    await_messages(&broker, 3);
    let empty = Message::new("orders").unwrap();
    let (accepted, result) = producer.send_many(&[&messages[0], &empty, &messages[2]], None, SendFlag::NONE, None, 50);
    assert_eq!((accepted, code_of(result)), (1, Code::MESSAGE_ILLEGAL));
    assert_eq!(take(&runtime, 1), [50]);
    runtime.close(None).unwrap();
}

#[test]
fn packed_messages_bring_parts_of_their_own() {
    let (broker, runtime, producer) = open();
    let pattern = Message::with("orders", b"of the pattern", Some("t"), None).unwrap();
    let mut packed = Packed::new(MessagePart::BODY | MessagePart::KEYS);
    packed.push(&[b"one", b"k1"]).unwrap();
    packed.push(&[b"three", b""]).unwrap();
    assert_eq!(code_of(packed.push(&[b"without keys"])), Code::ARGUMENT);
    let (accepted, result) = producer.send_parts(&pattern, &packed, None, SendFlag::NONE, None, 0);
    result.unwrap();
    assert_eq!((accepted, take(&runtime, 2)), (2, vec![0, 1]));
    assert_eq!(await_messages(&broker, 2), "broker-a 0 0 t k1 3\nbroker-a 0 1 t - 5\n");
    packed.clear();
    let (accepted, result) = producer.send_parts(&pattern, &packed, None, SendFlag::NONE, None, 0);
    assert_eq!((accepted, result.is_ok(), packed.is_empty()), (0, true, true));
    runtime.close(None).unwrap();
}

#[test]
fn a_producer_is_updated() {
    let broker = Broker::start(&[NEVER_ANSWERS]);
    let (runtime, producer) = support::open(&[]);
    producer
        .update(&Config::with(&[("send_msg_timeout", "20")]).unwrap())
        .unwrap();
    let error = producer
        .send(&message(b"x"), Some(&broker.queue()), None)
        .err()
        .unwrap();
    assert_eq!(error.limit(), Some(Duration::from_millis(20)));
    let other = Config::with(&[("producer_group", "other")]).unwrap();
    assert_eq!(code_of(producer.update(&other)), Code::OPTION_VALUE);
    drop(runtime);
}

#[test]
fn a_pinned_body_is_not_copied() {
    let (broker, runtime, producer) = open();
    let mut body = b"first".to_vec();
    let mut message = Message::new("orders").unwrap();
    // SAFETY: the body changes when no send is under way, and lives longer than the message.
    unsafe { message.set_body_pinned(&body) }.unwrap();
    producer.send(&message, None, None).unwrap();
    body.copy_from_slice(b"other");
    assert_eq!(message.view().body().unwrap(), b"other");
    producer.send(&message, None, None).unwrap();
    await_messages(&broker, 2);
    drop(message);
    runtime.close(None).unwrap();
}

#[test]
fn a_timer_message_is_recalled() {
    let broker = testbroker::Broker::start("topic=orders:2 recall=true").unwrap();
    let runtime = Runtime::new(Some(&Config::with(&[("namesrv_addr", broker.namesrv_addr())]).unwrap())).unwrap();
    let producer = Producer::new(&runtime, Some(&Config::with(&[("producer_group", "shop")]).unwrap())).unwrap();
    let mut message = order(b"later");
    message.set_number(MessageField::DELAY_MS, 3_600_000).unwrap();
    let event = producer.send(&message, None, LIMIT).unwrap();
    let sent = event.send_result().unwrap();
    let handle = sent.recall_handle().unwrap();
    assert_eq!(
        producer.recall("orders", &handle, LIMIT).unwrap(),
        sent.message_id().unwrap()
    );
    let queues = producer.queues("orders", LIMIT).unwrap();
    assert_eq!(queues.len(), 2);
    assert_eq!((queues[1].broker_name.as_str(), queues[1].queue_id), ("broker-a", 1));
    assert_eq!(code_of(producer.queues("none", LIMIT)), Code::NO_ROUTE);
    producer.recall_async("orders", &handle, LIMIT, 7).unwrap();
    producer.queues_async("orders", LIMIT, 8).unwrap();
    assert_eq!(take(&runtime, 2), [7, 8]);
}

#[test]
fn ordered_sends_with_one_key_share_a_queue_in_their_order() {
    let (broker, _runtime, producer) = open();
    broker.command("fault all SEND_MESSAGE_V2 nth=2 error=2").unwrap();
    let by_key = Destination::selected(Selector::HASH_OF_SHARDING_KEY).unwrap();
    for number in 0..4 {
        let mut message = order(number.to_string().as_bytes());
        message.set_keys(Some(&number.to_string())).unwrap();
        message.set_text(MessageField::SHARDING_KEY, Some("one")).unwrap();
        producer.send_with(&message, Some(&by_key), SendFlag::ORDERED, LIMIT).unwrap();
    }
    let messages = await_messages(&broker, 4);
    let keys: Vec<&str> = messages.lines().filter_map(|line| line.split(' ').nth(4)).collect();
    assert_eq!(keys, ["0", "1", "2", "3"]);
    let illegal = producer.send_with(&order(b"x"), Some(&by_key), SendFlag::NONE, LIMIT);
    assert_eq!(code_of(illegal), Code::MESSAGE_ILLEGAL);
}
