#include "protocol/namespace_v1.h"

#include "protocol/names.h"

namespace rmq::protocol {
namespace {

constexpr char kSeparator = '%';

bool is_system_name(std::string_view name) {
  return is_system_topic(name) || name.starts_with("CID_RMQ_SYS_");
}

// "%RETRY%" and "%DLQ%" stay in front of the namespace.
struct Split {
  std::string_view prefix;
  std::string_view rest;
};

Split split(std::string_view name) {
  for (const std::string_view prefix : {kRetryPrefix, kDlqPrefix}) {
    if (name.starts_with(prefix)) return {prefix, name.substr(prefix.size())};
  }
  return {{}, name};
}

bool has_namespace(std::string_view name_space, std::string_view rest) {
  return rest.starts_with(name_space) && rest.substr(name_space.size()).starts_with(kSeparator);
}

std::string join(std::string_view prefix, std::string_view rest) {
  return std::string(prefix).append(rest);
}

}  // namespace

std::string wrap_namespace(std::string_view name_space, std::string_view name) {
  const auto [prefix, rest] = split(name);
  if (name_space.empty() || name.empty() || is_system_name(name) ||
      has_namespace(name_space, rest)) {
    return std::string(name);
  }
  return join(prefix, name_space).append(1, kSeparator).append(rest);
}

std::string strip_namespace(std::string_view name_space, std::string_view name) {
  if (name_space.empty() || !has_namespace(name_space, split(name).rest)) return std::string(name);
  return strip_any_namespace(name);
}

std::string strip_any_namespace(std::string_view name) {
  const auto [prefix, rest] = split(name);
  const std::size_t end = rest.find(kSeparator);
  if (is_system_name(name) || end == rest.npos || end == 0) return std::string(name);
  return join(prefix, rest.substr(end + 1));
}

std::string_view namespace_of(std::string_view name) {
  const std::string_view rest = split(name).rest;
  const std::size_t end = rest.find(kSeparator);
  if (is_system_name(name) || end == rest.npos) return {};
  return rest.substr(0, end);
}

}  // namespace rmq::protocol
