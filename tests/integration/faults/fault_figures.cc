#include "tests/integration/faults/fault_figures.h"

#include <algorithm>
#include <cstdio>
#include <set>

namespace rmq::test {
namespace {

constexpr double kNsPerSecond = 1e9;
constexpr std::size_t kErrorBytesMax = 40;
// Gaps are looked for from shortly before the fault, so that a run without any effect shows the
// ordinary gaps.
constexpr std::int64_t kBeforeNs = 1'000'000'000;

double seconds(std::int64_t ns) { return static_cast<double>(ns) / kNsPerSecond; }

// The longest time between two of `times`, within the window. An end without a last one counts.
double longest_gap(std::vector<std::int64_t> times, const FaultWindow& window) {
  const std::int64_t from = window.fault_begin_ns - kBeforeNs;
  times.push_back(from);
  times.push_back(window.sending_end_ns);
  std::sort(times.begin(), times.end());
  std::int64_t longest = 0;
  std::int64_t last = from;
  for (const std::int64_t time : times) {
    if (time < from || time > window.sending_end_ns) continue;
    longest = std::max(longest, time - last);
    last = time;
  }
  return seconds(longest);
}

std::vector<std::int64_t> successes(const TrafficRecords& records, bool is_single) {
  std::vector<std::int64_t> times;
  for (const SendRecord& send : records.sends) {
    if (send.is_single == is_single && send.fate == SendFate::applied) times.push_back(send.end_ns);
  }
  return times;
}

std::map<std::string, std::int64_t> first_deliveries(const TrafficRecords& records) {
  std::map<std::string, std::int64_t> first;
  for (const DeliveryRecord& delivery : records.deliveries) {
    if (delivery.is_whole) first.emplace(delivery.key, delivery.at_ns);
  }
  return first;
}

double latest_delivery(const TrafficRecords& records, const FaultWindow& window) {
  const auto first = first_deliveries(records);
  std::int64_t latest = 0;
  for (const SendRecord& send : records.sends) {
    if (send.fate != SendFate::applied || send.end_ns < window.fault_begin_ns - kBeforeNs) continue;
    const auto delivery = first.find(send.key);
    if (delivery != first.end()) latest = std::max(latest, delivery->second - send.end_ns);
  }
  return seconds(latest);
}

// The words before the first number or mark, which differ from case to case.
std::string kind_of(const std::string& error) {
  return error.substr(0, std::min(error.find_first_of(":,=[<0123456789"), kErrorBytesMax));
}

void judge_outcomes(const TrafficRecords& records, const StoredKeys& stored,
                    FaultFigures* figures) {
  for (const SendRecord& send : records.sends) {
    const bool is_stored = stored.contains(send.key);
    if (!send.error.empty()) ++figures->errors[kind_of(send.error)];
    switch (send.fate) {
      case SendFate::applied:
        ++figures->applied;
        figures->missing += is_stored ? 0 : 1;
        break;
      case SendFate::maybe_applied:
        ++figures->maybe_applied;
        figures->maybe_stored += is_stored ? 1 : 0;
        break;
      case SendFate::not_applied:
        ++figures->not_applied;
        figures->falsely_denied += is_stored ? 1 : 0;
        break;
    }
  }
}

void judge_deliveries(const TrafficRecords& records, const StoredKeys& stored,
                      const FaultWindow& window, FaultFigures* figures) {
  std::set<std::pair<std::string, std::int64_t>> places;
  std::set<std::string> keys;
  for (const DeliveryRecord& delivery : records.deliveries) {
    if (delivery.is_whole) keys.insert(delivery.key);
    figures->corrupt += delivery.is_whole || delivery.is_marked ? 0 : 1;
    const bool is_first = places.emplace(delivery.queue, delivery.offset).second;
    if (delivery.at_ns < window.fault_begin_ns) continue;
    ++(is_first ? figures->delivered : figures->delivered_twice);
  }
  for (const auto& [key, copies] : stored) {
    figures->stored_twice += copies.size() - 1;
    figures->undelivered += keys.contains(key) ? 0 : 1;
  }
}

std::optional<double> since(std::int64_t from_ns, const std::optional<std::int64_t>& at_ns) {
  if (!at_ns) return std::nullopt;
  return seconds(*at_ns - from_ns);
}

std::string text_of(const std::optional<double>& seconds) {
  char text[32] = "-";
  if (seconds) std::snprintf(text, sizeof text, "%.2f", *seconds);
  return text;
}

}  // namespace

Recovery recovery_since(const TrafficRecords& records, std::int64_t since_ns,
                        std::size_t queue_count) {
  std::optional<std::int64_t> single;
  std::optional<std::int64_t> many;
  std::set<std::string> late_keys;
  for (const SendRecord& send : records.sends) {
    if (send.begin_ns < since_ns) continue;
    late_keys.insert(send.key);
    std::optional<std::int64_t>& first = send.is_single ? single : many;
    if (send.fate == SendFate::applied && (!first || send.end_ns < *first)) first = send.end_ns;
  }
  std::optional<std::int64_t> delivery;
  std::optional<std::int64_t> last;
  std::set<std::string> queues;
  for (const DeliveryRecord& one : records.deliveries) {
    if (!late_keys.contains(one.key) || !one.is_whole) continue;
    if (!delivery) delivery = one.at_ns;
    if (queues.insert(one.queue).second && queues.size() <= queue_count) last = one.at_ns;
  }
  Recovery recovery{since(since_ns, single), since(since_ns, many), since(since_ns, delivery), {}};
  if (single && many && queues.size() >= queue_count) {
    recovery.whole = seconds(std::max({*single, *many, *last}) - since_ns);
  }
  return recovery;
}

bool is_all_delivered(const TrafficRecords& records) {
  const auto first = first_deliveries(records);
  return std::all_of(records.sends.begin(), records.sends.end(), [&](const SendRecord& send) {
    return send.fate != SendFate::applied || first.contains(send.key);
  });
}

FaultFigures figures_of(const TrafficRecords& records, const StoredKeys& stored,
                        const FaultWindow& window) {
  FaultFigures figures;
  figures.single_gap = longest_gap(successes(records, true), window);
  figures.many_gap = longest_gap(successes(records, false), window);
  std::vector<std::int64_t> deliveries;
  for (const DeliveryRecord& delivery : records.deliveries) deliveries.push_back(delivery.at_ns);
  figures.delivery_gap = longest_gap(std::move(deliveries), window);
  figures.latest_delivery = latest_delivery(records, window);
  judge_outcomes(records, stored, &figures);
  judge_deliveries(records, stored, window, &figures);
  return figures;
}

std::string table_head() {
  return "| scenario | version | side | longest gap of sends: one at a time, many | of deliveries "
         "| "
         "latest delivery | works again: one at a time, many, a delivery, every queue | delivered "
         "twice | applied / maybe (of these stored) / not | told wrongly | stored twice | "
         "undelivered, corrupt | queue moves | connections |\n"
         "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n";
}

std::string table_line(const std::string& scenario, const std::string& version,
                       const std::string& side, const FaultFigures& figures) {
  const Recovery& again = figures.recovery;
  char line[1024];
  std::snprintf(
      line, sizeof line,
      "| %s | %s | %s | %.2f, %.2f | %.2f | %.2f | %s, %s, %s, %s | %zu of %zu | %zu / %zu "
      "(%zu) / %zu | %zu | %zu | %zu, %zu | %zu | %zu |\n",
      scenario.c_str(), version.c_str(), side.c_str(), figures.single_gap, figures.many_gap,
      figures.delivery_gap, figures.latest_delivery, text_of(again.single).c_str(),
      text_of(again.many).c_str(), text_of(again.delivery).c_str(), text_of(again.whole).c_str(),
      figures.delivered_twice, figures.delivered, figures.applied, figures.maybe_applied,
      figures.maybe_stored, figures.not_applied, figures.missing + figures.falsely_denied,
      figures.stored_twice, figures.undelivered, figures.corrupt, figures.queue_moves,
      figures.connections);
  return line;
}

}  // namespace rmq::test
