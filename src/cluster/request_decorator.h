// Makes the frames of all requests, and decides what they carry besides their own fields. This is
// the form of the header, language and version, and the broker that a request is meant for.
// Signatures and the fields of a namespace belong here too. Every attempt is decorated for itself:
// it comes from decorate() or rewrite().
//
// Never changes, so any thread may use it; owned by client::ClientCore.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "protocol/request_frame.h"
#include "wire/frame_writer.h"
#include "wire/header_scratch.h"

namespace rmq::cluster {

enum class Expects : bool { nothing, answer };

// What one attempt carries besides the fields of its request. A value, so that a signature is made
// once, although the head is counted and then written.
struct Decoration {
  wire::FrameHead head;

  // The place of fields that every request has. They follow the request's own.
  template <typename Sink>
  void write_fields(Sink* /*sink*/) const {}
};

class RequestDecorator {
 public:
  // For the first attempt. `body` is what will follow the head. Throws std::bad_alloc.
  template <typename Request>
  Decoration decorate(const Request& /*request*/, base::Bytes /*body*/, Expects expects) const {
    return {head(expects)};
  }

  // The head of a request that was written before, with some fields changed, for another attempt.
  // `head` and `changes` as of wire::rewrite_head; `body` is what will follow the new head.
  base::Result<std::string> rewrite(base::Bytes head, std::span<const wire::Field> changes,
                                    base::Bytes body) const;

  // A whole frame, for requests that are not hot.
  template <typename Request>
  std::string make_frame(const Request& request, std::string_view body, Expects expects) const;
  // A whole frame once more, for an attempt at another server.
  std::string make_again(std::string_view frame) const;

 private:
  static wire::FrameHead head(Expects expects);
};

// Tells the request which broker it is meant for, if it has a field for that.
template <typename Request>
void name_broker(std::string_view broker_name, Request* request) {
  if constexpr (requires { request->broker_name; }) request->broker_name = broker_name;
}

// Both, as one request.
template <typename Request>
struct DecoratedRequest {
  protocol::RequestCode request_code() const {
    return static_cast<protocol::RequestCode>(protocol::code_of(request));
  }
  template <typename Sink>
  void write_fields(Sink* sink) const {
    request.write_fields(sink);
    decoration.write_fields(sink);
  }

  const Request& request;
  const Decoration& decoration;
};

// Writes the head of a decorated request. Returns its bytes, with empty memory too, which is how to
// ask for its size.
template <typename Request>
std::size_t write_head(const Request& request, const Decoration& decoration, std::size_t body_bytes,
                       base::MutableBytes memory) noexcept {
  return protocol::write_request(DecoratedRequest<Request>{request, decoration}, decoration.head,
                                 body_bytes, memory);
}

template <typename Request>
std::string RequestDecorator::make_frame(const Request& request, std::string_view body,
                                         Expects expects) const {
  const Decoration decoration = decorate(request, base::as_bytes(body), expects);
  const std::size_t bytes = write_head(request, decoration, body.size(), {});
  std::string frame;
  frame.reserve(bytes + body.size());
  frame.resize(bytes);
  write_head(request, decoration, body.size(),
             {reinterpret_cast<std::uint8_t*>(frame.data()), bytes});
  frame += body;
  return frame;
}

}  // namespace rmq::cluster
