//! Sends one message and prints where it went: send_one <host:port of a NameServer, or -> <topic> <text>
//!
//! "-" takes the NameServer from NAMESRV_ADDR.

use rocketmq_c::{Config, Message, Producer, Result, Runtime};
use std::env;
use std::process::exit;

fn send_one(name_servers: &str, topic: &str, text: &str) -> Result<()> {
    let runtime = Runtime::new(Some(&Config::with(&[("namesrv_addr", name_servers)])?))?;
    let producer = Producer::new(&runtime, Some(&Config::with(&[("producer_group", "send_one")])?))?;
    let mut message = Message::new(topic)?;
    message.set_body(text.as_bytes())?.set_tags(Some("sample"))?;
    let sent = producer.send(&message, None, None)?;
    println!(
        "{} is at offset {} of queue {} of {}",
        sent.message_id().unwrap_or_default(),
        sent.queue_offset(),
        sent.queue_id(),
        sent.broker_name().unwrap_or_default()
    );
    runtime.close(None)
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (name_servers, topic, text) = match arguments.as_slice() {
        [name_servers, topic, text] => (name_servers, topic, text),
        _ => {
            eprintln!("usage: send_one <host:port of a NameServer, or -> <topic> <text>");
            eprintln!("without RocketMQ, start a broker for trying: rmq-testbroker --port 9876");
            exit(2);
        }
    };
    let from_environment = env::var("NAMESRV_ADDR").unwrap_or_default();
    let name_servers = if name_servers == "-" {
        &from_environment
    } else {
        name_servers
    };
    if let Err(error) = send_one(name_servers, topic, text) {
        eprintln!("{error}");
        exit(1);
    }
}
