// Writes a JSON body from its beginning to its end, member by member; nothing is kept but the text.
// The caller closes what it opens. Bodies give their members in the order of their names.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rmq::protocol {

class JsonWriter {
 public:
  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }

  // The key of the member that follows.
  void name(std::string_view name);
  // Between a key that is a value and its value, as fastjson writes maps by objects.
  void colon();
  // A key that is a bare number: what NameServers before 5.0 write.
  void bare_name(std::int64_t number);

  void text(std::string_view value);  // bad UTF-8 becomes U+FFFD
  void number(std::int64_t value);
  void boolean(bool value);
  void texts(const std::vector<std::string>& values);

  void text(std::string_view name, std::string_view value);
  void number(std::string_view name, std::int64_t value);
  void boolean(std::string_view name, bool value);
  void texts(std::string_view name, const std::vector<std::string>& values);
  void begin_object(std::string_view name);
  void begin_array(std::string_view name);
  void empty_object(std::string_view name);

  std::string take() { return std::move(out_); }

 private:
  void open(char bracket);
  void close(char bracket);
  void separate();

  std::string out_;
  bool is_first_ = true;  // no comma before what comes next
};

}  // namespace rmq::protocol
