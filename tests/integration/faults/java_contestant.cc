#include <string>

#include "tests/integration/faults/contestant.h"
#include "tests/integration/java_peer.h"

namespace rmq::test {
namespace {

class JavaContestant final : public Contestant {
 public:
  JavaContestant(const Servers& servers, const std::string& topic, int rate,
                 const RoleAddresses& namesrv_addresses)
      : peer_(servers) {
    std::string command = "traffic " + topic + " group_of_" + topic + " " + std::to_string(rate);
    for (const std::string& address : namesrv_addresses) command += " " + address;
    peer_.run(command);
  }

  const std::string& name() const override { return name_; }
  void set_rate(int rate) override { peer_.run("traffic-rate " + std::to_string(rate)); }
  const TrafficRecords& records() override {
    for (const PeerLine& line : peer_.run("traffic-news")) {
      if (line.at(0) == "SEND") {
        records_.sends.push_back(
            {line.at(1), line.at(2) == "single", std::stoll(line.at(3)), std::stoll(line.at(4)),
             line.at(5) == "stored" ? SendFate::applied : SendFate::maybe_applied,
             line.at(8) == "-" ? std::string() : line.at(8)});
      } else {
        records_.deliveries.push_back({line.at(2), std::stoll(line.at(3)), line.at(4),
                                       std::stoll(line.at(5)), line.at(6) == "whole", false});
      }
    }
    return records_;
  }

 private:
  const std::string name_ = "java";
  JavaPeer peer_;
  TrafficRecords records_;
};

}  // namespace

std::unique_ptr<Contestant> start_java(const Servers& servers, const std::string& topic, int rate,
                                       const RoleAddresses& namesrv_addresses) {
  return std::make_unique<JavaContestant>(servers, topic, rate, namesrv_addresses);
}

}  // namespace rmq::test
