// From a typed request to a frame or a command. A request type has
//   static constexpr RequestCode kCode;             (or a member request_code())
//   template <typename Sink> void write_fields(Sink* sink) const;
//
// A sink has field(name, text), field(name, int64) and field_bool(name, bool). FrameWriter is the
// sink for the frame itself, HeadCounter for its size alone, CommandFields for a wire::Command.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

#include "base/decimal.h"
#include "protocol/request_code.h"
#include "wire/command.h"
#include "wire/frame_writer.h"
#include "wire/head_counter.h"

namespace rmq::protocol {

template <typename Request>
std::int32_t code_of(const Request& request) {
  if constexpr (requires { request.request_code(); }) {
    return static_cast<std::int32_t>(request.request_code());
  } else {
    return static_cast<std::int32_t>(Request::kCode);
  }
}

// Writes the head of the request's frame; head.code is taken from the request. Returns the bytes of
// the head, with empty memory too, which is how to ask for its size.
template <typename Request>
std::size_t write_request(const Request& request, wire::FrameHead head, std::size_t body_bytes,
                          base::MutableBytes memory) {
  head.code = code_of(request);
  if (memory.empty() && wire::FrameWriter::is_binary(head)) {
    wire::HeadCounter counter(head);
    request.write_fields(&counter);
    return counter.bytes();
  }
  wire::FrameWriter writer(memory, head);
  request.write_fields(&writer);
  return writer.finish(body_bytes);
}

// Appends fields to a command; the sink of what is not hot.
class CommandFields {
 public:
  explicit CommandFields(wire::Command* command) : command_(command) {}

  void field(std::string_view name, std::string_view value) {
    if (!value.empty()) command_->fields.emplace_back(name, value);
  }
  void field(std::string_view name, std::int64_t value) {
    field(name, base::DecimalText(value).view());
  }
  void field_bool(std::string_view name, bool value) { field(name, value ? "true" : "false"); }

 private:
  wire::Command* command_;
};

template <typename Request>
wire::Command to_command(const Request& request) {
  wire::Command command;
  command.code = code_of(request);
  CommandFields fields(&command);
  request.write_fields(&fields);
  return command;
}

}  // namespace rmq::protocol
