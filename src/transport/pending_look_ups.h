// The questions that a resolver has not answered yet, by number. An answer finds its question only
// while the asker still wants it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "transport/loop.h"

namespace rmq::transport {

class PendingLookUps {
 public:
  using Answer = base::Result<std::vector<SocketAddress>>;

  // Destroying the result forgets the question; it may outlive this object. Throws std::bad_alloc.
  std::unique_ptr<Resolution> add(Resolver::Done done, std::uint64_t* number);
  bool wanted(std::uint64_t number) const { return questions_->count(number) != 0; }
  // Answers with what `look_up` gives, or when it throws std::bad_alloc that memory is exhausted:
  // no question is left open.
  template <typename LookUp>
  void answer(std::uint64_t number, LookUp look_up) noexcept {
    try {
      tell(number, look_up());
    } catch (const std::bad_alloc&) {
      refuse_for_memory(number);
    }
  }
  // A name that is an address needs no look-up: it is kept for answer_literals(). False: it is
  // none.
  bool add_literal(std::uint64_t number, const HostPort& name);
  void answer_literals() noexcept;
  // The addresses of an answer to all ports, with the port of this asker.
  void answer_from(std::uint64_t number, const Answer& answer, std::uint16_t port) noexcept;
  void refuse_for_memory(std::uint64_t number) noexcept;
  void forget_all() { questions_->clear(); }

 private:
  using Questions = std::map<std::uint64_t, Resolver::Done>;
  struct Pending;
  void tell(std::uint64_t number, Answer answer);

  std::shared_ptr<Questions> questions_ = std::make_shared<Questions>();
  std::vector<std::pair<std::uint64_t, SocketAddress>> literals_;
  std::uint64_t last_number_ = 0;
};

}  // namespace rmq::transport
