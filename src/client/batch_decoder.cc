#include "client/batch_decoder.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/format.h"
#include "base/large_memory.h"
#include "protocol/sys_flag.h"

namespace rmq::client {
namespace {

// As much as brokers give in one answer of small messages.
constexpr std::size_t kLightBytesMax = 256 * 1024;

// Both numbers come from the network: their sum may be anything.
std::int64_t add_wrapping(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

}  // namespace

BatchDecoder::BatchDecoder(base::SlabRef slab, base::Bytes stored, const Limits& limits,
                           Asked asked)
    : slab_(std::move(slab)),
      stored_(stored),
      limits_(limits),
      asked_(std::move(asked)),
      // A broker that names no later offset than it was asked for bounds nothing by it.
      end_offset_(asked_.next_offset > asked_.first_offset
                      ? asked_.next_offset
                      : std::numeric_limits<std::int64_t>::max()),
      reader_(stored),
      expected_offset_(asked_.first_offset),
      is_done_(stored.empty()) {}

bool BatchDecoder::is_light() const {
  if (stored_.size() > kLightBytesMax) return false;
  protocol::StoredMessageReader reader(stored_);
  for (protocol::StoredMessageView view; reader.next(&view);) {
    if (view.is_compressed()) return false;
  }
  return true;
}

// Slabs are shared by what came in one read: a small answer gets one of its own, so that it does
// not keep others' bytes.
void BatchDecoder::own_bytes() {
  if (std::exchange(has_own_bytes_, true)) return;
  if (stored_.empty() || stored_.size() * 2 >= slab_->capacity()) return;
  base::SlabRef own = base::SlabRef::allocate(stored_.size());
  std::memcpy(own->data(), stored_.data(), stored_.size());
  stored_ = base::Bytes(own->data(), stored_.size());
  reader_ = protocol::StoredMessageReader(stored_);
  slab_ = std::move(own);
}

std::unique_ptr<MessageBatch> BatchDecoder::next_piece() {
  own_bytes();
  auto piece = std::make_unique<MessageBatch>(slab_);
  piece->set_broker_name(asked_.broker_name);
  piece->messages_.reserve(count_ahead());
  const std::size_t begin = reader_.offset();
  work_ = 0;
  while (!is_done_ && has_room(*piece)) take_next(*piece);
  piece->stored_bytes_ += reader_.offset() - begin;
  if (!asked_.retry_topic.empty()) piece->show_original_topics(asked_.retry_topic);
  return piece;
}

// Counted first, so that messages move for inner batches only.
std::size_t BatchDecoder::count_ahead() const {
  std::size_t count = 0;
  protocol::StoredMessageReader counter(stored_.subspan(reader_.offset()));
  for (protocol::StoredMessageView view; count < limits_.piece_messages && counter.next(&view);)
    ++count;
  return count;
}

bool BatchDecoder::has_room(const MessageBatch& piece) const {
  return asked_.is_whole_list ||
         (work_ < limits_.piece_bytes && piece.size() < limits_.piece_messages);
}

void BatchDecoder::take_next(MessageBatch& piece) {
  if (inner_) {
    take_inner(piece);
    return;
  }
  protocol::StoredMessageView stored;
  if (reader_.next(&stored)) {
    take_stored(piece, stored);
  } else if (reader_.status().ok()) {
    end({});
  } else {
    take_unreadable(piece, reader_.status().error());
  }
}

void BatchDecoder::take_stored(MessageBatch& piece, const protocol::StoredMessageView& stored) {
  const std::int64_t offset = shown_offset(stored.queue_offset);
  const bool is_inner_batch = protocol::is_inner_batch(stored.sys_flag);
  // The first batch may begin before the offset that was asked for.
  const bool may_be_before = is_inner_batch && expected_offset_ == asked_.first_offset;
  if (!is_expected(may_be_before ? std::max(offset, expected_offset_) : offset)) {
    take_misplaced(piece, stored, stored.body);
    return;
  }
  std::optional<base::Error> error;
  std::shared_ptr<const std::string> decompressed;
  const base::Bytes body = read_body(piece, stored, &decompressed, &error);
  if (is_inner_batch && !error) {
    inner_.emplace(Inner{stored, body, std::move(decompressed), {stored, body}});
    return;
  }
  add(piece, stored, body, std::move(error),
      asked_.is_whole_list ? offset : std::max(offset, expected_offset_));
}

void BatchDecoder::take_inner(MessageBatch& piece) {
  if (asked_.is_whole_list && piece.size() >= limits_.piece_messages) {
    cut_inner(piece);
    return;
  }
  protocol::StoredMessageView view;
  if (!inner_->reader.next(&view)) {
    end_inner(piece);
    return;
  }
  const std::int64_t offset = shown_offset(view.queue_offset);
  ++inner_->count;
  work_ += protocol::kBatchMessageFixedBytes + view.body.size();
  if (!asked_.is_whole_list && offset < expected_offset_) return;  // seen before
  if (!is_expected(offset)) {
    end(make_offset_error(offset));
    return;
  }
  inner_->has_new = true;
  if (inner_->decompressed) piece.hold(inner_->decompressed);
  add(piece, view, view.body, std::nullopt, offset);
}

// A batch that breaks in its middle. The outer message stands for the rest, at the offset of the
// first inner one that could not be read.
void BatchDecoder::end_inner(MessageBatch& piece) {
  Inner inner = std::move(*inner_);
  inner_.reset();
  if (inner.reader.status().ok() && inner.count > 0) {
    // Brokers give no batch that ends before the offset that was asked for.
    if (!inner.has_new) take_misplaced(piece, inner.outer, inner.outer.body);
    return;
  }
  const std::int64_t offset = shown_offset(add_wrapping(inner.outer.queue_offset, inner.count));
  if (!asked_.is_whole_list && offset < expected_offset_) return;  // told before
  base::Error error =
      inner.reader.status().ok()
          ? base::make_error(base::ErrorCode::BAD_BODY, "an inner batch without messages")
          : inner.reader.status().error();
  if (inner.decompressed) piece.hold(inner.decompressed);
  add(piece, inner.outer, inner.body, std::move(error), offset);
}

void BatchDecoder::cut_inner(MessageBatch& piece) {
  const Inner inner = std::move(*inner_);
  inner_.reset();
  add(piece, inner.outer, inner.body,
      base::make_error(
          base::ErrorCode::TOO_LARGE,
          base::format("an inner batch that takes the list beyond {} messages", piece.size())),
      inner.outer.queue_offset);
}

// The offset of the message is wrong, so that its place in the list is all that is known.
void BatchDecoder::take_misplaced(MessageBatch& piece, const protocol::StoredMessageView& stored,
                                  base::Bytes body) {
  base::Error error = make_offset_error(shown_offset(stored.queue_offset));
  if (shows_unreadable()) {
    add(piece, stored, body, std::move(error), expected_offset_);
  } else {
    end(std::move(error));
  }
}

void BatchDecoder::take_unreadable(MessageBatch& piece, base::Error error) {
  if (!shows_unreadable()) {
    end(std::move(error));
    return;
  }
  const base::Bytes bytes = stored_.subspan(reader_.offset());
  piece.add_unreadable(bytes, std::move(error), asked_.topic, asked_.queue_id, expected_offset_);
  piece.stored_bytes_ += bytes.size();
  end({});
}

// The first message of an answer to a pull of one: the broker has no better one to give.
bool BatchDecoder::shows_unreadable() const {
  return asked_.is_for_one && expected_offset_ == asked_.first_offset;
}

void BatchDecoder::end(base::Status status) {
  inner_.reset();
  status_ = std::move(status);
  is_done_ = true;
}

base::Bytes BatchDecoder::read_body(MessageBatch& piece, const protocol::StoredMessageView& stored,
                                    std::shared_ptr<const std::string>* decompressed,
                                    std::optional<base::Error>* error) {
  work_ += stored.stored.size();
  if (!protocol::has_good_crc(stored)) {
    *error = base::make_error(base::ErrorCode::BAD_BODY,
                              "the body does not have the CRC that the broker stored");
    return stored.body;
  }
  if (!stored.is_compressed()) return stored.body;
  std::size_t room = limits_.body_bytes_max;
  if (asked_.is_whole_list) room = std::min(room, limits_.piece_bytes - piece.decompressed_bytes());
  auto body = protocol::decompress_body(stored, room);
  if (!body.ok()) {
    *error = body.take_error();
    return stored.body;
  }
  *decompressed = base::share_text(body.take_value());
  work_ += (*decompressed)->size();
  piece.decompressed_bytes_ += (*decompressed)->size();
  piece.hold(*decompressed);
  return base::as_bytes(**decompressed);
}

void BatchDecoder::add(MessageBatch& piece, const protocol::StoredMessageView& stored,
                       base::Bytes body, std::optional<base::Error> error, std::int64_t offset) {
  piece.add(stored, body, std::move(error), offset);
  if (!asked_.is_whole_list) expected_offset_ = offset + 1;
}

std::int64_t BatchDecoder::shown_offset(std::int64_t stored_offset) const {
  return add_wrapping(stored_offset, asked_.delta);
}

bool BatchDecoder::is_expected(std::int64_t offset) const {
  return asked_.is_whole_list || (offset >= expected_offset_ && offset < end_offset_);
}

base::Error BatchDecoder::make_offset_error(std::int64_t offset) const {
  return base::make_error(
      base::ErrorCode::BAD_BODY,
      base::format("reading the answer to a pull from offset {} up to {}: a message behind offset "
                   "{} has the offset {}",
                   asked_.first_offset, end_offset_, expected_offset_ - 1, offset));
}

}  // namespace rmq::client
