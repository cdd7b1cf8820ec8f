// Look-ups of a driven loop, which blocks in them: each name once, one in a step. The look-up is
// the test's own.
#include "transport/inline_resolver.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "transport/uv_loop.h"

namespace rmq::transport {
namespace {

class InlineResolverTest : public testing::Test {
 protected:
  void SetUp() override {
    UvLoopOptions options;
    options.driven = true;
    options.look_up = [this](const HostPort& name) -> base::Result<std::vector<SocketAddress>> {
      looked_up.push_back(name.host);
      block_for_two_ticks();
      SocketAddress address;
      SocketAddress::parse_literal("10.0.0.9", name.port, &address);
      return std::vector<SocketAddress>{address};
    };
    loop = UvLoop::make(std::move(options)).take_value();
  }
  // Longer than a loop's clock needs to see it. Nothing waits for the end of it.
  static void block_for_two_ticks() {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(2);
    while (std::chrono::steady_clock::now() < end) std::this_thread::yield();
  }
  void ask(const std::string& host, std::uint16_t port = 80) {
    const std::string key = host + ":" + std::to_string(port);
    asked[key] = loop->resolver().resolve({host, port}, [this, key](auto result) {
      answers[key] = result.ok() ? result.value().front().to_text() : "failed";
      if (on_answer) std::exchange(on_answer, nullptr)();
    });
  }
  void step_until_looked_up(std::size_t count) {
    while (looked_up.size() < count && loop->timeout_ms() >= 0) loop->step();
  }

  std::unique_ptr<UvLoop> loop;
  std::map<std::string, std::unique_ptr<Resolution>> asked;
  std::map<std::string, std::string> answers;
  std::vector<std::string> looked_up;
  std::function<void()> on_answer;
};

TEST_F(InlineResolverTest, looks_a_name_up_once_for_all_ports) {
  ask("a", 80);
  ask("a", 81);
  loop->step();
  EXPECT_EQ(looked_up, std::vector<std::string>{"a"});
  EXPECT_EQ(answers["a:80"], "10.0.0.9:80");
  EXPECT_EQ(answers["a:81"], "10.0.0.9:81");
}

TEST_F(InlineResolverTest, looks_up_one_name_in_a_step_and_answers_literals_at_once) {
  ask("a");
  ask("b");
  ask("1.2.3.4");
  loop->step();
  EXPECT_EQ(looked_up, std::vector<std::string>{"a"});
  EXPECT_EQ(answers["1.2.3.4:80"], "1.2.3.4:80");
  EXPECT_GE(loop->timeout_ms(), 0) << "there is more to do";
  step_until_looked_up(2);
  EXPECT_EQ(looked_up, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(answers["b:80"], "10.0.0.9:80");
}

TEST_F(InlineResolverTest, looks_up_no_name_whose_askers_gave_up_meanwhile) {
  ask("a");
  ask("b");
  on_answer = [this] { asked.erase("b:80"); };
  loop->step();
  ask("c");
  step_until_looked_up(2);
  EXPECT_EQ(looked_up, (std::vector<std::string>{"a", "c"}));
}

TEST_F(InlineResolverTest, looks_a_name_up_again_for_who_asks_inside_its_answer) {
  ask("a", 80);
  on_answer = [this] { ask("a", 81); };
  loop->step();
  EXPECT_EQ(looked_up, std::vector<std::string>{"a"});
  step_until_looked_up(2);
  EXPECT_EQ(looked_up, (std::vector<std::string>{"a", "a"}));
  EXPECT_EQ(answers["a:81"], "10.0.0.9:81");
}

}  // namespace
}  // namespace rmq::transport
