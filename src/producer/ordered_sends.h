// Keeps the order of the sends that ask for it: RMQ_FLAG_ORDERED. The router asks it at each step
// of such a send.
//
// A send takes its place in the lane of its queue. The first of a lane goes to the broker, and is
// tried again at the same queue until its deadline. The next one follows when it has ended, in
// whatever way. What waits for that is in a list that a batch can be taken from.
//
// When the queues of a topic change, keys move. So the sends of a topic that have their queue by
// one mapping must end before one goes by another mapping. Those that were not tried yet are given
// their queue anew, in order.
//
// Loop thread; owned by the router.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "producer/ordered_lane.h"
#include "producer/send_attempt.h"

namespace rmq::producer {

class SendRouter;

class OrderedSends {
 public:
  explicit OrderedSends(SendRouter& router) : router_(router) {}

  // A send has come. Throws std::bad_alloc, and has done nothing then.
  void begin(SendAttempt& attempt);
  // A try has failed. True: another one follows. Throws std::bad_alloc.
  bool try_again(SendAttempt& attempt, const base::Error& error);
  // The deadline of the attempt's detour has come.
  void on_time(SendAttempt& attempt) noexcept;
  // Ends a send that is on no connection.
  void cancel(SendAttempt& attempt) noexcept;
  // The topic has a route, another one than before, or none that can be used.
  void on_route(PublishTopic& topic) noexcept;
  // There is no such topic.
  void on_no_route(PublishTopic& topic, const base::Error& error) noexcept;
  static bool wants_route(const PublishTopic& topic);

  // The send ends: takes it out of its lane. The lane, if there is one, is for advance() then, once
  // the end was told.
  OrderedLane* take_out(SendAttempt& attempt) noexcept;
  void advance(OrderedLane* lane) noexcept;

 private:
  std::uint32_t mapping_of(const SendAttempt& attempt, const PublishTopic& topic) const;
  bool must_wait(const SendAttempt& attempt, const OrderedTopic& group) const;
  OrderedTopic& group_of(SendAttempt& attempt);
  OrderedLane& lane_of(SendAttempt& attempt, OrderedTopic& group);
  // By the newest route, or by the choice of a callback. `text` keeps what the place refers to.
  OrderedTopic::Place place_of(const SendAttempt& attempt, std::string* text) const;
  void wait_in(base::IntrusiveList<SendDetour, SendDetour>& list, SendAttempt& attempt);
  void enter(SendAttempt& attempt, OrderedTopic& group);
  void enter_later(OrderedTopic& group, const PublishTopic& topic) noexcept;
  void give_back(OrderedTopic& group);
  void start(SendAttempt& attempt, const OrderedLane& lane);
  void start_or_fail(SendAttempt& attempt, const OrderedLane& lane) noexcept;
  bool pause(SendAttempt& attempt, base::Duration time);

  SendRouter& router_;
  std::map<std::string, OrderedTopic, std::less<>> addressed_;  // sends to addresses, by topic
};

}  // namespace rmq::producer
