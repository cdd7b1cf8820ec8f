#include "capi/edge.h"
#include "capi/handles.h"

using rmq::base::Status;

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
    auto made = rmq::producer::Destination::make(peer.value(), name.value(), queue_id);
    if (!made.ok()) return made.take_error();
    *destination = new rmq_destination_s{made.take_value()};
    return {};
  });
}

void rmq_destination_destroy(rmq_destination_t* destination) { delete destination; }
