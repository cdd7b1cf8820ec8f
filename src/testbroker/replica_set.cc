#include "testbroker/replica_set.h"

#include <string>

#include "testbroker/server.h"

namespace rmq::testbroker {
namespace {

constexpr int kMarksPerLag = 16;  // so that their number has a bound

bool is_working(const Server& server) { return server.is_up() && !server.is_paused(); }

}  // namespace

ReplicaSet::~ReplicaSet() {
  for (Server* server : servers_) server->set_replicator(nullptr);
}

void ReplicaSet::add(Server& server) {
  if (!timer_) timer_ = server.loop().make_timer(*this);
  servers_.push_back(&server);
  server.set_replicator(this);
  if (is_working(server)) on_up(server);
}

Server* ReplicaSet::master() const {
  for (Server* server : servers_) {
    if (server->is_master()) return server;
  }
  return nullptr;
}

template <typename Action>
void ReplicaSet::for_each_slave(Action action) {
  for (Server* server : servers_) {
    if (!server->is_master() && is_working(*server)) action(server->state());
  }
}

void ReplicaSet::on_message(const Message& message) {
  if (lag_ > base::Duration{0}) {
    note_change();
  } else {
    for_each_slave([&](ServerState& slave) { slave.take_copy(message); });
  }
}

void ReplicaSet::on_offset(std::string_view group, std::string_view topic, std::int32_t queue_id,
                           std::int64_t offset) {
  if (lag_ > base::Duration{0}) {
    note_change();
  } else {
    for_each_slave(
        [&](ServerState& slave) { slave.offsets.commit(group, topic, queue_id, offset); });
  }
}

void ReplicaSet::on_topic(const TopicConfig& topic) {
  if (lag_ > base::Duration{0}) {
    note_change();
  } else {
    for_each_slave([&](ServerState& slave) { slave.put_topic(topic); });
  }
}

void ReplicaSet::on_topic_removed(std::string_view topic) {
  if (lag_ > base::Duration{0}) {
    note_change();
  } else {
    for_each_slave([&](ServerState& slave) { slave.remove_topic(topic); });
  }
}

// Changes that are close together share a mark; it is due as late as the last of them.
void ReplicaSet::note_change() {
  if (servers_.size() < 2) return;
  const Server& source = *master();
  const base::Instant now = source.loop().now();
  if (marks_.empty() || now - marks_.back().opened > lag_ / kMarksPerLag) {
    marks_.push_back({.opened = now, .due = now});
  }
  marks_.back().due = now + lag_;
  marks_.back().commit_log_end = source.store().commit_log_end();
  timer_->arm(marks_.front().due);
}

void ReplicaSet::on_timer() {
  const Server* source = master();
  if (source == nullptr || !is_working(*source)) {
    marks_.clear();
    return;
  }
  const base::Instant now = source->loop().now();
  while (!marks_.empty() && marks_.front().due <= now) {
    const std::int64_t end = marks_.front().commit_log_end;
    marks_.pop_front();
    for_each_slave([&](ServerState& slave) { slave.catch_up(source->state(), end); });
  }
  if (!marks_.empty()) timer_->arm(marks_.front().due);
}

void ReplicaSet::on_up(Server& server) {
  Server* source = master();
  if (source == nullptr || !is_working(*source)) return;
  if (&server != source) {
    server.state().copy_from(source->state());
    return;
  }
  marks_.clear();
  for_each_slave([&](ServerState& slave) { slave.copy_from(source->state()); });
}

base::Status ReplicaSet::promote() {
  Server* heir = nullptr;
  for (Server* server : servers_) {
    if (server->is_master() || !is_working(*server)) continue;
    if (heir == nullptr || server->broker_id() < heir->broker_id()) heir = server;
  }
  if (heir == nullptr) {
    return base::make_error(
        base::ErrorCode::ARGUMENT,
        "promote: no slave of " + servers_.front()->options().broker_name + " is up");
  }
  marks_.clear();
  Server* old = master();
  const std::int64_t id = heir->broker_id();
  heir->leave_routes();
  if (old != nullptr) {
    heir->state().delayed.take_over(old->state().delayed);
    heir->state().timers.take_over(old->state().timers);
    heir->state().half_messages.take_over(old->state().half_messages);
    old->state().withdraw_topics();
    old->leave_routes();
    old->set_broker_id(id);
  }
  heir->set_broker_id(0);
  heir->state().publish_topics();
  heir->join_routes();
  if (old != nullptr && old->is_up()) old->join_routes();
  on_up(*heir);  // the old master is among those who become its copies
  return {};
}

}  // namespace rmq::testbroker
