#include "config/config.h"

#include <cassert>

#include "base/quote.h"
#include "config/option_error.h"
#include "config/predefined_set.h"

namespace rmq::config {
namespace {

using base::ErrorCode;
using base::Result;
using base::Status;

constexpr std::string_view kMask = "***";

}  // namespace

Result<Config> Config::predefined(std::string_view set_name) {
  const PredefinedSet* set = find_predefined_set(set_name);
  if (set == nullptr) {
    std::string known;
    for (std::size_t i = 0; predefined_set_at(i) != nullptr; ++i) {
      known += (i > 0 ? ", " : "") + std::string(predefined_set_at(i)->name);
    }
    return base::make_error(
        ErrorCode::OPTION_VALUE,
        "no predefined set is named " + base::quote(set_name) + ", expected one of " + known);
  }
  Config config;
  for (const PredefinedValue& entry : set->values) {
    Status done = config.put(option_info(entry.id), entry.value, Source::kPredefined);
    if (!done.ok()) return done.take_error();
  }
  return config;
}

Status Config::set(std::string_view name, std::string_view value) {
  const OptionInfo* info = find_option(name);
  if (info == nullptr) return make_unknown_option(name);
  return put_from_code(*info, value);
}

Status Config::reset(std::string_view name) {
  const OptionInfo* info = find_option(name);
  if (info == nullptr) return make_unknown_option(name);
  settings_.erase(info->id);
  return {};
}

Status Config::put_from_code(const OptionInfo& info, std::string_view value) {
  if (!info.has_effect()) return make_option_without_effect(info);
  return put(info, value, Source::kCode);
}

Status Config::put(const OptionInfo& info, std::string_view value, Source source) {
  const bool is_from_outside = source != Source::kCode && source != Source::kPredefined;
  if (info.is_code_only && is_from_outside) return make_option_of_code(info);
  Result<OptionValue> parsed = parse_option_value(info, value);
  if (!parsed.ok()) return parsed.take_error();
  if (source == Source::kCode && !info.has_effect(parsed.value().number))
    return make_value_without_effect(info, parsed.value().text);
  settings_[info.id] = Setting{parsed.take_value(), source};
  return {};
}

Result<std::optional<std::string_view>> Config::get(std::string_view name) const {
  const OptionInfo* info = find_option(name);
  if (info == nullptr) return make_unknown_option(name);
  auto value = text(info->id);
  if (value && info->is_secret()) value = kMask;
  return value;
}

Config Config::with_low_level_defaults() const {
  Config copy = *this;
  copy.low_level_defaults_ = true;
  return copy;
}

const char* Config::default_of(const OptionInfo& info) const {
  if (low_level_defaults_ && info.low_level_default != nullptr) return info.low_level_default;
  return info.default_value;
}

std::int64_t Config::number(OptionId id) const {
  if (const auto found = settings_.find(id); found != settings_.end()) {
    return found->second.value.number;
  }
  const OptionInfo& info = option_info(id);
  const char* plain = default_of(info);
  if (plain == nullptr) return 0;
  // A unit test parses every default, so this does not fail.
  const Result<OptionValue> parsed = parse_option_value(info, plain);
  return parsed.ok() ? parsed.value().number : 0;
}

bool Config::boolean(OptionId id) const {
  assert(option_info(id).kind == OptionKind::kBoolean);
  return number(id) != 0;
}

std::int64_t Config::integer(OptionId id) const {
  assert(option_info(id).is_number());
  return number(id);
}

base::Duration Config::duration(OptionId id) const {
  assert(option_info(id).kind == OptionKind::kDuration);
  return base::milliseconds(number(id));
}

std::int32_t Config::choice(OptionId id) const {
  assert(option_info(id).kind == OptionKind::kChoice);
  return static_cast<std::int32_t>(number(id));
}

std::optional<std::string_view> Config::text(OptionId id) const {
  if (const auto found = settings_.find(id); found != settings_.end()) {
    return found->second.value.text;
  }
  const char* plain = default_of(option_info(id));
  if (plain == nullptr) return std::nullopt;
  return plain;
}

std::vector<std::string_view> Config::list(OptionId id) const {
  std::vector<std::string_view> parts;
  const auto joined = text(id);
  if (!joined) return parts;
  for_each_word(*joined, ';', [&](std::string_view part, std::size_t) {
    if (!part.empty()) parts.push_back(part);
  });
  return parts;
}

template <typename Wanted>
std::string Config::name_settings(Wanted wanted) const {
  std::string names;
  for (const auto& [id, setting] : settings_) {
    const OptionInfo& info = option_info(id);
    if (info.has_effect(setting.value.number) || !wanted(info)) continue;
    if (!names.empty()) names += ',';
    names += info.name;
    if (info.has_effect()) names += "=" + setting.value.text;
  }
  return names;
}

std::string Config::name_without_effect() const {
  return name_settings([](const OptionInfo&) { return true; });
}

std::string Config::name_values_without_effect(Owner owner) const {
  return name_settings(
      [owner](const OptionInfo& info) { return info.has_effect() && info.belongs_to(owner); });
}

std::string Config::dump() const {
  std::string page;
  for (std::size_t i = 0; option_at(i) != nullptr; ++i) {
    const OptionInfo& info = *option_at(i);
    if (!is_set(info.id)) page += "# ";
    page.append(info.name).append(" =");
    if (const auto value = text(info.id)) {
      page.append(" ").append(info.is_secret() ? kMask : *value);
    }
    page += '\n';
  }
  return page;
}

}  // namespace rmq::config
