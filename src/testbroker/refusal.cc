#include "testbroker/refusal.h"

#include "base/format.h"
#include "testbroker/server_options.h"

namespace rmq::testbroker {

using protocol::ResponseCode;

Refusal refuse_null(std::string_view what) {
  return {
      ResponseCode::SYSTEM_ERROR,
      base::format("java.lang.NullPointerException: Cannot invoke \"Object.hashCode()\" because "
                   "{} is null",
                   what)};
}

Refusal refuse_number(std::string_view text) {
  return {ResponseCode::SYSTEM_ERROR,
          base::format("java.lang.NumberFormatException: For input string: \"{}\"", text)};
}

Refusal refuse_thrown(std::string_view exception) {
  return {ResponseCode::SYSTEM_ERROR, std::string(exception)};
}

bool is_thrown(ResponseCode code, std::string_view remark) {
  return code == ResponseCode::SYSTEM_ERROR &&
         (remark.starts_with("java.") || remark.starts_with("com.alibaba."));
}

// The JSON library of 4.9 gives null for an array where an object is wanted.
Refusal refuse_json(const ServerOptions& options, std::string_view body, std::string_view why) {
  if (body.empty()) return refuse_null("the body");
  if (!options.is_5x() && body.starts_with('[')) return refuse_null("the body");
  return {ResponseCode::SYSTEM_ERROR, base::format("com.alibaba.fastjson{}.JSONException: {}",
                                                   options.is_5x() ? "2" : "", why)};
}

}  // namespace rmq::testbroker
