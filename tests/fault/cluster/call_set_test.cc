// The way to ask a server: what its answer, its refusal and its silence become.
#include "cluster/call_set.h"

#include "protocol/response_code.h"
#include "protocol/topic_route.h"
#include "tests/fault/cluster/cluster_world.h"

namespace rmq::cluster::testing {
namespace {

using namespace std::chrono_literals;
using base::ErrorCode;
using protocol::RequestCode;
namespace fault = testbroker::fault;

class CallSetTest : public ClusterWorld {
 protected:
  CallSetTest() {
    known.put_broker({"DefaultCluster", "broker-a", 0, "10.0.0.1:10911"});
    known.put_topic("broker-a", {.name = "orders", .read_queues = 4, .write_queues = 4});
  }
  Target server() { return {endpoints.intern(address_of(1))->connection()}; }
  void ask(CallSet::WhenAway when_away = CallSet::WhenAway::fail) {
    calls.ask(
        server(), protocol::GetRouteRequest{.topic = "orders"}, {}, network.now() + 3s,
        [this](base::Result<protocol::TopicRoute> answer) {
          answers.push_back(std::move(answer));
          if (then) then();
        },
        when_away);
  }

  CallSet calls{decorator};
  std::vector<base::Result<protocol::TopicRoute>> answers;
  std::function<void()> then;
};

TEST_F(CallSetTest, an_answer_comes_as_what_it_says) {
  add_name_server(1);
  ask();
  EXPECT_TRUE(answers.empty()) << "never inside of ask()";
  network.advance(50ms);
  ASSERT_EQ(answers.size(), 1u);
  ASSERT_TRUE(answers[0].ok());
  EXPECT_EQ(answers[0].value().queues.at(0).write_queue_count, 4);
}

TEST_F(CallSetTest, a_refusal_tells_who_refused_and_counts_as_an_answer) {
  add_name_server(1).script().on(RequestCode::GET_ROUTEINFO_BY_TOPIC).then(fault::error(17, "no"));
  ask();
  network.advance(50ms);
  ASSERT_EQ(answers.size(), 1u);
  ASSERT_FALSE(answers[0].ok());
  const base::Error& error = answers[0].error();
  EXPECT_TRUE(has_answered(error));
  EXPECT_EQ(error.response_code, 17);
  EXPECT_EQ(error.remark, "no");
  EXPECT_EQ(error.address, address_of(1));
  EXPECT_EQ(error.server_role, base::ServerRole::nameserver);
}

TEST_F(CallSetTest, silence_and_absence_are_no_answers) {
  ask();  // nobody listens there
  network.advance(100ms);
  add_name_server(1).pause();
  network.advance(10s);
  ask();
  network.advance(4s);
  ASSERT_EQ(answers.size(), 2u);
  for (const auto& answer : answers) {
    ASSERT_FALSE(answer.ok());
    EXPECT_FALSE(has_answered(answer.error()));
  }
  EXPECT_EQ(answers[1].error().code, ErrorCode::REQUEST_TIMEOUT);
}

TEST_F(CallSetTest, one_that_waits_reaches_a_server_that_comes_late) {
  ask(CallSet::WhenAway::wait);
  network.advance(500ms);
  EXPECT_TRUE(answers.empty());
  add_name_server(1);
  network.advance(3s);
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_TRUE(answers[0].ok());
}

TEST_F(CallSetTest, what_is_forgotten_is_never_heard_of) {
  add_name_server(1);
  ask();
  calls.forget_all();
  ask();
  network.advance(500us);
  {
    CallSet gone(decorator);
    gone.ask(server(), protocol::GetRouteRequest{.topic = "orders"}, {}, network.now() + 3s,
             [this](const auto&) { ADD_FAILURE(); });
  }
  network.advance(10s);
  EXPECT_EQ(answers.size(), 1u);
}

TEST_F(CallSetTest, what_is_forgotten_tells_whether_a_server_may_have_heard_of_it) {
  EXPECT_EQ(calls.forget_all(), base::Outcome::not_applied);
  ask(CallSet::WhenAway::wait);  // nobody listens there
  network.advance(100ms);
  EXPECT_EQ(calls.forget_all(), base::Outcome::not_applied);
  add_name_server(1);
  network.advance(10s);
  (*servers[0])->script().on_any().then(testbroker::fault::no_answer());
  ask();
  network.advance(100ms);
  EXPECT_EQ(calls.forget_all(), base::Outcome::maybe_applied);
  EXPECT_TRUE(answers.empty());
}

TEST_F(CallSetTest, the_asker_may_ask_and_forget_inside_of_an_answer) {
  add_name_server(1);
  ask();
  ask();
  then = [this] {
    then = nullptr;
    calls.forget_all();
    ask();
  };
  network.advance(1s);
  EXPECT_EQ(answers.size(), 2u) << "the first, and the one that was asked in it";
}

TEST_F(CallSetTest, nothing_is_heard_of_what_is_only_told) {
  add_name_server(1);
  calls.tell(server(), protocol::GetRouteRequest{.topic = "orders"}, {}, network.now() + 3s);
  network.advance(100ms);
  EXPECT_EQ(requests(0), 1u);
  EXPECT_EQ((*servers[0])->counts().responses, 0u);
}

TEST_F(CallSetTest, a_lack_of_memory_in_an_asker_costs_no_other_one_its_answer) {
  add_name_server(1);
  then = [this] {
    if (answers.size() == 1) throw std::bad_alloc();
  };
  ask();
  ask();
  network.advance(100ms);
  EXPECT_EQ(answers.size(), 2u);
}

}  // namespace
}  // namespace rmq::cluster::testing
