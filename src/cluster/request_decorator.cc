#include "cluster/request_decorator.h"

#include <cassert>

#include "wire/command.h"
#include "wire/rewrite_head.h"

namespace rmq::cluster {

// The binary header, where the code fits it.
wire::FrameHead RequestDecorator::head(Expects expects) {
  wire::FrameHead head;
  head.serialization = wire::Serialization::rocketmq;
  head.flag = expects == Expects::nothing ? wire::kFlagOneway : 0;
  return head;
}

base::Result<std::string> RequestDecorator::rewrite(base::Bytes head,
                                                    std::span<const wire::Field> changes,
                                                    base::Bytes /*body*/) const {
  return wire::rewrite_head(head, changes);
}

std::string RequestDecorator::make_again(std::string_view frame) const {
  const std::string_view body = frame.substr(wire::head_bytes(base::as_bytes(frame)));
  base::Result<std::string> head = rewrite(base::as_bytes(frame), {}, base::as_bytes(body));
  assert(head.ok() && "not made by make_frame()");
  return head.take_value().append(body);
}

}  // namespace rmq::cluster
