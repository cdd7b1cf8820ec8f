// A process with few threads, little memory, or a kernel that refuses calls: an error in words, or
// it works; each accepted send has one event; the process lives on.
#include <grp.h>
#include <rocketmq_testbroker.h>

#include <cerrno>
#include <cstdio>
#include <fstream>

#include "tests/abi/support.h"
#include "tests/support/forked_child.h"
#include "tests/support/refused_calls.h"

namespace rmq::test::abi {
namespace {

constexpr uid_t kUnusedUser = 54321;

int fail(const char* what, std::int32_t code) {
  std::fprintf(stderr, "%s: %s\n", what, rmq_name(RMQ_NAME_ERROR, code));
  return 1;
}

void limit(int what, rlim_t value) {
  rlimit limit{value, value};
  ::getrlimit(static_cast<__rlimit_resource>(what), &limit);
  limit.rlim_cur = value;
  ::setrlimit(static_cast<__rlimit_resource>(what), &limit);
}

bool is_one_of(std::int32_t code, std::initializer_list<std::int32_t> codes) {
  for (const std::int32_t each : codes) {
    if (code == each) return true;
  }
  return false;
}

// A runtime, a producer and `sends` sends to an address; what is accepted ends once.
int use(const std::string& address, int sends, std::size_t body_bytes,
        std::initializer_list<std::int32_t> allowed) {
  const Config config = make_config({});
  rmq_runtime_t* made = nullptr;
  std::int32_t code = rmq_runtime_new(config.get(), 0, nullptr, &made, nullptr);
  const Runtime runtime(made);
  if (code == RMQ_OK) code = rmq_runtime_start(runtime.get(), nullptr);
  if (code != RMQ_OK) return is_one_of(code, allowed) ? 0 : fail("start", code);
  const Config options = make_config({{"producer_group", "poor"}});
  rmq_producer_t* producer = nullptr;
  code = rmq_producer_new(runtime.get(), options.get(), nullptr, 0, nullptr, &producer, nullptr);
  const Producer owned(producer);
  if (code == RMQ_OK) code = rmq_producer_start(producer, nullptr);
  if (code != RMQ_OK) return is_one_of(code, allowed) ? 0 : fail("producer", code);
  int accepted = 0;
  for (int i = 0; i < sends; ++i) {
    rmq_message_t* message = nullptr;
    rmq_destination_t* destination = nullptr;
    std::int32_t sent =
        rmq_message_new("orders", SIZE_MAX, nullptr, 0, nullptr, 0, nullptr, 0, &message, nullptr);
    const Message owned_message(message);
    if (sent == RMQ_OK) {
      sent = rmq_destination_new(address.data(), address.size(), "broker-a", SIZE_MAX, 0,
                                 &destination, nullptr);
    }
    const Destination owned_destination(destination);
    void* body = sent == RMQ_OK ? std::calloc(1, body_bytes) : nullptr;
    if (sent == RMQ_OK) {
      sent = body == nullptr ? RMQ_ERROR_MEMORY
                             : rmq_message_set_body(message, body, body_bytes, nullptr);
    }
    if (sent == RMQ_OK) {
      sent =
          rmq_producer_send_async(producer, message, destination, 0, kLongMs, 1, nullptr, nullptr);
      accepted += sent == RMQ_OK;
    }
    std::free(body);
    if (sent != RMQ_OK && !is_one_of(sent, allowed)) return fail("send", sent);
  }
  int ended = 0;
  rmq_event_queue_t* queue = rmq_runtime_event_queue(runtime.get());
  while (ended < accepted) {
    const Event event = poll(queue);
    if (event == nullptr) return fail("an event is missing", 0);
    ++ended;
    if (!is_one_of(code_of(event), allowed)) return fail("event", code_of(event));
  }
  const Event more = poll(queue, 0);
  return more == nullptr ? 0 : fail("an event too many", 0);
}

class PoorHost : public testing::Test {
 protected:
  void SetUp() override {
    char error[256];
    broker = rmq_testbroker_start("topic=orders", error, sizeof error);
    ASSERT_NE(broker, nullptr) << error;
    address = rmq_testbroker_namesrv_addr(broker);  // the NameServer is a broker, too
  }
  void TearDown() override { rmq_testbroker_destroy(broker); }
  rmq_testbroker_t* broker = nullptr;
  std::string address;
};

TEST_F(PoorHost, few_threads_are_said_or_suffice) {
  if (::geteuid() != 0) GTEST_SKIP() << "another user is needed, whose threads can be counted";
  for (const rlim_t threads : {1, 2, 3}) {
    const auto attempt = [&] {
      limit(RLIMIT_NPROC, threads);
      if (::setgroups(0, nullptr) != 0 || ::setuid(kUnusedUser) != 0) return fail("setuid", 0);
      return use(address, 3, 100, {RMQ_OK, RMQ_ERROR_THREADS});
    };
    EXPECT_EQ(run_in_child(attempt), 0) << threads << " threads";
  }
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
std::size_t address_space_bytes() {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

TEST_F(PoorHost, little_memory_is_said_or_suffices) {
  for (const std::size_t mib : {2, 5, 9, 16, 25, 40, 70, 110, 200}) {
    const auto attempt = [&] {
      limit(RLIMIT_AS, address_space_bytes() + mib * 1024 * 1024);
      return use(address, 20, 3 << 20,
                 {RMQ_OK, RMQ_ERROR_MEMORY, RMQ_ERROR_THREADS, RMQ_ERROR_QUEUE_FULL});
    };
    EXPECT_EQ(run_in_child(attempt), 0) << mib << " MiB";
  }
}
#endif

TEST_F(PoorHost, refused_calls_that_nothing_needs_are_not_missed) {
  const std::pair<const char*, long> calls[] = {
      {"clone3", SYS_clone3},   {"getrandom", SYS_getrandom},
      {"statx", SYS_statx},     {"io_uring_setup", SYS_io_uring_setup},
      {"prctl", SYS_prctl},     {"ioctl", SYS_ioctl},
      {"madvise", SYS_madvise}, {"getsockname", SYS_getsockname}};
  for (const auto& [name, number] : calls) {
    const auto attempt = [&, number = number] {
      const int cause = number == SYS_clone3 ? ENOSYS : EPERM;
      return refuse_calls({number}, cause) ? use(address, 3, 100, {RMQ_OK}) : 0;
    };
    EXPECT_EQ(run_in_child(attempt), 0) << name;
  }
}

// The promise of fork(): the child's calls are refused, and the parent's connections live on.
TEST_F(PoorHost, a_forked_child_does_no_harm_where_the_kernel_wipes_no_page) {
  const auto attempt = [&] {
    if (!refuse_calls({SYS_madvise}, EINVAL)) return 0;
    Client client(address);
    if (client.send() != RMQ_OK || code_of(client.next()) != RMQ_OK) return fail("first", 0);
    const int child = run_in_child([&] {
      const std::int32_t code = client.send();
      client.producer.reset();
      client.queue.reset();
      client.runtime.reset();
      return code == RMQ_ERROR_FORKED ? 0 : 1;
    });
    if (child != 0) return fail("child", child);
    if (client.send() != RMQ_OK || code_of(client.next()) != RMQ_OK) return fail("second", 0);
    return 0;
  };
  EXPECT_EQ(run_in_child(attempt), 0);
}

}  // namespace
}  // namespace rmq::test::abi
