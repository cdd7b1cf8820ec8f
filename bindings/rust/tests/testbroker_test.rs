//! The embedded broker in the process of a test, as a user's test would have it.

use rocketmq_c::testbroker::Broker;
use rocketmq_c::{Answer, Batch, Code, Config, Delivery, Filter, Message, Outcome, Producer, PushConsumer, Runtime};
use std::time::Duration;

fn open(broker: &Broker) -> (Runtime, Producer) {
    let runtime = Runtime::new(Some(&Config::with(&[("namesrv_addr", broker.namesrv_addr())]).unwrap())).unwrap();
    let options = [("producer_group", "shop"), ("retry_times_when_send_failed", "0")];
    let producer = Producer::new(&runtime, Some(&Config::with(&options).unwrap())).unwrap();
    (runtime, producer)
}

fn order(body: &[u8]) -> Message {
    let mut message = Message::new("orders").unwrap();
    message.set_body(body).unwrap();
    message
}

#[test]
fn a_message_goes_through_a_broker_of_this_process() {
    let broker = Broker::start("").unwrap();
    broker.command("topic put orders 2").unwrap();
    let (runtime, producer) = open(&broker);
    let mut message = order(b"one");
    message.set_tags(Some("new")).unwrap().set_keys(Some("k1")).unwrap();
    let queue = producer.send(&message, None, None).unwrap().queue_id();
    let messages = broker.command("messages orders").unwrap();
    assert_eq!(messages.trim_end(), format!("broker-a {queue} 0 new k1 3"));

    let options = [("consumer_group", "billing"), ("consume_from_where", "first")];
    let consumer = PushConsumer::new(&runtime, Some(&Config::with(&options).unwrap()), 1).unwrap();
    consumer.subscribe("orders", Filter::Tag("*")).unwrap();
    consumer.start().unwrap();
    let mut batch = Batch::new(1);
    runtime.poll_batch(&mut batch, Some(Duration::from_secs(60))).unwrap();
    let event = batch.drain().next().expect("an event within 60 s");
    let delivery = event.into_delivery().ok().expect("a delivery");
    assert_eq!(delivery.messages().next().unwrap().body().unwrap(), b"one");
    delivery.answer(Answer::Success, Delivery::BY_COUNT).unwrap();
    consumer.close(None).unwrap();
    let offsets = broker.command("offsets billing").unwrap();
    assert!(offsets.contains(&format!("broker-a orders {queue} 1")), "{offsets}");
    runtime.close(None).unwrap();
}

#[test]
fn a_fault_is_what_the_client_sees() {
    let broker = Broker::start("topic=orders:2").unwrap();
    let (runtime, producer) = open(&broker);
    broker.command("fault all SEND_MESSAGE_V2 nth=1 error=2").unwrap();
    let error = producer.send(&order(b"one"), None, None).err().expect("an error");
    assert_eq!(
        (error.code(), error.outcome()),
        (Code::BROKER_BUSY, Outcome::NOT_APPLIED)
    );
    assert_eq!(broker.command("messages orders").unwrap(), "");
    producer.send(&order(b"two"), None, None).unwrap();
    runtime.close(None).unwrap();
}

#[test]
fn what_is_not_understood_is_named() {
    let error = Broker::start("no_such_option=1").err().expect("an error");
    assert!(error.to_string().contains("no_such_option"), "{error}");
    let broker = Broker::start("").unwrap();
    let error = broker.command("no_such_command").unwrap_err();
    assert!(error.to_string().contains("no_such_command"), "{error}");
    assert!(broker.command("sta\0ts").is_err());
}
