#include "remoting/request_table.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <vector>

#include "remoting/request.h"
#include "tests/support/assertion.h"

namespace rmq::remoting {
namespace {

class SilentRequest final : public Request {
  void on_response(const wire::CommandView&, const base::SlabRef&) override {}
  void on_failure(base::Error) override {}
};

TEST(RequestTable, finds_a_request_by_its_opaque_only) {
  RequestTable table(4, 4);
  SilentRequest request;
  const std::int32_t opaque = table.insert(request).value();
  EXPECT_GE(opaque, 0);
  EXPECT_EQ(table.find(opaque).request, &request);
  for (const std::int32_t wrong : {opaque + 1, opaque + 0x10000, opaque ^ 0x40000000,
                                   static_cast<std::int32_t>(opaque | 0x80000000), -1}) {
    EXPECT_EQ(table.find(wrong).owner, RequestTable::Owner::nobody) << wrong;
  }
  table.release(opaque);
  EXPECT_EQ(table.find(opaque).owner, RequestTable::Owner::nobody);
}

TEST(RequestTable, notices_that_a_slot_is_released_twice) {
  EXPECT_TRUE(test::is_noticed([] {
    RequestTable table(4, 4);
    SilentRequest request;
    const std::int32_t opaque = table.insert(request).value();
    table.release(opaque);
    table.release(opaque);
  }));
  EXPECT_TRUE(test::is_noticed([] {
    RequestTable table(4, 4);
    SilentRequest request;
    const std::int32_t opaque = table.insert(request).value();
    table.quarantine(opaque);
    table.quarantine(opaque);
  }));
}

TEST(RequestTable, is_bounded) {
  RequestTable table(3, 2);
  SilentRequest requests[4];
  std::vector<std::int32_t> opaques;
  for (int i = 0; i < 3; ++i) opaques.push_back(table.insert(requests[i]).value());
  EXPECT_FALSE(table.insert(requests[3]));
  table.quarantine(opaques[1]);
  EXPECT_FALSE(table.is_quarantine_full());
  EXPECT_TRUE(table.insert(requests[3]));
  table.quarantine(opaques[0]);
  EXPECT_TRUE(table.is_quarantine_full());
  EXPECT_EQ(table.size(), 2u);
  EXPECT_EQ(table.quarantined(), 2u);
}

TEST(RequestTable, never_reuses_a_quarantined_slot_though_generations_wrap) {
  RequestTable table(2, 2);
  SilentRequest request;
  const std::int32_t late = table.insert(request).value();
  table.quarantine(late);
  for (int i = 0; i < 200000; ++i) {
    const std::int32_t opaque = table.insert(request).value();
    ASSERT_NE(opaque & 0xFFFF, late & 0xFFFF);
    table.release(opaque);
  }
  EXPECT_EQ(table.find(late).owner, RequestTable::Owner::quarantine);
  table.release(late);
  EXPECT_EQ(table.quarantined(), 0u);
}

TEST(RequestTable, repeats_an_opaque_only_after_all_generations) {
  RequestTable table(1, 0);
  SilentRequest request;
  std::set<std::int32_t> opaques;
  for (int i = 0; i < 0x8000; ++i) {
    const std::int32_t opaque = table.insert(request).value();
    EXPECT_TRUE(opaques.insert(opaque).second);
    table.release(opaque);
  }
}

TEST(RequestTable, gives_one_way_requests_opaques_that_no_answer_matches) {
  RequestTable table(RequestTable::kSlotsMax, 0);
  std::vector<std::unique_ptr<SilentRequest>> requests;
  for (std::size_t i = 0; i < RequestTable::kSlotsMax; ++i) {
    requests.push_back(std::make_unique<SilentRequest>());
    ASSERT_TRUE(table.insert(*requests.back()));
  }
  for (int i = 0; i < 0x8001; ++i) {
    const std::int32_t opaque = table.next_oneway_opaque();
    ASSERT_GE(opaque, 0);
    ASSERT_EQ(table.find(opaque).owner, RequestTable::Owner::nobody);
  }
}

// The bound on requests is the user's (max_inflight) and may be any number: it must not leave the
// quarantine without room, or one timeout would cost the connection.
TEST(RequestTable, keeps_room_for_the_quarantine_whatever_the_bound_on_requests) {
  RequestTable table(RequestTable::kSlotsMax + 1, 16384);
  SilentRequest request;
  table.quarantine(table.insert(request).value());
  EXPECT_FALSE(table.is_quarantine_full());
}

TEST(RequestTable, empties_by_first_and_clear) {
  RequestTable table(10, 10);
  SilentRequest requests[10];
  std::int32_t opaques[10];
  for (int i = 0; i < 10; ++i) opaques[i] = table.insert(requests[i]).value();
  table.quarantine(opaques[0]);
  table.release(opaques[5]);
  int count = 0;
  while (Request* request = table.first()) {
    table.release(opaques[static_cast<SilentRequest*>(request) - requests]);
    ++count;
  }
  EXPECT_EQ(count, 8);
  table.clear();
  EXPECT_EQ(table.quarantined(), 0u);
  for (SilentRequest& request : requests) EXPECT_TRUE(table.insert(request));
  EXPECT_NE(table.first(), nullptr);
}

}  // namespace
}  // namespace rmq::remoting
