//! Prints the messages of a topic: consume_push <host:port of a NameServer, or -> <topic> <group> [count]
//!
//! "-" takes the NameServer from NAMESRV_ADDR. Ends after `count` messages, or with Ctrl-C.

use rocketmq_c::{Answer, Batch, Config, Delivery, Filter, PushConsumer, Result, Runtime};
use std::env;
use std::os::raw::c_int;
use std::process::exit;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

extern "C" {
    fn signal(number: c_int, handler: extern "C" fn(c_int)) -> usize;
}

extern "C" fn on_interrupt(_number: c_int) {
    INTERRUPTED.store(true, Ordering::Relaxed);
}

fn print(delivery: &Delivery) -> Result<usize> {
    for message in delivery.messages() {
        println!(
            "consumed {} {}",
            message.message_id().unwrap_or_default(),
            String::from_utf8_lossy(message.body()?)
        );
    }
    Ok(delivery.messages().len())
}

fn consume(name_servers: &str, topic: &str, group: &str, count: usize) -> Result<()> {
    let runtime = Runtime::new(Some(&Config::with(&[("namesrv_addr", name_servers)])?))?;
    let options = Config::with(&[("consumer_group", group), ("consume_from_where", "first")])?;
    let consumer = PushConsumer::new(&runtime, Some(&options), 1)?;
    consumer.subscribe(topic, Filter::Tag("*"))?;
    consumer.start()?;
    let mut batch = Batch::new(16);
    let mut seen = 0;
    while seen < count && !INTERRUPTED.load(Ordering::Relaxed) {
        runtime.poll_batch(&mut batch, Some(Duration::from_millis(200)))?;
        for delivery in batch.drain().filter_map(|event| event.into_delivery().ok()) {
            seen += print(&delivery)?;
            if let Err(error) = delivery.answer(Answer::Success, Delivery::BY_COUNT) {
                eprintln!("{error}"); // STALE: another member has the queue now, and gets them too
            }
        }
    }
    consumer.close(None)?;
    runtime.close(None)
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (name_servers, topic, group, count) = match arguments.as_slice() {
        [name_servers, topic, group] => (name_servers, topic, group, Ok(usize::MAX)),
        [name_servers, topic, group, count] => (name_servers, topic, group, count.parse()),
        _ => {
            eprintln!("usage: consume_push <host:port of a NameServer, or -> <topic> <group> [count]");
            eprintln!("without RocketMQ, start a broker for trying: rmq-testbroker --port 9876");
            exit(2);
        }
    };
    const SIGINT: c_int = 2;
    // SAFETY: the handler only stores to an atomic.
    unsafe { signal(SIGINT, on_interrupt) };
    let from_environment = env::var("NAMESRV_ADDR").unwrap_or_default();
    let name_servers = if name_servers == "-" {
        &from_environment
    } else {
        name_servers
    };
    let count = count.expect("a number of messages");
    if let Err(error) = consume(name_servers, topic, group, count) {
        eprintln!("{error}");
        exit(1);
    }
}
