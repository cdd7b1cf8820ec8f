#include "consumer/allocate_average.h"

#include <algorithm>
#include <span>

namespace rmq::consumer {

AllocateStrategy::Queues AllocateAverage::part_of(const Division& division, std::size_t own_place) {
  const auto own =
      std::find(division.client_ids.begin(), division.client_ids.end(), division.own_client_id);
  if (own == division.client_ids.end()) return {};
  const auto index = static_cast<std::size_t>(own - division.client_ids.begin()) + own_place;
  const std::size_t members = division.client_ids.size();
  const std::size_t queues = division.queues.size();
  // The first `more` members get one queue more than the others.
  const std::size_t share = queues / members;
  const std::size_t more = queues % members;
  const std::size_t start = index * share + std::min(index, more);
  const auto part = std::span(division.queues).subspan(start, share + (index < more ? 1 : 0));
  return Queues(part.begin(), part.end());
}

}  // namespace rmq::consumer
