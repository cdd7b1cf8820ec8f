#include "wire/language.h"

#include <algorithm>
#include <iterator>

namespace rmq::wire {
namespace {

constexpr std::string_view kNames[] = {"JAVA",   "CPP",  "DOTNET", "PYTHON", "DELPHI",
                                       "ERLANG", "RUBY", "OTHER",  "HTTP",   "GO",
                                       "PHP",    "OMS",  "RUST",   "NODE_JS"};
static_assert(std::size(kNames) == static_cast<std::size_t>(Language::node_js) + 1);

}  // namespace

std::string_view language_name(Language language) {
  const auto index = static_cast<std::size_t>(language);
  return index < std::size(kNames) ? kNames[index]
                                   : kNames[static_cast<std::size_t>(Language::other)];
}

Language language_from_name(std::string_view name) {
  const auto* found = std::find(std::begin(kNames), std::end(kNames), name);
  if (found == std::end(kNames)) return Language::other;
  return static_cast<Language>(found - std::begin(kNames));
}

Language language_from_code(std::int64_t code) {
  if (code < 0 || code >= static_cast<std::int64_t>(std::size(kNames))) return Language::other;
  return static_cast<Language>(code);
}

}  // namespace rmq::wire
