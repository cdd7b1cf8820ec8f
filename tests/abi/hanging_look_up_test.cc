// A name look-up that hangs in the system's resolver, which nothing can end.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <netdb.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>

#include "tests/abi/support.h"
#include "tests/support/loopback_server.h"

namespace {

std::mutex mutex;
std::condition_variable changed;
bool is_open = false;
int waiting = 0;
int passed = 0;

}  // namespace

// Found before the system's own: names that end in "hang.test" wait for the gate and then fail.
extern "C" __attribute__((visibility("default"))) int getaddrinfo(const char* name,
                                                                  const char* service,
                                                                  const addrinfo* hints,
                                                                  addrinfo** answer) {
  if (name == nullptr || !std::string_view(name).ends_with("hang.test")) {
    using LookUp = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
    static const auto look_up = reinterpret_cast<LookUp>(::dlsym(RTLD_NEXT, "getaddrinfo"));
    return look_up(name, service, hints, answer);
  }
  std::unique_lock lock(mutex);
  ++waiting;
  changed.notify_all();
  changed.wait(lock, [] { return is_open; });
  ++passed;
  changed.notify_all();
  return EAI_FAIL;
}

namespace rmq::test::abi {
namespace {

class HangingLookUp : public testing::Test {
 protected:
  void SetUp() override {
    const std::lock_guard lock(mutex);
    is_open = false;
    waiting = passed = 0;
  }
  void TearDown() override {
    std::unique_lock lock(mutex);
    is_open = true;
    changed.notify_all();
    changed.wait(lock, [] { return passed == waiting; });
  }
  void hang(Client& client) {
    ASSERT_EQ(client.send(), RMQ_OK);
    std::unique_lock lock(mutex);
    ASSERT_TRUE(
        changed.wait_for(lock, std::chrono::milliseconds(kLongMs), [] { return waiting == 1; }));
  }
  std::chrono::milliseconds elapsed() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                 start);
  }
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
};

TEST_F(HangingLookUp, does_not_hold_up_destroy) {
  Client client("hang.test:10911");
  hang(client);
  start = std::chrono::steady_clock::now();
  client.producer.reset();
  client.runtime.reset();
  EXPECT_LT(elapsed(), std::chrono::seconds(1));
  EXPECT_EQ(code_of(client.next()), RMQ_ERROR_SHUTDOWN);
}

// As where a DNS server does not answer: one NameServer is known by its address, the other by a
// name.
TEST_F(HangingLookUp, does_not_keep_a_send_from_the_name_server_that_is_known) {
  testbroker::ServerOptions options;
  options.topics = {{.name = "orders"}};
  LoopbackServer server(options);
  Client client("127.0.0.1:1", {}, {{"namesrv_addr", "hang.test:9876;" + server.address()}});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(code_of([&](rmq_error_t** error) {
                rmq_event_t* event = nullptr;
                const std::int32_t code =
                    rmq_producer_send(client.producer.get(), client.message.get(), nullptr, 0,
                                      kLongMs, &event, error);
                EXPECT_EQ(code_of(Event(event)), RMQ_OK);
                return code;
              }),
              RMQ_OK);
  }
}

TEST_F(HangingLookUp, of_many_names_does_not_keep_a_send_from_a_name_that_is_known) {
  testbroker::ServerOptions options;
  options.topics = {{.name = "orders"}};
  LoopbackServer server(options);
  std::string servers;
  for (int i = 1; i <= 5; ++i) servers += std::to_string(i) + ".hang.test:9876;";
  Client client("127.0.0.1:1", {},
                {{"namesrv_addr", servers + "localhost:" + std::to_string(server.port())}});
  EXPECT_EQ(code_of([&](rmq_error_t** error) {
              return rmq_producer_send(client.producer.get(), client.message.get(), nullptr, 0,
                                       kLongMs, nullptr, error);
            }),
            RMQ_OK);
}

TEST_F(HangingLookUp, is_what_the_error_tells_of_when_no_name_is_known) {
  Client client("127.0.0.1:1", {}, {{"namesrv_addr", "hang.test:9876"}});
  std::string message;
  const auto send = [&](rmq_error_t** error) {
    return rmq_producer_send(client.producer.get(), client.message.get(), nullptr, 0, 1000, nullptr,
                             error);
  };
  EXPECT_EQ(code_of(send, &message), RMQ_ERROR_NO_NAMESERVER);
  EXPECT_NE(message.find("name is still being looked up"), std::string::npos) << message;
}

TEST_F(HangingLookUp, holds_up_close_no_longer_than_its_limit) {
  Client client("hang.test:10911");
  hang(client);
  start = std::chrono::steady_clock::now();
  EXPECT_EQ(client.close(300), RMQ_ERROR_CLOSE_TIMEOUT);
  EXPECT_LT(elapsed(), std::chrono::milliseconds(1500));
  EXPECT_EQ(code_of(client.next()), RMQ_ERROR_SHUTDOWN);
}

}  // namespace
}  // namespace rmq::test::abi
