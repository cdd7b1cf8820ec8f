// A scenario's place: real servers, a proxy before them, and both sides with the same load.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "tests/integration/faults/contestant.h"
#include "tests/integration/faults/fault_figures.h"
#include "tests/integration/java_peer.h"
#include "tests/integration/servers.h"
#include "tests/support/fault_proxy.h"

namespace rmq::test {

inline constexpr int kFaultRate = 50;  // messages a second of each of the two senders of a side
inline constexpr std::size_t kQueuesPerBroker = 4;
inline const ProxyPlace kAllBrokers{"", "broker"};

struct FaultResult {
  FaultFigures ours;
  FaultFigures java;
};

// Names of sides and topics are "ours" and "java", those of entrances "ours.single", "java.many",
// "ours.member0" and so on.
class FaultStage {
 public:
  // Returns when both sides send and consume on every queue.
  FaultStage(const Servers& servers, std::string scenario);
  ~FaultStage();

  FaultProxy& proxy() { return proxy_; }
  // `harm` runs at once; it returns when what it did is over. Then ours must become whole again;
  // Java's side gets a while longer. Prints a line of the table for each side.
  FaultResult run(const std::function<void()>& harm);
  void set_rate(int rate);

 private:
  struct Side {
    std::unique_ptr<Contestant> contestant;
    Recovery recovery;
    std::size_t moves_before = 0;
    std::size_t connections_before = 0;
  };

  void wait_until_whole(std::int64_t since_ns, std::chrono::seconds java_grace);
  void wait_until_delivered();
  StoredKeys stored(const std::string& topic);
  FaultFigures judge(Side& side, const FaultWindow& window);
  void print_history() const;

  const std::string version_;
  const std::string scenario_;
  const std::string suffix_;  // of topics: clusters are shared
  const std::size_t queue_count_;
  JavaPeer operator_;  // makes topics and reads the store, past the proxy
  FaultProxy proxy_;
  std::array<Side, 2> sides_;  // ours, Java's
};

// The long forms of the scenarios run by ./dev faults only.
bool is_long_run();

// Expects of our side what a user relies on, whatever the fault: it became whole again, nothing
// that was said to be stored is missing, nothing that was said not to be stored is, everything
// stored was delivered as it was sent.
void expect_promises_kept(const FaultFigures& ours);

}  // namespace rmq::test
