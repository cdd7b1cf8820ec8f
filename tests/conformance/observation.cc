#include "tests/conformance/observation.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>
#include <vector>

#include "protocol/json_document.h"
#include "protocol/stored_message.h"
#include "tests/support/json_tree.h"

namespace rmq::conformance {
namespace {

using nlohmann::json;

struct Mask {
  std::regex pattern;
  const char* replacement;
};

const std::vector<Mask>& masks() {
  static const std::vector<Mask> kMasks = {
      {std::regex(R"(/?\b127\.0\.0\.1:\d+)"), "<address>"},
      {std::regex(R"(\b[0-9A-F]{32}\b)"), "<id>"},
      {std::regex(R"(\b1[6-9]\d{11}\b)"), "<time>"},
      // The words are those of the Java that runs there.
      {std::regex(R"((java\.lang\.NullPointerException).*)"), "$1"},
      {std::regex(R"((Cannot invoke).*)"), "$1"},
      {std::regex(R"((com\.alibaba\.fastjson2?\.JSONException).*)"), "$1"},
      // Where in the server an exception was thrown.
      {std::regex(R"(, [\w.$/]+\([\w ]+(\.java(:\d+)?)?\))"), ""},
  };
  return kMasks;
}

// Java's writer leaves numbers that are keys without quotes.
bool has_number_keys(std::string_view text) {
  static const std::regex kNumberKey(R"([{,]-?\d+:)");
  return std::regex_search(text.begin(), text.end(), kNumberKey);
}

// Objects are sorted by name already; arrays are of things in no particular order.
void sort_arrays(json* value) {
  if (value->is_structured()) {
    for (json& member : *value) sort_arrays(&member);
  }
  if (value->is_array()) std::sort(value->begin(), value->end());
}

std::string describe_body(std::string_view body, std::string_view token) {
  if (body.empty()) return "-";
  if (std::string messages = describe_messages(body, token); !messages.empty()) return messages;
  const std::string masked = mask(body, token);
  auto parsed = protocol::parse_json_object(masked, "an answer");
  if (!parsed.ok()) return fmt::format("{} bytes", body.size());
  json value = test::to_tree(parsed.value().root());
  sort_arrays(&value);
  return (has_number_keys(masked) ? "number keys " : "") + value.dump();
}

std::string describe_properties(const protocol::StoredMessageView& message) {
  std::vector<std::string> properties;
  for (const protocol::Property& property : message.properties()) {
    properties.push_back(fmt::format("{}={}", property.name, property.value));
  }
  std::sort(properties.begin(), properties.end());
  return fmt::format("{}", fmt::join(properties, ";"));
}

}  // namespace

std::string mask(std::string_view text, std::string_view token) {
  std::string masked(text);
  for (std::size_t at; (at = masked.find(token)) != std::string::npos;) {
    masked.replace(at, token.size(), "RUN");
  }
  for (const auto& [pattern, replacement] : masks()) {
    masked = std::regex_replace(masked, pattern, replacement);
  }
  return masked;
}

std::string describe_messages(std::string_view body, std::string_view token) {
  std::string text;
  protocol::StoredMessageReader reader(base::as_bytes(body));
  for (protocol::StoredMessageView message; reader.next(&message);) {
    text += fmt::format(
        "[{}:{}+{} magic={:x} flag={} sys={} again={} prepared={} body={}/{:08x} ends={} {{{}}}]",
        mask(message.topic, token), message.queue_id, message.queue_offset, message.magic,
        message.flag, message.sys_flag, message.reconsume_times,
        message.prepared_transaction_offset > 0 ? "somewhere" : "0", message.body.size(),
        message.body_crc, message.properties_text.ends_with(protocol::kPropertyEnd),
        mask(describe_properties(message), token));
  }
  return reader.status().ok() ? text : "";
}

std::string describe(const wire::Command& command, std::string_view token) {
  std::vector<std::string> fields;
  for (const auto& [name, value] : command.fields) {
    fields.push_back(fmt::format("{}={}", name, mask(value, token)));
  }
  std::sort(fields.begin(), fields.end());
  std::string remark = command.remark ? "\"" + mask(*command.remark, token) + "\"" : "-";
  std::replace(remark.begin(), remark.end(), '\n', '|');
  return fmt::format("code={} flag={} {} language={} version={} remark={} fields={{{}}} body={}",
                     command.code, command.flag,
                     command.serialization == wire::Serialization::json ? "json" : "compact",
                     static_cast<int>(command.language), command.version, remark,
                     fmt::join(fields, ";"), describe_body(command.body, token));
}

}  // namespace rmq::conformance
