// A stamp tells a child from its parent, whatever the kernel offers for that.
#include "base/process_stamp.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cerrno>

#include "base/system_random.h"
#include "tests/support/forked_child.h"
#include "tests/support/refused_calls.h"

namespace rmq::base {
namespace {

using test::run_in_child;

int look_from_a_child() {
  const auto stamp = ProcessStamp::make().take_value();
  if (stamp->forked()) return 1;
  const int child = run_in_child([&] { return stamp->forked() ? 0 : 2; });
  return child != 0 ? child : stamp->forked() ? 3 : 0;
}

TEST(ProcessStamp, knows_a_forked_child) { EXPECT_EQ(look_from_a_child(), 0); }

TEST(ProcessStamp, knows_a_forked_child_where_the_kernel_wipes_no_page) {
  for (const int cause : {EINVAL, EPERM, ENOSYS}) {
    const auto look = [cause] {
      return test::refuse_calls({SYS_madvise}, cause) ? look_from_a_child() : 0;
    };
    EXPECT_EQ(run_in_child(look), 0) << cause;
  }
}

TEST(SystemRandom, differs_from_call_to_call_where_the_kernel_gives_none) {
  const auto look = [] {
    if (!test::refuse_calls({SYS_getrandom, SYS_openat, SYS_open}, ENOSYS)) return 0;
    const std::uint64_t first = system_random();
    const std::uint64_t second = system_random();
    return first != second && first >> 32 != second >> 32 ? 0 : 1;
  };
  EXPECT_EQ(run_in_child(look), 0);
}

// As in two containers that were started from one image: equal ids of processes.
TEST(SystemRandom, differs_between_children_that_share_all_memory) {
  std::uint64_t* shared = static_cast<std::uint64_t*>(
      ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  for (int i = 0; i < 2; ++i) {
    run_in_child([&] {
      shared[i] = random_without_kernel();
      return 0;
    });
  }
  EXPECT_NE(shared[0], shared[1]);
  ::munmap(shared, 4096);
}

}  // namespace
}  // namespace rmq::base
