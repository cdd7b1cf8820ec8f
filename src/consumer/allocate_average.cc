#include "consumer/allocate_average.h"

#include <algorithm>

namespace rmq::consumer {

base::Result<std::vector<protocol::MessageQueue>> AllocateAverage::allocate(
    const Division& division) const {
  const auto own =
      std::find(division.client_ids.begin(), division.client_ids.end(), division.own_client_id);
  if (own == division.client_ids.end()) return std::vector<protocol::MessageQueue>();
  const auto index =
      static_cast<std::size_t>(own - division.client_ids.begin()) + division.own_place;
  const std::size_t members = division.client_ids.size();
  const std::size_t queues = division.queues.size();
  // The first `more` members get one queue more than the others.
  const std::size_t share = queues / members;
  const std::size_t more = queues % members;
  const std::size_t start = index * share + std::min(index, more);
  const auto part = division.queues.subspan(start, share + (index < more ? 1 : 0));
  return std::vector<protocol::MessageQueue>(part.begin(), part.end());
}

}  // namespace rmq::consumer
