// The requests that several cases send, as the official client fills them.
#pragma once

#include <string>
#include <string_view>

#include "tests/conformance/world.h"

namespace rmq::conformance {

struct Send {
  std::string topic{};
  std::string body = "body";
  int queue_id = 0;
  std::string properties = "UNIQ_KEY\x01ID7\x02WAIT\x01true\x02";
  std::string default_topic = "TBW102";
  int default_queues = 4;
  int flag = 7;
  int sys_flag = 0;
  int reconsume_times = 0;
  int max_reconsume_times = -1;  // below 0: not sent
  std::string group = "conformance_producers";
};

Fields send_v1_fields(const Send& send);
Fields send_v2_fields(const Send& send, bool batch = false);
wire::Command make_send(World& world, const Send& send);  // SEND_MESSAGE_V2
std::string property_text(const Fields& properties);

struct Pull {
  std::string group{};
  std::string topic{};
  std::string subscription = "*";
  int queue_id = 0;
  long long offset = 0;
  int sys_flag = 4;  // brings its subscription
  int suspend_ms = 0;
  int message_count_max = 32;
  long long commit_offset = 0;
  long long sub_version = 1;
  std::string expression_type = "TAG";
  int message_bytes_max = -1;  // below 0: not sent
};

Fields pull_fields(const Pull& pull);
wire::Command make_pull(World& world, const Pull& pull);

wire::Command make_topic(World& world, const std::string& topic, int queues, int perm);
// On the broker; the NameServer hears of it a little later.
void create_topic(World& world, Connection& broker, const std::string& topic, int queues,
                  int perm = kReadable | kWritable);
void wait_for_route(World& world, const std::string& topic);
// Sends and needs success; gives the answer.
wire::Command store(World& world, Connection& broker, const Send& send);
// Pulls until there is something to tell, and gives the answer.
wire::Command pull_found(World& world, Connection& broker, const Pull& pull);

struct Heartbeat {
  std::string client_id{};
  std::string group{};
  std::string topic{};
  std::string subscription = "*";
  long long sub_version = 1;
  std::string model = "CLUSTERING";
  std::string expression_type = "TAG";
  std::string more = "";  // members of the whole, such as "\"heartbeatFingerprint\":7,"
  bool subscribes = true;
};

wire::Command make_heartbeat(World& world, const Heartbeat& heartbeat);

}  // namespace rmq::conformance
