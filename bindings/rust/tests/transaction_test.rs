//! Transactions: half messages, and checks of a broker.

use rocketmq_c::testbroker::Broker;
use rocketmq_c::{codes::Answer, Batch, Config, EventType, Message, Producer, Runtime, SendFlag};
use std::time::{Duration, Instant};

const LIMIT: Option<Duration> = Some(Duration::from_secs(60));

#[test]
fn a_transaction_ends_as_the_local_one_did() {
    let broker = Broker::start("topic=orders:1 transaction_timeout=1ms transaction_interval=50ms").unwrap();
    let runtime = Runtime::new(Some(&Config::with(&[("namesrv_addr", broker.namesrv_addr())]).unwrap())).unwrap();
    let producer = Producer::new(&runtime, Some(&Config::with(&[("producer_group", "shop")]).unwrap())).unwrap();
    let message = Message::with("orders", b"one", None, None).unwrap();
    for answer in [Answer::COMMIT, Answer::ROLLBACK, Answer::UNKNOWN] {
        let event = producer.send_with(&message, None, SendFlag::TRANSACTION, LIMIT).unwrap();
        assert!(event.wants_answer());
        event.end_transaction(answer).unwrap();
        assert!(event.end_transaction(answer).is_err());
    }
    let mut batch = Batch::new(1);
    assert_eq!(runtime.poll_batch(&mut batch, LIMIT).unwrap(), 1);
    let check = batch.iter().next().unwrap();
    assert_eq!(check.event_type(), EventType::TRANSACTION_CHECK);
    check.end_transaction(Answer::COMMIT).unwrap();
    let start = Instant::now();
    while broker.command("messages orders").unwrap().lines().count() != 2 {
        assert!(start.elapsed() < Duration::from_secs(60));
        std::thread::yield_now();
    }
}
