//! A test of code that sends, with a broker in the test's own process.

use rocketmq_c::testbroker::Broker;
use rocketmq_c::{Config, Message, Outcome, Producer, Result, Runtime};

fn send(producer: &Producer, text: &str) -> Result<()> {
    let mut order = Message::new("orders")?;
    order.set_body(text.as_bytes())?;
    producer.send(&order, None, None)?;
    Ok(())
}

/// What is tested: a function of the application. Gives what the caller may tell its user.
fn place_order(producer: &Producer, text: &str) -> &'static str {
    match send(producer, text) {
        Ok(()) => "placed",
        Err(error) if error.outcome() == Outcome::NOT_APPLIED => "try again",
        Err(_) => "in doubt",
    }
}

fn open(broker: &Broker) -> Result<(Runtime, Producer)> {
    let runtime = Runtime::new(Some(&Config::with(&[(
        "namesrv_addr",
        broker.namesrv_addr(),
    )])?))?;
    let producer = Producer::new(
        &runtime,
        Some(&Config::with(&[("producer_group", "shop")])?),
    )?;
    Ok((runtime, producer))
}

#[test]
fn a_broker_that_is_busy_once_is_not_noticed() {
    let broker = Broker::start("topic=orders:1").unwrap();
    let (_runtime, producer) = open(&broker).unwrap();
    broker
        .command("fault all SEND_MESSAGE_V2 nth=1 error=2")
        .unwrap();
    assert_eq!(place_order(&producer, "one"), "placed");
    assert_eq!(
        broker.command("messages orders").unwrap(),
        "broker-a 0 0 - - 3\n"
    );
}

#[test]
fn a_broker_that_stores_and_says_nothing_leaves_doubt() {
    let broker = Broker::start("topic=orders:1").unwrap();
    let (_runtime, producer) = open(&broker).unwrap();
    broker
        .command("fault all SEND_MESSAGE_V2 first=9 cut")
        .unwrap();
    assert_eq!(place_order(&producer, "two"), "in doubt");
}
