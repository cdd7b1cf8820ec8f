#include "client/surroundings.h"

#include <unistd.h>

#include <chrono>

#include "base/system_random.h"
#include "transport/uv_loop.h"

namespace rmq::client {
namespace {

class SystemSurroundings final : public Surroundings {
 public:
  base::Result<std::unique_ptr<transport::LoopRunner>> make_loop(
      bool is_driven, transport::Resolver* resolver) override {
    transport::UvLoopOptions options;
    options.driven = is_driven;
    options.resolver = resolver;
    auto loop = transport::UvLoop::make(std::move(options));
    if (!loop.ok()) return loop.take_error();
    return std::unique_ptr<transport::LoopRunner>(loop.take_value());
  }
  base::Instant now() const override {
    return base::Instant(std::chrono::duration_cast<base::Duration>(
        std::chrono::steady_clock::now().time_since_epoch()));
  }
  std::int64_t wall_ms() const override { return base::wall_clock_ms(); }
  std::uint64_t random() override { return base::system_random(); }
  std::uint32_t process_id() const override { return static_cast<std::uint32_t>(::getpid()); }
};

}  // namespace

std::shared_ptr<Surroundings> make_system_surroundings() {
  return std::make_shared<SystemSurroundings>();
}

}  // namespace rmq::client
