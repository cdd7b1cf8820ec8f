#include "client/server_request.h"

#include <new>
#include <utility>

#include "remoting/connection.h"

namespace rmq::client {

ServerRequest::ServerRequest(const wire::CommandView& request, base::SlabRef slab,
                             remoting::Connection& connection) noexcept
    : path_(connection),
      slab_(std::move(slab)),
      body_(request.body),
      code_(request.code),
      opaque_(request.opaque),
      serialization_(request.serialization),
      is_oneway_(request.is_oneway()) {}

ServerRequest::ServerRequest(ServerRequest&& other) noexcept
    : path_(std::move(other.path_)),
      slab_(std::move(other.slab_)),
      body_(std::exchange(other.body_, {})),
      code_(other.code_),
      opaque_(other.opaque_),
      serialization_(other.serialization_),
      is_oneway_(other.is_oneway_),
      is_over_(std::exchange(other.is_over_, true)),
      lacked_room_(other.lacked_room_) {}

ServerRequest& ServerRequest::operator=(ServerRequest&& other) noexcept {
  if (this == &other) return *this;
  refuse();
  path_ = std::move(other.path_);
  slab_ = std::move(other.slab_);
  body_ = std::exchange(other.body_, {});
  code_ = other.code_;
  opaque_ = other.opaque_;
  serialization_ = other.serialization_;
  is_oneway_ = other.is_oneway_;
  is_over_ = std::exchange(other.is_over_, true);
  lacked_room_ = other.lacked_room_;
  return *this;
}

Answered ServerRequest::answer(const ServerAnswer& answer) noexcept {
  if (is_over_) return Answered::twice;
  const Answered answered = wants_answer() ? send(answer) : Answered::unwanted;
  lacked_room_ = answered == Answered::no_room;
  is_over_ = !lacked_room_;
  return answered;
}

Answered ServerRequest::send(const ServerAnswer& answer) noexcept {
  try {
    wire::Command command;
    command.serialization = serialization_;
    command.code = static_cast<std::int32_t>(answer.code);
    command.flag = wire::kFlagResponse;
    command.opaque = opaque_;
    if (!answer.remark.empty()) command.remark = answer.remark;
    command.body = answer.body;
    std::string frame;
    wire::append_frame(command, &frame);
    remoting::Connection& to = *connection();
    const base::Status status = to.send_response(to.session(), std::move(frame));
    if (status.ok()) return Answered::sent;
    const bool is_full = status.code() == base::ErrorCode::QUEUE_FULL;
    return is_full ? Answered::no_room : Answered::unwanted;  // the stream is broken
  } catch (const std::bad_alloc&) {
    return Answered::no_room;
  }
}

void ServerRequest::refuse() noexcept {
  if (!wants_answer()) return;
  const auto code = lacked_room_ ? protocol::ResponseCode::SYSTEM_ERROR
                                 : protocol::ResponseCode::REQUEST_CODE_NOT_SUPPORTED;
  try {
    const std::string remark = lacked_room_
                                   ? "this client had no room for its answer"
                                   : "request code " + std::to_string(code_) +
                                         " is not supported, or not for a group of this client";
    answer({.code = code, .remark = remark});
  } catch (const std::bad_alloc&) {
    answer({.code = code});
  }
}

}  // namespace rmq::client
