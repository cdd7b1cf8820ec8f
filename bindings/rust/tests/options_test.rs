//! Options, and the names of numbers.

mod support;

use rocketmq_c::{
    name, sentence, version, version_text, Code, Config, EventType, Filter, NameGroup, OptionOwner, Producer,
    PushConsumer, Runtime, SendFlag, SendStatus, Version,
};
use std::{env, fs, process};
use support::{message, Broker};

fn value(config: &Config, name: &str) -> String {
    config.get(name).unwrap().unwrap_or_default()
}

fn code_of<T>(result: rocketmq_c::Result<T>) -> Code {
    result.err().expect("an error").code()
}

#[test]
fn a_config_is_set_read_and_copied() {
    let mut config = Config::predefined("low_memory").unwrap();
    assert_eq!(value(&config, "pull_batch_size"), "16");
    config.set("producer_group", "shop").unwrap();
    let copy = config.copy().unwrap();
    config.reset("producer_group").unwrap();
    assert_ne!(value(&config, "producer_group"), "shop");
    assert_eq!(value(&copy, "producer_group"), "shop");
    assert_eq!(code_of(config.get("no_such_option")), Code::OPTION_UNKNOWN);
    assert_eq!(code_of(Config::predefined("no_such_set")), Code::OPTION_VALUE);
}

#[test]
fn a_config_is_loaded() {
    let mut config = Config::new().unwrap();
    config
        .load_text("# a comment\nsend_msg_timeout = 2s\nproducer_group = shop\n")
        .unwrap();
    assert_eq!(value(&config, "send_msg_timeout"), "2000");
    assert_eq!(
        code_of(config.load_text("producer_group = other\nno_such_option = 1")),
        Code::OPTION_UNKNOWN
    );
    assert_eq!(value(&config, "producer_group"), "shop", "all or none");
    let path = env::temp_dir().join(format!("rocketmq_c_options_{}", process::id()));
    fs::write(&path, "producer_group = of_a_file\n").unwrap();
    config.load_file(path.to_str().unwrap()).unwrap();
    fs::remove_file(&path).unwrap();
    assert_eq!(value(&config, "producer_group"), "of_a_file");
    assert_eq!(code_of(config.load_file(path.to_str().unwrap())), Code::FILE);
    env::set_var("ROCKETMQ_PRODUCER_GROUP", "of_the_environment");
    config.load_environment().unwrap();
    env::remove_var("ROCKETMQ_PRODUCER_GROUP");
    assert_eq!(value(&config, "producer_group"), "of_the_environment");
}

#[test]
fn options_are_described() {
    let timeout = Config::options()
        .find(|option| option.name == "send_msg_timeout")
        .unwrap();
    assert_eq!(
        (timeout.default_value.as_deref(), timeout.unit.as_deref()),
        (Some("3000"), Some("ms"))
    );
    assert!(timeout.live_owners.has(OptionOwner::PRODUCER) && !timeout.owners.has(OptionOwner::CONSUMER));
    let mode = Config::options().find(|option| option.name == "run_mode").unwrap();
    assert_eq!(mode.choices.as_deref(), Some("threaded|driven"));
    assert!(mode.is_code_only && !mode.is_secret);
}

#[test]
fn one_config_serves_all_objects() {
    let broker = Broker::start(&[]);
    let options = [
        ("namesrv_addr", broker.address.as_str()),
        ("producer_group", "shop"),
        ("consumer_group", "billing"),
        ("consume_from_where", "first"),
    ];
    let config = Config::with(&options).unwrap();
    let runtime = Runtime::new(Some(&config)).unwrap();
    let producer = Producer::new(&runtime, Some(&config)).unwrap();
    producer.send(&message(b"x"), None, None).unwrap();
    let consumer = PushConsumer::new(&runtime, Some(&config), 1).unwrap();
    consumer.subscribe("bench_stub", Filter::Tag("*")).unwrap();
    consumer.start().unwrap();
    consumer.unsubscribe("bench_stub").unwrap();
    consumer.update(&Config::new().unwrap()).unwrap();
    let other = Config::with(&[("consumer_group", "other")]).unwrap();
    assert_eq!(code_of(consumer.update(&other)), Code::OPTION_VALUE);
    consumer.close(None).unwrap();
    runtime.close(None).unwrap();
}

#[test]
fn numbers_have_names() {
    assert!(version().0 >= Version::VERSION.0 && version_text().starts_with("0."));
    assert_eq!(Code::TOO_LARGE.name(), "TOO_LARGE");
    assert_eq!(
        (EventType::DELIVERY.name(), SendStatus::WRITTEN.name()),
        ("DELIVERY", "WRITTEN")
    );
    assert_eq!(name(NameGroup::LOG_LEVEL, 77), "UNKNOWN");
    assert_ne!(sentence(NameGroup::RESPONSE_CODE, 16), "");
    assert_eq!((SendFlag::ONEWAY | SendFlag::SILENT).0, 3);
}
