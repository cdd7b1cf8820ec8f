// fork() with live handles: the child can only destroy them, and the parent does not notice.
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "tests/abi/support.h"
#include "tests/support/loopback_server.h"

namespace rmq::test::abi {
namespace {

// Every call on the client's handles; the name of the first that does not say FORKED.
const char* find_unforked_call(Client& client) {
  auto* runtime = client.runtime.get();
  auto* producer = client.producer.get();
  auto* queue = client.queue.get();
  auto* message = client.message.get();
  auto* destination = client.destination.get();
  const rmq_message_t* const messages[] = {message};
  const std::uint32_t offsets[] = {0, 1};
  rmq_event_view_t view;
  rmq_event_queue_t* new_queue = nullptr;
  rmq_producer_t* new_producer = nullptr;
  rmq_event_t* event = nullptr;
  std::size_t count = 0;
  const Config config = make_config({{"producer_group", "g"}});
  const auto ignore_event = [](rmq_event_view_t*, void*) -> std::int32_t {
    return RMQ_ANSWER_NONE;
  };
  const std::pair<const char*, std::int32_t> calls[] = {
      {"runtime_start", rmq_runtime_start(runtime, nullptr)},
      {"runtime_close", rmq_runtime_close(runtime, 0, nullptr)},
      {"runtime_close_async", rmq_runtime_close_async(runtime, 0, 0, nullptr, nullptr)},
      {"runtime_set_event_queue",
       rmq_runtime_set_event_queue(runtime, RMQ_EVENT_LOG, queue, nullptr)},
      {"runtime_step", rmq_runtime_step(runtime, nullptr)},
      {"event_queue_new", rmq_event_queue_new(runtime, &new_queue, nullptr)},
      {"event_queue_set_wakeup", rmq_event_queue_set_wakeup(queue, nullptr, nullptr, nullptr)},
      {"event_queue_set_callback",
       rmq_event_queue_set_callback(queue, ignore_event, nullptr, 0, nullptr)},
      {"event_queue_poll",
       rmq_event_queue_poll(queue, RMQ_WAIT_FOREVER, &view, sizeof view, 1, &count, nullptr)},
      {"producer_new",
       rmq_producer_new(runtime, config.get(), queue, 0, nullptr, &new_producer, nullptr)},
      {"producer_start", rmq_producer_start(producer, nullptr)},
      {"producer_send", rmq_producer_send(producer, message, destination, 0, 0, nullptr, nullptr)},
      {"producer_send_async",
       rmq_producer_send_async(producer, message, destination, 0, 0, 0, nullptr, nullptr)},
      {"producer_send_oneway",
       rmq_producer_send_async(producer, message, destination, RMQ_FLAG_ONEWAY | RMQ_FLAG_SILENT, 0,
                               0, nullptr, nullptr)},
      {"producer_send_many", rmq_producer_send_many(producer, messages, nullptr, 1, destination, 0,
                                                    0, nullptr, nullptr, nullptr)},
      {"producer_send_packed",
       rmq_producer_send_packed(producer, message, RMQ_PART_BODY, "a", offsets, nullptr, 1,
                                destination, 0, 0, nullptr, nullptr, nullptr)},
      {"producer_queues",
       rmq_producer_queues(producer, "orders", SIZE_MAX, 0, 0, nullptr, nullptr, nullptr)},
      {"producer_recall", rmq_producer_recall(producer, "orders", SIZE_MAX,
                                              "djEgb3JkZXJzIGJyb2tlci1hIDE3OTUyNDk4NTcwMDEgSUQ3",
                                              SIZE_MAX, 0, 0, nullptr, &event, nullptr)},
      {"producer_cancel", rmq_producer_cancel(producer, 0, nullptr)},
      {"producer_flush", rmq_producer_flush(producer, 0, nullptr)},
      {"producer_flush_async", rmq_producer_flush_async(producer, 0, 0, nullptr, nullptr)},
      {"producer_close", rmq_producer_close(producer, 0, nullptr)},
      {"producer_close_async", rmq_producer_close_async(producer, 0, 0, nullptr, nullptr)}};
  for (const auto& [name, code] : calls) {
    if (code != RMQ_ERROR_FORKED) return name;
  }
  if (rmq_event_queue_fd(queue) != -1) return "event_queue_fd";
  if (rmq_event_queue_length(queue) != 0) return "event_queue_length";
  if (rmq_runtime_fd(runtime) != -1) return "runtime_fd";
  if (rmq_runtime_timeout_ms(runtime) != -1) return "runtime_timeout_ms";
  rmq_runtime_view_t shown{};
  if (rmq_runtime_view(runtime, &shown, sizeof shown) != RMQ_ERROR_FORKED) return "runtime_view";
  rmq_event_queue_interrupt(queue);
  return nullptr;
}

// How many descriptors of this process are connected to that port of this host.
int connections_to(std::uint16_t port) {
  constexpr int kDescriptorsMax = 1024;
  int count = 0;
  for (int descriptor = 0; descriptor < kDescriptorsMax; ++descriptor) {
    sockaddr_in peer{};
    socklen_t bytes = sizeof peer;
    if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &bytes) != 0) continue;
    count += peer.sin_family == AF_INET && ntohs(peer.sin_port) == port;
  }
  return count;
}

class Fork : public testing::Test {
 protected:
  std::uint64_t connections() {
    std::uint64_t count = 0;
    broker.call([&](testbroker::Server& server) { count = server.counts().connections; });
    return count;
  }
  // The parent's sends before and after the child, on one connection.
  void expect_parent_goes_on(std::uint64_t sends_before) {
    for (std::uint64_t token = 0; token < 100; ++token) {
      ASSERT_EQ(client.send(sends_before + token), RMQ_OK);
    }
    for (std::uint64_t i = 0; i < sends_before + 100; ++i) {
      ASSERT_EQ(code_of(client.next()), RMQ_OK) << i;
    }
  }

  LoopbackServer broker;
  Client client{broker.address()};
};

TEST_F(Fork, makes_every_call_of_the_child_say_so) {
  for (std::uint64_t token = 0; token < 100; ++token) ASSERT_EQ(client.send(token), RMQ_OK);
  EXPECT_EQ(run_in_child([this] {
              const char* name = find_unforked_call(client);
              if (name) std::fprintf(stderr, "not FORKED: %s\n", name);
              return name ? 1 : 0;
            }),
            0);
  expect_parent_goes_on(100);
  EXPECT_EQ(connections(), 1u);
}

TEST_F(Fork, lets_the_child_destroy_all_while_the_parent_sends) {
  for (std::uint64_t token = 0; token < 100; ++token) ASSERT_EQ(client.send(token), RMQ_OK);
  EXPECT_EQ(run_in_child([this] {
              client.producer.reset();
              client.queue.reset();
              client.runtime.reset();
              client.message.reset();
              client.destination.reset();
              return 0;
            }),
            0);
  expect_parent_goes_on(100);
  EXPECT_EQ(connections(), 1u);
  EXPECT_EQ(broker.messages("orders").size(), 200u);
}

// As a program does that becomes a daemon: it closes all it inherited and opens its own.
TEST_F(Fork, leaves_the_files_of_the_child_alone_when_it_had_closed_the_copies_itself) {
  ASSERT_EQ(client.send(0), RMQ_OK);
  ASSERT_EQ(code_of(client.next()), RMQ_OK);
  EXPECT_EQ(run_in_child([this] {
              constexpr int kFirst = 3;
              constexpr int kFiles = 100;
              for (int descriptor = kFirst; descriptor < 1024; ++descriptor) ::close(descriptor);
              for (int i = 0; i < kFiles; i += 2) {
                if (::open("/dev/null", O_RDONLY | O_CLOEXEC) < 0) return 1;
                if (::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) < 0) return 1;
              }
              client.producer.reset();
              client.queue.reset();
              client.runtime.reset();
              for (int i = 0; i < kFiles; ++i) {
                if (::fcntl(kFirst + i, F_GETFD) < 0) return 2;
              }
              return 0;
            }),
            0);
  expect_parent_goes_on(0);
}

// While a child holds a copy of a socket, brokers do not see the end of its parent.
TEST_F(Fork, has_the_child_close_its_copies_of_sockets_with_the_runtime) {
  ASSERT_EQ(client.send(0), RMQ_OK);
  ASSERT_EQ(code_of(client.next()), RMQ_OK);
  ASSERT_EQ(connections_to(broker.port()), 1);
  EXPECT_EQ(run_in_child([this] {
              if (connections_to(broker.port()) != 1) return 1;
              client.runtime.reset();
              if (connections_to(broker.port()) != 0) return 2;
              client.producer.reset();
              client.queue.reset();
              return 0;
            }),
            0);
  EXPECT_EQ(connections_to(broker.port()), 1);
  for (std::uint64_t token = 1; token < 100; ++token) {
    ASSERT_EQ(client.send(token), RMQ_OK);
    ASSERT_EQ(code_of(client.next()), RMQ_OK);
  }
  EXPECT_EQ(connections(), 1u);
}

TEST_F(Fork, lets_the_child_use_a_driven_runtime_of_its_own) {
  ASSERT_EQ(client.send(0), RMQ_OK);
  EXPECT_EQ(
      run_in_child([this] {
        const Runtime runtime = make_runtime({{"run_mode", "driven"}});
        const Producer producer = make_producer(runtime.get());
        if (rmq_runtime_start(runtime.get(), nullptr) != RMQ_OK) return 1;
        if (rmq_producer_start(producer.get(), nullptr) != RMQ_OK) return 2;
        if (rmq_producer_send_async(producer.get(), client.message.get(), client.destination.get(),
                                    0, 0, 1, nullptr, nullptr) != RMQ_OK) {
          return 3;
        }
        for (;;) {
          if (rmq_runtime_step(runtime.get(), nullptr) != RMQ_OK) return 4;
          const Event event = poll(rmq_runtime_event_queue(runtime.get()), 0);
          if (event) return code_of(event) == RMQ_OK ? 0 : 5;
        }
      }),
      0);
  expect_parent_goes_on(1);
  EXPECT_EQ(connections(), 2u);
}

#ifndef __SANITIZE_THREAD__  // which forbids threads after fork in a process with threads
TEST_F(Fork, lets_the_child_use_a_threaded_runtime_of_its_own) {
  ASSERT_EQ(client.send(0), RMQ_OK);
  EXPECT_EQ(run_in_child([this] {
              Client own(broker.address());
              if (own.send(1) != RMQ_OK) return 1;
              if (code_of(own.next()) != RMQ_OK) return 2;
              return own.close() == RMQ_OK ? 0 : 3;
            }),
            0);
  expect_parent_goes_on(1);
}
#endif

}  // namespace
}  // namespace rmq::test::abi
