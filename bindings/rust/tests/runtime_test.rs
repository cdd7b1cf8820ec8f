//! A runtime: what it shows, tells and asks, and how it is driven.

mod support;

use rocketmq_c::{Batch, Code, Config, EventQueue, EventType, LogLevel, Producer, Runtime};
use std::os::raw::{c_int, c_short};
use std::thread;
use support::{message, Broker, LIMIT};

fn config(options: &[(&str, &str)]) -> Config {
    Config::with(options).unwrap()
}

fn send_one(runtime: &Runtime) {
    let producer = Producer::new(runtime, Some(&config(&[("producer_group", "rust")]))).unwrap();
    producer.send(&message(b"x"), None, None).unwrap();
}

#[test]
fn a_runtime_shows_itself() {
    let runtime = Runtime::unstarted(None, 0).unwrap();
    assert!(!runtime.view().is_running);
    runtime.start().unwrap();
    let view = runtime.view();
    assert!(view.is_running && !view.is_driven && view.threads >= 1 && !view.client_id.is_empty());
    assert_eq!(runtime.start().unwrap_err().code(), Code::ALREADY_STARTED);
    assert_eq!(
        (runtime.fd(), runtime.step().unwrap_err().code()),
        (-1, Code::WRONG_MODE)
    );
    runtime.close(None).unwrap();
    assert!(!runtime.view().is_running);
}

#[test]
fn a_runtime_logs() {
    const TOKEN: u64 = 5;
    let broker = Broker::start(&[]);
    let runtime = Runtime::unstarted(Some(&config(&[("namesrv_addr", &broker.address)])), TOKEN).unwrap();
    let queue = EventQueue::new(&runtime).unwrap();
    runtime.set_event_queue(EventType::LOG, Some(&queue)).unwrap();
    runtime.start().unwrap();
    runtime.update(&config(&[("log_level", "debug")])).unwrap();
    let refused = runtime.update(&config(&[("run_mode", "driven")]));
    assert_eq!(refused.unwrap_err().code(), Code::OPTION_VALUE);
    send_one(&runtime);
    let mut batch = Batch::new(1);
    assert_eq!(queue.poll_batch(&mut batch, LIMIT).unwrap(), 1);
    let event = batch.iter().next().unwrap();
    assert_eq!((event.event_type(), event.token()), (EventType::LOG, TOKEN));
    let log = event.log().unwrap();
    assert_ne!(log.level(), LogLevel::OFF);
    assert!(log.line().unwrap().starts_with("event=") && log.operation().is_some() && log.timestamp_ms() > 0);
    assert_eq!(log.client_id().unwrap(), runtime.view().client_id);
    assert!(event.question().is_none() && event.send_result().is_none());
    assert_eq!(queue.dropped(), 0);
    runtime.close(None).unwrap();
}

#[test]
fn a_runtime_asks_for_addresses() {
    let broker = Broker::start(&[]);
    let (host, port) = broker.address.split_once(':').unwrap();
    let name_server = format!("names.test:{port}");
    let runtime = Runtime::unstarted(Some(&config(&[("namesrv_addr", &name_server)])), 0).unwrap();
    let queue = EventQueue::new(&runtime).unwrap();
    runtime.set_event_queue(EventType::RESOLVE, Some(&queue)).unwrap();
    runtime.start().unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut batch = Batch::new(1);
            while queue.poll_batch(&mut batch, None).is_ok() {
                let question = batch.iter().next().unwrap();
                assert_eq!(question.question().unwrap(), "names.test");
                assert!(question.wants_answer() && question.log().is_none());
                assert_eq!(
                    question.answer_question(Some("no address")).unwrap_err().code(),
                    Code::ARGUMENT
                );
                question.answer_question(Some(host)).unwrap();
                assert_eq!(
                    question.answer_question(None).unwrap_err().code(),
                    Code::ALREADY_ANSWERED
                );
            }
        });
        send_one(&runtime);
        runtime.close(None).unwrap(); // ends the polls
    });
}

fn await_readable(fd: c_int, milliseconds: c_int) {
    #[repr(C)]
    struct Watched {
        fd: c_int,
        events: c_short,
        seen: c_short,
    }
    extern "C" {
        fn poll(watched: *mut Watched, count: u64, milliseconds: c_int) -> c_int;
    }
    const READABLE: c_short = 1;
    let mut watched = Watched {
        fd,
        events: READABLE,
        seen: 0,
    };
    // SAFETY: one element, as C has it on 64-bit Linux.
    unsafe { poll(&mut watched, 1, milliseconds) };
}

#[test]
fn a_runtime_is_driven() {
    let broker = Broker::start(&[]);
    let options = config(&[("namesrv_addr", &broker.address), ("run_mode", "driven")]);
    let runtime = Runtime::new(Some(&options)).unwrap();
    assert!(runtime.view().is_driven && runtime.view().threads == 0);
    let options = config(&[("producer_group", "rust"), ("queue_full_policy", "error")]);
    let producer = Producer::new(&runtime, Some(&options)).unwrap();
    producer.send_async(&message(b"x"), None, None, 7).unwrap();
    let refused = producer.send(&message(b"x"), None, None);
    assert_eq!(refused.err().unwrap().code(), Code::WRONG_THREAD);
    let (mut batch, mut tokens) = (Batch::new(4), Vec::new());
    loop {
        match runtime.step() {
            Ok(()) => {}
            Err(error) => {
                assert_eq!(error.code(), Code::CLOSED);
                break;
            }
        }
        while runtime
            .poll_batch(&mut batch, Some(std::time::Duration::ZERO))
            .unwrap_or(0)
            > 0
        {
            for event in &batch {
                event.result().unwrap();
                tokens.push(event.token());
                if event.token() == 7 {
                    runtime.close_async(None, 8).unwrap();
                }
            }
        }
        let milliseconds = runtime
            .step_timeout()
            .map_or(-1, |timeout| timeout.as_millis() as c_int);
        await_readable(runtime.fd(), milliseconds);
    }
    assert_eq!(tokens, [7, 8]);
}
