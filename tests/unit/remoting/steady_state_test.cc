// Once warm, a connection allocates nothing per request and per answer.
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "remoting/connection.h"
#include "tests/support/pipe_stream.h"
#include "tests/support/step_loop.h"

namespace {
std::size_t allocations = 0;
}  // namespace

// GCC takes the pair apart when it inlines one of them and not the other.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif
void* operator new(std::size_t size) {
  ++allocations;
  void* memory = std::malloc(size > 0 ? size : 1);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace rmq::remoting {
namespace {

struct CountingRequest final : Request {
  explicit CountingRequest(wire::Serialization serialization) {
    wire::Command command;
    command.serialization = serialization;
    command.code = 310;
    command.fields = {{"topic", "orders"}};
    command.body = std::string(200, 'x');
    wire::append_frame(command, &bytes);
    frame = {reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()};
  }
  void on_response(const wire::CommandView&, const base::SlabRef&) override { ++answers; }
  void on_failure(base::Error error) override { ADD_FAILURE() << error.message; }
  std::string bytes;
  std::size_t answers = 0;
};

struct SilentHandler final : ConnectionHandler {
  void on_state_changed(Connection&, ConnectionState, ConnectionState,
                        const base::Error*) override {}
  void on_server_request(const wire::CommandView&, const base::SlabRef&, Connection&) override {}
};

void run_batches(wire::Serialization serialization) {
  testing::StepLoop loop;
  testing::PipeStreams pipe;
  pipe.written.reserve(1 << 20);
  SilentHandler handler;
  Deadlines deadlines(loop);
  Connection connection(loop, deadlines, pipe, handler, {.peer = {"10.0.0.2", 10911}});
  std::vector<std::unique_ptr<CountingRequest>> requests;
  for (int i = 0; i < 100; ++i) {
    requests.push_back(std::make_unique<CountingRequest>(serialization));
  }
  wire::CommandReader reader;
  wire::Command response;
  response.serialization = serialization;
  response.flag = wire::kFlagResponse;
  response.fields = {{"msgId", "0A000001"}, {"queueId", "3"}, {"queueOffset", "12345"}};
  std::string answers;
  answers.reserve(1 << 20);

  std::size_t counted = 0;
  for (int batch = 0; batch < 220; ++batch) {
    const std::size_t before = allocations;
    for (auto& request : requests) {
      request->deadline = loop.now() + base::milliseconds(3000);
      connection.submit(*request);
    }
    loop.step();
    loop.step();
    if (pipe.is_connecting()) pipe.open();
    loop.step();
    if (batch >= 20) counted += allocations - before;

    answers.clear();
    for (std::size_t position = 0; position < pipe.written.size();) {
      const base::Bytes rest = base::as_bytes(pipe.written).subspan(position);
      const std::size_t size = wire::frame_size(rest).value();
      response.opaque = reader.read(rest.first(size)).value().opaque;
      wire::append_frame(response, &answers);
      position += size;
    }
    pipe.written.clear();
    const std::size_t before_answers = allocations;
    pipe.feed(answers, 10000);
    if (batch >= 20) counted += allocations - before_answers;
    loop.turn_clock(base::milliseconds(10));
  }
  for (const auto& request : requests) EXPECT_EQ(request->answers, 220u);
  EXPECT_GT(allocations, 100u) << "the counter counts";
  EXPECT_EQ(counted, 0u) << "allocations in 20,000 requests and answers";
}

TEST(SteadyState, allocates_nothing_with_binary_headers) {
  run_batches(wire::Serialization::rocketmq);
}

TEST(SteadyState, allocates_nothing_with_json_headers) { run_batches(wire::Serialization::json); }

}  // namespace
}  // namespace rmq::remoting
