// Changes in a message's properties text, as a broker makes them. They go through a map, so that
// each name is there once and the text ends with the separator.
#pragma once

#include <string>
#include <string_view>

namespace rmq::testbroker {

void put_property(std::string_view name, std::string_view value, std::string* text);
void remove_property(std::string_view name, std::string* text);

}  // namespace rmq::testbroker
