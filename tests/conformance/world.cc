#include "tests/conformance/world.h"

#include <stdexcept>

#include "tests/conformance/observation.h"

namespace rmq::conformance {

std::string World::name(std::string_view what) const {
  std::string name = token_ + "_" + case_name_ + "_" + std::string(what);
  for (char& c : name) {
    if (c == '.') c = '-';
  }
  return name;
}

wire::Command World::request(std::int32_t code, Fields fields, std::string body) {
  wire::Command request;
  request.serialization = serialization_;
  request.code = code;
  request.opaque = ++last_opaque_;
  request.fields = std::move(fields);
  request.body = std::move(body);
  return request;
}

std::optional<wire::Command> World::ask(Connection& connection, std::string_view step,
                                        const wire::Command& request, milliseconds limit) {
  connection.send(request);
  auto answer = connection.next_answer(request.opaque, limit);
  note_answer(step, connection, answer);
  return answer;
}

void World::ask_of_shared(Connection& connection, std::string_view step,
                          const wire::Command& request) {
  connection.send(request);
  auto answer = connection.next_answer(request.opaque, kAnswerLimit);
  if (answer) {
    std::erase_if(answer->fields, [](const auto& field) { return field.first == "queueOffset"; });
  }
  note_answer(step, connection, answer);
}

wire::Command World::need(Connection& connection, const wire::Command& request) {
  connection.send(request);
  auto answer = connection.next_answer(request.opaque, kAnswerLimit);
  if (!answer) throw std::runtime_error("no answer to request " + std::to_string(request.code));
  return *answer;
}

wire::Command World::need_until(Connection& connection,
                                const std::function<wire::Command()>& make_request,
                                const std::function<bool(const wire::Command&)>& done) {
  const auto deadline = std::chrono::steady_clock::now() + kAnswerLimit;
  for (;;) {
    wire::Command answer = need(connection, make_request());
    if (done(answer)) return answer;
    if (std::chrono::steady_clock::now() > deadline) {
      throw std::runtime_error("still: " + describe(answer, token_));
    }
  }
}

void World::note(std::string_view step, std::string_view text) {
  notes_ += step;
  notes_ += ": ";
  notes_ += mask(text, token_);
  notes_ += '\n';
}

void World::note_answer(std::string_view step, const Connection& connection,
                        const std::optional<wire::Command>& answer) {
  if (answer) {
    note(step, describe(*answer, token_));
  } else {
    note(step, connection.is_closed() ? "closed" : "silent");
  }
}

}  // namespace rmq::conformance
