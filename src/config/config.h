// Option values by name, checked as they are set. A value type: objects copy the Config they are
// made from, so that later changes do not reach them. One thread at a time.
//
// Views of values are zero-terminated (but for the parts of list()) and valid until that option is
// set or reset, or the Config goes.
//
// What is set later wins, whatever it comes from; only NAMESRV_ADDR gives way to all else. A call
// that fails changes nothing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/instant.h"
#include "config/option.h"
#include "config/option_value.h"

namespace rmq::config {

struct EnvironmentVariable {
  std::string name;
  std::string value;
};

// The variables of this process that load_environment reads: ROCKETMQ_* and NAMESRV_ADDR.
std::vector<EnvironmentVariable> read_process_environment();

class Config {
 public:
  static constexpr std::size_t kPropertiesBytesMax = 1024 * 1024;

  // OPTION_VALUE for a name that no set has.
  static base::Result<Config> predefined(std::string_view set_name);

  // OPTION_VALUE for a value that does not fit, and for an option or a value that has no effect
  // yet.
  base::Status set(std::string_view name, std::string_view value);

  // Back to the default.
  base::Status reset(std::string_view name);

  // The value in plain form, set or default; none when there is neither. Secrets come as "***".
  base::Result<std::optional<std::string_view>> get(std::string_view name) const;

  // ROCKETMQ_<OPTION>, empty ones ignored. Gives the ROCKETMQ_ variables that name no option (other
  // software has its own), for a warning.
  base::Result<std::vector<std::string>> load_environment(
      std::span<const EnvironmentVariable> variables);

  // Lines `name = value`; blank lines and lines that begin with '#' or '!' are skipped. Nothing is
  // escaped or continued. Errors name the source and the line.
  base::Status load_properties(std::string_view text, std::string_view source_name);

  // Such lines as code says them: an option or a value without effect is refused.
  base::Status load_text(std::string_view text);

  // A regular file of at most kPropertiesBytesMax.
  base::Status load_file(std::string_view path);

  // What an object asks before it takes its part of this Config. OPTION_VALUE is the answer for
  // values of that part that contradict each other.
  base::Status check_for(Owner owner) const;
  // The same for an object made on a runtime that has a Config of its own. OPTION_PLACE is the
  // answer for an option that neither of them takes. Such an option belongs to others, and the
  // runtime does not have it with the same value. So one Config may serve all objects.
  base::Status check_beside(const Config& runtime, Owner owner) const;

  // Whether an object of this kind, while it runs, may take all that is set here. OPTION_VALUE
  // names the first option that may not change.
  base::Status check_change(Owner owner) const;

  // The same values, with the defaults of the low-level objects beneath.
  Config with_low_level_defaults() const;

  // Typed access; the id's kind must fit the getter. These give secrets in the clear.
  bool is_set(OptionId id) const { return settings_.contains(id); }
  bool boolean(OptionId id) const;
  std::int64_t integer(OptionId id) const;  // integers, bytes, MiB: in the option's unit
  base::Duration duration(OptionId id) const;
  std::int32_t choice(OptionId id) const;  // position of the word; see option_choices.h
  std::optional<std::string_view> text(OptionId id) const;  // any kind, plain form
  std::vector<std::string_view> list(OptionId id) const;    // the parts between ';'

  // What files or the environment have set although it has no effect yet, joined by ','; empty when
  // there is nothing. An option is named `option`, and a value `option=value`.
  std::string name_without_effect() const;
  // The values among them that an object of this kind would have to obey.
  std::string name_values_without_effect(Owner owner) const;

  // Every option as a line `name = value`, defaults behind '#', secrets masked.
  std::string dump() const;

 private:
  enum class Source : std::uint8_t { kPredefined, kNamesrvAddr, kEnvironment, kProperties, kCode };
  struct Setting {
    OptionValue value;
    Source source;
  };

  template <typename Wanted>
  std::string name_settings(Wanted wanted) const;
  base::Status put_from_code(const OptionInfo& info, std::string_view value);
  // `source` names the lines in errors.
  base::Status load_lines(std::string_view text, const std::string& source, Source from);
  base::Status put(const OptionInfo& info, std::string_view value, Source source);
  const char* default_of(const OptionInfo& info) const;
  std::int64_t number(OptionId id) const;

  std::map<OptionId, Setting> settings_;
  bool low_level_defaults_ = false;
};

}  // namespace rmq::config
