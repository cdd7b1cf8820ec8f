#include "protocol/json_text.h"

#include "base/format.h"
#include "base/utf8.h"

namespace rmq::protocol {
namespace {

// Copies one text while rewriting keys. false means that fail() has noted why.
class Standardizer {
 public:
  explicit Standardizer(std::string_view text) : text_(text) { out_.reserve(text.size() + 64); }

  bool run() {
    skip_space();
    if (!copy_value(1)) return false;
    skip_space();
    return at_ == text_.size() || fail("text behind the value");
  }

  std::string take() { return std::move(out_); }

  base::Error error() const {
    return base::make_error(base::ErrorCode::BAD_BODY,
                            base::format("reading a JSON body of {} bytes: {} at offset {}",
                                         text_.size(), failure_, at_));
  }

 private:
  bool fail(std::string_view what) {
    failure_ = what;
    return false;
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void skip_space() {
    static constexpr std::string_view kSpace = " \t\r\n";
    while (at_ < text_.size() && kSpace.find(text_[at_]) != kSpace.npos) ++at_;
  }

  bool copy_value(int depth) {
    if (depth > kJsonDepthMax) return fail("nested too deep");
    if (++value_count_ > kJsonValuesMax) return fail("too many values");
    switch (peek()) {
      case '{':
        return copy_object(depth);
      case '[':
        return copy_array(depth);
      case '"':
        return copy_string();
      default:
        return copy_word();
    }
  }

  // Numbers and names such as true; the parser looks at them.
  bool copy_word() {
    static constexpr std::string_view kEnds = " \t\r\n,:]}[{\"";
    const std::size_t start = at_;
    while (at_ < text_.size() && kEnds.find(text_[at_]) == kEnds.npos) ++at_;
    out_.append(text_.substr(start, at_ - start));
    return at_ > start || fail("expected a value");
  }

  bool copy_string() {
    static constexpr char kDigits[] = "0123456789abcdef";
    out_ += text_[at_++];
    while (at_ < text_.size()) {
      const char character = text_[at_++];
      if (static_cast<unsigned char>(character) < 0x20) {  // Java takes these unescaped
        out_.append("\\u00").append(1, kDigits[character >> 4]).append(1, kDigits[character & 15]);
        continue;
      }
      out_ += character;
      if (character == '"') return true;
      if (character == '\\' && at_ < text_.size()) out_ += text_[at_++];
    }
    return fail("a string does not end");
  }

  bool copy_array(int depth) {
    out_ += '[';
    ++at_;
    skip_space();
    if (peek() == ']') return close(']');
    for (;;) {
      if (!copy_value(depth + 1)) return false;
      skip_space();
      if (peek() != ',') return close(']');
      out_ += ',';
      ++at_;
      skip_space();
    }
  }

  bool close(char bracket) {
    if (peek() != bracket) return fail("expected a comma or the end of a list");
    out_ += bracket;
    ++at_;
    return true;
  }

  bool copy_object(int depth) {
    ++at_;
    skip_space();
    if (peek() == '{') return copy_object_keyed_map(depth);
    out_ += '{';
    if (peek() == '}') return close('}');
    for (;;) {
      if (!copy_text_key() || !copy_colon(':') || !copy_value(depth + 1)) return false;
      skip_space();
      if (peek() != ',') return close('}');
      out_ += ',';
      ++at_;
      skip_space();
    }
  }

  // at_ is on the first key.
  bool copy_object_keyed_map(int depth) {
    out_.append("{\"").append(kObjectKeyedMap).append("\":[");
    for (;;) {
      out_ += '[';
      if (!copy_value(depth + 1) || !copy_colon(',') || !copy_value(depth + 1)) return false;
      out_ += ']';
      skip_space();
      if (peek() != ',') break;
      out_ += ',';
      ++at_;
      skip_space();
    }
    if (peek() != '}') return fail("expected a comma or the end of a map");
    ++at_;
    out_ += "]}";
    return true;
  }

  bool copy_text_key() {
    if (peek() == '"') return copy_string();
    const std::size_t start = at_;
    if (peek() == '-') ++at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    if (at_ == start) return fail("expected a key");
    out_.append(1, '"').append(text_.substr(start, at_ - start)).append(1, '"');
    return true;
  }

  bool copy_colon(char as) {
    skip_space();
    if (peek() != ':') return fail("expected a colon");
    ++at_;
    out_ += as;
    skip_space();
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t value_count_ = 0;
  std::string out_;
  std::string_view failure_;
};

}  // namespace

base::Result<std::string> to_standard_json(std::string_view text) {
  if (text.size() > kJsonBytesMax) {
    return base::make_error(base::ErrorCode::BAD_BODY,
                            base::format("reading a JSON body of {} bytes: at most {} are taken",
                                         text.size(), kJsonBytesMax));
  }
  Standardizer standardizer(text);
  if (!standardizer.run()) return standardizer.error();
  std::string standard = standardizer.take();
  if (!base::is_utf8(standard)) standard = base::mend_utf8(standard);
  return standard;
}

}  // namespace rmq::protocol
