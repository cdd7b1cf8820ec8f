// Which NameServer is asked, and what happens when it fails.
#include "protocol/topic_route.h"
#include "tests/fault/cluster/cluster_world.h"

namespace rmq::cluster::testing {
namespace {

using namespace std::chrono_literals;
using base::ErrorCode;

class NameServersTest : public ClusterWorld {
 protected:
  void ask(base::Duration timeout = 3s) {
    asked_at = network.now();
    name_servers.ask(protocol::GetRouteRequest{.topic = "orders"}, network.now() + timeout,
                     [this](base::Result<protocol::TopicRoute> answer) {
                       ++answers;
                       took = network.now() - asked_at;
                       ok = answer.ok() || has_answered(answer.error());
                       error = answer.ok() ? base::Error() : answer.take_error();
                     });
  }

  base::Instant asked_at;
  base::Duration took{};
  int answers = 0;
  bool ok = false;
  base::Error error;
};

TEST_F(NameServersTest, one_server_is_kept_while_it_answers) {
  for (int n = 1; n <= 3; ++n) add_name_server(n);
  use_name_servers(3);
  for (int i = 0; i < 20; ++i) {
    ask();
    network.advance(50ms);
  }
  EXPECT_EQ(answers, 20);
  const bool is_one = requests(0) == 20 || requests(1) == 20 || requests(2) == 20;
  EXPECT_TRUE(is_one) << requests(0) << " " << requests(1) << " " << requests(2);
}

TEST_F(NameServersTest, clients_spread_over_the_servers) {
  for (int n = 1; n <= 3; ++n) add_name_server(n);
  for (int i = 0; i < 30; ++i) {
    use_name_servers(3);
    ask();
    network.advance(50ms);
  }
  for (std::size_t i = 0; i < 3; ++i) EXPECT_GT(requests(i), 3u);
}

TEST_F(NameServersTest, the_next_one_answers_when_one_refuses_and_is_asked_first_from_then_on) {
  add_name_server(1);
  use_name_servers(3);  // 2 and 3 do not exist
  ask();
  network.advance(200ms);
  EXPECT_TRUE(ok);
  for (int i = 0; i < 5; ++i) {
    ask();
    network.advance(20ms);
    EXPECT_TRUE(ok);
    EXPECT_LE(took, 5ms);
  }
}

TEST_F(NameServersTest, those_that_cannot_be_reached_are_asked_last_and_cost_no_time) {
  for (int n = 1; n <= 2; ++n) add_name_server(n);
  use_name_servers(3);  // 3 is a machine that is off
  transport::SocketAddress off;
  transport::SocketAddress::parse_literal("10.0.1.3", 9876, &off);
  network.behaviour(off).connect = transport::ConnectBehaviour::kNever;
  for (int i = 0; i < 30; ++i) {
    use_name_servers(3);  // in another order, until that one was asked
    ask();
    network.advance(4s);
  }
  for (int i = 0; i < 20; ++i) {
    use_name_servers(3);  // in another order
    ask();
    network.advance(3s);
    EXPECT_TRUE(ok);
    EXPECT_LE(took, 5ms) << i;
  }
}

TEST_F(NameServersTest, a_silent_server_leaves_time_for_the_next) {
  for (int n = 1; n <= 3; ++n) add_name_server(n);
  use_name_servers(3);
  ask();
  network.advance(50ms);
  for (std::size_t i = 0; i < 3; ++i) {
    if (requests(i) > 0) (*servers[i])->pause();
  }
  ask(3s);
  network.advance(3s);
  EXPECT_EQ(answers, 2);
  EXPECT_TRUE(ok);
  EXPECT_LE(took, 1100ms) << "a third of the time";
}

TEST_F(NameServersTest, each_is_asked_once_and_the_error_names_them_all) {
  for (int n = 1; n <= 2; ++n) add_name_server(n).pause();
  use_name_servers(3);
  ask(2s);
  network.advance(2100ms);
  ASSERT_EQ(answers, 1);
  EXPECT_EQ(error.code, ErrorCode::NO_NAMESERVER);
  EXPECT_EQ(error.server_role, base::ServerRole::nameserver);
  for (int n = 1; n <= 3; ++n) {
    EXPECT_NE(error.message.find(address_of(n)), std::string::npos) << error.message;
  }
  EXPECT_LE(took, 2050ms);
}

TEST_F(NameServersTest, without_any_the_answer_says_what_to_set) {
  ask();
  EXPECT_EQ(answers, 1);
  EXPECT_EQ(error.code, ErrorCode::NO_NAMESERVER);
  EXPECT_NE(error.hint.find("namesrv_addr"), std::string::npos);
}

TEST_F(NameServersTest, a_new_list_counts_from_the_next_question) {
  add_name_server(1);
  use_name_servers(0);
  ask();
  EXPECT_FALSE(ok);
  use_name_servers(1);
  ask();
  network.advance(50ms);
  EXPECT_TRUE(ok);
}

}  // namespace
}  // namespace rmq::cluster::testing
