#include "config/config.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "config/predefined_set.h"

namespace rmq::config {
namespace {

using base::ErrorCode;
using std::chrono::milliseconds;

TEST(Config, answers_with_defaults_until_something_is_set) {
  Config config;
  EXPECT_EQ(config.get("send_msg_timeout").value(), "3000");
  EXPECT_EQ(config.duration(OptionId::kSendMsgTimeout), milliseconds(3000));
  EXPECT_EQ(config.get("namesrv_addr").value(), std::nullopt);
  EXPECT_TRUE(config.list(OptionId::kNamesrvAddr).empty());
  EXPECT_FALSE(config.is_set(OptionId::kSendMsgTimeout));

  ASSERT_TRUE(config.set("send_msg_timeout", "5s").ok());
  ASSERT_TRUE(config.set("namesrv_addr", "a:1; b:2").ok());
  EXPECT_EQ(config.get("send_msg_timeout").value(), "5000");
  EXPECT_EQ(config.duration(OptionId::kSendMsgTimeout), milliseconds(5000));
  EXPECT_EQ(config.list(OptionId::kNamesrvAddr), (std::vector<std::string_view>{"a:1", "b:2"}));
  EXPECT_TRUE(config.is_set(OptionId::kSendMsgTimeout));

  ASSERT_TRUE(config.reset("send_msg_timeout").ok());
  EXPECT_EQ(config.duration(OptionId::kSendMsgTimeout), milliseconds(3000));
}

TEST(Config, is_a_value_whose_copies_go_their_own_way) {
  Config config;
  ASSERT_TRUE(config.set("max_inflight", "10").ok());
  Config copy = config;
  ASSERT_TRUE(config.set("max_inflight", "20").ok());
  EXPECT_EQ(copy.integer(OptionId::kMaxInflight), 10);
  EXPECT_EQ(config.integer(OptionId::kMaxInflight), 20);
}

TEST(Config, keeps_the_value_when_a_later_one_is_refused) {
  Config config;
  ASSERT_TRUE(config.set("max_inflight", "10").ok());
  EXPECT_EQ(config.set("max_inflight", "many").code(), ErrorCode::OPTION_VALUE);
  EXPECT_EQ(config.integer(OptionId::kMaxInflight), 10);
}

TEST(Config, suggests_a_name_for_an_unknown_one) {
  Config config;
  const auto refused = config.set("sendMsgTimeout", "1");
  ASSERT_EQ(refused.code(), ErrorCode::OPTION_UNKNOWN);
  EXPECT_EQ(refused.error().message,
            "no option is named `sendMsgTimeout`; did you mean `send_msg_timeout`?");
  EXPECT_EQ(refused.error().hint, "use send_msg_timeout");
  EXPECT_EQ(config.get("acks").error().code, ErrorCode::OPTION_UNKNOWN);
  EXPECT_EQ(config.reset("acks").code(), ErrorCode::OPTION_UNKNOWN);
}

TEST(Config, has_other_defaults_for_low_level_objects) {
  Config config;
  ASSERT_TRUE(config.set("idle_timeout", "7s").ok());
  const Config low = config.with_low_level_defaults();
  EXPECT_EQ(config.duration(OptionId::kConnectTimeout), milliseconds(3000));
  EXPECT_EQ(low.duration(OptionId::kConnectTimeout), milliseconds(5000));
  EXPECT_EQ(low.duration(OptionId::kRequestTimeout), milliseconds(30000));
  EXPECT_EQ(low.integer(OptionId::kConnectionPoolSize), 5);
  EXPECT_EQ(low.integer(OptionId::kMaxConsecutiveFailures), 3);
  EXPECT_EQ(low.integer(OptionId::kPullBatchSize), 32);
  EXPECT_EQ(low.duration(OptionId::kIdleTimeout), milliseconds(7000)) << "what is set stays";
}

TEST(Config, refuses_each_option_that_neither_the_object_nor_its_runtime_takes) {
  for (std::size_t i = 0; option_at(i) != nullptr; ++i) {
    const OptionInfo& info = *option_at(i);
    if (!info.has_effect()) continue;  // refused wherever they are set
    Config config;
    const std::string value = info.default_value != nullptr           ? info.default_value
                              : info.kind == OptionKind::kAddressList ? "a:1"
                              : info.kind == OptionKind::kAddressMap  ? "a=b"
                              : info.kind == OptionKind::kTimestamp   ? "20240101000000"
                                                                      : "x";
    ASSERT_TRUE(config.set(info.name, value).ok()) << info.name;
    for (const Owner owner : kOwners) {
      EXPECT_NE(config.check_beside(config, owner).code(), ErrorCode::OPTION_PLACE) << info.name;
      const auto checked = config.check_beside(Config(), owner);
      if (info.belongs_to(owner)) {
        EXPECT_NE(checked.code(), ErrorCode::OPTION_PLACE) << info.name;
        continue;
      }
      ASSERT_EQ(checked.code(), ErrorCode::OPTION_PLACE) << info.name;
      EXPECT_NE(checked.error().message.find(info.name), std::string::npos);
      EXPECT_NE(checked.error().message.find(owner_name(owner)), std::string::npos);
    }
  }
}

TEST(Config, says_where_a_misplaced_option_belongs) {
  Config config;
  ASSERT_TRUE(config.set("tls_key_password", "s").ok());
  Config runtime;
  ASSERT_TRUE(runtime.set("tls_key_password", "another").ok());
  EXPECT_EQ(config.check_beside(runtime, Owner::kProducer).error().message,
            "option tls_key_password belongs to the runtime and was set for the producer, whose "
            "runtime does not have this value");
}

// As a file does it: options that have no effect yet are taken, too.
base::Status load(Config* config, std::string_view name, std::string_view value) {
  if (find_option(name)->is_code_only) return config->set(name, value);
  return config->load_properties(std::string(name) + "=" + std::string(value), "file");
}

TEST(Config, refuses_in_words_to_set_an_option_that_has_no_effect_yet) {
  std::size_t count = 0;
  for (std::size_t i = 0; option_at(i) != nullptr; ++i) {
    const OptionInfo& info = *option_at(i);
    if (info.has_effect()) continue;
    ++count;
    Config config;
    for (const char* value : {info.default_value, "x"}) {
      if (value == nullptr) continue;
      const auto refused = config.set(info.name, value);
      ASSERT_EQ(refused.code(), ErrorCode::OPTION_VALUE) << info.name;
      EXPECT_EQ(refused.error().message, "option " + std::string(info.name) +
                                             " has no effect in this version: it is not there yet");
    }
    EXPECT_FALSE(config.is_set(info.id));
    EXPECT_TRUE(config.reset(info.name).ok());
    EXPECT_EQ(config.name_without_effect(), "");
  }
  EXPECT_NE(count, 0u) << "take the mark away when the last option has its effect";
}

TEST(Config, refuses_in_words_to_set_a_value_that_has_no_effect_yet) {
  std::size_t count = 0;
  for (std::size_t i = 0; option_at(i) != nullptr; ++i) {
    const OptionInfo& info = *option_at(i);
    if (!info.has_effect()) continue;
    for_each_value(info, [&](std::string_view word, std::int64_t, bool has_effect) {
      Config config;
      const auto done = config.set(info.name, word);
      if (has_effect) {
        EXPECT_TRUE(done.ok()) << info.name << ' ' << word;
        return;
      }
      ++count;
      ASSERT_EQ(done.code(), ErrorCode::OPTION_VALUE) << info.name << ' ' << word;
      EXPECT_FALSE(config.is_set(info.id));
    });
  }
  EXPECT_NE(count, 0u) << "take the mark away when the last value has its effect";

  Config config;
  EXPECT_EQ(config.set("message_model", "BROADCASTING").error().message,
            "option message_model: `broadcasting` has no effect in this version: it is not there "
            "yet, expected clustering");
  EXPECT_EQ(config.set("allocate_message_queue_strategy", "config").error().message,
            "option allocate_message_queue_strategy: `config` has no effect in this version: it is "
            "not there yet, expected avg");
  EXPECT_EQ(config.set("client_rebalance", "off").error().message,
            "option client_rebalance: `false` has no effect in this version: it is not there yet, "
            "expected true");
}

TEST(Config, names_the_values_without_effect_that_a_file_has_set) {
  Config config;
  ASSERT_TRUE(config
                  .load_properties("message_model=broadcasting\nclient_rebalance=no\n"
                                   "allocate_message_queue_strategy=avg\nnamespace=a",
                                   "file")
                  .ok());
  EXPECT_EQ(config.name_without_effect(),
            "namespace,message_model=broadcasting,client_rebalance=false");
  EXPECT_EQ(config.name_values_without_effect(Owner::kConsumer),
            "message_model=broadcasting,client_rebalance=false");
  EXPECT_EQ(config.name_values_without_effect(Owner::kStore), "message_model=broadcasting");
  EXPECT_EQ(config.name_values_without_effect(Owner::kProducer), "");
}

TEST(Config, names_the_options_without_effect_that_a_file_has_set) {
  Config config;
  ASSERT_TRUE(config.load_properties("namespace=a\nmax_inflight=5\nsecret_key=s", "file").ok());
  EXPECT_EQ(config.name_without_effect(), "namespace,secret_key");
  EXPECT_EQ(config.get("namespace").value(), "a");
}

TEST(PredefinedSet, names_only_options_and_values_that_have_an_effect) {
  for (std::size_t i = 0; predefined_set_at(i) != nullptr; ++i) {
    for (const PredefinedValue& entry : predefined_set_at(i)->values) {
      const OptionInfo& info = option_info(entry.id);
      const auto value = parse_option_value(info, entry.value);
      ASSERT_TRUE(value.ok()) << value.error().message;
      EXPECT_TRUE(info.has_effect(value.value().number)) << info.name;
    }
  }
}

struct Contradiction {
  Owner owner;
  std::vector<std::pair<std::string_view, std::string_view>> values;
  std::vector<std::string_view> named;
};

TEST(Config, refuses_values_that_contradict_each_other) {
  const Contradiction cases[] = {
      {Owner::kRuntime, {{"access_key", "a"}}, {"access_key", "secret_key"}},
      {Owner::kRuntime, {{"secret_key", "a"}}, {"secret_key", "access_key"}},
      {Owner::kRuntime, {{"security_token", "a"}}, {"security_token", "access_key"}},
      {Owner::kRuntime,
       {{"tls_enable", "true"}, {"tls_cert_file", "c"}},
       {"tls_cert_file", "tls_key_file"}},
      {Owner::kRuntime,
       {{"tls_enable", "true"}, {"tls_key_file", "c"}},
       {"tls_cert_file", "tls_key_file"}},
      {Owner::kRuntime, {{"tls_key_password", "p"}}, {"tls_key_password", "tls_key_file"}},
      {Owner::kRuntime, {{"tls_ca_file", "c"}}, {"tls_ca_file", "tls_enable"}},
      {Owner::kRuntime, {{"tls_min_version", "1.3"}}, {"tls_min_version", "tls_enable"}},
      {Owner::kConsumer,
       {{"consume_timestamp", "20240101000000"}},
       {"consume_timestamp", "consume_from_where"}},
      {Owner::kRuntime,
       {{"reconnect_backoff_min", "2s"}, {"reconnect_backoff_max", "1s"}},
       {"reconnect_backoff_min", "reconnect_backoff_max", "2000 ms", "1000 ms"}},
      {Owner::kRuntime,
       {{"reconnect_backoff_max", "50"}},
       {"reconnect_backoff_min", "reconnect_backoff_max", "default"}},
      {Owner::kRuntime, {{"namespace", "a"}, {"namespace_v2", "b"}}, {"namespace", "namespace_v2"}},
      {Owner::kRuntime,
       {{"run_mode", "driven"}, {"dispatcher_threads", "2"}},
       {"run_mode", "dispatcher_threads"}},
      {Owner::kProducer, {{"batch_max_bytes", "5m"}}, {"batch_max_bytes", "max_message_size"}},
      {Owner::kProducer,
       {{"max_message_size", "100m"}},
       {"max_message_size", "max_inflight_bytes"}},
      {Owner::kProducer, {{"compress_level", "10"}}, {"compress_level", "compress_type"}},
      {Owner::kProducer,
       {{"compress_level", "0"}, {"compress_type", "zstd"}},
       {"compress_level", "compress_type"}},
      {Owner::kConsumer,
       {{"allocate_message_queue_strategy", "machine_room"}},
       {"allocate_message_queue_strategy", "machine_room"}},
  };
  for (const Contradiction& contradiction : cases) {
    Config config;
    for (const auto& [name, value] : contradiction.values) {
      ASSERT_TRUE(load(&config, name, value).ok()) << name;
    }
    const auto refused = config.check_for(contradiction.owner);
    ASSERT_EQ(refused.code(), ErrorCode::OPTION_VALUE) << contradiction.values.front().first;
    for (const std::string_view name : contradiction.named) {
      EXPECT_NE(refused.error().message.find(name), std::string::npos) << refused.error().message;
    }
  }
}

TEST(Config, accepts_values_that_go_together) {
  Config runtime;
  for (const auto& [name, value] : std::initializer_list<std::pair<const char*, const char*>>{
           {"access_key", "a"},
           {"secret_key", "s"},
           {"security_token", "t"},
           {"tls_enable", "false"},
           {"tls_ca_file", "ca"},
           {"tls_cert_file", "c"},
           {"tls_key_file", "k"},
           {"tls_key_password", "p"},
           {"run_mode", "driven"},
           {"reconnect_backoff_min", "1s"},
           {"reconnect_backoff_max", "1s"}}) {
    ASSERT_TRUE(load(&runtime, name, value).ok()) << name;
  }
  EXPECT_TRUE(runtime.check_for(Owner::kRuntime).ok());
  Config producer;
  ASSERT_TRUE(producer.set("compress_type", "zstd").ok());
  ASSERT_TRUE(producer.set("compress_level", "19").ok());
  ASSERT_TRUE(producer.set("max_inflight_bytes", "64k").ok());
  ASSERT_TRUE(producer.set("max_message_size", "512").ok());
  EXPECT_TRUE(producer.check_for(Owner::kProducer).ok());
  for (const Owner owner : kOwners) EXPECT_TRUE(Config().check_for(owner).ok());
}

TEST(Config, masks_secrets_wherever_it_prints_them) {
  Config config;
  for (const std::string_view name :
       {"secret_key", "security_token", "tls_key_password", "socks_proxy"}) {
    ASSERT_TRUE(load(&config, name, "hunter2").ok());
    EXPECT_EQ(config.get(name).value(), "***");
  }
  EXPECT_EQ(config.text(OptionId::kSecretKey), "hunter2") << "the signer needs it";
  const std::string dump = config.dump();
  EXPECT_EQ(dump.find("hunter2"), std::string::npos);
  EXPECT_NE(dump.find("\nsecret_key = ***\n"), std::string::npos);
}

TEST(Config, dumps_what_it_can_load_again) {
  Config config;
  ASSERT_TRUE(config.set("namesrv_addr", "a:1;b:2").ok());
  ASSERT_TRUE(config.set("consume_timeout", "3m").ok());
  ASSERT_TRUE(config.set("tls_ca_file", "/var/lib/a = b").ok());
  Config again;
  ASSERT_TRUE(again.load_properties(config.dump(), "dump").ok());
  EXPECT_EQ(again.dump(), config.dump());
  EXPECT_NE(config.dump().find("# send_msg_timeout = 3000\n"), std::string::npos);
}

TEST(PredefinedSet, is_valid_for_every_owner_and_differs_from_the_defaults) {
  for (std::size_t i = 0; predefined_set_at(i) != nullptr; ++i) {
    const PredefinedSet& set = *predefined_set_at(i);
    SCOPED_TRACE(set.name);
    auto config = Config::predefined(set.name);
    ASSERT_TRUE(config.ok()) << config.error().message;
    for (const Owner owner : kOwners) {
      const auto checked = config.value().check_for(owner);
      EXPECT_TRUE(checked.ok()) << checked.error().message;
    }
    std::size_t changes = 0;
    for (const PredefinedValue& entry : set.values) {
      EXPECT_EQ(config.value().text(entry.id), entry.value) << "in plain form";
      if (config.value().text(entry.id) != Config().text(entry.id)) ++changes;
    }
    EXPECT_EQ(changes == 0, set.name == "default");
  }
  for (const std::string_view name : {"default", "high_throughput", "low_latency", "low_memory"}) {
    EXPECT_NE(find_predefined_set(name), nullptr) << name;
  }
}

TEST(PredefinedSet, is_only_a_beginning) {
  auto config = Config::predefined("low_memory");
  ASSERT_TRUE(config.ok());
  EXPECT_EQ(config.value().integer(OptionId::kMaxInflight), 1024);
  ASSERT_TRUE(config.value().set("max_inflight", "2048").ok());
  EXPECT_EQ(config.value().integer(OptionId::kMaxInflight), 2048);
  const auto unknown = Config::predefined("fast");
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().code, ErrorCode::OPTION_VALUE);
  EXPECT_NE(unknown.error().message.find("high_throughput"), std::string::npos);
}

TEST(Config, survives_random_names_and_values) {
  const auto seed = std::random_device{}();
  RecordProperty("seed", std::to_string(seed));
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const std::string alphabet = "abm019_-.:;=[]*/@ \t\n\r#!\xc3\xa4\xff" + std::string(1, '\0');
  const auto draw_text = [&] {
    std::string text(random() % 40, ' ');
    for (char& c : text) c = alphabet[random() % alphabet.size()];
    return text;
  };
  std::size_t option_count = 0;
  while (option_at(option_count) != nullptr) ++option_count;
  Config config;
  for (int round = 0; round < 5000; ++round) {
    std::string name(option_at(random() % option_count)->name);
    if (random() % 4 == 0) name[random() % name.size()] = static_cast<char>(random());
    if (random() % 8 == 0) name = draw_text();
    const std::string value = draw_text();
    const auto done = config.set(name, value);
    if (done.ok()) {
      ASSERT_NE(find_option(name), nullptr);
    } else {
      ASSERT_FALSE(done.error().message.empty());
    }
    if (round % 50 == 0) {
      (void)config.load_properties(name + "=" + value + "\n" + draw_text(), draw_text());
      for (const Owner owner : kOwners) (void)config.check_for(owner);
      (void)config.dump();
    }
  }
}

}  // namespace
}  // namespace rmq::config
