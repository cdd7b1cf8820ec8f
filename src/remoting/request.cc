#include "remoting/request.h"

#include <cassert>

namespace rmq::remoting {

Request::~Request() {
  assert(state_ == State::idle && "destroyed while a connection refers to it");
}

}  // namespace rmq::remoting
