//! Messages: their fields, batches of them, and those that are made of received, kept or stored ones.

mod support;

use rocketmq_c::{
    Answer, Batch, Code, Config, Filter, Message, MessageField, MessageList, Producer, PushConsumer, Runtime,
};
use support::{Broker, LIMIT};

fn open(broker: &Broker) -> (Runtime, Producer, PushConsumer) {
    let options = [
        ("namesrv_addr", broker.address.as_str()),
        ("producer_group", "rust"),
        ("consumer_group", "rust_readers"),
        ("consume_from_where", "first"),
        ("consume_message_batch_max_size", "32"),
    ];
    let runtime = Runtime::new(Some(&Config::with(&options).unwrap())).unwrap();
    let producer = Producer::new(&runtime, None).unwrap();
    let consumer = PushConsumer::new(&runtime, None, 1).unwrap();
    consumer.subscribe("bench_stub", Filter::Tag("*")).unwrap();
    (runtime, producer, consumer)
}

fn poll(runtime: &Runtime, batch: &mut Batch) {
    assert_ne!(runtime.poll_batch(batch, LIMIT).unwrap(), 0, "no event in 20 s");
}

#[test]
fn a_message_shows_what_was_set() {
    let mut message = Message::with("orders", b"body", Some("new"), Some("k1 k2")).unwrap();
    message
        .set_text(MessageField::SHARDING_KEY, Some("customer 7"))
        .unwrap()
        .set_number(MessageField::FLAG, -5)
        .unwrap()
        .set_number(MessageField::DELAY_LEVEL, 3)
        .unwrap()
        .set_number(MessageField::WAIT_STORE, 0)
        .unwrap()
        .set_property("colour", Some("red"))
        .unwrap()
        .set_property("shape", Some("round"))
        .unwrap()
        .set_property("shape", None)
        .unwrap();
    let view = message.view();
    assert_eq!(
        (view.topic().as_deref(), view.body().unwrap()),
        (Some("orders"), &b"body"[..])
    );
    assert_eq!(
        (view.tags().as_deref(), view.keys().as_deref()),
        (Some("new"), Some("k1 k2"))
    );
    assert_eq!((view.flag(), view.store_size()), (-5, 0));
    assert_eq!(
        (view.property("colour").as_deref(), view.property("DELAY").as_deref()),
        (Some("red"), Some("3"))
    );
    assert_eq!(view.property("shape"), None);
    assert_eq!(view.property_count() as usize, view.properties().count());
    let refused = message.set_number(MessageField::DELAY_LEVEL, 256);
    assert_eq!(refused.err().unwrap().code(), Code::ARGUMENT);
}

#[test]
fn a_batch_shows_its_messages() {
    let broker = Broker::start(&[]);
    let (runtime, producer, consumer) = open(&broker);
    let mut message = Message::with("bench_stub", b"a\0b", Some("t"), None).unwrap();
    message.set_property("colour", Some("red")).unwrap();
    producer.send(&message, None, None).unwrap();
    consumer.start().unwrap();
    let mut batch = Batch::with_messages(4, 16);
    poll(&runtime, &mut batch);
    let event = batch.iter().next().unwrap();
    let shown = batch.messages_of(event);
    assert_eq!((event.message_count(), shown.len(), batch.messages().len()), (1, 1, 1));
    assert_eq!(
        (event.queue_offset(), event.queue_id()),
        (shown[0].queue_offset(), shown[0].queue_id())
    );
    assert_eq!(
        (shown[0].body().unwrap(), shown[0].property("colour").as_deref()),
        (&b"a\0b"[..], Some("red"))
    );
    assert!(shown[0].broker_name().is_some());
    let raw = shown[0].raw_properties().unwrap();
    assert!(raw.windows(11).any(|part| part == b"colour\x01red\x02"));
    assert!(shown[0].store_size() > 0 && shown[0].body_crc() != 0 && shown[0].store_host().is_some());
    let mut asked = 0;
    batch
        .answer_each(|event, messages| {
            asked += messages.len();
            assert_eq!(event.message_count(), messages.len());
            Some(Answer::Return) // not looked at: it comes again, uncounted
        })
        .unwrap();
    assert_eq!(asked, 1);
    assert_eq!(
        batch.answer(Answer::Success).unwrap_err().code(),
        Code::ALREADY_ANSWERED
    );
    poll(&runtime, &mut batch);
    assert_eq!(batch.messages()[0].reconsume_times(), 0);
    let delivery = batch.drain().next().unwrap().into_delivery().ok().expect("a delivery");
    assert!(batch.messages().is_empty(), "they went with their events");
    assert_eq!((&*delivery.group(), delivery.messages().len()), ("rust_readers", 1));
    assert_eq!(
        delivery.first_queue_offset(),
        delivery.messages().next().unwrap().queue_offset()
    );
    delivery.answer(Answer::Success, 0).unwrap();
    consumer.close(None).unwrap();
    runtime.close(None).unwrap();
}

#[test]
fn what_does_not_fit_into_a_batch_is_in_the_delivery() {
    let broker = Broker::start(&[]);
    let (runtime, producer, consumer) = open(&broker);
    for _ in 0..40 {
        let message = Message::with("bench_stub", b"x", None, None).unwrap();
        producer.send(&message, None, None).unwrap();
    }
    consumer.start().unwrap();
    let (mut batch, mut seen) = (Batch::with_messages(1, 3), 0);
    while seen < 40 {
        poll(&runtime, &mut batch);
        let count = batch.iter().next().unwrap().message_count();
        assert_eq!(batch.messages().len(), count.min(3));
        let delivery = batch.drain().next().unwrap().into_delivery().ok().expect("a delivery");
        assert_eq!(delivery.messages().len(), count);
        delivery.answer(Answer::Success, 0).unwrap();
        seen += count;
    }
    consumer.close(None).unwrap();
    runtime.close(None).unwrap();
}

#[test]
fn a_received_message_is_kept_and_sent_on() {
    let broker = Broker::start(&[]);
    let (runtime, producer, consumer) = open(&broker);
    let mut message = Message::with("bench_stub", b"first", Some("t"), None).unwrap();
    message.set_property("colour", Some("red")).unwrap();
    producer.send(&message, None, None).unwrap();
    consumer.start().unwrap();
    let mut batch = Batch::with_messages(1, 1);
    poll(&runtime, &mut batch);
    let kept = batch.messages()[0].retain().unwrap();
    let elsewhere = Message::from_received(&batch.messages()[0], Some("elsewhere")).unwrap();
    batch.answer(Answer::Success).unwrap();
    batch.clear();
    assert_eq!(elsewhere.view().topic().as_deref(), Some("elsewhere"));
    assert_eq!(kept.view().body().unwrap(), b"first");
    let mut again = Message::from_received(&kept.view(), None).unwrap();
    drop(kept);
    again.set_body_static(b"second").unwrap();
    producer.send(&again, None, None).unwrap();
    poll(&runtime, &mut batch);
    let received = batch.messages()[0];
    assert_eq!(
        (received.body().unwrap(), received.property("colour").as_deref()),
        (&b"second"[..], Some("red"))
    );
    batch.answer(Answer::Success).unwrap();
    consumer.close(None).unwrap();
    runtime.close(None).unwrap();
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 }
        })
    })
}

// One message as a broker stores it, magic V1.
fn stored(body: &[u8], properties: &[u8]) -> Vec<u8> {
    let mut bytes = 0xdaa3_20a7u32.to_be_bytes().to_vec();
    bytes.extend((crc32(body) & 0x7fff_ffff).to_be_bytes());
    for number in [2i32, 9] {
        bytes.extend(number.to_be_bytes()); // queue, flag
    }
    for number in [5i64, 4096] {
        bytes.extend(number.to_be_bytes()); // offsets
    }
    bytes.extend(0i32.to_be_bytes());
    for port in [1234i32, 10911] {
        bytes.extend(1_700_000_000_000i64.to_be_bytes());
        bytes.extend([127, 0, 0, 1]);
        bytes.extend(port.to_be_bytes());
    }
    bytes.extend(1i32.to_be_bytes()); // earlier deliveries
    bytes.extend(0i64.to_be_bytes());
    bytes.extend((body.len() as i32).to_be_bytes());
    bytes.extend(body);
    bytes.extend(b"\x06orders");
    bytes.extend((properties.len() as i16).to_be_bytes());
    bytes.extend(properties);
    let mut all = (bytes.len() as u32 + 4).to_be_bytes().to_vec();
    all.extend(bytes);
    all
}

#[test]
fn stored_messages_are_decoded() {
    let bytes = [stored(b"one", b"TAGS\x01new\x02"), stored(b"two", b"colour\x01red\x02")].concat();
    let list = MessageList::decode(&bytes).unwrap();
    let messages = list.messages();
    assert_eq!((list.len(), messages.len()), (2, 2));
    assert_eq!(
        (messages[0].body().unwrap(), messages[0].tags().as_deref()),
        (&b"one"[..], Some("new"))
    );
    assert_eq!(
        (messages[0].queue_id(), messages[0].flag(), messages[0].queue_offset()),
        (2, 9, 5)
    );
    assert_eq!(
        (messages[0].commit_log_offset(), messages[0].reconsume_times()),
        (4096, 1)
    );
    assert_eq!(messages[0].born_host().as_deref(), Some("127.0.0.1:1234"));
    let kept = messages[1].retain().unwrap();
    drop(list);
    assert_eq!(kept.view().property("colour").as_deref(), Some("red"));
    assert_eq!(MessageList::decode(&bytes[..50]).err().unwrap().code(), Code::BAD_BODY);
    assert!(MessageList::decode(b"").unwrap().is_empty());
}
