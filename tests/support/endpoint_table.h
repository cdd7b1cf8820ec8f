// A table of endpoints without a world: nothing moves unless the test moves it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/endpoints.h"
#include "tests/support/pipe_stream.h"
#include "tests/support/step_loop.h"

namespace rmq::testing {

class EndpointTable final : private remoting::StreamFactory, private cluster::EndpointHandler {
 public:
  explicit EndpointTable(std::size_t per_address = 1) {
    remoting::ConnectionOptions options;
    options.server_role = base::ServerRole::broker;
    table = std::make_unique<cluster::Endpoints>(
        loop, deadlines, static_cast<remoting::StreamFactory&>(*this),
        static_cast<cluster::EndpointHandler&>(*this), options, per_address);
  }

  StepLoop loop;
  remoting::Deadlines deadlines{loop};
  PipeStreams pipes;
  std::unique_ptr<cluster::Endpoints> table;
  std::vector<transport::HostPort> peers;  // of the streams that were made
  std::vector<std::string> changes;        // "name: from to"

 private:
  base::Result<std::unique_ptr<transport::ByteStream>> make_stream(
      const transport::HostPort& peer) override {
    peers.push_back(peer);
    return pipes.make_stream(peer);
  }
  void on_state_changed(cluster::Endpoint& endpoint, remoting::Connection&,
                        remoting::ConnectionState from, remoting::ConnectionState to,
                        const base::Error*) override {
    changes.push_back(endpoint.name() + ": " + remoting::to_text(from) + " " +
                      remoting::to_text(to));
  }
  void on_server_request(const wire::CommandView&, const base::SlabRef&,
                         remoting::Connection&) override {}
};

}  // namespace rmq::testing
