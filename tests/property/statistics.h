// Named counts and maxima of many runs, added up across worker processes.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace rmq::sim {

class Statistics {
 public:
  void add(std::string_view name, std::uint64_t count = 1) { counts_[std::string(name)] += count; }
  void keep_max(std::string_view name, std::uint64_t value);
  std::uint64_t count(std::string_view name) const;
  std::uint64_t max(std::string_view name) const;
  const std::map<std::string, std::uint64_t, std::less<>>& counts() const { return counts_; }

  void merge(const Statistics& other);
  // Lines "count <name> <value>" and "max <name> <value>"; names have no blanks.
  std::string to_text() const;
  void add_line(std::string_view line);

 private:
  std::map<std::string, std::uint64_t, std::less<>> counts_;
  std::map<std::string, std::uint64_t, std::less<>> maxima_;
};

}  // namespace rmq::sim
