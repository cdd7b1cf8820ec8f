// Where a message is to go: a place, or a way to choose one of the queues of its topic. Without a
// destination any of them will do. Immutable, any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "transport/address.h"

namespace rmq::producer {

class OutgoingMessage;
class PublishRoute;

enum class Selector : std::uint8_t {
  none,  // the destination is a place
  round_robin,
  random,
  key_hash,       // of the message's sharding key
  java_key_hash,  // the same, as Java's SelectMessageQueueByHash maps it
  cpp_key_hash,   // the same, as the former C++ client and its C interface did
  machine_room,   // by turns, in the first of the producer's rooms that has queues
  callback,
};

// Chooses a queue on the thread that sends, which holds no lock of ours meanwhile.
class QueueChooser {
 public:
  virtual ~QueueChooser() = default;
  // An index into the queues of `route`. Anything else is refused.
  virtual std::int64_t choose(const OutgoingMessage& message, base::Bytes body,
                              const PublishRoute& route) const = 0;
};

struct Destination {
  transport::HostPort address;  // without a host: that of the broker in the topic's route
  std::string broker_name;      // may be empty, but not with the address
  std::int32_t queue_id = 0;    // -1: any queue of the broker
  Selector selector = Selector::none;
  std::unique_ptr<const QueueChooser> chooser;  // of a callback

  bool is_by_route() const { return address.host.empty(); }
  bool is_by_key() const {
    return selector == Selector::key_hash || selector == Selector::java_key_hash ||
           selector == Selector::cpp_key_hash;
  }
  // A send is not tried again on another queue than the one that was named or chosen.
  bool is_fixed() const {
    return selector == Selector::none || is_by_key() || selector == Selector::callback;
  }
  // All sends to it that have one key, or for which the callback chose one queue, share a queue.
  bool has_order() const { return is_fixed() && (selector != Selector::none || queue_id >= 0); }

  // An absent address (null data()) leaves it to the route.
  static base::Result<std::shared_ptr<const Destination>> make(std::string_view address,
                                                               std::string_view broker_name,
                                                               std::int32_t queue_id);
  static std::shared_ptr<const Destination> make_selected(Selector selector);
  static std::shared_ptr<const Destination> make_called(
      std::unique_ptr<const QueueChooser> chooser);
};

}  // namespace rmq::producer
