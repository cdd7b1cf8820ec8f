// Turns the body of an answer into message batches: checks of CRCs, decompression, inner batches.
// It works in bounded pieces, one after another, so that no step takes long. Nothing here knows of
// loops: the pieces of a heavy answer are made by jobs of an executor.
//
// One thread at a time; all functions but is_light() throw std::bad_alloc, and the decoder is of no
// use afterwards.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/slab.h"
#include "client/received_message.h"
#include "protocol/batch.h"
#include "protocol/stored_message.h"

namespace rmq::client {

class BatchDecoder {
 public:
  struct Limits {
    std::size_t body_bytes_max = 32 * 1024 * 1024;  // of one decompressed body
    // A piece ends once it has worked on so many bytes, stored and decompressed, or holds so many
    // messages. One message more may begin below the limit, and is finished.
    std::size_t piece_bytes = 1024 * 1024;
    std::size_t piece_messages = 1024;
  };

  // What the answer was asked for. Offsets are those that are shown: a stored offset and `delta`.
  struct Asked {
    std::string topic{};        // of the queue; for is_for_one only
    std::string broker_name{};  // of the broker that was asked
    std::string retry_topic{};  // messages of it show the topic that they were sent to
    std::int32_t queue_id = -1;
    std::int64_t first_offset = 0;
    std::int64_t next_offset = 0;  // where the broker says that the queue goes on
    std::int64_t delta = 0;        // added to stored offsets: static topics
    bool is_for_one = false;       // one message was asked for: see status()
    // All is one piece, whose offsets are shown as they are stored. An inner batch beyond
    // `piece_messages` stays one message as it came, with an error. So does a body whose
    // decompression takes all messages beyond `piece_bytes`.
    bool is_whole_list = false;
  };

  // `stored` holds messages one after another and lies in `slab`.
  BatchDecoder(base::SlabRef slab, base::Bytes stored, const Limits& limits, Asked asked);

  // True when decoding takes no longer than a moment: little is stored, and nothing compressed.
  bool is_light() const;

  // The next messages; perhaps none, when there were only messages before `first_offset`.
  std::unique_ptr<MessageBatch> next_piece();

  // Nothing is left to be decoded.
  bool is_done() const { return is_done_; }
  // Once it is done: OK, or BAD_BODY when the list could not be read to its end. The messages
  // before that place were given out, each with the offset that it has. Whoever asks again from
  // there, for one message, gets the unreadable one as a message with an error.
  const base::Status& status() const { return status_; }
  const Asked& asked() const { return asked_; }

 private:
  struct Inner {
    protocol::StoredMessageView outer;
    base::Bytes body;
    std::shared_ptr<const std::string> decompressed;  // what body lies in, if it was compressed
    protocol::InnerBatchReader reader;
    std::int64_t count = 0;  // read so far
    bool has_new = false;    // one of them was not seen before
  };

  void own_bytes();
  std::size_t count_ahead() const;
  bool has_room(const MessageBatch& piece) const;
  void take_next(MessageBatch& piece);
  void take_stored(MessageBatch& piece, const protocol::StoredMessageView& stored);
  void take_inner(MessageBatch& piece);
  void end_inner(MessageBatch& piece);
  void cut_inner(MessageBatch& piece);
  void take_misplaced(MessageBatch& piece, const protocol::StoredMessageView& stored,
                      base::Bytes body);
  void take_unreadable(MessageBatch& piece, base::Error error);
  bool shows_unreadable() const;
  void end(base::Status status);
  base::Bytes read_body(MessageBatch& piece, const protocol::StoredMessageView& stored,
                        std::shared_ptr<const std::string>* decompressed,
                        std::optional<base::Error>* error);
  void add(MessageBatch& piece, const protocol::StoredMessageView& stored, base::Bytes body,
           std::optional<base::Error> error, std::int64_t offset);
  std::int64_t shown_offset(std::int64_t stored_offset) const;
  bool is_expected(std::int64_t offset) const;
  base::Error make_offset_error(std::int64_t offset) const;

  base::SlabRef slab_;
  base::Bytes stored_;
  const Limits limits_;
  const Asked asked_;
  const std::int64_t end_offset_;
  protocol::StoredMessageReader reader_;
  std::optional<Inner> inner_;
  std::int64_t expected_offset_;  // of the next message, at least
  std::size_t work_ = 0;          // bytes of the present piece
  bool has_own_bytes_ = false;
  bool is_done_ = false;
  base::Status status_;
};

}  // namespace rmq::client
