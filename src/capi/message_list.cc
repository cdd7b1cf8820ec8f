#include <cstring>

#include "capi/edge.h"
#include "capi/handles.h"
#include "capi/message_view.h"
#include "client/batch_decoder.h"

using rmq::base::Bytes;
using rmq::base::ErrorCode;
using rmq::base::make_error;
using rmq::base::SlabRef;
using rmq::base::Status;
using rmq::client::BatchDecoder;
using rmq::client::MessageBatch;

struct rmq_message_list_s {
  std::unique_ptr<MessageBatch> batch;
};

namespace rmq::capi {

void show_message(const message::Message& message, rmq_message_view_t* view) {
  const message::MessageFields fields = message.fields();
  *view = {};
  view->message = to_handle(&message);
  show_text(fields.topic, &view->topic, &view->topic_bytes);
  view->body = fields.body.data();
  view->body_bytes = fields.body.size();
  show_text(fields.tags, &view->tags, &view->tags_bytes);
  show_text(fields.keys, &view->keys, &view->keys_bytes);
  show_text(fields.message_id, &view->message_id, &view->message_id_bytes);
  show_text(fields.offset_message_id, &view->offset_message_id, &view->offset_message_id_bytes);
  show_text(fields.born_host, &view->born_host, &view->born_host_bytes);
  show_text(fields.store_host, &view->store_host, &view->store_host_bytes);
  show_text(fields.broker_name, &view->broker_name, &view->broker_name_bytes);
  show_text(fields.properties_text, &view->properties, &view->properties_bytes);
  view->queue_offset = fields.queue_offset;
  view->commit_log_offset = fields.commit_log_offset;
  view->born_timestamp_ms = fields.born_timestamp_ms;
  view->store_timestamp_ms = fields.store_timestamp_ms;
  view->prepared_transaction_offset = fields.prepared_transaction_offset;
  view->queue_id = fields.queue_id;
  view->flag = fields.flag;
  view->sys_flag = fields.sys_flag;
  view->reconsume_times = fields.reconsume_times;
  view->store_size = fields.store_size;
  view->body_crc = fields.body_crc;
  view->property_count = static_cast<int32_t>(message.property_count());
  if (fields.error) {
    view->error_code = static_cast<int32_t>(fields.error->code);
    view->error = to_handle(fields.error);
  }
}

}  // namespace rmq::capi

int32_t rmq_message_list_decode(const void* bytes, size_t bytes_size, rmq_message_list_t** list,
                                rmq_error_t** error) {
  constexpr size_t kBytesMax = 16 * 1024 * 1024;  // of a frame
  return rmq::capi::guarded(error, [&]() -> Status {
    if (!list) return rmq::capi::null_argument("list");
    *list = nullptr;
    if (!bytes) return rmq::capi::null_argument("bytes");
    if (bytes_size > kBytesMax) {
      return make_error(
          ErrorCode::TOO_LARGE,
          std::to_string(bytes_size) + " bytes, expected at most " + std::to_string(kBytesMax));
    }
    SlabRef slab = SlabRef::allocate(bytes_size);
    std::memcpy(slab->data(), bytes, bytes_size);
    const Bytes stored(slab->data(), bytes_size);
    BatchDecoder::Limits limits;
    limits.piece_bytes = 256 * 1024 * 1024;  // of all decompressed bodies
    limits.piece_messages = 256 * 1024;  // a few compressed bytes may hold millions of empty ones
    BatchDecoder decoder(slab, stored, limits, {.is_whole_list = true});
    std::unique_ptr<MessageBatch> batch = decoder.next_piece();
    if (!decoder.status().ok()) return Status(decoder.status().error());
    *list = new rmq_message_list_s{std::move(batch)};
    return {};
  });
}

size_t rmq_message_list_count(const rmq_message_list_t* list) {
  return list ? list->batch->size() : 0;
}

size_t rmq_message_list_views(const rmq_message_list_t* list, size_t first,
                              rmq_message_view_t* views, size_t view_size, size_t count_max) {
  if (!list) return 0;
  const MessageBatch& batch = *list->batch;
  return rmq::capi::show_messages(
      batch.size(), [&](size_t i) -> const auto& { return batch[i]; }, first, views, view_size,
      count_max);
}

void rmq_message_list_destroy(rmq_message_list_t* list) { delete list; }
