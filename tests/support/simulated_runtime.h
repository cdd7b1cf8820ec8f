// A driven client::Runtime in a simulated world: its loop, its clock and its random numbers are the
// world's, and the network steps it whenever something is due. Whoever turns the clock is the
// user's thread and the loop's at once.
//
//   test::SimulatedRuntime runtime(network, "10.0.9.1", config, seed);  // config: run_mode driven
//   … runtime->start() … runtime.destroy();
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client/runtime.h"
#include "client/surroundings.h"
#include "transport/memory_loop.h"
#include "transport/memory_network.h"
#include "transport/seeded_random.h"

namespace rmq::test {

// Gives a runtime its loop, and sees what the runtime does with it. Shared with the runtime, which
// may outlive its handle.
class SimulatedSurroundings final : public client::Surroundings {
 public:
  SimulatedSurroundings(transport::MemoryNetwork& network, std::string address, std::uint64_t seed)
      : network_(network), address_(std::move(address)), random_(seed) {}

  base::Result<std::unique_ptr<transport::LoopRunner>> make_loop(bool,
                                                                 transport::Resolver*) override {
    if (refusals_ > 0) {
      --refusals_;
      return base::make_error(base::ErrorCode::DESCRIPTORS, "the simulated host has none left");
    }
    return std::unique_ptr<transport::LoopRunner>(std::make_unique<Runner>(*this));
  }
  // A step that finds nothing to do costs time, so that a loop of such steps ends.
  base::Instant now() const override { return network_.now() + spun_; }
  std::int64_t wall_ms() const override { return network_.clock().wall_ms(); }
  std::uint64_t random() override { return random_.next(); }
  std::uint32_t process_id() const override { return 1; }

  // So many loops cannot be made.
  void refuse_loops(int count) { refusals_ = count; }
  void set_driver(std::function<bool()> driver) { driver_ = std::move(driver); }
  transport::MemoryLoop* loop() { return loop_; }  // null: not made, or gone
  std::size_t idle_steps() const { return idle_steps_; }
  // What the runtime did wrong, until now.
  std::vector<std::string> take_mistakes() { return std::exchange(mistakes_, {}); }

 private:
  class Runner final : public transport::LoopRunner {
   public:
    explicit Runner(SimulatedSurroundings& home)
        : home_(home), loop_(home.network_, home.address_) {
      if (home_.loop_ != nullptr) home_.mistakes_.emplace_back("a second loop beside the first");
      home_.loop_ = &loop_;
      loop_.set_driver([&home] { return home.driver_ && home.driver_(); });
    }
    ~Runner() override {
      const transport::MemoryLoop::Holdings& left = loop_.holdings();
      note_left("timers", left.timers);
      note_left("wake-ups", left.wake_ups);
      note_left("streams", left.streams);
      note_left("look-ups", left.look_ups);
      if (home_.loop_ == &loop_) home_.loop_ = nullptr;
    }

    transport::Loop& loop() override { return loop_; }
    void run() override { home_.mistakes_.emplace_back("a thread for a driven loop"); }
    RunEnd run_until(Run&) override {
      run();
      return RunEnd::stopped;
    }
    void stop() override {}
    void set_sleeper(transport::LoopSleeper*) override {}
    bool is_woken() const override { return false; }
    void step() override {
      if (is_closed_) home_.mistakes_.emplace_back("a step of a loop that is closed");
      if (loop_.step()) return;
      ++home_.idle_steps_;
      home_.spun_ += base::milliseconds(1);
    }
    int backend_fd() const override { return kDescriptor; }
    int timeout_ms() const override { return 0; }
    // The members of a closed runtime are closed too, and with them all that they had with others.
    void close(base::Duration) override {
      if (std::exchange(is_closed_, true)) return;
      note_left("wake-ups at the close", loop_.holdings().wake_ups);
      note_left("look-ups at the close", loop_.holdings().look_ups);
    }
    void close_inherited_sockets() noexcept override {}

   private:
    static constexpr int kDescriptor = 1000;

    void note_left(const char* what, std::size_t count) {
      if (count == 0) return;
      home_.mistakes_.push_back("a runtime leaves " + std::to_string(count) + " " + what);
    }

    SimulatedSurroundings& home_;
    transport::MemoryLoop loop_;
    bool is_closed_ = false;
  };

  transport::MemoryNetwork& network_;
  const std::string address_;
  transport::SeededRandom random_;
  std::function<bool()> driver_;  // null: nobody steps the runtime
  transport::MemoryLoop* loop_ = nullptr;
  int refusals_ = 0;
  std::size_t idle_steps_ = 0;
  base::Duration spun_{0};
  std::vector<std::string> mistakes_;
};

class SimulatedRuntime {
 public:
  SimulatedRuntime(transport::MemoryNetwork& network, const std::string& address,
                   const config::Config& config, std::uint64_t seed)
      : surroundings_(std::make_shared<SimulatedSurroundings>(network, address, seed)),
        runtime_(client::Runtime::make(config, surroundings_).take_value()) {
    surroundings_->set_driver(
        [runtime = runtime_.get()] { return runtime->descriptor() >= 0 && runtime->step().ok(); });
  }
  ~SimulatedRuntime() { destroy(); }
  SimulatedRuntime(const SimulatedRuntime&) = delete;
  SimulatedRuntime& operator=(const SimulatedRuntime&) = delete;

  client::Runtime* operator->() { return runtime_.get(); }
  // Null once it is destroyed.
  const std::shared_ptr<client::Runtime>& share() const { return runtime_; }
  SimulatedSurroundings& surroundings() { return *surroundings_; }
  transport::MemoryLoop* loop() { return surroundings_->loop(); }

  bool is_destroyed() const { return runtime_ == nullptr; }
  // What rmq_runtime_destroy does. False: it was called inside a turn of the loop.
  bool destroy() {
    if (is_destroyed()) return true;
    if (!runtime_->abandon()) return false;
    surroundings_->set_driver(nullptr);
    runtime_.reset();
    return true;
  }

 private:
  const std::shared_ptr<SimulatedSurroundings> surroundings_;
  std::shared_ptr<client::Runtime> runtime_;
};

}  // namespace rmq::test
