#include "tests/property/transitions.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/transition.h"

namespace rmq::sim {
namespace {

Statistics* counted = nullptr;
std::vector<std::string> unknown;

// The numbers are those of the enumerations, whose headers explain each line.
Machine make_connection() {
  enum { idle, resolving, connecting, open, backing_off, closed };
  return {"Connection",
          {"idle", "resolving", "connecting", "open", "backing_off", "closed"},
          {{idle, resolving},
           {idle, closed},
           {resolving, connecting},
           {resolving, backing_off, "the addresses of simulated servers need no look-up"},
           {resolving, closed},
           {connecting, open},
           {connecting, backing_off},
           {connecting, closed},
           {open, idle},
           {open, backing_off},
           {open, closed},
           {backing_off, idle},
           {backing_off, closed}}};
}

Machine make_request() {
  enum { idle, waiting, writing, written, ended, refused };
  return {"Request",
          {"idle", "waiting", "writing", "written", "ended", "refused"},
          {{idle, waiting},
           {idle, refused,
            "members ask a connection that is closed only in rare worlds: ending_test.cc"},
           {waiting, writing},
           {waiting, idle},
           {waiting, ended},
           {writing, written},
           {writing, idle},
           {writing, ended},
           {writing, waiting, "GO_AWAY has to come before the write is done: go_away_test.cc"},
           {written, idle},
           {written, waiting},
           {written, ended},
           {ended, idle},
           {refused, idle, "as above"}}};
}

Machine make_process_queue() {
  enum { idle, locating, pulling, paused, waiting, stopped, dropped };
  return {"ProcessQueue",
          {"idle", "locating", "pulling", "paused", "waiting", "stopped", "dropped"},
          {{idle, locating},
           {idle, waiting},
           {locating, pulling},
           {locating, paused},
           {locating, waiting},
           {pulling, paused},
           {pulling, waiting},
           {paused, pulling},
           {paused, waiting},
           {waiting, locating},
           {waiting, pulling},
           {waiting, paused},
           {idle, stopped, "a queue is started in the call that gains it"},
           {locating, stopped},
           {pulling, stopped},
           {paused, stopped},
           {waiting, stopped},
           {idle, dropped, "a queue is started in the call that gains it"},
           {locating, dropped},
           {pulling, dropped},
           {paused, dropped},
           {waiting, dropped},
           {stopped, dropped}}};
}

Machine make_delivery() {
  enum { queued, taken, answered, withdrawn, stale };
  return {"Delivery",
          {"queued", "taken", "answered", "withdrawn", "stale"},
          {{queued, taken},
           {queued, withdrawn},
           {queued, answered, "only the callback door answers an event that nobody polled"},
           {taken, answered},
           {taken, stale}}};
}

Machine make_transaction_question() {
  enum { queued, open, answered, withdrawn, stale };
  constexpr const char* kWhy = "simulated clients send no transactions: transaction_test.cc";
  return {"TransactionQuestion",
          {"queued", "open", "answered", "withdrawn", "stale"},
          {{queued, open, kWhy},
           {queued, withdrawn, kWhy},
           {queued, answered, kWhy},
           {open, answered, kWhy},
           {open, stale, kWhy}}};
}

Machine make_send_back() {
  enum { idle, sending, resending, pausing, done, failed };
  return {"SendBack",
          {"idle", "sending", "resending", "pausing", "done", "failed"},
          {{idle, sending},
           {sending, done},
           {sending, resending},
           {sending, pausing},
           {resending, done},
           {resending, pausing},
           {pausing, failed}}};
}

Machine make_member_life() {
  enum { outside, joined, draining, leaving, gone };
  return {"MemberLife",
          {"outside", "joined", "draining", "leaving", "gone"},
          {{outside, joined},
           {outside, draining, "no close overtakes a start on one thread: close_test.cc"},
           {joined, draining},
           {draining, leaving},
           {leaving, gone}}};
}

Machine make_runtime() {
  enum { created, running, closing, closed };
  return {"Runtime",
          {"created", "running", "closing", "closed"},
          {{created, running}, {created, closed}, {running, closing}, {closing, closed}}};
}

#ifdef RMQ_COUNT_TRANSITIONS
void note(const char* name, int from, int to) {
  if (counted == nullptr) return;
  for (const Machine& machine : all_machines()) {
    if (std::string_view(machine.name) != name) continue;
    counted->add(name_transition(machine, from, to));
    const bool is_known = std::any_of(
        machine.transitions.begin(), machine.transitions.end(),
        [&](const Machine::Transition& known) { return known.from == from && known.to == to; });
    if (!is_known) unknown.push_back(name_transition(machine, from, to));
    return;
  }
  unknown.push_back(std::string("machine ") + name);
}
#endif

}  // namespace

std::span<const Machine> all_machines() {
  static const std::vector<Machine> machines = {
      make_connection(), make_request(),     make_process_queue(), make_delivery(),
      make_send_back(),  make_member_life(), make_runtime(),       make_transaction_question()};
  return machines;
}

bool counts_transitions() {
#ifdef RMQ_COUNT_TRANSITIONS
  return true;
#else
  return false;
#endif
}

std::vector<std::string> count_transitions(Statistics* statistics) {
  counted = statistics;
#ifdef RMQ_COUNT_TRANSITIONS
  base::transition_observer = note;
#endif
  std::sort(unknown.begin(), unknown.end());
  unknown.erase(std::unique(unknown.begin(), unknown.end()), unknown.end());
  return std::exchange(unknown, {});
}

std::string name_transition(const Machine& machine, int from, int to) {
  const auto name_state = [&machine](int state) {
    const auto index = static_cast<std::size_t>(state);
    return index < machine.states.size() ? std::string(machine.states[index])
                                         : "state " + std::to_string(state);
  };
  return std::string("transition.") + machine.name + "." + name_state(from) + "." + name_state(to);
}

}  // namespace rmq::sim
