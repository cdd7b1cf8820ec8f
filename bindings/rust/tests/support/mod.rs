//! What the tests share: a broker of their own, a runtime with a producer, and clocks.

#![allow(dead_code)] // no test uses all of it

use rocketmq_c::{Config, Destination, Message, Producer, Runtime};
use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub const NEVER_ANSWERS: &str = "SEND_MESSAGE_V2 first=1000000 no_answer";
pub const LIMIT: Option<Duration> = Some(Duration::from_secs(20));

pub fn message_count() -> usize {
    env::var("RMQ_TEST_COUNT")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(100_000)
}

/// A broker with the topic bench_stub. It ends with the value.
pub struct Broker {
    process: Child,
    pub address: String,
}

impl Broker {
    pub fn start(faults: &[&str]) -> Broker {
        let program = env::var("RMQ_TESTBROKER").expect("RMQ_TESTBROKER names the rmq-testbroker program");
        let mut command = Command::new(program);
        command.args(["--port", "0", "--topic", "bench_stub:4", "--until-stdin-closes"]);
        for fault in faults {
            command.args(["--fault", fault]);
        }
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a broker");
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .expect("the broker's first line");
        let address = line
            .trim()
            .strip_prefix("LISTENING ")
            .expect("the word LISTENING")
            .to_string();
        Broker { process, address }
    }

    pub fn queue(&self) -> Destination {
        Destination::new(Some(&self.address), None, 0).unwrap()
    }

    /// Stores a message in queue 0 of bench_stub by a frame of SEND_MESSAGE in the compact encoding: texts may be any bytes.
    pub fn store_raw(&self, body: &[u8], properties: &[u8]) {
        let fields: [(&str, &[u8]); 9] = [
            ("producerGroup", b"raw"),
            ("topic", b"bench_stub"),
            ("defaultTopic", b"TBW102"),
            ("defaultTopicQueueNums", b"4"),
            ("queueId", b"0"),
            ("sysFlag", b"0"),
            ("bornTimestamp", b"1700000000000"),
            ("flag", b"0"),
            ("properties", properties),
        ];
        let mut extended = Vec::new();
        for (name, value) in fields {
            extended.extend((name.len() as u16).to_be_bytes());
            extended.extend(name.as_bytes());
            extended.extend((value.len() as u32).to_be_bytes());
            extended.extend(value);
        }
        let mut header = vec![0, 10, 1, 0x01, 0xed]; // code, language, version
        header.extend([0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]); // opaque, flag, no remark
        header.extend((extended.len() as u32).to_be_bytes());
        header.extend(extended);
        let mut frame = ((4 + header.len() + body.len()) as u32).to_be_bytes().to_vec();
        frame.extend((header.len() as u32 | 1 << 24).to_be_bytes());
        frame.extend(header);
        frame.extend(body);
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(&frame).unwrap();
        stream.read_exact(&mut [0; 8]).expect("an answer");
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

pub fn open(options: &[(&str, &str)]) -> (Runtime, Producer) {
    let runtime = Runtime::new(None).unwrap();
    let mut config = Config::with(&[("producer_group", "rust"), ("queue_full_policy", "error")]).unwrap();
    for (name, value) in options {
        config.set(name, value).unwrap();
    }
    let producer = Producer::new(&runtime, Some(&config)).unwrap();
    (runtime, producer)
}

pub fn message(body: &[u8]) -> Message {
    let mut message = Message::new("bench_stub").unwrap();
    if !body.is_empty() {
        message.set_body(body).unwrap();
    }
    message
}

/// A program of samples/, which cargo builds beside the tests.
pub fn sample(name: &str) -> Command {
    let test = env::current_exe().unwrap();
    Command::new(test.parent().unwrap().parent().unwrap().join("examples").join(name))
}

/// Prints what a message costs.
pub struct Stopwatch {
    wall: Instant,
    cpu: Duration,
}

impl Stopwatch {
    pub fn start() -> Stopwatch {
        Stopwatch {
            wall: Instant::now(),
            cpu: cpu_time(),
        }
    }

    pub fn show(&self, name: &str, count: usize) {
        let (wall, cpu) = (self.wall.elapsed().as_secs_f64(), (cpu_time() - self.cpu).as_secs_f64());
        println!(
            "     {}: {:.0} messages/s, {:.2} us CPU per message",
            name,
            count as f64 / wall,
            cpu * 1e6 / count as f64
        );
    }
}

fn cpu_time() -> Duration {
    #[repr(C)]
    struct Time {
        seconds: i64,
        nanoseconds: i64,
    }
    extern "C" {
        fn clock_gettime(clock: i32, time: *mut Time) -> i32;
    }
    const PROCESS: i32 = 2;
    let mut time = Time {
        seconds: 0,
        nanoseconds: 0,
    };
    // SAFETY: the slot is as C has it on 64-bit Linux.
    assert_eq!(unsafe { clock_gettime(PROCESS, &mut time) }, 0);
    Duration::new(time.seconds as u64, time.nanoseconds as u32)
}
