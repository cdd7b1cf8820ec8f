// How one simulated NameServer and broker process is set up.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/instant.h"
#include "testbroker/client_table.h"
#include "testbroker/held_pulls.h"
#include "testbroker/store.h"
#include "testbroker/topic_config.h"
#include "transport/loop.h"

namespace rmq::testbroker {

class RouteTable;

inline constexpr std::string_view kNamesrvName = "namesrv";
inline constexpr std::string_view kEveryServer = "all";  // in commands; no server's name

enum class AnswerEncoding : std::uint8_t {
  by_version,  // 4.9 answers as it was asked, 5.x in JSON
  as_request,
  json,
  rocketmq,
};

// Numbers of MQVersion.
inline constexpr std::int32_t kVersion497 = 407;
inline constexpr std::int32_t kVersion500 = 413;
inline constexpr std::int32_t kVersion540 = 493;

struct ServerLimits {
  std::size_t frame_bytes_max = 16u << 20;   // with the length word
  std::size_t body_bytes_max = 4u << 20;     // of a sent message
  std::size_t properties_bytes_max = 32767;  // of a sent message
  std::size_t pull_bytes_max = 256u << 10;   // of one pull answer, unless one message is larger
  std::size_t topics_max = 10'000;           // created by clients
  std::size_t groups_max = 10'000;           // of consumers
  std::size_t offsets_max = 1'000'000;       // stored for groups
  std::size_t locks_max = 100'000;           // of queues
  ClientLimits clients;
  HeldPullLimits held_pulls;
  std::size_t output_bytes_pause = 1u << 20;  // waiting answers beyond which a client is not read
  std::size_t output_bytes_max = 64u << 20;   // waiting answers beyond which it is cut off
  base::Duration output_stall_max = std::chrono::seconds(10);  // paused for so long: cut off
  std::size_t waiting_bytes_max = 256u << 20;  // of all delayed and held answers; beyond: no answer
};

// 1s 5s 10s 30s 1m 2m 3m 4m 5m 6m 7m 8m 9m 10m 20m 30m 1h 2h
inline std::vector<base::Duration> make_delay_levels() {
  using std::chrono::minutes;
  using std::chrono::seconds;
  std::vector<base::Duration> levels{seconds(1), seconds(5), seconds(10), seconds(30)};
  for (int i = 1; i <= 10; ++i) levels.emplace_back(minutes(i));
  for (const int i : {20, 30, 60, 120}) levels.emplace_back(minutes(i));
  return levels;
}

using ListenFunction = std::function<base::Result<std::unique_ptr<transport::Listener>>(
    transport::Loop&, const transport::SocketAddress&, transport::ListenerHandler&)>;

struct ServerOptions {
  transport::SocketAddress listen_address;  // a default one means 127.0.0.1, any free port
  ListenFunction listen;  // null: plain streams of the loop; the place for a filter such as TLS
  std::string advertised_address;  // in routes; empty: the address listened on
  bool nameserver = true;          // answers NameServer requests
  bool broker = true;              // answers broker requests
  std::string cluster_name = "DefaultCluster";
  std::string broker_name = "broker-a";
  std::int64_t broker_id = 0;  // 0 is the master; slaves have the broker name of theirs
  bool slave_reads = true;     // slaveReadEnable: a slave answers pulls with messages
  std::int32_t version = 493;
  AnswerEncoding answers = AnswerEncoding::by_version;
  std::vector<TopicConfig> topics;
  bool create_topics = true;              // on the first send, as TBW102 allows
  std::int32_t created_topic_queues = 8;  // upper bound of what a client may ask for
  // How often long polls are looked at that no message has woken.
  base::Duration long_poll_check_interval = std::chrono::seconds(5);
  // A group without a stored offset is told 0 while a queue's first message is in memory.
  bool first_messages_in_memory = true;
  // By level; messageDelayLevel of a broker.
  std::vector<base::Duration> delay_levels = make_delay_levels();
  bool timers = true;                 // timerWheelEnable
  bool recalls = false;               // recallMessageEnable, off as it ships
  std::int32_t retry_times_max = 16;  // of groups, unless the client says otherwise
  // Since a half message was stored, before its producers are asked; and between two rounds.
  base::Duration transaction_timeout = std::chrono::seconds(6);
  base::Duration transaction_interval{0};  // 0: 30 s, 60 s of 4.9
  int transaction_check_max = 15;
  base::Duration lock_life = std::chrono::seconds(60);
  base::Duration silent_client_life = std::chrono::seconds(120);  // since its last heartbeat
  RouteTable* shared_routes = nullptr;  // null: the server has a table of its own
  StoreLimits store;
  ServerLimits limits;

  bool is_5x() const { return version >= kVersion500; }
  // Knows of recalls and of priorities.
  bool is_54() const { return version >= kVersion540; }
  base::Duration transaction_check_interval() const {
    if (transaction_interval > base::Duration{0}) return transaction_interval;
    return std::chrono::seconds(is_5x() ? 30 : 60);
  }
};

}  // namespace rmq::testbroker
