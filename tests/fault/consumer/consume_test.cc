// A member alone in its group: what it is given, and what is committed.
#include "tests/fault/consumer/group_world.h"

namespace rmq::consumer {
namespace {

using namespace testing;

class ConsumeTest : public GroupWorld {
 protected:
  void TearDown() override { end(member); }
  // Bodies of all that comes within the time, each answered at once.
  std::multiset<std::string> consume_for(base::Duration time) {
    std::multiset<std::string> bodies;
    for (base::Duration done{0}; done < time; done += 50ms) {
      network.advance(50ms);
      for (std::string& body : member->consume()) bodies.insert(std::move(body));
    }
    return bodies;
  }
  static std::multiset<std::string> numbers(int count, int first = 0) {
    std::multiset<std::string> bodies;
    for (int i = first; i < first + count; ++i) bodies.insert(std::to_string(i));
    return bodies;
  }

  std::unique_ptr<SimulatedMember> member;
};

TEST_F(ConsumeTest, delivers_every_message_once_and_commits_them_all) {
  make_broker();
  store(1000);
  member = start_member("10.0.0.2", make_options());
  EXPECT_EQ(consume_for(10s), numbers(1000));
  EXPECT_EQ(committed_in_all(), 1000);
  store(10, 1000);
  EXPECT_EQ(consume_for(20s), numbers(10, 1000));
  EXPECT_EQ(committed_in_all(), 1010);
}

}  // namespace
}  // namespace rmq::consumer
