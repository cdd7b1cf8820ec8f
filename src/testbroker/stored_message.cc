#include "testbroker/stored_message.h"

#include "protocol/message_id.h"
#include "protocol/stored_message_writer.h"

namespace rmq::testbroker {
namespace {

base::Bytes ip_of(const transport::SocketAddress& address) {
  return {address.ip, address.v6 ? std::size_t{16} : std::size_t{4}};
}

}  // namespace

base::Status append_stored_message(const Message& message, std::string* out) {
  static constexpr std::uint8_t kLoopback[] = {127, 0, 0, 1};
  protocol::StoredMessageView view;
  view.queue_id = message.queue_id;
  view.flag = message.flag;
  view.queue_offset = message.queue_offset;
  view.commit_log_offset = message.commit_log_offset;
  view.sys_flag = message.sys_flag;
  view.born_timestamp_ms = message.born_ms;
  view.born_host = {kLoopback, message.born_port};
  view.store_timestamp_ms = message.store_ms;
  view.store_host = {ip_of(message.store_host), message.store_host.port};
  view.reconsume_times = message.reconsume_times;
  view.prepared_transaction_offset = message.prepared_transaction_offset;
  view.body = base::as_bytes(message.body);
  view.topic = message.topic;
  view.properties_text = message.properties;
  return protocol::append_stored_message(view, out);
}

std::string make_offset_message_id(const transport::SocketAddress& store_host,
                                   std::int64_t commit_log_offset) {
  const base::Bytes ip = ip_of(store_host);
  return protocol::to_text({.address = {ip.begin(), ip.end()},
                            .port = store_host.port,
                            .commit_log_offset = commit_log_offset});
}

}  // namespace rmq::testbroker
