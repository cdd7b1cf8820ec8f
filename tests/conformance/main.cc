// conformance_observe: asks one NameServer and one broker all that the cases ask, and prints what
// they answered. Two servers of one version print the same; compare.py looks whether they do.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/conformance/cases.h"

namespace {

using namespace rmq::conformance;
using rmq::wire::Serialization;

struct Chosen {
  const Case* entry;
  Serialization serialization;
};

std::string name_of(const Chosen& chosen) {
  return std::string(chosen.entry->name) +
         (chosen.serialization == Serialization::json ? "" : ".compact");
}

std::vector<Chosen> choose(std::string_view filter, std::string_view version) {
  std::vector<Chosen> all;
  // Once a transaction has ended, a thread of a broker 5.5.0 takes a whole processor for good
  // (TransactionalOpBatchService), which the other tests on that broker would feel.
  const bool has_transactions = version != "5.5.0";
  for (const auto& cases :
       {route_cases(), send_cases(), send_refused_cases(), pull_cases(), long_poll_cases(),
        offset_cases(), heartbeat_cases(), send_back_cases(), timer_cases(), transaction_cases(),
        lock_cases(), admin_cases(), unknown_cases(), bad_field_cases(), bad_frame_cases()}) {
    for (const Case& entry : cases) {
      const std::string_view name = entry.name;
      if (name.find(filter) == std::string_view::npos) continue;
      if (name.starts_with("transaction.") && !has_transactions) continue;
      all.push_back({&entry, Serialization::json});
      if (entry.in_both_encodings) all.push_back({&entry, Serialization::rocketmq});
    }
  }
  return all;
}

void observe(const Target& target, const Chosen& chosen, const std::string& token) {
  std::string case_name = name_of(chosen);
  World world(target, case_name, token, chosen.serialization);
  try {
    chosen.entry->run(world);
  } catch (const std::exception& error) {
    world.note("FAILED", error.what());
  }
  std::cout << "[" << case_name << "]\n" << world.notes() << std::flush;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4 || argc > 5) {
    std::cerr << "usage: conformance_observe <NameServer> <broker> <version> [part of a name]\n";
    return 2;
  }
  const Target target{argv[1], argv[2], argv[3][0] == '5'};
  // Names of this run, on servers that others use as well.
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const std::string token =
      "r" +
      std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(now).count() %
                     100'000'000'000) +
      "p" + std::to_string(getpid());
  for (const Chosen& chosen : choose(argc == 5 ? argv[4] : "", argv[3]))
    observe(target, chosen, token);
  return 0;
}
