// What a case works with: connections to one NameServer and one broker, names of its own, and the
// notes that are compared.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/request_code.h"
#include "tests/conformance/connection.h"
#include "wire/command.h"

namespace rmq::conformance {

using protocol::RequestCode;
using Fields = std::vector<std::pair<std::string, std::string>>;

struct Target {
  std::string nameserver;
  std::string broker;
  bool is_5x = false;
};

inline constexpr milliseconds kAnswerLimit{20'000};  // of an answer that is expected
// How long nothing must come to be called silence, once the server has answered another request.
inline constexpr milliseconds kSilence{1500};
inline constexpr std::int32_t kReadable = 4;
inline constexpr std::int32_t kWritable = 2;

class World {
 public:
  // `case_name` and `token` make the names of topics and groups.
  World(const Target& target, std::string case_name, std::string token,
        wire::Serialization serialization)
      : target_(target),
        case_name_(std::move(case_name)),
        token_(std::move(token)),
        serialization_(serialization) {}

  const Target& target() const { return target_; }
  wire::Serialization serialization() const { return serialization_; }
  const std::string& notes() const { return notes_; }
  // A name of a topic or group that no other case and run has.
  std::string name(std::string_view what) const;
  std::string client_id(std::string_view what) const { return name(what) + "@client"; }

  wire::Command request(std::int32_t code, Fields fields = {}, std::string body = {});
  wire::Command request(RequestCode code, Fields fields = {}, std::string body = {}) {
    return request(static_cast<std::int32_t>(code), std::move(fields), std::move(body));
  }

  // Sends, waits and notes what comes.
  std::optional<wire::Command> ask(Connection& connection, std::string_view step,
                                   const wire::Command& request, milliseconds limit = kAnswerLimit);
  // The same for a request that a server may leave without an answer.
  void ask_or_silence(Connection& connection, std::string_view step, const wire::Command& request) {
    ask(connection, step, request, kSilence);
  }
  // The same for a send to a topic that others write to: its queue offset is not noted.
  void ask_of_shared(Connection& connection, std::string_view step, const wire::Command& request);
  // The same without a note; throws std::runtime_error when nothing comes.
  wire::Command need(Connection& connection, const wire::Command& request);
  // Asks again and again until `done`; throws when that takes too long.
  wire::Command need_until(Connection& connection,
                           const std::function<wire::Command()>& make_request,
                           const std::function<bool(const wire::Command&)>& done);
  void note(std::string_view step, std::string_view text);
  void note_answer(std::string_view step, const Connection& connection,
                   const std::optional<wire::Command>& answer);

 private:
  const Target& target_;
  const std::string case_name_;
  const std::string token_;
  const wire::Serialization serialization_;
  std::int32_t last_opaque_ = 0;
  std::string notes_;
};

struct Case {
  const char* name;
  void (*run)(World& world);
  bool in_both_encodings = true;
};

}  // namespace rmq::conformance
