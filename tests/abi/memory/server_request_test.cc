// Each allocation of answering a broker fails once. The broker gets one answer all the same, or
// none when the request was dropped meanwhile, and the session goes on.
#include "client/server_request.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <iostream>
#include <optional>

#include "client/served_request.h"
#include "tests/abi/memory/failing_allocator.h"
#include "tests/fault/remoting/fake_peer.h"
#include "tests/support/simulated_host.h"

namespace rmq::test::abi {
namespace {

using namespace std::chrono_literals;

constexpr long kAnswerAllocationsMax = 100;

class Keeper final : public client::Member {
 public:
  explicit Keeper(client::ClientCore& core) : core_(core) {}

  void begin_close(base::Instant) noexcept override { core_.on_member_closed(*this, 0); }
  client::ServedRequests served_requests() const override {
    static constexpr client::ServedRequest kServed[] = {
        {protocol::RequestCode::GET_CONSUMER_RUNNING_INFO, nullptr,
         client::serve_by<Keeper, &Keeper::keep>}};
    return {{}, kServed};
  }
  // Keeps what wants an answer. A one-way request is the moment for what is to be done on the loop.
  void keep(const wire::CommandView&, client::ServerRequest& request) {
    if (request.wants_answer()) {
      kept.emplace(std::move(request));
    } else {
      work();
    }
  }

  std::optional<client::ServerRequest> kept;
  std::function<void()> work;

 private:
  client::ClientCore& core_;
};

class AnswerMemoryTest : public ::testing::Test {
 protected:
  AnswerMemoryTest() {
    host.core().add_member(keeper);
    host.core().endpoints().intern("10.0.0.1:10911")->connection().set_keep_open(true);
    peer.on_frame = [](const remoting::testing::SeenRequest& seen) {
      const bool is_question = (seen.flag & wire::kFlagResponse) == 0;
      if (is_question) seen.session->answer(seen.opaque, "", seen.serialization);
    };
    network.advance(50ms);
  }
  ~AnswerMemoryTest() override { EXPECT_TRUE(host.close()); }

  void push(std::int32_t flag) {
    wire::Command command;
    command.code = static_cast<std::int32_t>(protocol::RequestCode::GET_CONSUMER_RUNNING_INFO);
    command.flag = flag;
    command.opaque = 77;
    peer.last().send(command);
    network.advance(10ms);
  }
  void ask() {
    push(0);
    ASSERT_TRUE(keeper->kept);
  }
  std::size_t count_answers() {
    network.advance(10ms);
    const auto is_answer = [](const auto& seen) { return seen.flag == wire::kFlagResponse; };
    const auto answers = std::count_if(peer.seen.begin(), peer.seen.end(), is_answer);
    peer.seen.clear();
    return static_cast<std::size_t>(answers);
  }
  // True: an allocation failed.
  bool run_with_failure(long n, long in_a_row, const std::function<void()>& work) {
    bool has_failed = false;
    keeper->work = [&] {
      fail_allocation_of_this_thread(n, in_a_row);
      work();
      has_failed = count_allocations() >= n;
      fail_allocation_of_this_thread(0);
    };
    push(wire::kFlagOneway);
    return has_failed;
  }

  transport::MemoryNetwork network{1};
  transport::MemoryLoop broker{network, "10.0.0.1"};
  remoting::testing::FakePeer peer{broker, 10911};
  SimulatedHost host{network, "10.0.9.1", "10.0.0.9:9876"};
  std::shared_ptr<Keeper> keeper = std::make_shared<Keeper>(host.core());
};

TEST_F(AnswerMemoryTest, an_answer_that_memory_did_not_allow_is_given_again) {
  const std::string body(100, 'x');
  for (long n = 1; n <= kAnswerAllocationsMax; ++n) {
    ask();
    client::Answered answered = client::Answered::unwanted;
    const bool has_failed = run_with_failure(
        n, 1'000'000, [&] { answered = keeper->kept->answer({.remark = body, .body = body}); });
    if (answered == client::Answered::no_room) {
      EXPECT_TRUE(has_failed);
      EXPECT_EQ(keeper->kept->answer({.body = body}), client::Answered::sent);
    } else {
      EXPECT_EQ(answered, client::Answered::sent);
    }
    EXPECT_EQ(count_answers(), 1u) << n;
    keeper->kept.reset();
    EXPECT_EQ(count_answers(), 0u) << n;
    if (!has_failed) {
      std::cout << n - 1 << " allocations of answering failed\n";
      EXPECT_GT(n, 3);
      break;
    }
  }
  EXPECT_EQ(peer.sessions.size(), 1u);
}

TEST_F(AnswerMemoryTest, one_that_is_dropped_without_memory_costs_its_refusal_at_most) {
  for (const long in_a_row : {1L, 1'000'000L}) {
    for (long n = 1; n <= kAnswerAllocationsMax; ++n) {
      ask();
      const bool has_failed = run_with_failure(n, in_a_row, [&] { keeper->kept.reset(); });
      EXPECT_LE(count_answers(), 1u) << n;
      ask();
      keeper->kept.reset();
      EXPECT_EQ(count_answers(), 1u) << n;
      if (!has_failed) break;
    }
  }
  EXPECT_EQ(peer.sessions.size(), 1u);
}

}  // namespace
}  // namespace rmq::test::abi
