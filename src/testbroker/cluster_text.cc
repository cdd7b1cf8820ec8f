#include "testbroker/cluster_text.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "base/decimal.h"
#include "testbroker/limits.h"
#include "testbroker/script_text.h"
#include "testbroker/shown_text.h"
#include "testbroker/text_options.h"
#include "testbroker/words.h"

namespace rmq::testbroker {
namespace {

constexpr std::size_t kTopicsMax = 10'000;

// `false`: the value is not what is expected.
using SetFunction = bool (*)(std::string_view value, ClusterOptions* options);

std::optional<bool> parse_bool(std::string_view value) {
  if (value == "true") return true;
  if (value == "false") return false;
  return std::nullopt;
}

bool set_bool(std::string_view value, bool* target) {
  const auto read = parse_bool(value);
  if (read) *target = *read;
  return read.has_value();
}

bool set_count(std::string_view value, std::int64_t min, std::size_t max, std::size_t* target) {
  const auto number = base::parse_int64(value);
  if (!number || *number < min || *number > static_cast<std::int64_t>(max)) return false;
  *target = static_cast<std::size_t>(*number);
  return true;
}

bool set_name(std::string_view value, std::string* target) {
  if (value.empty() || value.size() > kNameBytesMax) return false;
  *target = value;
  return true;
}

bool set_brokers(std::string_view value, ClusterOptions* options) {
  return set_count(value, 1, kBrokersMax, &options->brokers);
}

bool set_slaves(std::string_view value, ClusterOptions* options) {
  return set_count(value, 0, kSlavesMax, &options->slaves);
}

bool set_slave_lag(std::string_view value, ClusterOptions* options) {
  const auto lag = parse_duration(value);
  if (lag.ok()) options->slave_lag = lag.value();
  return lag.ok();
}

bool set_slave_reads(std::string_view value, ClusterOptions* options) {
  return set_bool(value, &options->first.slave_reads);
}

bool set_version(std::string_view value, ClusterOptions* options) {
  const auto number = parse_version(value);
  if (number) options->first.version = *number;
  return number.has_value();
}

bool set_topic(std::string_view value, ClusterOptions* options) {
  auto topic = parse_topic(value);
  if (!topic || topic->name.size() > kNameBytesMax) return false;
  if (options->first.topics.size() >= kTopicsMax) return false;
  options->first.topics.push_back(std::move(*topic));
  return true;
}

bool set_auto_create(std::string_view value, ClusterOptions* options) {
  return set_bool(value, &options->first.create_topics);
}

bool set_timers(std::string_view value, ClusterOptions* options) {
  return set_bool(value, &options->first.timers);
}

bool set_recall(std::string_view value, ClusterOptions* options) {
  return set_bool(value, &options->first.recalls);
}

bool set_host(std::string_view value, ClusterOptions* options) {
  transport::SocketAddress& address = options->first.listen_address;
  transport::SocketAddress read;
  if (!transport::SocketAddress::parse_literal(value, address.port, &read)) return false;
  // All interfaces: an address that no client could be told.
  if (std::all_of(std::begin(read.ip), std::end(read.ip), [](auto byte) { return byte == 0; })) {
    return false;
  }
  address = read;
  return true;
}

bool set_port(std::string_view value, ClusterOptions* options) {
  std::size_t port = 0;
  if (!set_count(value, 0, 65535, &port)) return false;
  transport::SocketAddress& address = options->first.listen_address;
  if (address == transport::SocketAddress{.port = address.port}) {
    transport::SocketAddress::parse_literal("127.0.0.1", 0, &address);
  }
  address.port = static_cast<std::uint16_t>(port);
  return true;
}

bool set_separate_namesrv(std::string_view value, ClusterOptions* options) {
  return set_bool(value, &options->separate_namesrv);
}

bool set_cluster(std::string_view value, ClusterOptions* options) {
  return set_name(value, &options->first.cluster_name);
}

bool set_broker_name(std::string_view value, ClusterOptions* options) {
  return set_name(value, &options->first.broker_name);
}

bool set_advertise(std::string_view value, ClusterOptions* options) {
  return set_name(value, &options->first.advertised_address);
}

bool set_duration(std::string_view value, base::Duration* target) {
  const auto read = parse_duration(value);
  if (read.ok()) *target = read.value();
  return read.ok();
}

bool set_transaction_timeout(std::string_view value, ClusterOptions* options) {
  return set_duration(value, &options->first.transaction_timeout);
}

bool set_transaction_interval(std::string_view value, ClusterOptions* options) {
  base::Duration& interval = options->first.transaction_interval;
  return set_duration(value, &interval) && interval > base::Duration{0};
}

bool set_transaction_checks(std::string_view value, ClusterOptions* options) {
  std::size_t checks = 0;
  if (!set_count(value, 0, 1'000'000, &checks)) return false;
  options->first.transaction_check_max = static_cast<int>(checks);
  return true;
}

bool set_answers(std::string_view value, ClusterOptions* options) {
  AnswerEncoding& answers = options->first.answers;
  if (value == "by_version") {
    answers = AnswerEncoding::by_version;
  } else if (value == "json") {
    answers = AnswerEncoding::json;
  } else if (value == "binary") {
    answers = AnswerEncoding::rocketmq;
  } else {
    return false;
  }
  return true;
}

bool set_fault(std::string_view value, ClusterOptions* options) {
  if (options->rules.size() >= kServerRulesMax) return false;
  options->rules.emplace_back(value);
  return true;
}

bool set_scenario(std::string_view value, ClusterOptions* options) {
  options->scenario = value;
  return !value.empty();
}

struct Option {
  OptionInfo info;
  SetFunction set;
};

constexpr Option kOptions[] = {
    {{"brokers", "1 to 200", "Masters behind the one NameServer; default 1."}, set_brokers},
    {{"slaves", "0 to 8", "Slaves of each master; default 0."}, set_slaves},
    {{"slave_lag", "a duration", "How long after its master a slave knows something; default 0s."},
     set_slave_lag},
    {{"slave_reads", "true or false", "Slaves answer pulls with messages; default true."},
     set_slave_reads},
    {{"version", "4.9.x or 5.x.y", "The RocketMQ version to behave like; default 5.4.0."},
     set_version},
    {{"topic", "name or name:queues", "A topic of every broker; 4 queues; may be repeated."},
     set_topic},
    {{"auto_create", "true or false", "Sends create topics, as TBW102 allows; default true."},
     set_auto_create},
    {{"timers", "true or false", "Brokers 5.x have a wheel of timers; default true."}, set_timers},
    {{"recall", "true or false", "Brokers 5.4 let timer messages be recalled; default false."},
     set_recall},
    {{"host", "the IP address of one interface",
      "Where to listen, shown in routes; default 127.0.0.1."},
     set_host},
    {{"port", "0 to 65535",
      "The first server's port, the others take those behind it; 0, the default, takes free ones."},
     set_port},
    {{"separate_namesrv", "true or false",
      "The NameServer is a server of its own, not the first broker; default false."},
     set_separate_namesrv},
    {{"cluster", "1 to 255 bytes", "The cluster's name; default DefaultCluster."}, set_cluster},
    {{"broker_name", "1 to 255 characters as in a topic's name",
      "The first broker's name; default broker-a."},
     set_broker_name},
    {{"advertise", "host:port", "Address to show in routes; for one broker without slaves."},
     set_advertise},
    {{"answers", "by_version, json or binary", "How headers are encoded; default by_version."},
     set_answers},
    {{"transaction_timeout", "a duration",
      "How long a half message waits before its producers are asked; default 6s."},
     set_transaction_timeout},
    {{"transaction_interval", "a duration above 0s",
      "Between two rounds of such questions; default 30s, 60s of 4.9."},
     set_transaction_interval},
    {{"transaction_checks", "0 to 1000000",
      "Questions about one half message, which is then rolled back; default 15."},
     set_transaction_checks},
    {{"fault", "a rule in quotes",
      "What shall go wrong on every server, such as fault='any nth=3 cut'; may be repeated."},
     set_fault},
    {{"scenario", "a path", "A file of commands to be run, see \"Scenario files\"."}, set_scenario},
};

}  // namespace

const OptionInfo* option_at(std::size_t index) {
  return index < std::size(kOptions) ? &kOptions[index].info : nullptr;
}

base::Status set_option(std::string_view name, std::string_view value, ClusterOptions* options) {
  constexpr std::size_t kShownMax = 60;
  const std::string shown =
      std::string(cut_text(name, kShownMax)) + "=" + std::string(cut_text(value, kShownMax));
  for (const Option& option : kOptions) {
    if (option.info.name != name) continue;
    if (option.set(value, options)) return {};
    return base::make_error(base::ErrorCode::ARGUMENT,
                            "\"" + shown + "\": expected " + std::string(option.info.value));
  }
  std::string names;
  for (const Option& option : kOptions) {
    names += (names.empty() ? "" : ", ") + std::string(option.info.name);
  }
  return base::make_error(base::ErrorCode::ARGUMENT,
                          "\"" + shown + "\": no such option; there are " + names);
}

base::Result<ClusterOptions> parse_cluster_options(std::string_view line) {
  auto words = split_words(line);
  if (!words.ok()) return words.take_error();
  ClusterOptions options;
  for (const Word& word : words.value()) {
    if (!word.has_value()) {
      return base::make_error(
          base::ErrorCode::ARGUMENT,
          "\"" + std::string(cut_text(word.text, 60)) + "\": expected name=value");
    }
    if (auto status = set_option(word.name(), word.value(), &options); !status.ok()) {
      return status.take_error();
    }
  }
  Script scratch;
  for (const std::string& rule : options.rules) {
    if (auto status = add_rule(rule, &scratch); !status.ok()) return status.take_error();
  }
  if (auto status = check(options); !status.ok()) return status.take_error();
  return options;
}

}  // namespace rmq::testbroker
