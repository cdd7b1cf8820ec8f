// What is known about each option: one constant table, made from option_table.def. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rmq::config {

enum class OptionId : std::int32_t {
#define RMQ_OPTION(id, name, kind, minimum, maximum, plain, low_level, owners, domain, \
                   effective_since, sentence)                                          \
  id,
#include "config/option_table.def"
#undef RMQ_OPTION
};

enum class OptionKind : std::int32_t {
  kBoolean,
  kInteger,
  kDuration,  // ms
  kBytes,
  kMebibytes,
  kText,
  kSecret,  // text that is shown to nobody
  kChoice,  // its number is the position of the word
  kFile,
  kAddressList,
  kAddressMap,
  kTimestamp,  // yyyyMMddHHmmss, local time
};

// The objects that take options; a set of them is their sum.
enum class Owner : std::uint32_t {
  kRuntime = 1,
  kProducer = 2,
  kConsumer = 4,
  kStore = 8,
  kAdmin = 16,
};

struct OptionInfo {
  OptionId id;
  OptionKind kind;
  std::int64_t minimum;  // of the number; of texts the length in bytes
  std::int64_t maximum;
  std::string_view name;
  const char* default_value;         // plain form; null: not set
  const char* low_level_default;     // what low-level objects take instead; null: the same
  std::uint32_t owners;              // sum of Owner values
  std::uint32_t live_owners;         // those of them whose value may change while they run
  bool is_code_only;                 // no file and no environment sets it
  std::string_view unit;             // "" when there is none
  std::string_view words;            // of a choice, as the table has them; see for_each_value
  std::string_view effective_since;  // a version; "-": not yet
  std::string_view sentence;

  bool belongs_to(Owner owner) const { return (owners & static_cast<std::uint32_t>(owner)) != 0; }
  bool is_live_for(Owner owner) const {
    return (live_owners & static_cast<std::uint32_t>(owner)) != 0;
  }
  bool has_effect() const { return effective_since != "-"; }
  bool has_effect(std::int64_t value) const;  // false for a value that is not there yet
  bool is_secret() const { return kind == OptionKind::kSecret; }
  bool is_number() const { return kind <= OptionKind::kMebibytes || kind == OptionKind::kChoice; }
};

// In table order; null past the end.
const OptionInfo* option_at(std::size_t index);
const OptionInfo& option_info(OptionId id);

// Null when no option has exactly this name.
const OptionInfo* find_option(std::string_view name);

// The option that was probably meant by a name that does not exist: other spellings (camelCase,
// dashes, dots), other clients' words, slips of the finger. Null when nothing is close.
const OptionInfo* suggest_option(std::string_view name);

// "text", "duration", ... as documentation says it.
std::string_view kind_name(OptionKind kind);

// "runtime", "producer", ...
std::string_view owner_name(Owner owner);
inline constexpr Owner kOwners[] = {Owner::kRuntime, Owner::kProducer, Owner::kConsumer,
                                    Owner::kStore, Owner::kAdmin};

// Calls `visit(word, index)` for each word of a list joined by `separator`.
template <typename Visit>
void for_each_word(std::string_view words, char separator, Visit visit) {
  for (std::size_t index = 0;; ++index) {
    const std::size_t end = words.find(separator);
    visit(words.substr(0, end), index);
    if (end == std::string_view::npos) return;
    words.remove_prefix(end + 1);
  }
}

// Calls `visit(word, number, has_effect)` for each word of a choice, and for both of a boolean that
// has a value without effect. Other options have no words.
template <typename Visit>
void for_each_value(const OptionInfo& info, Visit visit) {
  if (info.words.empty()) return;
  for_each_word(info.words, '|', [&](std::string_view word, std::size_t index) {
    const bool has_effect = !word.starts_with('-');
    if (!has_effect) word.remove_prefix(1);
    visit(word, static_cast<std::int64_t>(index), has_effect);
  });
}

}  // namespace rmq::config
