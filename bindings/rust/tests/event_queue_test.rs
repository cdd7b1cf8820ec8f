//! Event queues of one's own, polled or with functions that the library calls.

mod support;

use rocketmq_c::{
    Answer, Batch, Code, Config, Delivery, EventQueue, EventType, Filter, Producer, PushConsumer, Runtime,
};
use std::collections::HashSet;
use std::panic::resume_unwind;
use std::sync::mpsc;
use std::time::Duration;
use support::{message, Broker, LIMIT};

const MINUTE: Duration = Duration::from_secs(60);

fn open(broker: &Broker) -> (Runtime, EventQueue) {
    let runtime = Runtime::new(Some(&Config::with(&[("namesrv_addr", &broker.address)]).unwrap())).unwrap();
    let queue = EventQueue::new(&runtime).unwrap();
    (runtime, queue)
}

fn producer_on(runtime: &Runtime, queue: &EventQueue) -> Producer {
    let config = Config::with(&[("producer_group", "rust")]).unwrap();
    Producer::on_queue(runtime, Some(&config), queue, 1).unwrap()
}

fn consumer_on(runtime: &Runtime, queue: &EventQueue, group: &str, token: u64) -> PushConsumer {
    let config = Config::with(&[("consumer_group", group), ("consume_from_where", "first")]).unwrap();
    let consumer = PushConsumer::on_queue(runtime, Some(&config), queue, token).unwrap();
    consumer.subscribe("bench_stub", Filter::Tag("*")).unwrap();
    consumer.start().unwrap();
    consumer
}

#[test]
fn a_queue_serves_a_producer_and_consumers() {
    let broker = Broker::start(&[]);
    let (runtime, queue) = open(&broker);
    let producer = producer_on(&runtime, &queue);
    producer.send_async(&message(b"x"), None, None, 10).unwrap();
    let consumers = [
        consumer_on(&runtime, &queue, "one", 11),
        consumer_on(&runtime, &queue, "two", 12),
    ];
    let (mut batch, mut tokens) = (Batch::with_messages(8, 8), HashSet::new());
    while tokens.len() < 3 {
        assert_ne!(queue.poll_batch(&mut batch, LIMIT).unwrap(), 0, "no event in 20 s");
        for event in &batch {
            event.result().unwrap();
            assert_eq!(event.topic().as_deref(), Some("bench_stub"));
            tokens.insert(event.token());
        }
        batch.answer(Answer::Success).unwrap();
    }
    assert_eq!(tokens, HashSet::from([10, 11, 12]));
    assert!(runtime.queue().is_empty() && runtime.queue().dropped() == 0);
    for consumer in &consumers {
        consumer.close(None).unwrap();
    }
    runtime.close(None).unwrap();
}

#[test]
fn a_queue_is_interrupted_and_ends_with_its_runtime() {
    let broker = Broker::start(&[]);
    let (runtime, queue) = open(&broker);
    let mut batch = Batch::new(1);
    assert_eq!(
        (queue.poll_batch(&mut batch, Some(Duration::ZERO)).unwrap(), queue.len()),
        (0, 0)
    );
    assert!(queue.fd() >= 0);
    queue.interrupt();
    assert_eq!(
        queue.poll_batch(&mut batch, None).unwrap_err().code(),
        Code::INTERRUPTED
    );
    drop(runtime);
    assert_eq!(queue.poll_batch(&mut batch, None).unwrap_err().code(), Code::CLOSED);
}

#[test]
fn a_callback_takes_events_and_answers_them() {
    let broker = Broker::start(&[]);
    let (runtime, queue) = open(&broker);
    let producer = producer_on(&runtime, &queue);
    let (sender, receiver) = mpsc::channel();
    let sender = std::sync::Mutex::new(sender);
    queue
        .set_callback(2, move |event| {
            let told = match event.into_delivery() {
                Ok(delivery) => {
                    let body = delivery.messages().next().unwrap().body().unwrap().to_vec();
                    delivery.answer(Answer::Success, Delivery::BY_COUNT).unwrap();
                    (EventType::DELIVERY, body)
                }
                Err(event) => (event.event_type(), Vec::new()),
            };
            sender.lock().unwrap().send(told).unwrap();
        })
        .unwrap();
    assert_eq!(queue.set_callback(1, |_| ()).unwrap_err().code(), Code::ARGUMENT);
    assert_eq!(
        queue.poll_batch(&mut Batch::new(1), None).unwrap_err().code(),
        Code::WRONG_MODE
    );
    producer.send_async(&message(b"x"), None, None, 10).unwrap();
    let consumer = consumer_on(&runtime, &queue, "readers", 11);
    let told = [
        receiver.recv_timeout(MINUTE).unwrap(),
        receiver.recv_timeout(MINUTE).unwrap(),
    ];
    assert!(told.contains(&(EventType::SEND, Vec::new())) && told.contains(&(EventType::DELIVERY, b"x".to_vec())));
    consumer.close(None).unwrap();
    queue.clear_callback().unwrap();
    assert!(receiver.recv().is_err(), "the closure is gone, and its sender with it");
    producer.send_async(&message(b"x"), None, None, 12).unwrap();
    assert_eq!(
        queue.poll_batch(&mut Batch::new(1), LIMIT).unwrap(),
        1,
        "polls work again"
    );
    runtime.close(None).unwrap();
}

// A panic in a callback takes nothing with it, and a runtime that is dropped in one neither waits nor frees what still runs.
#[test]
fn a_callback_may_panic_and_may_drop_its_runtime() {
    let broker = Broker::start(&[]);
    let (runtime, queue) = open(&broker);
    let producer = producer_on(&runtime, &queue);
    let (sender, receiver) = mpsc::channel();
    let held = std::sync::Mutex::new((Some((runtime, sender)), 0));
    queue
        .set_callback(1, move |event| {
            if event.token() == 0 {
                resume_unwind(Box::new("on purpose")); // without a line on the screen
            }
            let (runtime, sender) = held.lock().unwrap().0.take().unwrap();
            drop(runtime);
            sender.send(event.token()).unwrap();
        })
        .unwrap();
    producer.send_async(&message(b"x"), None, None, 0).unwrap();
    producer.flush(None).unwrap();
    producer.send_async(&message(b"x"), None, None, 9).unwrap();
    assert_eq!(receiver.recv_timeout(MINUTE).unwrap(), 9);
    drop(queue);
}

#[test]
fn a_wakeup_tells_of_events() {
    let broker = Broker::start(&[]);
    let (runtime, queue) = open(&broker);
    let producer = producer_on(&runtime, &queue);
    let (sender, receiver) = mpsc::channel();
    let sender = std::sync::Mutex::new(sender);
    queue
        .set_wakeup(move || {
            let _ = sender.lock().unwrap().send(());
        })
        .unwrap();
    assert_eq!(queue.fd(), -1);
    producer.send_async(&message(b"x"), None, None, 10).unwrap();
    let mut batch = Batch::new(1);
    while queue.poll_batch(&mut batch, Some(Duration::ZERO)).unwrap() == 0 {
        receiver.recv_timeout(MINUTE).unwrap();
    }
    queue.clear_wakeup().unwrap();
    while receiver.try_recv().is_ok() {}
    assert_eq!(
        receiver.try_recv(),
        Err(mpsc::TryRecvError::Disconnected),
        "the closure is gone"
    );
    runtime.close(None).unwrap();
}
