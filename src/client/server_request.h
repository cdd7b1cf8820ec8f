// A request that a broker makes of this client, and the right to answer it (protocol.md 5.6). It
// owns what an answer needs, so it may be kept and answered later, when the user has answered an
// event. It knows the session in which it came: once that is over, nobody waits for the answer.
//
// A broker never waits in vain. A request that wants an answer is refused when it ends without one:
// the request code is not supported, as RocketMQ's clients say.
//
// Loop thread only. Whoever keeps one for another thread hands it back to the loop, as deliveries
// do. After the end of the session, as when the runtime was closed, it may end on any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/slab.h"
#include "protocol/response_code.h"
#include "remoting/answer_path.h"
#include "wire/command.h"

namespace rmq::client {

struct ServerAnswer {
  protocol::ResponseCode code = protocol::ResponseCode::SUCCESS;
  std::string_view remark{};  // empty: none
  std::string_view body{};    // bytes
};

enum class Answered : std::uint8_t {
  sent,      // It is on its way.
  unwanted,  // Nobody waits for it: the request was one-way, or its session is over.
  twice,     // There was an answer before, and this one went nowhere.
  no_room,   // Memory is exhausted, or too many answers wait. It may be given again.
};

class ServerRequest {
 public:
  // `request` and `slab` as of ConnectionHandler::on_server_request. The command's fields are not
  // kept: whoever serves the request reads them at once.
  ServerRequest(const wire::CommandView& request, base::SlabRef slab,
                remoting::Connection& connection) noexcept;
  ServerRequest(ServerRequest&& other) noexcept;
  ServerRequest& operator=(ServerRequest&& other) noexcept;
  ~ServerRequest() { refuse(); }

  std::int32_t code() const { return code_; }
  base::Bytes body() const { return body_; }  // as long as the request lives
  const base::SlabRef& slab() const { return slab_; }
  // For questions to the broker that asked. Null once the session is over.
  remoting::Connection* connection() const { return path_.connection(); }
  // It has not been answered, and somebody waits.
  bool wants_answer() const { return !is_oneway_ && !is_over_ && connection() != nullptr; }

  Answered answer(const ServerAnswer& answer) noexcept;

 private:
  Answered send(const ServerAnswer& answer) noexcept;
  void refuse() noexcept;

  remoting::AnswerPath path_;
  base::SlabRef slab_;
  base::Bytes body_;
  std::int32_t code_;
  std::int32_t opaque_;
  wire::Serialization serialization_;
  bool is_oneway_;
  bool is_over_ = false;      // answered, or moved away
  bool lacked_room_ = false;  // for an answer
};

}  // namespace rmq::client
