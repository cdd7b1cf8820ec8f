#include "producer/send_frame.h"

#include <cstring>

#include "producer/half_message.h"
#include "protocol/properties.h"
#include "protocol/sys_flag.h"

namespace rmq::producer {

using base::ErrorCode;
using base::make_error;

base::Status SendFrame::check_and_compress() {
  if (body_.empty()) {
    return make_error(ErrorCode::MESSAGE_ILLEGAL,
                      "the message to topic " + message_.topic() + " has no body",
                      "brokers take bodies of at least 1 byte");
  }
  if (body_.size() > options_.message_bytes_max) {
    return make_error(ErrorCode::TOO_LARGE,
                      "the body has " + std::to_string(body_.size()) +
                          " bytes, max_message_size is " +
                          std::to_string(options_.message_bytes_max),
                      "raise max_message_size here and maxMessageSize at the broker, or send less");
  }
  if (!options_.compress || body_.size() < options_.compress_over_bytes) return {};
  auto compressed = base::compress(options_.compression_type, options_.compression_level, body_);
  if (!compressed.ok()) return compressed.take_error();
  // A body that does not shrink travels as it is.
  if (compressed.value().size() >= body_.size()) return {};
  compressed_ = compressed.take_value();
  body_ = base::as_bytes(compressed_);
  is_compressed_ = true;
  return {};
}

void SendFrame::stamp(client::Host& host, const SendCall& call) {
  // A blocking call gives up when nobody drives the runtime, and must not leave its body behind.
  may_pin_ = !is_waiting(call.mode) || !host.is_driven();
  request_.born_timestamp_ms = host.wall_ms();
  unique_id_bytes_ = host.make_unique_id(request_.born_timestamp_ms, unique_id_);

  const std::string& own = message_.properties_text();
  const std::string_view name = protocol::kPropertyUniqKey;
  std::size_t bytes = own.size() + name.size() + unique_id_bytes_ + 2;
  if (call.is_half) bytes += half_property_bytes(options_);
  char* place = properties_;
  if (bytes > sizeof properties_) {
    long_properties_.resize(bytes);
    place = long_properties_.data();
  }
  char* end = place;
  const auto put = [&end](std::string_view text) {
    std::memcpy(end, text.data(), text.size());
    end += text.size();
  };
  put(own);
  put(name);
  put("\x01");
  put({unique_id_, unique_id_bytes_});
  put("\x02");
  if (call.is_half) write_half_properties(options_, end);

  request_.producer_group = options_.group;
  request_.topic = message_.topic();
  request_.default_topic_queue_count = options_.default_topic_queue_nums;
  request_.sys_flag = is_compressed_ ? protocol::with_compression(0, options_.compression_type) : 0;
  if (call.is_half) request_.sys_flag |= protocol::kSysFlagTransactionPrepared;
  request_.flag = message_.flag();
  request_.properties = {place, bytes};
  decoration_ = host.core().decorator().decorate(
      request_, body_, is_oneway(call.mode) ? cluster::Expects::nothing : cluster::Expects::answer);
  head_bytes_ = cluster::write_head(request_, decoration_, body_.size(), {});
}

void SendFrame::write(SendOperation* operation) {
  const base::MutableBytes memory = operation->attempt().frame;
  cluster::write_head(request_, decoration_, body_.size(), memory.first(head_bytes_));
  if (pins_body()) {
    operation->attempt().body = body_;
  } else {
    std::memcpy(memory.data() + head_bytes_, body_.data(), body_.size());
  }
  operation->set_message_id({unique_id_, unique_id_bytes_});
}

}  // namespace rmq::producer
