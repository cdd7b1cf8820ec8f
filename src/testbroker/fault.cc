#include "testbroker/fault.h"

namespace rmq::testbroker {

Fault operator|(Fault a, const Fault& b) {
  static const Fault none;
  if (b.work != none.work) a.work = b.work;
  if (b.answer != none.answer) {
    a.answer = b.answer;
    a.code = b.code;
    a.remark = b.remark;
    a.garbage_bytes = b.garbage_bytes;
  }
  if (b.delay != none.delay) a.delay = b.delay;
  if (b.hold) a.hold = true;
  if (b.copies != none.copies) a.copies = b.copies;
  if (b.cut_after) a.cut_after = b.cut_after;
  if (b.cut_half) a.cut_half = true;
  if (b.stall_reading != none.stall_reading) a.stall_reading = b.stall_reading;
  if (b.damage_nth) a.damage_nth = b.damage_nth;
  if (b.damage_at) a.damage_at = b.damage_at;
  if (b.out_of_order) a.out_of_order = true;
  if (b.read_rate) a.read_rate = b.read_rate;
  if (b.go_dumb) a.go_dumb = true;
  if (!b.command.empty()) a.command = b.command;
  if (b.crash) {
    a.crash = b.crash;
    a.memory_after_crash = b.memory_after_crash;
  }
  return a;
}

namespace fault {

Fault delay(base::Duration duration) {
  Fault fault;
  fault.delay = duration;
  return fault;
}

Fault no_answer() {
  Fault fault;
  fault.answer = Fault::Answer::none;
  return fault;
}

Fault drop_request() {
  Fault fault = no_answer();
  fault.work = false;
  return fault;
}

Fault error(std::int32_t code, std::string_view remark) {
  Fault fault;
  fault.work = false;
  fault.answer = Fault::Answer::error;
  fault.code = code;
  fault.remark = remark;
  return fault;
}

Fault recode(std::int32_t code) {
  Fault fault;
  fault.answer = Fault::Answer::recoded;
  fault.code = code;
  return fault;
}

Fault duplicate() {
  Fault fault;
  fault.copies = 2;
  return fault;
}

Fault hold() {
  Fault fault;
  fault.hold = true;
  return fault;
}

Fault garbage(std::size_t bytes) {
  Fault fault;
  fault.answer = Fault::Answer::garbage;
  fault.garbage_bytes = bytes;
  return fault;
}

Fault cut() { return cut_after(0); }

Fault cut_after(std::size_t bytes) {
  Fault fault;
  fault.cut_after = bytes;
  return fault;
}

Fault cut_half() {
  Fault fault;
  fault.cut_half = true;
  return fault;
}

Fault damage(std::size_t n) {
  Fault fault;
  fault.damage_nth = n;
  return fault;
}

Fault damage_at(std::int64_t queue_offset) {
  Fault fault;
  fault.damage_at = queue_offset;
  return fault;
}

Fault stall_reading(base::Duration duration) {
  Fault fault;
  fault.stall_reading = duration;
  return fault;
}

Fault out_of_order() {
  Fault fault;
  fault.out_of_order = true;
  return fault;
}

Fault go_dumb() {
  Fault fault;
  fault.go_dumb = true;
  return fault;
}

Fault read_slowly(std::size_t bytes_per_second) {
  Fault fault;
  fault.read_rate = bytes_per_second;
  return fault;
}

Fault run(std::string_view command) {
  Fault fault;
  fault.command = command;
  return fault;
}

Fault crash(base::Duration down_for, Memory memory) {
  Fault fault;
  fault.crash = down_for;
  fault.memory_after_crash = memory;
  return fault;
}

}  // namespace fault
}  // namespace rmq::testbroker
