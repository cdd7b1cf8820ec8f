#include "tests/integration/faults/fault_stage.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>
#include <utility>

namespace rmq::test {
namespace {

constexpr std::chrono::milliseconds kLookInterval(100);
constexpr std::chrono::seconds kStartLimit(60);
constexpr std::chrono::seconds kWholeLimit(120);  // ours; only against hanging
// How much longer than ours Java's client may take; what it takes beyond that is not measured.
constexpr std::chrono::seconds kJavaGrace(3);
constexpr std::chrono::seconds kJavaGraceLong(30);
constexpr std::chrono::seconds kDeliveredLimit(60);
constexpr std::chrono::seconds kCalm(1);  // before the fault, and after all is whole again

const char* environment(const char* name) {
  return std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing sets it
}

std::vector<ProxiedServer> proxied(const Servers& servers) {
  std::vector<ProxiedServer> all{{"namesrv", servers.namesrv_address()}};
  for (const RealBroker& broker : servers.brokers()) all.push_back({broker.name, broker.address});
  return all;
}

RoleAddresses open_entrances(FaultProxy& proxy, const std::string& side) {
  RoleAddresses addresses;
  for (std::size_t i = 0; i < kRoles; ++i) {
    addresses[i] = proxy.open_entrance(side + "." + kRoleNames[i]);
  }
  return addresses;
}

// What ./dev faults collects.
void append_to_the_table(const std::string& line) {
  const char* name = environment("RMQ_FAULTS_TABLE");
  if (!name) return;
  std::ofstream file(name, std::ios::app);
  if (file.tellp() == 0) file << table_head();
  file << line;
}

}  // namespace

FaultStage::FaultStage(const Servers& servers, std::string scenario)
    : version_(servers.version()),
      scenario_(std::move(scenario)),
      suffix_("_" + std::to_string(::getpid())),
      queue_count_(kQueuesPerBroker * servers.brokers().size()),
      operator_(servers),
      proxy_(proxied(servers)) {
  for (const char* side : {"ours", "java"}) {
    operator_.run("topic " + (side + suffix_) + " " + std::to_string(kQueuesPerBroker));
  }
  sides_[1].contestant =
      start_java(servers, "java" + suffix_, kFaultRate, open_entrances(proxy_, "java"));
  sides_[0].contestant = start_ours("ours" + suffix_, kFaultRate, open_entrances(proxy_, "ours"));
  wait_until_whole(monotonic_ns(), kStartLimit);
  for (Side& side : sides_) {
    EXPECT_TRUE(side.recovery.whole) << side.contestant->name() << " did not get to work";
  }
  std::this_thread::sleep_for(kCalm);
}

FaultStage::~FaultStage() {
  if (testing::Test::HasFailure() || environment("RMQ_FAULTS_HISTORY")) print_history();
}

void FaultStage::set_rate(int rate) {
  for (Side& side : sides_) side.contestant->set_rate(rate);
}

void FaultStage::wait_until_whole(std::int64_t since_ns, std::chrono::seconds java_grace) {
  using Clock = std::chrono::steady_clock;
  Clock::time_point deadline = Clock::now() + kWholeLimit;
  for (Side& side : sides_) side.recovery = {};
  while (Clock::now() < deadline) {
    const bool was_whole = sides_[0].recovery.whole.has_value();
    for (Side& side : sides_) {
      side.recovery = recovery_since(side.contestant->records(), since_ns, queue_count_);
    }
    const bool is_whole = sides_[0].recovery.whole.has_value();
    if (is_whole && sides_[1].recovery.whole) return;
    if (is_whole && !was_whole) deadline = Clock::now() + java_grace;
    std::this_thread::sleep_for(kLookInterval);
  }
}

void FaultStage::wait_until_delivered() {
  const auto begin = std::chrono::steady_clock::now();
  for (Side& side : sides_) {
    const bool is_ours = &side == &sides_.front();
    const auto limit = is_ours || is_long_run() ? kDeliveredLimit : kJavaGrace;
    while (!is_all_delivered(side.contestant->records()) &&
           std::chrono::steady_clock::now() < begin + limit) {
      std::this_thread::sleep_for(kLookInterval);
    }
  }
  std::this_thread::sleep_for(kCalm);  // for sends that have not ended, and second deliveries
}

FaultResult FaultStage::run(const std::function<void()>& harm) {
  FaultWindow window;
  for (Side& side : sides_) {
    const std::string& name = side.contestant->name();
    side.moves_before = proxy_.queue_moves(name);
    side.connections_before = proxy_.connections_made({name, ""});
  }
  window.fault_begin_ns = monotonic_ns();
  harm();
  window.fault_end_ns = monotonic_ns();
  wait_until_whole(window.fault_end_ns, is_long_run() ? kJavaGraceLong : kJavaGrace);
  std::this_thread::sleep_for(kCalm);
  window.sending_end_ns = monotonic_ns();
  set_rate(0);
  wait_until_delivered();
  FaultResult result;
  result.ours = judge(sides_[0], window);
  result.java = judge(sides_[1], window);
  return result;
}

FaultFigures FaultStage::judge(Side& side, const FaultWindow& window) {
  const std::string& name = side.contestant->name();
  FaultFigures figures = figures_of(side.contestant->records(), stored(name + suffix_), window);
  figures.recovery = side.recovery;
  figures.queue_moves = proxy_.queue_moves(name) - side.moves_before;
  figures.connections = proxy_.connections_made({name, ""}) - side.connections_before;
  const std::string line = table_line(scenario_, version_, name, figures);
  std::printf("%s%s", name == "ours" ? table_head().c_str() : "", line.c_str());
  for (const auto& [error, count] : figures.errors) {
    std::printf("  %s: %zu x %s\n", name.c_str(), count, error.c_str());
  }
  append_to_the_table(line);
  return figures;
}

StoredKeys FaultStage::stored(const std::string& topic) {
  StoredKeys keys;
  for (const PeerLine& line : operator_.run("store " + topic)) {
    keys[line.at(1)].emplace_back(line.at(2), std::stoll(line.at(3)));
  }
  return keys;
}

void FaultStage::print_history() const {
  for (const std::string& line : proxy_.history()) std::printf("%s\n", line.c_str());
}

bool is_long_run() { return environment("RMQ_FAULTS_LONG") != nullptr; }

void expect_promises_kept(const FaultFigures& ours) {
  EXPECT_TRUE(ours.recovery.whole) << "a sender or a queue did not come back";
  EXPECT_EQ(ours.missing, 0U) << "said to be stored, and is not";
  EXPECT_EQ(ours.falsely_denied, 0U) << "said not to be stored, and is";
  EXPECT_EQ(ours.undelivered, 0U) << "stored, and never delivered";
  EXPECT_EQ(ours.corrupt, 0U) << "delivered with a damaged body, and not marked";
}

}  // namespace rmq::test
