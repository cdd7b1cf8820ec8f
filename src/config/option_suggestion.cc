// Guesses which option a wrong name stands for.
#include <algorithm>
#include <array>
#include <string>

#include "config/option.h"

namespace rmq::config {
namespace {

constexpr std::size_t kNameBytesMax = 64;

struct Alias {
  std::string_view name;  // in plain form
  OptionId id;
};

// Words of other clients that no edit distance leads from.
constexpr Alias kAliases[] = {
    {"nameserver", OptionId::kNamesrvAddr},
    {"nameserveraddr", OptionId::kNamesrvAddr},
    {"nameserveraddress", OptionId::kNamesrvAddr},
    {"endpoints", OptionId::kNamesrvAddr},
    {"usetls", OptionId::kTlsEnable},
    {"ssl", OptionId::kTlsEnable},
    {"enablessl", OptionId::kTlsEnable},
    {"tlsclientauthserver", OptionId::kTlsVerify},
    {"tlsclienttrustcertpath", OptionId::kTlsCaFile},
    {"tlsclientcertpath", OptionId::kTlsCertFile},
    {"tlsclientkeypath", OptionId::kTlsKeyFile},
    {"tlsclientkeypassword", OptionId::kTlsKeyPassword},
    {"brokersuspendmaxtimemillis", OptionId::kConsumerTimeoutMillisWhenSuspend},
    {"vpcnamespace", OptionId::kNamespaceV2},
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Letters and digits only, in lower case: `sendMsgTimeout`, `send-msg-timeout` and
// `send_msg_timeout` are the same then.
std::string plain_form(std::string_view name) {
  std::string plain;
  for (char c : name) {
    c = lower(c);
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) plain.push_back(c);
  }
  return plain;
}

// Insertions, deletions, replacements and swapped neighbours that turn one text into the other.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  using Row = std::array<std::size_t, kNameBytesMax + 1>;
  std::array<Row, 3> rows;  // of i - 2, i - 1 and i, in turn
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    const Row& before_last = rows[(i + 1) % 3];
    const Row& last = rows[(i + 2) % 3];
    Row& row = rows[i % 3];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + cost});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
  }
  return rows[a.size() % 3][b.size()];
}

}  // namespace

const OptionInfo* suggest_option(std::string_view name) {
  if (name.size() > kNameBytesMax) return nullptr;
  const std::string wanted = plain_form(name);
  if (wanted.empty()) return nullptr;
  for (const Alias& alias : kAliases) {
    if (alias.name == wanted) return &option_info(alias.id);
  }
  const OptionInfo* closest = nullptr;
  std::size_t closest_distance = wanted.size() / 3 + 1;  // farther away is another word
  for (std::size_t i = 0; option_at(i) != nullptr; ++i) {
    const std::string known = plain_form(option_at(i)->name);
    const std::size_t length_difference =
        std::max(known.size(), wanted.size()) - std::min(known.size(), wanted.size());
    if (length_difference >= closest_distance) continue;
    const std::size_t distance = edit_distance(wanted, known);
    if (distance < closest_distance) {
      closest = option_at(i);
      closest_distance = distance;
    }
  }
  return closest;
}

}  // namespace rmq::config
