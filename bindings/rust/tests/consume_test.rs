//! A push consumer in Rust against an embedded NameServer and broker.

mod support;

use rocketmq_c::{Answer, Batch, Code, Config, Delivery, EventType, Filter, Producer, PushConsumer, Runtime};
use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;
use support::{message, sample, Broker, Stopwatch, LIMIT};

const COUNT: usize = 2000;
const TOKEN: u64 = 7;

fn open(broker: &Broker) -> Runtime {
    Runtime::new(Some(&Config::with(&[("namesrv_addr", &broker.address)]).unwrap())).unwrap()
}

fn send(runtime: &Runtime, count: usize, body: &[u8]) {
    let producer = Producer::new(runtime, Some(&Config::with(&[("producer_group", "rust")]).unwrap())).unwrap();
    let mut message = message(body);
    message
        .set_tags(Some("a"))
        .unwrap()
        .set_keys(Some("k"))
        .unwrap()
        .set_property("colour", Some("red"))
        .unwrap();
    for _ in 0..count {
        producer.send(&message, None, None).unwrap();
    }
}

fn start(runtime: &Runtime) -> PushConsumer {
    let options = [
        ("consumer_group", "rust_readers"),
        ("consume_from_where", "first"),
        ("consume_message_batch_max_size", "32"),
    ];
    let consumer = PushConsumer::new(runtime, Some(&Config::with(&options).unwrap()), TOKEN).unwrap();
    consumer.subscribe("bench_stub", Filter::Tag("*")).unwrap();
    consumer.start().unwrap();
    consumer
}

fn receive(runtime: &Runtime) -> Delivery {
    let mut batch = Batch::new(1);
    assert_eq!(
        runtime.poll_batch(&mut batch, LIMIT).unwrap(),
        1,
        "no event came in 20 s"
    );
    let event = batch.drain().next().unwrap();
    event.into_delivery().ok().expect("a delivery")
}

#[test]
fn each_message_is_delivered_once() {
    let broker = Broker::start(&[]);
    let runtime = open(&broker);
    send(&runtime, COUNT, b"x");
    let consumer = start(&runtime);
    let (mut places, mut batch, watch) = (HashSet::new(), Batch::new(64), Stopwatch::start());
    while places.len() < COUNT {
        assert_ne!(
            runtime.poll_batch(&mut batch, LIMIT).unwrap(),
            0,
            "no event came in 20 s"
        );
        for event in batch.drain() {
            let delivery = event.into_delivery().ok().expect("a delivery");
            assert_eq!(delivery.token(), TOKEN);
            for message in delivery.messages() {
                assert!(
                    places.insert((message.queue_id(), message.queue_offset())),
                    "a message came twice"
                );
                assert_eq!(message.body().unwrap(), b"x");
            }
            delivery.answer(Answer::Success, Delivery::BY_COUNT).unwrap();
        }
    }
    watch.show("received", COUNT);
    consumer.close(None).unwrap();

    send(&runtime, 1, b"after all others");
    let consumer = start(&runtime);
    let delivery = receive(&runtime);
    let bodies: Vec<_> = delivery.messages().map(|message| message.body().unwrap()).collect();
    assert_eq!(bodies, [b"after all others"]);
    delivery.answer(Answer::Success, Delivery::BY_COUNT).unwrap();
    consumer.close(None).unwrap();
    runtime.close(None).unwrap();
}

#[test]
fn a_delivery_shows_all_of_its_messages() {
    let broker = Broker::start(&[]);
    let runtime = open(&broker);
    send(&runtime, 1, b"a\0b");
    let consumer = start(&runtime);
    let delivery = receive(&runtime);
    let message = delivery.messages().next().unwrap();
    assert_eq!(
        (&*delivery.topic(), delivery.queue_id()),
        ("bench_stub", message.queue_id())
    );
    assert_eq!(
        (message.topic().as_deref(), message.body().unwrap()),
        (Some("bench_stub"), &b"a\0b"[..])
    );
    assert_eq!(
        (message.tags().as_deref(), message.keys().as_deref()),
        (Some("a"), Some("k"))
    );
    assert_eq!(
        (message.property("colour").as_deref(), message.property("shape")),
        (Some("red"), None)
    );
    assert!(message
        .properties()
        .any(|property| property == ("colour".into(), "red".into())));
    assert_eq!(message.reconsume_times(), 0);
    assert!(message.message_id().is_some() && message.born_host().is_some() && message.store_timestamp_ms() > 0);
    delivery.answer_each(&[true], Delivery::BY_COUNT).unwrap();
    consumer.close(None).unwrap();
    runtime.close(None).unwrap();
}

// Clients of old wrote what their platform spoke: GBK here, and a text that only looks like it when it is mended.
#[test]
fn texts_of_other_clients_come_whole_and_byte_for_byte() {
    const GBK: &[u8] = b"\xb6\xa9\xb5\xa5-after";
    let broker = Broker::start(&[]);
    let properties = [b"TAGS\x01", GBK, b"\x02KEYS\x01k \xb6\x02", GBK, b"\x01\xb6\x02"].concat();
    broker.store_raw(b"body \xb6", &properties);
    let runtime = open(&broker);
    let consumer = start(&runtime);
    let delivery = receive(&runtime);
    let message = delivery.messages().next().unwrap();
    assert_eq!(message.tags_bytes(), Some(GBK));
    assert_eq!(
        message.tags().as_deref(),
        Some("\u{fffd}\u{fffd}\u{fffd}\u{fffd}-after"),
        "nothing is cut"
    );
    assert_eq!(message.keys_bytes(), Some(&b"k \xb6"[..]));
    assert_eq!(message.property_bytes(GBK), Some(&b"\xb6"[..]));
    assert!(message
        .properties_bytes()
        .any(|property| property == (GBK, &b"\xb6"[..])));
    assert_eq!(message.properties().count(), message.properties_bytes().count());
    assert_eq!(message.body().unwrap(), b"body \xb6");
    delivery.answer(Answer::Success, Delivery::BY_COUNT).unwrap();
    consumer.close(None).unwrap();
    runtime.close(None).unwrap();
}

// Whoever gives up a delivery without a look has not failed with its messages, and makes no dead letters of them.
#[test]
fn a_delivery_that_nobody_looked_at_comes_again_uncounted() {
    let broker = Broker::start(&[]);
    let runtime = open(&broker);
    send(&runtime, 1, b"unseen");
    let consumer = start(&runtime);
    let delivery = receive(&runtime);
    assert_eq!(
        (&*delivery.topic(), delivery.messages().len()),
        ("bench_stub", 1),
        "no look at a message"
    );
    drop(delivery);
    let delivery = receive(&runtime);
    let message = delivery.messages().next().unwrap();
    assert_eq!(
        (message.reconsume_times(), message.body().unwrap()),
        (0, &b"unseen"[..])
    );
    delivery.answer(Answer::Success, Delivery::BY_COUNT).unwrap();
    consumer.close(None).unwrap();
    runtime.close(None).unwrap();
}

#[test]
fn a_delivery_outlives_its_consumer_and_runtime() {
    let broker = Broker::start(&[]);
    let runtime = open(&broker);
    send(&runtime, 1, b"kept");
    let consumer = start(&runtime);
    let delivery = receive(&runtime);
    assert_eq!(
        consumer.close(Some(Duration::from_millis(1))).unwrap_err().code(),
        Code::CLOSE_TIMEOUT
    );
    drop((runtime, consumer));
    assert_eq!(delivery.messages().next().unwrap().body().unwrap(), b"kept");
    assert_eq!(
        delivery.answer(Answer::Success, Delivery::BY_COUNT).unwrap_err().code(),
        Code::STALE
    );
}

#[test]
fn a_consumer_says_what_keeps_it_from_working() {
    let broker = Broker::start(&[]);
    let runtime = open(&broker);
    let config = Config::with(&[("consumer_group", "rust_readers")]).unwrap();
    let consumer = PushConsumer::new(&runtime, Some(&config), TOKEN).unwrap();
    consumer.subscribe("misspelt", Filter::Tag("*")).unwrap();
    consumer.start().unwrap();
    let mut batch = Batch::new(1);
    assert_eq!(runtime.poll_batch(&mut batch, LIMIT).unwrap(), 1, "no event in 20 s");
    let event = batch.drain().next().unwrap();
    assert_eq!((event.event_type(), event.token()), (EventType::ERROR, TOKEN));
    let error = event.result().unwrap_err();
    assert_eq!((error.code(), error.topic().as_ref()), (Code::NO_ROUTE, "misspelt"));
    assert!(error.count() >= 1);
}

#[test]
fn the_sample_consumes_until_its_count_or_ctrl_c() {
    let broker = Broker::start(&[]);
    let runtime = open(&broker);
    send(&runtime, 3, b"hello");
    let output = sample("consume_push")
        .args([&broker.address, "bench_stub", "readers", "3"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(
        text.matches(" hello\n").count(),
        3,
        "{}{}",
        text,
        String::from_utf8_lossy(&output.stderr)
    );

    send(&runtime, 1, b"again");
    let mut endless = sample("consume_push")
        .args([&broker.address, "bench_stub", "readers"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(endless.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert!(Command::new("kill")
        .args(["-INT", &endless.id().to_string()])
        .status()
        .unwrap()
        .success());
    assert!(endless.wait().unwrap().success());
    assert!(line.ends_with(" again\n"), "{}", line);
}
