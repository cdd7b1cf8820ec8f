#include "remoting/request.h"

#include <cassert>
#include <new>
#include <utility>

namespace rmq::remoting {

Request::~Request() {
  assert(state_ == State::idle && "destroyed while a connection refers to it");
}

namespace {

template <typename Tell>
void stop_bad_alloc(Tell tell) noexcept {
  try {
    tell();
  } catch (const std::bad_alloc&) {
    // The handler was called. What it could not allocate must not stop the other calls.
  }
}

}  // namespace

void Request::tell_response(const wire::CommandView& response, const base::SlabRef& slab) noexcept {
  stop_bad_alloc([&] { on_response(response, slab); });
}

void Request::tell_failure(base::Error error) noexcept {
  stop_bad_alloc([&] { on_failure(std::move(error)); });
}

void Request::tell_sent() noexcept {
  stop_bad_alloc([&] { on_sent(); });
}

}  // namespace rmq::remoting
