#include "wire/json_header.h"

#include "base/decimal.h"
#include "base/format.h"
#include "base/json_string.h"
#include "wire/language.h"

namespace rmq::wire {
namespace {

// One pass over one header. Every take_* begins at the first character of its thing and ends behind
// the last; false means that fail() has noted why.
class HeaderScanner {
 public:
  HeaderScanner(std::string_view text, HeaderScratch* scratch) : text_(text), scratch_(scratch) {}

  bool take_header(CommandView* view) {
    bool more = false;
    skip_space();
    if (!begin_list('{', '}', &more)) return false;
    while (more) {
      std::string_view name;
      if (!take_name(&name) || !take_member(name, view) || !next_item('}', &more)) return false;
    }
    skip_space();
    return at_ == text_.size() || fail("text behind the object");
  }

  base::Error error() const {
    return base::make_error(
        base::ErrorCode::BAD_HEADER,
        base::format("reading a JSON header of {} bytes: {} at header offset {}", text_.size(),
                     failure_, at_));
  }

 private:
  bool fail(std::string_view what) {
    failure_ = what;
    return false;
  }

  // '\0' at the end, which no rule below accepts.
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) {
      ++at_;
    }
  }

  bool take_char(char wanted, std::string_view complaint) {
    if (peek() != wanted) return fail(complaint);
    ++at_;
    return true;
  }

  bool begin_list(char open, char close, bool* more) {
    if (!take_char(open, "expected an object")) return false;
    skip_space();
    *more = peek() != close;
    if (!*more) ++at_;
    return true;
  }

  bool next_item(char close, bool* more) {
    skip_space();
    *more = peek() == ',';
    if (!*more && peek() != close) return fail("expected a comma or the end of the list");
    ++at_;
    if (*more) skip_space();
    return true;
  }

  bool take_name(std::string_view* name) {
    if (!take_string(name)) return false;
    skip_space();
    if (!take_char(':', "expected a colon")) return false;
    skip_space();
    return true;
  }

  bool take_member(std::string_view name, CommandView* view) {
    if (name == "code") return take_int(&view->code);
    if (name == "flag") return take_int(&view->flag);
    if (name == "opaque") return take_int(&view->opaque);
    if (name == "version") return take_int(&view->version);
    if (name == "language") return take_language(&view->language);
    if (name == "remark") return take_text(&view->remark);
    if (name == "extFields") return take_fields(view);
    return skip_value(1);
  }

  bool take_int(std::int32_t* value) {
    std::optional<std::string_view> digits;
    const std::size_t start = at_;
    if (!take_text(&digits)) return false;
    if (!digits) return true;  // null: the default stays
    const auto parsed = base::parse_int32(*digits);
    if (!parsed) {
      at_ = start;
      return fail("expected a 32-bit integer");
    }
    *value = *parsed;
    return true;
  }

  bool take_language(Language* language) {
    std::optional<std::string_view> name;
    if (!take_text(&name)) return false;
    if (!name) return true;
    const auto code = base::parse_int64(*name);
    *language = code ? language_from_code(*code) : language_from_name(*name);
    return true;
  }

  bool take_fields(CommandView* view) {
    scratch_->fields.clear();
    view->fields = {};
    if (peek() == 'n') return take_word("null");
    bool more = false;
    if (!begin_list('{', '}', &more)) return false;
    while (more) {
      std::string_view name;
      std::optional<std::string_view> value;
      if (!take_name(&name) || !take_text(&value)) return false;
      if (value) {
        if (scratch_->fields.size() == kHeaderFieldsMax) return fail("more than 65536 fields");
        scratch_->fields.push_back({name, *value});
      }
      if (!next_item('}', &more)) return false;
    }
    view->fields = scratch_->fields;
    return true;
  }

  // Any value as text, the way Java reads a member of type String. Null is absent; numbers and
  // booleans are their own text, and so are objects and arrays.
  bool take_text(std::optional<std::string_view>* text) {
    text->reset();
    if (peek() == '"') return take_string(&text->emplace());
    if (peek() == 'n') return take_word("null");
    const std::size_t start = at_;
    if (!skip_value(2)) return false;
    *text = text_.substr(start, at_ - start);
    return true;
  }

  bool take_word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return fail("expected a value");
    at_ += word.size();
    return true;
  }

  bool take_string(std::string_view* value) {
    if (!take_char('"', "expected a string")) return false;
    const std::size_t start = at_;
    while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\') ++at_;
    if (at_ == text_.size()) return fail("a string does not end");
    if (text_[at_] == '\\') return take_escaped_string(start, value);
    *value = text_.substr(start, at_ - start);
    ++at_;
    return true;
  }

  // at_ is on the first backslash. Unescaped text is never longer than its source, so one
  // reservation of the header's size keeps all earlier views valid.
  bool take_escaped_string(std::size_t start, std::string_view* value) {
    std::vector<char>& out = scratch_->unescaped;
    if (out.empty()) out.reserve(text_.size());
    const std::size_t out_start = out.size();
    for (std::size_t run = start;;) {
      while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\') ++at_;
      if (at_ == text_.size()) return fail("a string does not end");
      out.insert(out.end(), text_.begin() + static_cast<std::ptrdiff_t>(run),
                 text_.begin() + static_cast<std::ptrdiff_t>(at_));
      if (text_[at_++] == '"') break;
      base::JsonEscape escape;
      if (const char* complaint = base::take_json_escape(text_, &at_, &escape)) {
        return fail(complaint);
      }
      out.insert(out.end(), escape.bytes, escape.bytes + escape.size);
      run = at_;
    }
    *value = {out.data() + out_start, out.size() - out_start};
    return true;
  }

  bool skip_value(int depth) {
    if (depth > kJsonHeaderDepthMax) return fail("nested too deep");
    switch (peek()) {
      case '{':
      case '[':
        return skip_list(depth);
      case '"':
        return skip_string();
      case 't':
        return take_word("true");
      case 'f':
        return take_word("false");
      case 'n':
        return take_word("null");
      default:
        return skip_number();
    }
  }

  bool skip_list(int depth) {
    const bool object = peek() == '{';
    const char close = object ? '}' : ']';
    bool more = false;
    if (!begin_list(peek(), close, &more)) return false;
    while (more) {
      if (object) {
        if (!skip_string()) return false;
        skip_space();
        if (!take_char(':', "expected a colon")) return false;
        skip_space();
      }
      if (!skip_value(depth + 1) || !next_item(close, &more)) return false;
    }
    return true;
  }

  bool skip_string() {
    if (!take_char('"', "expected a string")) return false;
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    if (at_ >= text_.size()) {
      at_ = text_.size();
      return fail("a string does not end");
    }
    ++at_;
    return true;
  }

  bool skip_number() {
    static constexpr std::string_view kCharacters = "+-.0123456789Ee";
    const std::size_t start = at_;
    while (at_ < text_.size() && kCharacters.find(text_[at_]) != kCharacters.npos) ++at_;
    return at_ > start || fail("expected a value");
  }

  std::string_view text_;
  HeaderScratch* scratch_;
  std::size_t at_ = 0;
  std::string_view failure_;
};

}  // namespace

base::Status read_json_header(std::string_view header, HeaderScratch* scratch, CommandView* view) {
  HeaderScanner scanner(header, scratch);
  if (!scanner.take_header(view)) return scanner.error();
  return {};
}

}  // namespace rmq::wire
