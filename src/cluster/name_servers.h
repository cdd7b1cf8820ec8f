// The NameServers of one runtime: which of them is asked, and who is asked when that one fails. One
// is kept for as long as it answers (protocol.md 8.1).
//
// Loop thread only; owned by client::ClientCore.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cluster/call_set.h"
#include "cluster/endpoints.h"

namespace rmq::cluster {

class NameServers {
 public:
  // `endpoints` are those of NameServers, and outlive this.
  NameServers(transport::Loop& loop, Endpoints& endpoints, const RequestDecorator& decorator)
      : loop_(loop), endpoints_(endpoints), decorator_(decorator), calls_(decorator) {}

  // Replaces the list. The order is shuffled, so that clients spread over the servers.
  void set_addresses(const std::vector<transport::HostPort>& addresses);
  // "host:port (what its connection is at); host:port", for messages.
  std::string describe_servers() const;

  // Asks one server after the other until one answers, each at most once and with a fair share of
  // the time that is left. Servers that cannot be reached at present come last. `done` is called
  // once, perhaps in here, with a base::Result<Request::Response>. An answer is the first that
  // comes, whatever its code (has_answered). Otherwise the error is NO_NAMESERVER: all failed, or
  // there is none. It is DESCRIPTORS, MEMORY or THREADS when all failed for lack of these, or when
  // their lack stopped the search. Throws std::bad_alloc, and has done nothing then.
  template <typename Request, typename Done>
  void ask(const Request& request, base::Instant deadline, Done done) {
    begin(
        decorator_.make_frame(request, {}, Expects::answer), deadline,
        std::make_unique<TypedCallEnd<Request, Done>>(protocol::code_of(request), std::move(done)));
  }

 private:
  struct Question {
    std::string frame;
    base::Instant deadline;
    std::unique_ptr<CallEnd> end;
    bool is_asked = false;             // of one server at least
    std::vector<EndpointPtr> servers;  // to be asked, the next one last
    std::string failures;              // "address: why; ..."
    // What all of them failed for: something that this process lacks, or NO_NAMESERVER.
    base::ErrorCode cause = base::ErrorCode::OK;
  };
  class Attempt;

  void begin(std::string frame, base::Instant deadline, std::unique_ptr<CallEnd> end);
  void ask_next(const std::shared_ptr<Question>& question);
  void call_next(const std::shared_ptr<Question>& question);
  void note_failure(Question& question, const EndpointPtr& server,
                    const base::Error& error) noexcept;
  static base::Error no_server(const Question& question);

  transport::Loop& loop_;
  Endpoints& endpoints_;
  const RequestDecorator& decorator_;
  std::vector<NamedEndpoint> servers_;  // the present choice first
  CallSet calls_;
};

}  // namespace rmq::cluster
