//! What the tests share: a broker of their own, a runtime with a producer, and clocks.

use rocketmq_c::{Config, Destination, Message, Producer, Runtime};
use std::env;
use std::io::{BufRead, BufReader};
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
