// The body of a pull answer, or a batch: views stay inside their bytes, and what the checked reader
// takes is written again to the same message.
#include "protocol/batch.h"
#include "protocol/message_id.h"
#include "protocol/stored_message.h"
#include "protocol/stored_message_writer.h"
#include "protocol/sys_flag.h"
#include "tests/fuzz/check.h"

namespace {

using namespace rmq;
using protocol::StoredMessageReader;
using protocol::StoredMessageView;

constexpr std::size_t kBodyBytesMax = 256 * 1024;

bool is_inside(base::Bytes part, base::Bytes whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void use(const StoredMessageView& message, base::Bytes input) {
  RMQ_FUZZ_CHECK(is_inside(message.stored, input));
  RMQ_FUZZ_CHECK(is_inside(message.body, message.stored));
  RMQ_FUZZ_CHECK(is_inside(base::as_bytes(message.topic), message.stored));
  RMQ_FUZZ_CHECK(is_inside(base::as_bytes(message.properties_text), message.stored));
  for (const protocol::Property& property : message.properties()) {
    RMQ_FUZZ_CHECK(!property.name.empty() && !property.value.empty());
    RMQ_FUZZ_CHECK(message.properties().find(property.name).has_value());
  }
  RMQ_FUZZ_CHECK(protocol::parse_offset_id(protocol::offset_id_of(message)).has_value());
  if (message.is_compressed()) {
    auto body = protocol::decompress_body(message, kBodyBytesMax);
    RMQ_FUZZ_CHECK(!body.ok() || body.value().size() <= kBodyBytesMax);
  }
  if (protocol::is_inner_batch(message.sys_flag)) {
    protocol::InnerBatchReader inner(message, message.body);
    for (StoredMessageView one; inner.next(&one);) {
      RMQ_FUZZ_CHECK(is_inside(one.body, message.body));
    }
  }
}

void check_rewriting(const StoredMessageView& message) {
  std::string written;
  if (!protocol::append_stored_message(message, &written).ok()) return;
  StoredMessageReader reader(base::as_bytes(written));
  StoredMessageView again;
  RMQ_FUZZ_CHECK(reader.next(&again));
  RMQ_FUZZ_CHECK(protocol::has_good_crc(again));
  if (protocol::has_good_crc(message)) {
    RMQ_FUZZ_CHECK(written == base::as_text(message.stored));
  }
  RMQ_FUZZ_CHECK(!reader.next(&again) && reader.status().ok());
}

void read_batch(base::Bytes input) {
  protocol::BatchReader reader(input);
  std::string written;
  for (protocol::BatchMessage message; reader.next(&message);) {
    RMQ_FUZZ_CHECK(is_inside(message.body, input));
    RMQ_FUZZ_CHECK(protocol::append_batch_message(message, &written).ok());
  }
  RMQ_FUZZ_CHECK(written.size() <= input.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes input(data, size);
  StoredMessageView message;
  StoredMessageReader checked(input);
  std::size_t checked_count = 0;
  for (; checked.next(&message); ++checked_count) {
    use(message, input);
    check_rewriting(message);
  }
  RMQ_FUZZ_CHECK(!checked.status().ok() || checked.offset() == size);
  StoredMessageReader lenient(input, protocol::TotalSizeRule::ignored);
  std::size_t lenient_count = 0;
  for (; lenient.next(&message); ++lenient_count) use(message, input);
  RMQ_FUZZ_CHECK(lenient_count >= checked_count);
  read_batch(input);
  return 0;
}
