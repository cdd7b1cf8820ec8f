// The test broker's C functions, through its shared library, beside the client's.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <rocketmq_testbroker.h>
#include <sys/socket.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "tests/abi/support.h"

namespace rmq::test::abi {
namespace {

using ::testing::HasSubstr;
using Testbroker = std::unique_ptr<rmq_testbroker_t, Destroy<rmq_testbroker_destroy>>;

Testbroker start(const std::string& options = {}) {
  std::array<char, 512> error;
  Testbroker broker(rmq_testbroker_start(options.c_str(), error.data(), error.size()));
  EXPECT_TRUE(broker) << error.data();
  return broker;
}

std::string refusal_of(const std::string& options) {
  std::array<char, 2048> error;
  const Testbroker broker(rmq_testbroker_start(options.c_str(), error.data(), error.size()));
  EXPECT_FALSE(broker) << options;
  return error.data();
}

std::int32_t command(const Testbroker& broker, const std::string& line, std::string* reply) {
  std::size_t length = 0;
  reply->resize(4096);
  const std::int32_t code =
      rmq_testbroker_command(broker.get(), line.c_str(), reply->data(), reply->size(), &length);
  reply->resize(std::min(length, reply->size() - 1));
  return code;
}

std::uint16_t port_of(const Testbroker& broker) {
  const std::string address = rmq_testbroker_namesrv_addr(broker.get());
  return static_cast<std::uint16_t>(std::atoi(address.substr(address.rfind(':') + 1).c_str()));
}

int connect_to(std::uint16_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  return descriptor;
}

// How many sockets of this process have that port for their own.
int sockets_at(std::uint16_t port) {
  constexpr int kDescriptorsMax = 1024;
  int count = 0;
  for (int descriptor = 0; descriptor < kDescriptorsMax; ++descriptor) {
    sockaddr_in own{};
    socklen_t bytes = sizeof own;
    if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&own), &bytes) != 0) continue;
    count += own.sin_family == AF_INET && ntohs(own.sin_port) == port;
  }
  return count;
}

TEST(TestbrokerLibrary, serves_the_client_library_in_the_same_process) {
  const Testbroker broker = start("brokers=2 topic=orders:4");
  const Runtime runtime =
      make_runtime({{"namesrv_addr", rmq_testbroker_namesrv_addr(broker.get())}});
  ASSERT_EQ(rmq_runtime_start(runtime.get(), nullptr), RMQ_OK);
  rmq_producer_t* made = nullptr;
  const Config options = make_config({{"producer_group", "g"}});
  ASSERT_EQ(rmq_producer_new(runtime.get(), options.get(), nullptr, 0, nullptr, &made, nullptr),
            RMQ_OK);
  const Producer producer(made);
  ASSERT_EQ(rmq_producer_start(producer.get(), nullptr), RMQ_OK);
  rmq_message_t* message = nullptr;
  ASSERT_EQ(
      rmq_message_new("orders", SIZE_MAX, nullptr, 0, nullptr, 0, nullptr, 0, &message, nullptr),
      RMQ_OK);
  ASSERT_EQ(rmq_message_set_body(message, "four", 4, nullptr), RMQ_OK);
  const Message owned(message);
  std::string reply;
  ASSERT_EQ(command(broker, "fault all SEND_MESSAGE_V2 nth=1 error=2 remark='busy'", &reply), 0);
  EXPECT_EQ(rmq_producer_send(producer.get(), message, nullptr, 0, kLongMs, nullptr, nullptr),
            RMQ_OK);
  ASSERT_EQ(command(broker, "messages orders", &reply), RMQ_TESTBROKER_OK);
  EXPECT_THAT(reply, ::testing::MatchesRegex("broker-[ab] [0-3] 0 - - 4\n"));
  EXPECT_EQ(rmq_runtime_close(runtime.get(), 0, nullptr), RMQ_OK);
}

TEST(TestbrokerLibrary, refuses_options_with_a_sentence) {
  EXPECT_THAT(refusal_of("fly=1"), HasSubstr("\"fly=1\": no such option"));
  EXPECT_THAT(refusal_of("version=3.2.6"), HasSubstr("expected 4.9.x or 5.x.y"));
  EXPECT_THAT(refusal_of(std::string(1u << 20, 'x')), HasSubstr("longer than 64 KiB"));
  EXPECT_THAT(refusal_of("topic=\xff"), HasSubstr("not UTF-8"));
  EXPECT_THAT(refusal_of("topic=" + std::string(60'000, 'x')), HasSubstr("expected name"));
  EXPECT_THAT(refusal_of("scenario=/no/such/file"), HasSubstr("/no/such/file"));
  const Testbroker broker = start();
  EXPECT_THAT(refusal_of("port=" + std::to_string(port_of(broker))), HasSubstr("in use"));
}

TEST(TestbrokerLibrary, cuts_an_error_at_the_end_of_a_character) {
  char error[8] = "1234567";
  EXPECT_EQ(rmq_testbroker_start("\xc3\xa4\xc3\xa4=1", error, sizeof error), nullptr);
  EXPECT_STREQ(error, "\"\xc3\xa4\xc3\xa4=1");
  EXPECT_EQ(rmq_testbroker_start("\xc3\xa4\xc3\xa4=1", error, 5), nullptr);
  EXPECT_STREQ(error, "\"\xc3\xa4");
  EXPECT_EQ(rmq_testbroker_start("fly", error, 1), nullptr);
  EXPECT_STREQ(error, "");
  EXPECT_EQ(rmq_testbroker_start("fly", nullptr, 100), nullptr);
  EXPECT_EQ(rmq_testbroker_start("fly", error, 0), nullptr);
}

TEST(TestbrokerLibrary, refuses_null_and_bad_commands_and_goes_on) {
  const Testbroker broker = start();
  std::string reply;
  std::size_t length = 77;
  EXPECT_EQ(rmq_testbroker_command(nullptr, "help", nullptr, 0, &length), RMQ_TESTBROKER_ARGUMENT);
  EXPECT_EQ(length, 0u);
  EXPECT_EQ(rmq_testbroker_command(broker.get(), nullptr, nullptr, 0, nullptr),
            RMQ_TESTBROKER_ARGUMENT);
  EXPECT_STREQ(rmq_testbroker_namesrv_addr(nullptr), "");
  rmq_testbroker_destroy(nullptr);
  for (const std::string& line :
       {std::string(), std::string("fly"), std::string("crash"), std::string("help \xff"),
        std::string(1u << 20, 'x'), std::string("cut ") + std::string(16'000, 'x')}) {
    EXPECT_EQ(command(broker, line, &reply), RMQ_TESTBROKER_COMMAND);
    EXPECT_FALSE(reply.empty());
  }
  EXPECT_EQ(command(broker, "servers", &reply), RMQ_TESTBROKER_OK);
  EXPECT_THAT(reply, HasSubstr("broker-a 127.0.0.1:"));
}

TEST(TestbrokerLibrary, tells_how_long_a_reply_is_that_did_not_fit) {
  const Testbroker broker = start();
  std::size_t length = 0;
  char small[10];
  EXPECT_EQ(rmq_testbroker_command(broker.get(), "help", small, sizeof small, &length), 0);
  EXPECT_STREQ(small, "help: Lis");
  std::string whole(length + 1, 'x');
  EXPECT_EQ(rmq_testbroker_command(broker.get(), "help", whole.data(), whole.size(), &length), 0);
  EXPECT_EQ(length, whole.size() - 1);
  EXPECT_EQ(std::string(whole.c_str()).size(), length);
  EXPECT_EQ(rmq_testbroker_command(broker.get(), "help", nullptr, 100, nullptr), 0);
}

TEST(TestbrokerLibrary, is_destroyed_while_clients_are_connected_and_sending) {
  Testbroker broker = start("slaves=1 separate_namesrv=true");
  std::vector<int> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(connect_to(port_of(broker)));
    static constexpr char kHalfAFrame[] = {0, 0, 1, 0, 0, 0, 0};
    EXPECT_EQ(::send(clients.back(), kHalfAFrame, sizeof kHalfAFrame, MSG_NOSIGNAL), 7);
  }
  broker.reset();
  for (const int client : clients) {
    char byte;
    EXPECT_LE(::recv(client, &byte, 1, 0), 0);
    ::close(client);
  }
}

TEST(TestbrokerLibrary, takes_commands_from_several_threads_at_once) {
  const Testbroker broker = start("brokers=3 slaves=1");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&broker, i] {
      const std::string topic = "topic put t" + std::to_string(i) + " 4";
      std::string reply;
      for (int round = 0; round < 50; ++round) {
        EXPECT_EQ(command(broker, topic, &reply), RMQ_TESTBROKER_OK);
        EXPECT_EQ(command(broker, "promote broker-b", &reply), RMQ_TESTBROKER_OK);
        EXPECT_EQ(command(broker, "crash broker-c 1ms", &reply), RMQ_TESTBROKER_OK);
        EXPECT_EQ(command(broker, "stats", &reply), RMQ_TESTBROKER_OK);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(TestbrokerLibrary, runs_a_scenario_file_and_names_its_bad_line) {
  const std::string path = ::testing::TempDir() + "scenario." + std::to_string(::getpid());
  std::ofstream(path) << "topic put fresh 3\nat 10m cut broker-a\n";
  const Testbroker broker = start("scenario=" + path);
  std::string reply;
  EXPECT_EQ(command(broker, "topic queues fresh 4", &reply), RMQ_TESTBROKER_OK);
  std::ofstream(path) << "topic put fresh 3\nat 10m fly\n";
  EXPECT_THAT(refusal_of("scenario=" + path), HasSubstr(path + ":2: no command \"fly\""));
  ::unlink(path.c_str());
}

TEST(TestbrokerLibrary, belongs_to_the_process_that_started_it) {
  Testbroker broker = start();
  const std::uint16_t port = port_of(broker);
  const int connection = connect_to(port);
  while (sockets_at(port) < 2) std::this_thread::yield();  // until the connection is accepted
  // A command runs in a later turn, so that the broker has noted the connection.
  ASSERT_EQ(rmq_testbroker_command(broker.get(), "help", nullptr, 0, nullptr), RMQ_TESTBROKER_OK);
  EXPECT_EQ(run_in_child([&] {
              if (rmq_testbroker_command(broker.get(), "help", nullptr, 0, nullptr) !=
                  RMQ_TESTBROKER_FORKED) {
                return 1;
              }
              // The listener and the accepted connection.
              if (sockets_at(port) != 2) return 2;
              rmq_testbroker_destroy(broker.release());
              return sockets_at(port) == 0 ? 0 : 3;
            }),
            0);
  EXPECT_EQ(sockets_at(port), 2);
  EXPECT_EQ(rmq_testbroker_command(broker.get(), "help", nullptr, 0, nullptr), RMQ_TESTBROKER_OK);
  ::close(connection);
}

}  // namespace
}  // namespace rmq::test::abi
