#include "remoting/request_table.h"

#include <algorithm>
#include <cassert>

namespace rmq::remoting {

namespace {
constexpr std::uint32_t kIndexMask = 0xFFFF;
constexpr int kGenerationShift = 16;
}  // namespace

RequestTable::RequestTable(std::size_t requests_max, std::size_t quarantine_max)
    : requests_max_(std::clamp<std::size_t>(requests_max, 1,
                                            kSlotsMax - std::min(quarantine_max, kSlotsMax / 2))),
      quarantine_max_(std::min(quarantine_max, kSlotsMax - requests_max_)) {}

std::optional<std::int32_t> RequestTable::insert(Request& request) {
  if (used_ >= requests_max_) return std::nullopt;
  if (free_head_ == kNone) {
    slots_.emplace_back();
    append_free(static_cast<std::uint32_t>(slots_.size() - 1));
  }
  const std::uint32_t index = free_head_;
  Slot& slot = slots_[index];
  free_head_ = slot.next_free;
  if (free_head_ == kNone) free_tail_ = kNone;
  slot.generation = static_cast<std::uint16_t>((slot.generation + 1u) % kGenerations);
  slot.request = &request;
  slot.owner = Owner::request;
  ++used_;
  first_hint_ = std::min<std::size_t>(first_hint_, index);
  return static_cast<std::int32_t>(
      (static_cast<std::uint32_t>(slot.generation) << kGenerationShift) | index);
}

std::int32_t RequestTable::next_oneway_opaque() {
  oneway_generation_ = (oneway_generation_ + 1) % kGenerations;
  return static_cast<std::int32_t>((oneway_generation_ << kGenerationShift) | kIndexMask);
}

RequestTable::Match RequestTable::find(std::int32_t opaque) const {
  const auto bits = static_cast<std::uint32_t>(opaque);
  const std::uint32_t index = bits & kIndexMask;
  if (index >= slots_.size()) return {};
  const Slot& slot = slots_[index];
  if (slot.owner == Owner::nobody || slot.generation != bits >> kGenerationShift) return {};
  return {slot.owner, slot.request};
}

void RequestTable::release(std::int32_t opaque) {
  assert(find(opaque).owner != Owner::nobody && "released twice");
  const std::uint32_t index = static_cast<std::uint32_t>(opaque) & kIndexMask;
  Slot& slot = slots_[index];
  --(slot.owner == Owner::request ? used_ : quarantined_);
  slot.owner = Owner::nobody;
  slot.request = nullptr;
  append_free(index);
}

void RequestTable::quarantine(std::int32_t opaque) {
  assert(find(opaque).owner == Owner::request && "only a request's slot is quarantined");
  Slot& slot = slots_[static_cast<std::uint32_t>(opaque) & kIndexMask];
  slot.owner = Owner::quarantine;
  slot.request = nullptr;
  --used_;
  ++quarantined_;
}

Request* RequestTable::first() {
  if (used_ == 0) return nullptr;
  for (; first_hint_ < slots_.size(); ++first_hint_) {
    if (slots_[first_hint_].owner == Owner::request) return slots_[first_hint_].request;
  }
  return nullptr;
}

void RequestTable::clear() {
  free_head_ = free_tail_ = kNone;
  for (std::uint32_t index = 0; index < slots_.size(); ++index) {
    slots_[index].owner = Owner::nobody;
    slots_[index].request = nullptr;
    append_free(index);
  }
  used_ = quarantined_ = first_hint_ = 0;
}

void RequestTable::append_free(std::uint32_t index) {
  slots_[index].next_free = kNone;
  if (free_tail_ == kNone) {
    free_head_ = index;
  } else {
    slots_[free_tail_].next_free = index;
  }
  free_tail_ = index;
}

}  // namespace rmq::remoting
