// A process with almost no descriptors left, as the issues of other clients tell of it: what cannot
// go on says DESCRIPTORS, nothing ends the process, nothing stays open, and all is well once there
// are more. Each case is a process of its own.
#include <rocketmq_testbroker.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstring>

#include "tests/abi/support.h"
#include "tests/support/forked_child.h"
#include "tests/support/poor_host.h"

namespace rmq::test::abi {
namespace {

// libuv makes a pipe at its first loop and keeps it for as long as the process lives.
constexpr int kKeptByLibuv = 2;

struct DescriptorLimit {
  explicit DescriptorLimit(int spare) {
    ::getrlimit(RLIMIT_NOFILE, &before);
    leave_descriptors(spare);
  }
  ~DescriptorLimit() { lift(); }
  void lift() { set_descriptor_limit(before.rlim_cur); }
  rlimit before{};
};

// How many more are open than before, at rest: a broker in this process closes its ends when it has
// seen that the client's are closed.
int count_left(int before, int kept) {
  int left = count_descriptors() - before;
  for (int i = 0; i < 20'000 && left != 0 && left != kept; ++i) {
    ::usleep(1000);  // a guard against hanging, not a wait for a time
    left = count_descriptors() - before;
  }
  return left;
}

int report(const char* what, std::int32_t code) {
  std::fprintf(stderr, "%s: %s\n", what, rmq_name(RMQ_NAME_ERROR, code));
  return 1;
}

std::int32_t start_runtime(const std::string& namesrv, Runtime* runtime) {
  rmq_runtime_t* made = nullptr;
  const Config config = make_config({{"namesrv_addr", namesrv}});
  const std::int32_t code = rmq_runtime_new(config.get(), 0, nullptr, &made, nullptr);
  runtime->reset(made);
  return code != RMQ_OK ? code : rmq_runtime_start(made, nullptr);
}

std::int32_t send_once(rmq_producer_t* producer, std::int64_t timeout_ms) {
  const Message message = make_message();
  rmq_event_t* event = nullptr;
  const std::int32_t code =
      rmq_producer_send(producer, message.get(), nullptr, 0, timeout_ms, &event, nullptr);
  const Event sent(event);
  return code == RMQ_OK && event != nullptr ? code_of(sent) : code;
}

// What a program does that has little: each step may be refused, for want of descriptors only.
// `kept`: what may be open afterwards, because libuv is used for the first time.
int use_at_limit(const std::string& namesrv, int spare, int kept = kKeptByLibuv) {
  const int before = count_descriptors();
  DescriptorLimit limit(spare);
  Runtime runtime;
  std::int32_t code = start_runtime(namesrv, &runtime);
  if (code != RMQ_OK) {
    if (code != RMQ_ERROR_DESCRIPTORS) return report("start", code);
    limit.lift();
    runtime.reset();
    if (count_descriptors() != before) return report("left after a refused start", code);
    code = start_runtime(namesrv, &runtime);
    if (code != RMQ_OK) return report("second start", code);
  }
  Producer producer = make_producer(runtime.get());
  if ((code = rmq_producer_start(producer.get(), nullptr)) != RMQ_OK)
    return report("producer", code);
  code = send_once(producer.get(), 1000);
  if (code != RMQ_OK && code != RMQ_ERROR_DESCRIPTORS) return report("send at the limit", code);
  limit.lift();
  code = send_once(producer.get(), kLongMs);
  if (code != RMQ_OK) return report("send after the limit", code);
  if ((code = rmq_runtime_close(runtime.get(), kLongMs, nullptr)) != RMQ_OK)
    return report("close", code);
  producer.reset();
  runtime.reset();
  const int left = count_left(before, kept);
  return left == 0 || left == kept ? 0 : report("descriptors are left", left);
}

struct HostedBroker {
  HostedBroker() {
    char error[256];
    handle = rmq_testbroker_start("topic=orders", error, sizeof error);
    EXPECT_NE(handle, nullptr) << error;
  }
  ~HostedBroker() { rmq_testbroker_destroy(handle); }
  std::string namesrv() const { return rmq_testbroker_namesrv_addr(handle); }
  rmq_testbroker_t* handle = nullptr;
};

// A broker in a process of its own: what it opens is not counted, and nothing of the library has
// been used in the children of this one.
class BrokerProcess {
 public:
  BrokerProcess() {
    int told[2];
    EXPECT_EQ(::pipe(told), 0);
    EXPECT_EQ(::pipe(stop_), 0);
    process_ = ::fork();
    if (process_ == 0) serve(told[1]);
    char text[64] = {};
    EXPECT_GT(::read(told[0], text, sizeof text - 1), 0);
    namesrv_.assign(text, std::strcspn(text, "\n"));
    ::close(told[0]);
    ::close(told[1]);
  }
  ~BrokerProcess() {
    ::close(stop_[1]);
    ::waitpid(process_, nullptr, 0);
    ::close(stop_[0]);
  }
  const std::string& namesrv() const { return namesrv_; }

 private:
  [[noreturn]] void serve(int told) const {
    ::close(stop_[1]);
    const HostedBroker broker;
    const std::string address = broker.namesrv() + "\n";
    if (::write(told, address.data(), address.size()) < 0) ::_exit(1);
    char byte;
    while (::read(stop_[0], &byte, 1) > 0) {
    }
    ::_exit(0);
  }

  int stop_[2];
  pid_t process_ = -1;
  std::string namesrv_;
};

TEST(FewDescriptors, as_the_first_use_of_the_library_in_a_process) {
  const BrokerProcess broker;
  for (int spare = 0; spare <= 14; ++spare) {
    EXPECT_EQ(run_in_child([&] { return use_at_limit(broker.namesrv(), spare); }), 0)
        << spare << " descriptors";
  }
}

TEST(FewDescriptors, after_another_runtime_has_lived_and_gone) {
  const BrokerProcess broker;
  for (int spare = 0; spare <= 14; ++spare) {
    const auto attempt = [&] {
      if (const int failed = use_at_limit(broker.namesrv(), 200); failed != 0) return failed;
      return use_at_limit(broker.namesrv(), spare);
    };
    EXPECT_EQ(run_in_child(attempt), 0) << spare << " descriptors";
  }
}

TEST(FewDescriptors, starts_a_test_broker_or_says_why_not) {
  for (int spare = 0; spare <= 14; ++spare) {
    const auto attempt = [spare] {
      const int before = count_descriptors();
      char error[256] = "";
      {
        const DescriptorLimit limit(spare);
        rmq_testbroker_t* broker = rmq_testbroker_start("", error, sizeof error);
        if (broker == nullptr && error[0] == '\0') return report("no reason", 0);
        rmq_testbroker_destroy(broker);
      }
      rmq_testbroker_t* broker = rmq_testbroker_start("", error, sizeof error);
      if (broker == nullptr) return report(error, 0);
      rmq_testbroker_destroy(broker);
      const int left = count_descriptors() - before;
      return left == kKeptByLibuv ? 0 : report("descriptors are left", left);
    };
    EXPECT_EQ(run_in_child(attempt), 0) << spare << " descriptors";
  }
}

TEST(ClosedStandardStreams, do_no_harm_to_a_client_and_a_broker) {
  for (const int closed : {1, 2, 4, 7}) {
    const auto attempt = [closed] {
      for (int i = 0; i < 3; ++i) {
        if (closed & 1 << i) ::close(i);
      }
      const HostedBroker broker;
      // The broker has used libuv before. Two more would be its ends of two connections.
      if (const int failed = use_at_limit(broker.namesrv(), 200, 0); failed != 0) return failed;
      return use_at_limit(broker.namesrv(), 200, 0);
    };
    EXPECT_EQ(run_in_child(attempt), 0) << "streams " << closed;
  }
}

}  // namespace
}  // namespace rmq::test::abi
