// A push consumer: joins its group, shares the queues of its topics with the other members, pulls
// ahead within bounds, and hands messages over as deliveries (event::Event, answered by the user).
//
// Shared by the user's handle and, until it is closed, by ClientCore. Methods of the first part may
// be called from any thread; the rest runs on the loop.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "client/host.h"
#include "consumer/consumer_options.h"
#include "event/event_queue.h"

namespace rmq::consumer {

// Numbers are part of the C ABI (RMQ_FILTER_*).
enum class FilterType : std::int32_t { tag = 0, sql92 = 1 };

class PushConsumer final : public client::Member,
                           public std::enable_shared_from_this<PushConsumer> {
 public:
  // Deliveries go to `queue` and carry token and user_data.
  static std::shared_ptr<PushConsumer> make(std::shared_ptr<client::Host> host,
                                            ConsumerOptions options,
                                            std::shared_ptr<event::EventQueue> queue,
                                            std::uint64_t token, void* user_data);
  ~PushConsumer();
  PushConsumer(const PushConsumer&) = delete;
  PushConsumer& operator=(const PushConsumer&) = delete;

  // Before and after start(); a second one for a topic replaces the first. An empty expression
  // means all messages.
  base::Status subscribe(std::string_view topic, FilterType type, std::string_view expression);
  base::Status unsubscribe(std::string_view topic);
  // Does not wait for the network.
  base::Status start();
  // Pulls nothing more, withdraws the deliveries that nobody has taken, waits for the answers to
  // the others until the time limit, persists the offsets and leaves the group. CLOSE_TIMEOUT when
  // answers were missing. A timeout of zero means the default.
  base::Status close(base::Duration timeout);
  base::Status close_async(base::Duration timeout, std::uint64_t token, void* user_data);
  // The user's handle goes: closes without waiting for answers.
  void abandon() noexcept;

  const ConsumerOptions& options() const;
  client::Host& host();

  // Loop thread.
  void begin_close(base::Instant deadline) noexcept override;

 private:
  PushConsumer();
};

}  // namespace rmq::consumer
