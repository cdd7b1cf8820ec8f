// Half messages and their ends. Clients send END_TRANSACTION one-way; here its answer is looked at.
#include <stdexcept>

#include "tests/conformance/cases.h"
#include "tests/conformance/requests.h"
#include "tests/support/raw_client.h"

namespace rmq::conformance {
namespace {

constexpr const char* kProducers = "conformance_producers";

struct Half {
  std::string topic{};
  std::string queue_offset{};
  std::string commit_log_offset{};
};

Half send_half(World& world, Connection& broker, const std::string& topic) {
  const wire::Command answer =
      store(world, broker,
            {.topic = topic,
             .properties =
                 property_text({{"UNIQ_KEY", "ID7"}, {"TRAN_MSG", "true"}, {"PGROUP", kProducers}}),
             .sys_flag = 4,
             .group = kProducers});
  const std::string id = test::find_field(answer, "msgId");
  if (id.size() != 32) throw std::runtime_error("no message id: " + id);
  return {topic, test::find_field(answer, "queueOffset"),
          std::to_string(std::stoull(id.substr(16), nullptr, 16))};
}

Fields end_fields(const Half& half, int state) {
  return {{"producerGroup", kProducers},
          {"tranStateTableOffset", half.queue_offset},
          {"commitLogOffset", half.commit_log_offset},
          {"commitOrRollback", std::to_string(state)},
          {"fromTransactionCheck", "false"},
          {"msgId", "ID7"},
          {"transactionId", "ID7"}};
}

wire::Command make_end(World& world, const Fields& fields) {
  return world.request(RequestCode::END_TRANSACTION, fields);
}

Fields with(Fields fields, const std::string& name, const std::string& value) {
  for (auto& [known, text] : fields) {
    if (known == name) text = value;
  }
  return fields;
}

void committed(World& world) {
  Connection broker(world.target().broker);
  const std::string topic = world.name("t");
  create_topic(world, broker, topic, 1);
  const Half half = send_half(world, broker, topic);
  world.ask(broker, "commit", make_end(world, end_fields(half, 8)));
  world.note_answer("delivered", broker,
                    pull_found(world, broker, {.group = world.name("g"), .topic = topic}));
}

void rolled_back(World& world) {
  Connection broker(world.target().broker);
  const std::string topic = world.name("t");
  create_topic(world, broker, topic, 1);
  const Half half = send_half(world, broker, topic);
  world.ask(broker, "rollback", make_end(world, end_fields(half, 12)));
  world.ask(broker, "nothing delivered",
            world.request(RequestCode::GET_MAX_OFFSET, {{"topic", topic}, {"queueId", "0"}}));
}

void refused(World& world) {
  Connection broker(world.target().broker);
  const std::string topic = world.name("t");
  create_topic(world, broker, topic, 1);
  const Half half = send_half(world, broker, topic);
  const Fields good = end_fields(half, 8);
  world.ask(broker, "another group", make_end(world, with(good, "producerGroup", "strangers")));
  world.ask(broker, "another offset",
            make_end(world, with(good, "tranStateTableOffset", "123456789")));
  world.ask(broker, "no such place", make_end(world, with(good, "commitLogOffset", "999999999")));
  world.ask(broker, "nothing delivered",
            world.request(RequestCode::GET_MAX_OFFSET, {{"topic", topic}, {"queueId", "0"}}));
  world.ask(broker, "rollback at last", make_end(world, end_fields(half, 12)));
}

constexpr Case kCases[] = {
    {"transaction.committed", committed, true},
    {"transaction.rolled_back", rolled_back},
    {"transaction.refused", refused},
};

}  // namespace

std::span<const Case> transaction_cases() { return kCases; }

}  // namespace rmq::conformance
