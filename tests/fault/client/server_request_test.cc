// Requests of a broker: who serves them, and what becomes of their answers.
#include "client/server_request.h"

#include <gtest/gtest.h>

#include <optional>

#include "client/served_request.h"
#include "tests/fault/remoting/fake_peer.h"
#include "tests/support/simulated_host.h"

namespace rmq::client::testing {
namespace {

using namespace std::chrono_literals;
using protocol::RequestCode;
using protocol::ResponseCode;

constexpr std::int32_t kOpaque = 77;

// Serves one code for its group, and another one for any.
class Servant final : public Member {
 public:
  Servant(ClientCore& core, std::string group) : core_(core), group_(std::move(group)) {}

  void begin_close(base::Instant) noexcept override { core_.on_member_closed(*this, 0); }
  ServedRequests served_requests() const override {
    static constexpr ServedRequest kServed[] = {
        {RequestCode::GET_CONSUMER_RUNNING_INFO,
         [](const wire::CommandView& command) { return command.field("group").value_or(""); },
         serve_by<Servant, &Servant::serve>},
        {RequestCode::PUSH_REPLY_MESSAGE_TO_CLIENT, nullptr, serve_by<Servant, &Servant::serve>},
    };
    return {group_, kServed};
  }
  void on_consumer_ids_changed(std::string_view group) override { changed.emplace_back(group); }
  void serve(const wire::CommandView& command, ServerRequest& request) {
    codes.push_back(command.code);
    if (then) then(request);
  }

  std::vector<std::int32_t> codes;
  std::vector<std::string> changed;
  std::function<void(ServerRequest&)> then;

 private:
  ClientCore& core_;
  const std::string group_;
};

class ServerRequestTest : public ::testing::Test {
 protected:
  ServerRequestTest() {
    host.emplace(network, "10.0.9.1", "10.0.0.9:9876", options());
    readers = std::make_shared<Servant>(host->core(), "readers");
    writers = std::make_shared<Servant>(host->core(), "writers");
    host->core().add_member(readers);
    host->core().add_member(writers);
    peer.on_frame = [](const remoting::testing::SeenRequest& seen) {
      const bool is_question = (seen.flag & wire::kFlagResponse) == 0;
      if (is_question) seen.session->answer(seen.opaque, "", seen.serialization);
    };
    connection().set_keep_open(true);
    network.advance(50ms);
  }
  ~ServerRequestTest() override {
    kept.reset();
    if (host) {
      EXPECT_TRUE(host->close());
    }
  }

  static CoreOptions options() {
    CoreOptions options;
    options.connections.responses_max = 3;
    return options;
  }
  remoting::Connection& connection() {
    return host->core().endpoints().intern("10.0.0.1:10911")->connection();
  }
  void push(RequestCode code, std::int32_t flag = 0, const char* group = "readers",
            wire::Serialization serialization = wire::Serialization::rocketmq) {
    wire::Command command;
    command.serialization = serialization;
    command.code = static_cast<std::int32_t>(code);
    command.flag = flag;
    command.opaque = kOpaque;
    command.fields = {{"group", group}, {"consumerGroup", group}};
    command.body = "the question";
    peer.last().send(command);
    network.advance(10ms);
  }
  void keep_next() {
    readers->then = [this](ServerRequest& request) { kept.emplace(std::move(request)); };
  }
  // Breaks the session in which requests came, and waits for the next one.
  void replace_session() {
    peer.last().close();
    network.advance(5s);
    ASSERT_EQ(peer.sessions.size(), 2u);
    ASSERT_EQ(connection().state(), remoting::ConnectionState::open);
  }
  std::vector<remoting::testing::SeenRequest> answers() {
    network.advance(10ms);
    std::erase_if(peer.seen, [](const auto& seen) { return seen.flag != wire::kFlagResponse; });
    return peer.seen;
  }
  void expect_one_answer(ResponseCode code, const std::string& body = {}) {
    const auto seen = answers();
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen[0].code, static_cast<std::int32_t>(code));
    EXPECT_EQ(seen[0].opaque, kOpaque);
    EXPECT_EQ(seen[0].flag, wire::kFlagResponse);
    EXPECT_EQ(seen[0].body, body);
  }

  transport::MemoryNetwork network{1};
  transport::MemoryLoop broker{network, "10.0.0.1"};
  remoting::testing::FakePeer peer{broker, 10911};
  std::optional<test::SimulatedHost> host;
  std::shared_ptr<Servant> readers;
  std::shared_ptr<Servant> writers;
  std::optional<ServerRequest> kept;
};

TEST_F(ServerRequestTest, a_code_that_nobody_serves_is_refused) {
  push(RequestCode::CONSUME_MESSAGE_DIRECTLY);
  expect_one_answer(ResponseCode::REQUEST_CODE_NOT_SUPPORTED);
  EXPECT_TRUE(readers->codes.empty());
}

TEST_F(ServerRequestTest, the_member_of_the_group_serves_and_others_hear_nothing) {
  writers->then = [](ServerRequest& request) {
    EXPECT_EQ(request.answer({.body = "the answer"}), Answered::sent);
  };
  push(RequestCode::GET_CONSUMER_RUNNING_INFO, 0, "writers");
  expect_one_answer(ResponseCode::SUCCESS, "the answer");
  EXPECT_TRUE(readers->codes.empty());
}

TEST_F(ServerRequestTest, a_group_that_nobody_has_any_more_is_refused) {
  host->core().on_member_closed(*readers, 0);
  push(RequestCode::GET_CONSUMER_RUNNING_INFO);
  expect_one_answer(ResponseCode::REQUEST_CODE_NOT_SUPPORTED);
}

TEST_F(ServerRequestTest, a_request_for_any_group_goes_to_the_first_that_serves_it) {
  push(RequestCode::PUSH_REPLY_MESSAGE_TO_CLIENT, 0, "nobody's");
  EXPECT_EQ(readers->codes.size(), 1u);
  EXPECT_TRUE(writers->codes.empty());
}

TEST_F(ServerRequestTest, all_members_hear_that_a_group_has_changed) {
  push(RequestCode::NOTIFY_CONSUMER_IDS_CHANGED, wire::kFlagOneway);
  EXPECT_EQ(readers->changed, std::vector<std::string>{"readers"});
  EXPECT_EQ(writers->changed, std::vector<std::string>{"readers"});
  EXPECT_TRUE(answers().empty());
}

TEST_F(ServerRequestTest, a_one_way_request_gets_no_answer_served_or_not) {
  readers->then = [](ServerRequest& request) {
    EXPECT_FALSE(request.wants_answer());
    EXPECT_EQ(request.answer({}), Answered::unwanted);
  };
  push(RequestCode::GET_CONSUMER_RUNNING_INFO, wire::kFlagOneway);
  push(RequestCode::CONSUME_MESSAGE_DIRECTLY, wire::kFlagOneway);
  EXPECT_EQ(readers->codes.size(), 1u);
  EXPECT_TRUE(answers().empty());
}

TEST_F(ServerRequestTest, an_answer_may_come_later_and_in_the_words_of_the_question) {
  for (const auto form : {wire::Serialization::json, wire::Serialization::rocketmq}) {
    peer.seen.clear();
    keep_next();
    push(RequestCode::GET_CONSUMER_RUNNING_INFO, 0, "readers", form);
    network.advance(1s);
    EXPECT_TRUE(answers().empty());
    ASSERT_TRUE(kept && kept->wants_answer());
    EXPECT_EQ(kept->answer({.code = ResponseCode::SYSTEM_ERROR, .body = "late"}), Answered::sent);
    EXPECT_FALSE(kept->wants_answer());
    expect_one_answer(ResponseCode::SYSTEM_ERROR, "late");
    EXPECT_EQ(peer.seen[0].serialization, form);
  }
}

TEST_F(ServerRequestTest, what_was_asked_stays_readable_while_more_comes) {
  keep_next();
  push(RequestCode::GET_CONSUMER_RUNNING_INFO);
  readers->then = nullptr;
  for (int i = 0; i < 2000; ++i) push(RequestCode::GET_CONSUMER_RUNNING_INFO, wire::kFlagOneway);
  EXPECT_EQ(base::as_text(kept->body()), "the question");
  EXPECT_EQ(kept->code(), static_cast<std::int32_t>(RequestCode::GET_CONSUMER_RUNNING_INFO));
  EXPECT_EQ(kept->connection(), &connection());
}

TEST_F(ServerRequestTest, a_second_answer_goes_nowhere) {
  keep_next();
  push(RequestCode::GET_CONSUMER_RUNNING_INFO);
  EXPECT_EQ(kept->answer({.body = "first"}), Answered::sent);
  EXPECT_EQ(kept->answer({.body = "second"}), Answered::twice);
  kept.reset();
  expect_one_answer(ResponseCode::SUCCESS, "first");
}

TEST_F(ServerRequestTest, one_that_is_dropped_is_refused_wherever_it_was_moved) {
  keep_next();
  push(RequestCode::GET_CONSUMER_RUNNING_INFO);
  ServerRequest moved = std::move(*kept);
  EXPECT_EQ(kept->answer({}), Answered::twice) << "another object has it";
  kept.reset();
  EXPECT_TRUE(answers().empty());
  kept.emplace(std::move(moved));
  kept.reset();
  expect_one_answer(ResponseCode::REQUEST_CODE_NOT_SUPPORTED);
}

TEST_F(ServerRequestTest, one_that_makes_place_for_another_is_refused) {
  keep_next();
  push(RequestCode::GET_CONSUMER_RUNNING_INFO);
  readers->then = [this](ServerRequest& request) { *kept = std::move(request); };
  push(RequestCode::GET_CONSUMER_RUNNING_INFO);
  expect_one_answer(ResponseCode::REQUEST_CODE_NOT_SUPPORTED);
  EXPECT_EQ(kept->answer({}), Answered::sent);
  EXPECT_EQ(answers().size(), 2u);
}

TEST_F(ServerRequestTest, no_answer_reaches_a_later_session) {
  keep_next();
  push(RequestCode::GET_CONSUMER_RUNNING_INFO);
  replace_session();
  EXPECT_FALSE(kept->wants_answer());
  EXPECT_EQ(kept->connection(), nullptr);
  EXPECT_EQ(kept->answer({}), Answered::unwanted);
  EXPECT_EQ(kept->answer({}), Answered::twice);
  EXPECT_TRUE(answers().empty());
}

TEST_F(ServerRequestTest, no_refusal_reaches_a_later_session) {
  keep_next();
  push(RequestCode::GET_CONSUMER_RUNNING_INFO);
  replace_session();
  kept.reset();
  EXPECT_TRUE(answers().empty());
  keep_next();
  push(RequestCode::GET_CONSUMER_RUNNING_INFO);
  EXPECT_EQ(kept->answer({.body = "of this one"}), Answered::sent);
  expect_one_answer(ResponseCode::SUCCESS, "of this one");
}

TEST_F(ServerRequestTest, one_may_outlive_its_connection_and_the_client) {
  keep_next();
  push(RequestCode::GET_CONSUMER_RUNNING_INFO);
  EXPECT_TRUE(host->close());
  EXPECT_EQ(kept->connection(), nullptr);
  host.reset();
  EXPECT_EQ(kept->answer({}), Answered::unwanted);
  EXPECT_EQ(base::as_text(kept->body()), "the question");
}

TEST_F(ServerRequestTest, an_answer_without_room_may_be_given_again) {
  peer.last().stop_reading();
  network.behaviour(peer.address()).window_bytes = 1024;
  std::vector<ServerRequest> requests;
  readers->then = [&](ServerRequest& request) { requests.push_back(std::move(request)); };
  for (int i = 0; i < 8; ++i) push(RequestCode::GET_CONSUMER_RUNNING_INFO);
  ASSERT_EQ(requests.size(), 8u);
  const std::string body(64 * 1024, 'x');
  std::size_t sent = 0;
  while (sent < 8 && requests[sent].answer({.body = body}) == Answered::sent) ++sent;
  ASSERT_LT(sent, 7u);
  ServerRequest& again = requests[sent];
  std::optional<ServerRequest> dropped(std::move(requests[sent + 1]));
  EXPECT_EQ(dropped->answer({.body = body}), Answered::no_room);
  EXPECT_TRUE(again.wants_answer() && dropped->wants_answer());
  peer.last().go_on_reading();
  network.advance(1s);
  EXPECT_EQ(again.answer({.body = body}), Answered::sent);
  EXPECT_EQ(answers().size(), sent + 1);
  dropped.reset();
  EXPECT_EQ(answers().back().code, static_cast<std::int32_t>(ResponseCode::SYSTEM_ERROR));
}

}  // namespace
}  // namespace rmq::client::testing
