// Remoting frames as a proxy needs them: cut out of a stream of bytes, and changed on the way.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "wire/command.h"

namespace rmq::test {

// One whole frame and what the proxy reads of its header.
struct ProxyFrame {
  std::string bytes;  // begins with the length word
  std::int32_t code = 0;
  std::int32_t opaque = 0;
  bool is_response = false;
  bool is_oneway = false;
  std::string topic;            // of pull requests
  std::int32_t queue_id = -1;   // of pull requests
  std::size_t body_offset = 0;  // the size of `bytes` when there is no body
};

// Cuts a stream into frames. A stream that holds no frames is handed on as it is.
class FrameCutter {
 public:
  void feed(std::string_view bytes);
  // The next whole frame; none until more bytes are fed.
  std::optional<ProxyFrame> next();
  // True once a part of the stream could not be read as a frame. raw() then takes all bytes.
  bool is_raw() const { return is_raw_; }
  std::string raw();

 private:
  std::string waiting_;
  std::size_t used_ = 0;  // bytes of waiting_ that were given out
  bool is_raw_ = false;
  wire::CommandReader reader_;
};

// Replaces texts in the body of a frame and corrects its length word. Addresses in routes have the
// form "127.0.0.1:10911", so plain text replacement finds them in every version's JSON.
void replace_in_body(const std::map<std::string, std::string>& replacements, ProxyFrame* frame);

}  // namespace rmq::test
