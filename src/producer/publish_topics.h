// The topics that one producer sends to, each with the snapshot of its route that sending threads
// choose queues from. A sending thread finds its topic without a lock in the steady state. It holds
// a bare pointer to the topic, and its send does until the loop has it. The producer counts these
// sends. A topic that was not used for long is taken off the list, and freed once no send holds it.
#pragma once

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/instant.h"
#include "base/intrusive_list.h"
#include "base/mutex.h"
#include "producer/ordered_lane.h"
#include "producer/publish_route.h"

namespace rmq::producer {

struct SendDetour;

struct PublishTopic {
  explicit PublishTopic(std::string text) : name(std::move(text)) {}

  const std::string name;
  // What `owner` holds, for sending threads, which may use it as long as the producer counts them
  // as choosers. Null before the first route. A thread counts itself and then loads this; the loop
  // stores this and then reads the count. All four must stay sequentially consistent: with less,
  // each may miss what the other did, and a snapshot that is in use is freed.
  std::atomic<const PublishRoute*> route{nullptr};
  std::atomic<std::uint32_t> turn{0};  // of the round robin
  // A caller that may not wait has posted that it wants the route. One such call is enough.
  std::atomic<bool> is_route_asked{false};

  // Loop thread.
  std::shared_ptr<const PublishRoute> owner;
  base::IntrusiveList<SendDetour, SendDetour> parked;  // sends without a route, in order
  std::unique_ptr<OrderedTopic> ordered;               // since the first ordered send
  std::unique_ptr<base::Error> failure;                // of the last attempt to get a route
  base::Instant used_at{};                             // by a send
  bool is_retired = false;  // off the list: sends that come with it go by the new one of that name
  bool is_kept = false;     // however long no send uses it: transaction_topics
  bool is_watched = false;
  bool is_refresh_asked = false;  // since the route came
};

class PublishTopics {
 public:
  // Any thread; made at first use. One comparison of texts for the topics used lately, a lock and a
  // search for the others.
  PublishTopic& at(std::string_view topic);
  PublishTopic* find(std::string_view topic);
  // Takes the topic off the list. Loop thread. Sends may still hold a pointer to it. A send is
  // counted before it loads the pointer; this function takes the pointer away before the sends are
  // counted.
  std::unique_ptr<PublishTopic> take(std::string_view topic);

  // Calls `visit` with each. Must not be nested, nor call at().
  template <typename Visit>
  void for_each(Visit visit) {
    base::MutexLock lock(mutex_);
    for (auto& [name, topic] : topics_) visit(*topic);
  }

 private:
  static std::size_t place_of(std::string_view topic) {
    const auto at = [topic](std::size_t i) { return static_cast<unsigned char>(topic[i]); };
    return topic.empty()
               ? 0
               : (topic.size() * 7 + at(topic.size() - 1) * 3 + at(topic.size() / 2)) % 64;
  }

  std::array<std::atomic<PublishTopic*>, 64> recent_{};
  base::Mutex mutex_;
  std::map<std::string, std::unique_ptr<PublishTopic>, std::less<>> topics_ RMQ_GUARDED_BY(mutex_);
};

}  // namespace rmq::producer
