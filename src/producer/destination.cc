#include "producer/destination.h"

namespace rmq::producer {
namespace {

constexpr std::int32_t kQueueIdMax = 65535;
constexpr std::size_t kBrokerNameBytesMax = 255;

}  // namespace

base::Result<std::shared_ptr<const Destination>> Destination::make(std::string_view address,
                                                                   std::string_view broker_name,
                                                                   std::int32_t queue_id) {
  if (queue_id < -1 || queue_id > kQueueIdMax) {
    return base::make_error(base::ErrorCode::ARGUMENT,
                            "queue id " + std::to_string(queue_id) + ", expected 0 to " +
                                std::to_string(kQueueIdMax) + ", or -1 to let the broker choose");
  }
  if (broker_name.size() > kBrokerNameBytesMax) {
    return base::make_error(base::ErrorCode::ARGUMENT,
                            "broker name of " + std::to_string(broker_name.size()) +
                                " bytes, expected at most " + std::to_string(kBrokerNameBytesMax));
  }
  auto destination = std::make_shared<Destination>();
  if (address.data() != nullptr) {
    auto parsed = transport::HostPort::parse(address);
    if (!parsed.ok()) return parsed.take_error();
    destination->address = parsed.take_value();
  } else if (broker_name.empty()) {
    return base::make_error(base::ErrorCode::ARGUMENT,
                            "neither an address nor a broker name, expected at least one",
                            "to send to any queue of the topic, give no destination at all");
  }
  destination->broker_name = broker_name;
  destination->queue_id = queue_id;
  return std::shared_ptr<const Destination>(std::move(destination));
}

std::shared_ptr<const Destination> Destination::make_selected(Selector selector) {
  auto destination = std::make_shared<Destination>();
  destination->queue_id = -1;
  destination->selector = selector;
  return destination;
}

std::shared_ptr<const Destination> Destination::make_called(
    std::unique_ptr<const QueueChooser> chooser) {
  auto destination = std::make_shared<Destination>();
  destination->queue_id = -1;
  destination->selector = Selector::callback;
  destination->chooser = std::move(chooser);
  return destination;
}

}  // namespace rmq::producer
