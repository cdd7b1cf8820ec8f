// Which request an answer belongs to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace rmq::remoting {

class Request;

// Requests that wait for an answer, by opaque. An opaque is a slot's index and the slot's
// generation:
//
//   bit 31    30 ........ 16   15 ......... 0
//        0     generation       slot index
//
// so an answer is found without a search. The slot of a request that ended without its answer
// (timed out, cancelled) is quarantined. It is not used again until that answer came or the
// connection closed. So a late answer never completes another request, however often generations
// have wrapped. Freed slots are reused in the order in which they were freed, so that even a
// repeated answer finds its generation gone. Owned by one connection; loop thread only.
class RequestTable {
 public:
  static constexpr std::size_t kSlotsMax = 0xFFFF;  // index 0xFFFF belongs to one-way requests

  // At most `requests_max` requests and `quarantine_max` quarantined slots. Together they have
  // kSlotsMax: the former give way, because a full quarantine costs the connection, while a request
  // without a slot only waits. The latter get half of all at most.
  RequestTable(std::size_t requests_max, std::size_t quarantine_max);

  // The opaque to write; nothing when requests_max are in. Throws std::bad_alloc.
  std::optional<std::int32_t> insert(Request& request);
  // An opaque that no answer can match.
  std::int32_t next_oneway_opaque();

  enum class Owner { nobody, request, quarantine };
  struct Match {
    Owner owner = Owner::nobody;
    Request* request = nullptr;
  };
  Match find(std::int32_t opaque) const;

  // `opaque` must have been found.
  void release(std::int32_t opaque);     // from either owner: the slot may be used again
  void quarantine(std::int32_t opaque);  // from its request
  bool is_quarantine_full() const { return quarantined_ >= quarantine_max_; }

  // Any of the requests, null when there is none. For emptying the table.
  Request* first();
  // Everything is free again, also what is quarantined: the connection has closed.
  void clear();

  std::size_t size() const { return used_; }
  std::size_t quarantined() const { return quarantined_; }

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  static constexpr std::uint32_t kGenerations = 0x8000;
  struct Slot {
    Request* request = nullptr;
    std::uint32_t next_free = kNone;
    std::uint16_t generation = 0;
    Owner owner = Owner::nobody;
  };

  void append_free(std::uint32_t index);

  std::vector<Slot> slots_;
  std::size_t requests_max_;
  std::size_t quarantine_max_;
  std::size_t used_ = 0;
  std::size_t quarantined_ = 0;
  std::size_t first_hint_ = 0;  // no request has a smaller index; only first() trusts it
  std::uint32_t free_head_ = kNone;
  std::uint32_t free_tail_ = kNone;
  std::uint32_t oneway_generation_ = 0;
};

}  // namespace rmq::remoting
