// The questions that a resolver has not answered yet, by number. An answer finds its question only
// while the asker still wants it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "transport/loop.h"

namespace rmq::transport {

class PendingLookUps {
 public:
  using Answer = base::Result<std::vector<SocketAddress>>;

  // Destroying the result forgets the question; it may outlive this object.
  std::unique_ptr<Resolution> add(Resolver::Done done, std::uint64_t* number);
  bool wanted(std::uint64_t number) const { return questions_->count(number) != 0; }
  void answer(std::uint64_t number, Answer answer);
  void forget_all() { questions_->clear(); }

 private:
  using Questions = std::map<std::uint64_t, Resolver::Done>;
  struct Pending;
  std::shared_ptr<Questions> questions_ = std::make_shared<Questions>();
  std::uint64_t last_number_ = 0;
};

}  // namespace rmq::transport
