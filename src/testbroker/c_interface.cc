// The functions of rocketmq_testbroker.h: the edge over which nothing is thrown.
#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <string_view>

#include "base/utf8.h"
#include "rocketmq_testbroker.h"
#include "testbroker/cluster_text.h"
#include "testbroker/command.h"
#include "testbroker/hosted_cluster.h"
#include "testbroker/shown_text.h"

struct rmq_testbroker_s {
  std::unique_ptr<rmq::testbroker::HostedCluster> cluster;
};

namespace {

using rmq::base::ErrorCode;

constexpr std::size_t kOptionsBytesMax = 64 * 1024;

void give_text(std::string_view text, char* target, std::size_t target_size) {
  if (target == nullptr || target_size == 0) return;
  const std::string_view kept = rmq::testbroker::cut_text(text, target_size - 1);
  std::memcpy(target, kept.data(), kept.size());
  target[kept.size()] = '\0';
}

// Up to one byte more than the bound, so that what is longer is seen without reading all of it.
std::string_view bounded(const char* text, std::size_t size_max) {
  return {text, strnlen(text, size_max + 1)};
}

rmq::base::Result<rmq_testbroker_t*> start(const char* text) {
  const std::string_view line = text == nullptr ? "" : bounded(text, kOptionsBytesMax);
  if (line.size() > kOptionsBytesMax) {
    return rmq::base::make_error(ErrorCode::ARGUMENT, "options: longer than 64 KiB");
  }
  if (!rmq::base::is_utf8(line)) {
    return rmq::base::make_error(ErrorCode::ARGUMENT, "options: not UTF-8");
  }
  const auto options = rmq::testbroker::parse_cluster_options(line);
  if (!options.ok()) return options.error();
  auto cluster = rmq::testbroker::HostedCluster::start(options.value());
  if (!cluster.ok()) return cluster.take_error();
  return new rmq_testbroker_s{cluster.take_value()};
}

std::int32_t to_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::OK:
      return RMQ_TESTBROKER_OK;
    case ErrorCode::FORKED:
      return RMQ_TESTBROKER_FORKED;
    case ErrorCode::MEMORY:
      return RMQ_TESTBROKER_MEMORY;
    default:
      return RMQ_TESTBROKER_COMMAND;
  }
}

std::int32_t run(rmq_testbroker_t* broker, const char* command, char* reply, std::size_t reply_size,
                 std::size_t* reply_length) {
  const std::string_view line = bounded(command, rmq::testbroker::kCommandBytesMax);
  std::string text;
  const auto status = rmq::base::is_utf8(line)
                          ? broker->cluster->run_command(line, &text)
                          : rmq::base::make_error(ErrorCode::ARGUMENT, "the command is not UTF-8");
  if (!status.ok()) text = status.error().message;
  give_text(text, reply, reply_size);
  if (reply_length != nullptr) *reply_length = text.size();
  return to_code(status.code());
}

}  // namespace

rmq_testbroker_t* rmq_testbroker_start(const char* options, char* error, size_t error_size) {
  give_text("", error, error_size);
  try {
    const auto started = start(options);
    if (started.ok()) return started.value();
    give_text(started.error().message, error, error_size);
  } catch (const std::bad_alloc&) {
    give_text("no memory", error, error_size);
  } catch (...) {
    give_text("a mistake of the library", error, error_size);
  }
  return nullptr;
}

const char* rmq_testbroker_namesrv_addr(const rmq_testbroker_t* broker) {
  return broker == nullptr ? "" : broker->cluster->namesrv_address().c_str();
}

int32_t rmq_testbroker_command(rmq_testbroker_t* broker, const char* command, char* reply,
                               size_t reply_size, size_t* reply_length) {
  give_text("", reply, reply_size);
  if (reply_length != nullptr) *reply_length = 0;
  if (broker == nullptr || command == nullptr) return RMQ_TESTBROKER_ARGUMENT;
  try {
    return run(broker, command, reply, reply_size, reply_length);
  } catch (const std::bad_alloc&) {
    return RMQ_TESTBROKER_MEMORY;
  } catch (...) {
    return RMQ_TESTBROKER_INTERNAL;
  }
}

void rmq_testbroker_destroy(rmq_testbroker_t* broker) { delete broker; }
