// A line of the table that says which requests of brokers a member serves. A request goes to the
// first member that has a line for its code and the group that it names.
#pragma once

#include <span>
#include <string_view>

#include "client/server_request.h"
#include "protocol/request_code.h"
#include "wire/command.h"

namespace rmq::client {

class Member;

struct ServedRequest {
  protocol::RequestCode code;
  // The group that the request is for. Null: it is for any.
  std::string_view (*group_of)(const wire::CommandView& command);
  // Answers it, or moves it away to answer it later. `command` is valid until this returns.
  void (*serve)(Member& member, const wire::CommandView& command, ServerRequest& request);
};

// What one member serves, and for which group.
struct ServedRequests {
  std::string_view group{};
  std::span<const ServedRequest> lines{};

  const ServedRequest* find(const wire::CommandView& command) const {
    for (const ServedRequest& line : lines) {
      if (static_cast<std::int32_t>(line.code) != command.code) continue;
      if (line.group_of == nullptr || line.group_of(command) == group) return &line;
    }
    return nullptr;
  }
};

// For a line's `serve`: a function of the class that has the table.
template <typename Owner, void (Owner::*kServe)(const wire::CommandView&, ServerRequest&)>
void serve_by(Member& member, const wire::CommandView& command, ServerRequest& request) {
  (static_cast<Owner&>(member).*kServe)(command, request);
}

}  // namespace rmq::client
