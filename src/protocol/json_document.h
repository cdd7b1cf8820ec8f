// What the body parsers share: a checked parse and member access that never throws. Heavy to
// include; for .cc files only.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace rmq::protocol {

using Json = nlohmann::json;

// `what` names the body in the error: "the route of topic t". The value is an object.
base::Result<Json> parse_json_object(std::string_view text, std::string_view what);

// The value as Java reads it: a map with object keys is written with object keys.
std::string to_java_json(const Json& value);

// Missing, null and wrongly typed members all give the default, as in Java's lenient beans.
const Json& member(const Json& object, const char* name);
std::string text_at(const Json& object, const char* name);
std::int64_t int64_at(const Json& object, const char* name, std::int64_t absent_value = 0);
std::int32_t int32_at(const Json& object, const char* name, std::int32_t absent_value = 0);
bool bool_at(const Json& object, const char* name, bool absent_value = false);
std::vector<std::string> texts_at(const Json& object, const char* name);

}  // namespace rmq::protocol
