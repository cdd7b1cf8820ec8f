// Takes typed fields out of a command. The first field that is missing or malformed is remembered,
// so that a parser reads all it wants and asks once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "wire/command.h"

namespace rmq::protocol {

class FieldReader {
 public:
  explicit FieldReader(const wire::CommandView& command) : command_(command) {}

  std::string_view required_text(std::string_view name);
  std::int32_t required_int32(std::string_view name);
  std::int64_t required_int64(std::string_view name);
  // Absent and malformed give `absent_value`; Java ignores both in optional fields.
  std::string_view text(std::string_view name) const;
  std::int32_t int32(std::string_view name, std::int32_t absent_value) const;
  std::int64_t int64(std::string_view name, std::int64_t absent_value) const;
  bool boolean(std::string_view name, bool absent_value = false) const;

  // BAD_HEADER with the name of the field and of `what` was read.
  base::Status finish(std::string_view what) const;

 private:
  void note(std::string_view name);

  const wire::CommandView& command_;
  std::string bad_field_;
};

}  // namespace rmq::protocol
