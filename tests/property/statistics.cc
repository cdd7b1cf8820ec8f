#include "tests/property/statistics.h"

#include <algorithm>
#include <sstream>

namespace rmq::sim {

void Statistics::keep_max(std::string_view name, std::uint64_t value) {
  std::uint64_t& kept = maxima_[std::string(name)];
  kept = std::max(kept, value);
}

std::uint64_t Statistics::count(std::string_view name) const {
  const auto found = counts_.find(name);
  return found == counts_.end() ? 0 : found->second;
}

std::uint64_t Statistics::max(std::string_view name) const {
  const auto found = maxima_.find(name);
  return found == maxima_.end() ? 0 : found->second;
}

void Statistics::merge(const Statistics& other) {
  for (const auto& [name, value] : other.counts_) add(name, value);
  for (const auto& [name, value] : other.maxima_) keep_max(name, value);
}

std::string Statistics::to_text() const {
  std::string text;
  for (const auto& [name, value] : counts_)
    text += "count " + name + " " + std::to_string(value) + "\n";
  for (const auto& [name, value] : maxima_)
    text += "max " + name + " " + std::to_string(value) + "\n";
  return text;
}

void Statistics::add_line(std::string_view line) {
  std::istringstream words{std::string(line)};
  std::string kind;
  std::string name;
  std::uint64_t value = 0;
  if (!(words >> kind >> name >> value)) return;
  if (kind == "count") add(name, value);
  if (kind == "max") keep_max(name, value);
}

}  // namespace rmq::sim
