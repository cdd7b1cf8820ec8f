#include "base/error.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace rmq::base {
namespace {

constexpr ErrorCodeInfo kTable[] = {
    {ErrorCode::OK, "OK", ErrorCategory::none, false, "no error"},
#define RMQ_ERROR_CODE(number, name, category, retriable, sentence) \
  {ErrorCode::name, #name, ErrorCategory::category, retriable, sentence},
#include "base/error_codes.def"
#undef RMQ_ERROR_CODE
};

const ErrorCodeInfo* find_info(ErrorCode code) {
  const auto* entry = std::lower_bound(
      std::begin(kTable), std::end(kTable), code,
      [](const ErrorCodeInfo& info, ErrorCode wanted) { return info.code < wanted; });
  return entry != std::end(kTable) && entry->code == code ? entry : nullptr;
}

}  // namespace

const ErrorCodeInfo& error_code_info(ErrorCode code) {
  if (const ErrorCodeInfo* entry = find_info(code)) return *entry;
  return *find_info(ErrorCode::INTERNAL);
}

const ErrorCodeInfo* error_code_at(std::size_t index) {
  return index < std::size(kTable) ? &kTable[index] : nullptr;
}

Error make_error(ErrorCode code, std::string message, std::string hint) {
  Error error;
  error.code = code;
  error.message = std::move(message);
  error.hint = std::move(hint);
  return error;
}

Error make_memory_error() noexcept {
  return make_error_or_code(ErrorCode::MEMORY,
                            [] { return make_error(ErrorCode::MEMORY, "memory is exhausted"); });
}

}  // namespace rmq::base
