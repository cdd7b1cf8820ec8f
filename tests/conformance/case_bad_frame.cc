// Bytes that are no frame, or a frame of something odd: answered, closed or neither.
#include <cstdint>

#include "tests/conformance/cases.h"
#include "tests/conformance/requests.h"

namespace rmq::conformance {
namespace {

// A good request that follows on the same connection shows whether the connection lives on.
void send_and_ask(World& world, const std::string& address, const std::string& step,
                  const std::string& bytes, std::int32_t opaque = 77) {
  Connection connection(address);
  connection.send(bytes);
  const wire::Command good =
      world.request(RequestCode::GET_MAX_OFFSET, {{"topic", "TBW102"}, {"queueId", "0"}});
  connection.send(good);
  const bool goes_on = connection.next_answer(good.opaque, kSilence).has_value();
  const auto answer = connection.next_answer(opaque, milliseconds(goes_on ? 100 : 0));
  if (!answer && goes_on) {
    world.note(step, "ignored");
  } else {
    world.note_answer(step, connection, answer);
    if (answer && !goes_on) world.note(step + ", then", "nothing");
  }
}

std::string word(std::uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16),
          static_cast<char>(value >> 8), static_cast<char>(value)};
}

std::string frame(std::uint32_t header_word, const std::string& rest) {
  return word(static_cast<std::uint32_t>(4 + rest.size())) + word(header_word) + rest;
}

std::string json_frame(const std::string& header, const std::string& body = "") {
  return frame(static_cast<std::uint32_t>(header.size()), header + body);
}

void lengths(World& world) {
  const std::string& broker = world.target().broker;
  const std::string rest(64, '\0');
  send_and_ask(world, broker, "0", word(0) + rest);
  send_and_ask(world, broker, "1", word(1) + rest);
  send_and_ask(world, broker, "3", word(3) + rest);
  send_and_ask(world, broker, "-1", word(0xffffffff) + rest);
  send_and_ask(world, broker, "-2 GiB", word(0x80000000) + rest);
  send_and_ask(world, broker, "2 GiB - 1", word(0x7fffffff) + rest);
  send_and_ask(world, broker, "16 MiB + 1", word((16u << 20) + 1) + rest);
  send_and_ask(world, broker, "16 MiB", word(16u << 20) + rest);
  send_and_ask(world, broker, "16 MiB - 4", word((16u << 20) - 4) + rest);
  send_and_ask(world, broker, "16 MiB - 3", word((16u << 20) - 3) + rest);
}

void header_lengths(World& world) {
  const std::string& broker = world.target().broker;
  const std::string header = R"({"code":9999,"flag":0,"opaque":77,"version":493})";
  send_and_ask(world, broker, "0", frame(0, header));
  send_and_ask(world, broker, "longer than the frame",
               frame(static_cast<std::uint32_t>(header.size() + 1), header));
  send_and_ask(world, broker, "much longer", frame(0x00ffffff, header));
  send_and_ask(world, broker, "shorter than the header",
               frame(static_cast<std::uint32_t>(header.size() - 1), header));
  send_and_ask(world, broker, "compact, longer than the frame", frame(0x01ffffff, header));
  send_and_ask(world, broker, "compact of 0", frame(0x01000000, header));
  for (const std::uint32_t type : {2u, 9u, 127u, 128u, 255u}) {
    send_and_ask(world, broker, "type " + std::to_string(type),
                 frame((type << 24) | static_cast<std::uint32_t>(header.size()), header));
  }
}

void json_headers(World& world) {
  const std::string& broker = world.target().broker;
  for (const char* header : {
           "no json",
           "",
           "[]",
           "{}",
           "null",
           "7",
           "{\"code\":9999,\"opaque\":77",
           R"({"code":"9999","opaque":77})",
           R"({"code":"x","opaque":77})",
           R"({"code":99999999999,"opaque":77})",
           R"({"code":9999.5,"opaque":77})",
           R"({"code":null,"opaque":77})",
           R"({"opaque":77})",
           R"({"code":9999,"opaque":77,"language":"KLINGON"})",
           R"({"code":9999,"opaque":77,"flag":"x"})",
           R"({"code":9999,"opaque":77,"version":-1})",
           R"({"code":9999,"opaque":77,"extFields":null})",
           R"({"code":9999,"opaque":77,"extFields":[]})",
           R"({"code":9999,"opaque":77,"extFields":{"a":1,"b":null,"c":{"d":2},"e":true}})",
           R"({"code":30,"opaque":77,"extFields":{"topic":"TBW102","queueId":7}})",
           R"({"code":9999,"opaque":77,"more":{"x":[1,2]}})",
           R"( {"code" : 9999 , "opaque" : 77} )",
           R"({"code":9999,"opaque":77} rest)",
           R"({"code":9999,"code":9998,"opaque":77})",
           R"({'code':9999,'opaque':77})",
           R"({code:9999,opaque:77})",
           R"({"code":9999,"opaque":77,"serializeTypeCurrentRPC":"ROCKETMQ"})",
       }) {
    send_and_ask(world, broker, header, json_frame(header));
  }
}

std::string compact(std::int16_t code, std::uint8_t language, std::uint32_t remark_length,
                    std::uint32_t fields_length, const std::string& rest = "") {
  std::string header{static_cast<char>(code >> 8), static_cast<char>(code),
                     static_cast<char>(language)};
  header += std::string("\x01\xed", 2) + word(77) + word(0) + word(remark_length);
  header += word(fields_length) + rest;
  return frame(0x01000000u | static_cast<std::uint32_t>(header.size()), header);
}

void compact_headers(World& world) {
  const std::string& broker = world.target().broker;
  send_and_ask(world, broker, "plain", compact(9999, 0, 0, 0));
  send_and_ask(world, broker, "language 200", compact(9999, 200, 0, 0));
  send_and_ask(world, broker, "remark of 1000", compact(9999, 0, 1000, 0));
  send_and_ask(world, broker, "remark of -1", compact(9999, 0, 0xffffffff, 0));
  send_and_ask(world, broker, "fields of 1000", compact(9999, 0, 0, 1000));
  send_and_ask(world, broker, "fields of -1", compact(9999, 0, 0, 0xffffffff));
  send_and_ask(world, broker, "fields that end early",
               compact(9999, 0, 0, 5, std::string("\x00\x20name", 6).substr(0, 5)));
  send_and_ask(world, broker, "unknown bytes after the fields",
               compact(9999, 0, 0, 0, "more bytes"));
}

void garbage(World& world) {
  const std::string& broker = world.target().broker;
  send_and_ask(world, broker, "HTTP", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  send_and_ask(world, broker, "TLS", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc", 9));
  send_and_ask(world, broker, "PROXY", "PROXY TCP4 10.0.0.1 10.0.0.2 1000 2000\r\n");
  send_and_ask(world, broker, "ones", std::string(100, '\xff'));
  send_and_ask(world, broker, "zeros", std::string(100, '\0'));
}

void to_the_nameserver(World& world) {
  const std::string& nameserver = world.target().nameserver;
  send_and_ask(world, nameserver, "-1", word(0xffffffff));
  send_and_ask(world, nameserver, "2 GiB - 1", word(0x7fffffff));
  send_and_ask(world, nameserver, "no json", json_frame("no json"));
}

void good_ones_in_one_write(World& world) {
  Connection broker(world.target().broker);
  std::string bytes;
  for (int i = 0; i < 100; ++i) {
    wire::append_frame(
        world.request(RequestCode::GET_MAX_OFFSET, {{"topic", "TBW102"}, {"queueId", "0"}}),
        &bytes);
  }
  const wire::Command last = world.request(9999);
  wire::append_frame(last, &bytes);
  broker.send(bytes);
  world.note_answer("the last", broker, broker.next_answer(last.opaque, kAnswerLimit));
}

constexpr Case kCases[] = {
    {"bad_frame.lengths", lengths, false},
    {"bad_frame.header_lengths", header_lengths, false},
    {"bad_frame.json_headers", json_headers, false},
    {"bad_frame.compact_headers", compact_headers, false},
    {"bad_frame.garbage", garbage, false},
    {"bad_frame.to_the_nameserver", to_the_nameserver, false},
    {"bad_frame.good_ones_in_one_write", good_ones_in_one_write},
};

}  // namespace

std::span<const Case> bad_frame_cases() { return kCases; }

}  // namespace rmq::conformance
