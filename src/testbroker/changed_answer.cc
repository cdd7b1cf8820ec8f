#include "testbroker/changed_answer.h"

#include "base/cursor.h"
#include "protocol/stored_message.h"

namespace rmq::testbroker {
namespace {

void damage_message(const Fault& fault, std::string* stored_messages) {
  constexpr std::uint32_t kPortThatIsNone = 70000;
  const base::Bytes bytes = base::as_bytes(*stored_messages);
  protocol::StoredMessageReader reader(bytes);
  std::size_t port_place = 0;
  std::size_t number = 0;
  for (protocol::StoredMessageView message; port_place == 0 && reader.next(&message);) {
    const bool is_nth = fault.damage_nth && ++number == *fault.damage_nth;
    const bool is_there = fault.damage_at && message.queue_offset == *fault.damage_at;
    if (!is_nth && !is_there) continue;
    const base::Bytes address = message.born_host.address;
    port_place = static_cast<std::size_t>(address.data() + address.size() - bytes.data());
  }
  if (port_place == 0) return;
  base::store_big_endian(reinterpret_cast<std::uint8_t*>(stored_messages->data()) + port_place,
                         kPortThatIsNone);
}

}  // namespace

wire::Command change_answer(wire::Command answer, const Fault& fault) {
  const bool has_code = fault.answer == Fault::Answer::error ||
                        (fault.answer == Fault::Answer::recoded && answer.code == 0);
  if (has_code) {
    answer.code = fault.code;
    if (!fault.remark.empty()) answer.remark = fault.remark;
  }
  if (fault.damage_nth || fault.damage_at) damage_message(fault, &answer.body);
  return answer;
}

}  // namespace rmq::testbroker
