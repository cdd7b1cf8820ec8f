// Offset ids and unique ids, from parts to text and back.
#include <arpa/inet.h>

#include "base/hex.h"
#include "protocol/message_id.h"
#include "protocol/unique_id.h"
#include "tests/golden/golden_file.h"

namespace rmq::golden {
namespace {

std::vector<std::uint8_t> to_vector(base::Bytes bytes) { return {bytes.begin(), bytes.end()}; }

std::vector<std::uint8_t> address_from_hex(const Json& hex) {
  return to_vector(base::as_bytes(bytes_from_hex(hex)));
}

std::vector<std::uint8_t> address_from_text(const std::string& text) {
  std::vector<std::uint8_t> v4(4), v6(16);
  if (inet_pton(AF_INET, text.c_str(), v4.data()) == 1) return v4;
  EXPECT_EQ(inet_pton(AF_INET6, text.c_str(), v6.data()), 1) << text;
  return v6;
}

std::vector<std::uint8_t> canonical(const std::vector<std::uint8_t>& address) {
  return to_vector(protocol::MessageHost{.address = address}.canonical_address());
}

void check_offset_id(const Json& vector) {
  const protocol::OffsetId id{.address = address_from_hex(vector["ip_hex"]),
                              .port = vector["port"],
                              .commit_log_offset = vector["offset"]};
  const std::string text = vector["msg_id"];
  EXPECT_EQ(to_text(id), text);
  const auto parsed = protocol::parse_offset_id(text);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->address, canonical(address_from_text(vector["decoded_ip"])));
  EXPECT_EQ(parsed->port, vector["decoded_port"].get<std::int32_t>());
  EXPECT_EQ(parsed->commit_log_offset, vector["decoded_offset"].get<std::int64_t>());
}

void expect_decoded(const Json& vector) {
  const auto parsed = protocol::parse_unique_id(vector["msg_id"].get<std::string>());
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(canonical(parsed->address), canonical(address_from_hex(vector["decoded_ip_hex"])));
  EXPECT_EQ(parsed->pid, vector["decoded_pid"].get<int>());
  EXPECT_EQ(to_text(*parsed), vector["msg_id"].get<std::string>());
}

void check_unique_id(const Json& vector) {
  const auto address = address_from_hex(vector["ip_hex"]);
  const auto pid = static_cast<std::uint16_t>(vector["pid"].get<std::int64_t>());
  const auto hash = static_cast<std::uint32_t>(vector["loader_hash"].get<std::int64_t>());
  const auto counter = static_cast<std::uint16_t>(vector["counter"].get<std::int64_t>());
  protocol::UniqueIdGenerator generator(address, pid, hash, counter);
  EXPECT_EQ(generator.next(vector["diff_ms_since_month_start"].get<std::int64_t>()),
            vector["msg_id"].get<std::string>());
  expect_decoded(vector);
}

void check_real_id(const Json& vector) {
  EXPECT_EQ(vector["msg_id"].get<std::string>().size(), vector["length"].get<std::size_t>());
  expect_decoded(vector);
}

void check_message_ids(const Json& vector) {
  const std::string kind = vector["kind"];
  if (kind == "offset") return check_offset_id(vector);
  if (kind == "uniq") return check_unique_id(vector);
  if (kind == "uniq_real") return check_real_id(vector);
  ADD_FAILURE() << "unknown kind " << kind;
}

TEST(Golden, message_ids) { for_each_case("message_ids.json", check_message_ids); }

}  // namespace
}  // namespace rmq::golden
