// Tells the property suite which transitions state machines make. In every other build this is
// nothing: it exists where RMQ_COUNT_TRANSITIONS is defined, and then costs a call.
#pragma once

namespace rmq::base {

#ifdef RMQ_COUNT_TRANSITIONS

using TransitionObserver = void (*)(const char* machine, int from, int to);
inline TransitionObserver transition_observer = nullptr;

template <typename State>
void note_transition(const char* machine, State from, State to) noexcept {
  if (transition_observer == nullptr || from == to) return;
  transition_observer(machine, static_cast<int>(from), static_cast<int>(to));
}

#else

template <typename State>
void note_transition(const char*, State, State) noexcept {}

#endif

}  // namespace rmq::base
