//! Sends one message: hello [host:port of a NameServer].
use rocketmq_c::{Config, Message, Producer, Runtime};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let servers = std::env::args().nth(1).unwrap_or("127.0.0.1:9876".into());
    let runtime = Runtime::new(Some(&Config::with(&[("namesrv_addr", servers.as_str())])?))?;
    let producer = Producer::new(&runtime, Some(&Config::with(&[("producer_group", "hello")])?))?;
    let mut message = Message::new("orders")?;
    message.set_body(b"hello")?;
    producer.send(&message, None, None)?;
    println!("stored");
    Ok(())
}
