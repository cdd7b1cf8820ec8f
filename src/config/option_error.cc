#include "config/option_error.h"

#include <string>

#include "base/quote.h"
#include "config/option_value.h"

namespace rmq::config {

using base::ErrorCode;

base::Error make_unknown_option(std::string_view name) {
  const std::string message = "no option is named " + base::quote(name);
  const OptionInfo* meant = suggest_option(name);
  if (meant == nullptr) {
    return base::make_error(ErrorCode::OPTION_UNKNOWN, message,
                            "docs/options.md lists every option");
  }
  const std::string suggested(meant->name);
  return base::make_error(ErrorCode::OPTION_UNKNOWN,
                          message + "; did you mean `" + suggested + "`?", "use " + suggested);
}

base::Error make_option_without_effect(const OptionInfo& info) {
  return base::make_error(
      ErrorCode::OPTION_VALUE,
      "option " + std::string(info.name) + " has no effect in this version: it is not there yet",
      "leave it out; docs/options.md says which options have an effect");
}

base::Error make_value_without_effect(const OptionInfo& info, std::string_view value) {
  return base::make_error(ErrorCode::OPTION_VALUE,
                          "option " + std::string(info.name) + ": " + base::quote(value) +
                              " has no effect in this version: it is not there yet, expected " +
                              describe_expected(info),
                          "docs/options.md says which values have an effect");
}

base::Error make_option_of_code(const OptionInfo& info) {
  return base::make_error(ErrorCode::OPTION_VALUE,
                          "option " + std::string(info.name) +
                              " can be set by code only: a program is written for its value",
                          "set it with rmq_config_set");
}

base::Error make_misplaced_option(const OptionInfo& info, Owner owner) {
  std::string owners;
  for (const Owner each : kOwners) {
    if (!info.belongs_to(each)) continue;
    if (!owners.empty()) owners += " or ";
    owners.append(owner_name(each));
  }
  return base::make_error(ErrorCode::OPTION_PLACE,
                          "option " + std::string(info.name) + " belongs to the " + owners +
                              " and was set for the " + std::string(owner_name(owner)) +
                              ", whose runtime does not have this value",
                          "make the runtime with this config too, or set the option in the config "
                          "of the " +
                              owners);
}

}  // namespace rmq::config
