// Text into the test broker: as options, as a scenario, and line by line as commands of a simulated
// cluster. Nothing is ever answered beyond its bound, and a failure says something.
#include <algorithm>
#include <string>
#include <string_view>

#include "testbroker/cluster_text.h"
#include "testbroker/command.h"
#include "testbroker/scenario.h"
#include "tests/fuzz/check.h"
#include "tests/support/memory_cluster.h"

namespace rmq::testbroker {
namespace {

constexpr int kLinesMax = 16;
constexpr std::chrono::milliseconds kBetweenLines(50);

void run_lines(std::string_view text) {
  transport::MemoryNetwork network(1);
  test::MemoryCluster cluster(network, 2, {}, {.slaves = 1, .lag = kBetweenLines});
  for (int i = 0; i < kLinesMax && !text.empty(); ++i) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    std::string reply;
    const auto status = run_command(line, cluster.cluster(), &reply);
    RMQ_FUZZ_CHECK(status.ok() || (!status.error().message.empty() && reply.empty()));
    RMQ_FUZZ_CHECK(reply.size() <= kReplyBytesMax);
    RMQ_FUZZ_CHECK(!status.ok() || check_command(line, cluster.cluster()).ok());
    network.advance(kBetweenLines);
  }
}

}  // namespace
}  // namespace rmq::testbroker

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rmq::testbroker;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto options = parse_cluster_options(text);
  RMQ_FUZZ_CHECK(options.ok() ? check(options.value()).ok() : !options.error().message.empty());
  const auto steps = parse_scenario(text, "file");
  RMQ_FUZZ_CHECK(!steps.ok() || steps.value().size() <= kScenarioStepsMax);
  run_lines(text);
  return 0;
}
