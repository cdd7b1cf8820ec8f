// Namespaces of the first kind (protocol.md 7.4): a prefix of topic and group names.
#pragma once

#include <string>
#include <string_view>

namespace rmq::protocol {

// An empty namespace, a system name and a name that has the namespace already stay as they are.
std::string wrap_namespace(std::string_view name_space, std::string_view name);

// Takes off this namespace, and nothing else.
std::string strip_namespace(std::string_view name_space, std::string_view name);

// Takes off whatever stands before the first '%'.
std::string strip_any_namespace(std::string_view name);

// Empty when the name has none.
std::string_view namespace_of(std::string_view name);

}  // namespace rmq::protocol
