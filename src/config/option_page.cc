#include "config/option_page.h"

#include "config/option.h"
#include "config/predefined_set.h"

namespace rmq::config {
namespace {

constexpr std::string_view kIntroduction =
    R"(# Options

<!-- Made by rmq_option_docs from src/config/option_table.def; a unit test compares the two. -->

Every option is a name and a text value. The same names are understood

- in code, by the setter of a config object;
- in the environment, as `ROCKETMQ_` and the name in capitals: `ROCKETMQ_SEND_MSG_TIMEOUT=5s`. Empty variables are
  ignored. `NAMESRV_ADDR` sets `namesrv_addr` when nothing else has;
- in properties files: lines `name = value`; lines that begin with `#` or `!` are comments; nothing is escaped. At most
  1 MiB.

One value means the same in all three places. Blanks and line ends around a value are taken off, of secrets too; so are
signs that nobody sees, such as a byte order mark. A variable that holds nothing else counts as empty. What is set later
wins. A name or value that does not fit is an error that says what was expected, and changes nothing.

| type | how to write it |
|---|---|
| boolean | `true` or `false`; `1`, `0`, `yes`, `no`, `on` and `off` too |
| integer | a whole number; the unit stands in the table |
| duration | a number of ms, or one with the suffix `ms`, `s` or `m` (minutes) |
| size | a number of bytes, or one with the suffix `k` (1024) or `m` (1048576); where the unit is MiB, a whole number |
| text, secret text, file path | UTF-8 without control characters; the range is its length in bytes. Secrets are shown as `***` |
| choice | one of the words, in any case; `CONSUME_FROM_LAST_OFFSET` and its like are understood |
| address list | `host:port`, several separated by `;`; IPv6 hosts may stand in brackets. An address that stands twice counts once |
| address map | `from=to`, several separated by `;` |
| timestamp | `yyyyMMddHHmmss`, local time |

An option or a value that has no effect yet ("not yet" in the table) cannot be set in code: the error says so. In files
and in the environment it is taken. The runtime that starts with it says so in one log line of the level `warn`. A
consumer that finds such a value among its own options does not start.

The owner is the kind of object that an option belongs to. An object takes its own part of a config, so one config may make a
runtime, its producers and its consumers. An option that neither an object nor its runtime takes is an error. With `(live)`
behind an owner, `rmq_<owner>_update` changes the option while the object lives. A default in parentheses is that of the
low-level NameServer and broker clients where it differs.
)";

std::string join_owners(const OptionInfo& info) {
  std::string owners;
  for (const Owner owner : kOwners) {
    if (!info.belongs_to(owner)) continue;
    if (!owners.empty()) owners += ", ";
    owners.append(owner_name(owner));
    if (info.is_live_for(owner)) owners += " (live)";
  }
  if (info.is_code_only) owners += "; by code only";
  return owners;
}

std::string code(std::string_view text) { return "`" + std::string(text) + "`"; }

std::string render_range(const OptionInfo& info) {
  std::string words;
  for_each_value(info, [&](std::string_view word, std::int64_t, bool has_effect) {
    words += (words.empty() ? "" : ", ") + code(word) + (has_effect ? "" : " (not yet)");
  });
  if (!words.empty()) return words;
  if (info.kind == OptionKind::kBoolean || info.kind == OptionKind::kTimestamp) return "";
  const std::string unit = info.is_number() ? std::string(info.unit) : "bytes";
  return std::to_string(info.minimum) + " to " + std::to_string(info.maximum) + " " + unit;
}

std::string render_default(const OptionInfo& info) {
  if (info.default_value == nullptr) return "";
  std::string text = code(info.default_value);
  if (info.low_level_default != nullptr) text += " (" + code(info.low_level_default) + ")";
  return text;
}

void render_options(std::string* page) {
  *page += "\n## The table\n\n";
  *page += "| name | type | range | default | owner | effective since | meaning |\n";
  *page += "|---|---|---|---|---|---|---|\n";
  for (std::size_t i = 0; option_at(i) != nullptr; ++i) {
    const OptionInfo& info = *option_at(i);
    *page += "| " + code(info.name) + " | " + std::string(kind_name(info.kind)) + " | " +
             render_range(info) + " | " + render_default(info) + " | " + join_owners(info) + " | " +
             (info.has_effect() ? std::string(info.effective_since) : "not yet") + " | " +
             std::string(info.sentence) + " |\n";
  }
}

void render_sets(std::string* page) {
  *page += "\n## Predefined sets\n";
  for (std::size_t i = 0; predefined_set_at(i) != nullptr; ++i) {
    const PredefinedSet& set = *predefined_set_at(i);
    *page += "\n### " + code(set.name) + "\n\n" + std::string(set.sentence) + "\n";
    if (set.values.empty()) continue;
    *page += "\n| option | value | default |\n|---|---|---|\n";
    for (const PredefinedValue& entry : set.values) {
      const OptionInfo& info = option_info(entry.id);
      *page += "| " + code(info.name) + " | " + code(entry.value) + " | " +
               code(info.default_value == nullptr ? "" : info.default_value) + " |\n";
    }
  }
}

}  // namespace

std::string render_option_page() {
  std::string page(kIntroduction);
  render_options(&page);
  render_sets(&page);
  return page;
}

}  // namespace rmq::config
