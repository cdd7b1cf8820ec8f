#include "producer/destination.h"

#include <vector>

#include "capi/edge.h"
#include "capi/handles.h"
#include "capi/message_view.h"
#include "producer/publish_route.h"

using rmq::base::Status;
using rmq::producer::Destination;
using rmq::producer::Selector;

namespace {

// Shows the queues of a route to the user's function.
class CalledChooser final : public rmq::producer::QueueChooser {
 public:
  CalledChooser(rmq_select_fn select, void* user_data) : select_(select), user_data_(user_data) {}

  std::int64_t choose(const rmq::producer::OutgoingMessage& message, rmq::base::Bytes body,
                      const rmq::producer::PublishRoute& route) const override {
    rmq_message_view_t shown;
    rmq::capi::show_message(message, &shown);
    shown.body = body.data();
    shown.body_bytes = body.size();
    std::vector<rmq_queue_view_t> queues;
    queues.reserve(route.numbered().size());
    for (const auto& queue : route.numbered()) {
      rmq_queue_view_t view{};
      view.topic = message.topic().c_str();
      view.topic_bytes = message.topic().size();
      view.broker_name = route.broker_name(queue).data();
      view.broker_name_bytes = route.broker_name(queue).size();
      view.queue_id = queue.queue_id;
      view.offset = view.timestamp_ms = -1;
      queues.push_back(view);
    }
    return select_(&shown, queues.data(), sizeof(rmq_queue_view_t), queues.size(), user_data_);
  }

 private:
  const rmq_select_fn select_;
  void* const user_data_;
};

struct SelectorRow {
  int32_t number;
  Selector selector;
};
constexpr SelectorRow kSelectors[] = {
    {RMQ_SELECTOR_ROUND_ROBIN, Selector::round_robin},
    {RMQ_SELECTOR_RANDOM, Selector::random},
    {RMQ_SELECTOR_HASH_OF_SHARDING_KEY, Selector::key_hash},
    {RMQ_SELECTOR_JAVA_HASH_OF_SHARDING_KEY, Selector::java_key_hash},
    {RMQ_SELECTOR_CPP_HASH_OF_SHARDING_KEY, Selector::cpp_key_hash},
    {RMQ_SELECTOR_MACHINE_ROOM, Selector::machine_room},
    {RMQ_SELECTOR_CALLBACK, Selector::callback},
};

rmq::base::Result<Selector> read_selector(int32_t number) {
  for (const SelectorRow& row : kSelectors) {
    if (row.number == number) return Selector(row.selector);
  }
  return rmq::base::make_error(rmq::base::ErrorCode::ARGUMENT,
                               "selector is " + std::to_string(number) +
                                   ", expected RMQ_SELECTOR_ROUND_ROBIN (1) to "
                                   "RMQ_SELECTOR_CALLBACK (7)");
}

}  // namespace

int32_t rmq_destination_new(const char* address, size_t address_bytes, const char* broker_name,
                            size_t broker_name_bytes, int32_t queue_id,
                            rmq_destination_t** destination, rmq_error_t** error) {
  constexpr size_t kTextBytesMax = 1024;
  return rmq::capi::guarded(error, [&]() -> Status {
    if (!destination) return rmq::capi::null_argument("destination");
    *destination = nullptr;
    auto peer = rmq::capi::read_optional_text("address", address, address_bytes, kTextBytesMax);
    if (!peer.ok()) return peer.take_error();
    auto name =
        rmq::capi::read_optional_text("broker_name", broker_name, broker_name_bytes, kTextBytesMax);
    if (!name.ok()) return name.take_error();
    auto made = Destination::make(peer.value(), name.value(), queue_id);
    if (!made.ok()) return made.take_error();
    *destination = new rmq_destination_s{made.take_value()};
    return {};
  });
}

int32_t rmq_destination_new_selected(int32_t selector, rmq_select_fn select, void* user_data,
                                     rmq_destination_t** destination, rmq_error_t** error) {
  return rmq::capi::guarded(error, [&]() -> Status {
    if (!destination) return rmq::capi::null_argument("destination");
    *destination = nullptr;
    auto known = read_selector(selector);
    if (!known.ok()) return known.take_error();
    const bool is_callback = known.value() == Selector::callback;
    if (is_callback && !select) return rmq::capi::null_argument("select");
    if (!is_callback && select) {
      return rmq::base::make_error(rmq::base::ErrorCode::ARGUMENT,
                                   "select is given, expected null without RMQ_SELECTOR_CALLBACK");
    }
    auto made = is_callback
                    ? Destination::make_called(std::make_unique<CalledChooser>(select, user_data))
                    : Destination::make_selected(known.value());
    *destination = new rmq_destination_s{std::move(made)};
    return {};
  });
}

void rmq_destination_destroy(rmq_destination_t* destination) { delete destination; }
