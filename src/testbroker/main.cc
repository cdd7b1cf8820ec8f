// rmq-testbroker: an embedded NameServer and broker as a process of its own, for tests in any
// language. It says `LISTENING host:port` when it may be asked, and ends on SIGTERM, SIGINT or,
// if wanted, when its standard input is closed. With several brokers that address is the
// NameServer's and the first broker's, and a line `BROKER name host:port` follows for each broker.
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "base/thread.h"
#include "testbroker/cluster_options.h"
#include "testbroker/script_text.h"
#include "testbroker/server.h"
#include "testbroker/text_options.h"
#include "transport/tls_listener.h"
#include "transport/uv_loop.h"

namespace {

using rmq::testbroker::Server;
using rmq::testbroker::ServerOptions;

constexpr int kBrokersMax = 200;

struct Arguments {
  ServerOptions options;  // of the first broker
  int brokers = 1;
  std::vector<std::string> rules;
  std::string ready_word = "LISTENING";
  bool until_stdin_closes = false;
  std::string tls_cert_file;
  std::string tls_key_file;
};

// Has every connection begin with a TLS handshake.
rmq::base::Status listen_with_tls(const Arguments& arguments, ServerOptions* options) {
  rmq::transport::TlsOptions tls;
  tls.verify = false;  // asks clients for no certificate
  tls.cert_file = arguments.tls_cert_file;
  tls.key_file = arguments.tls_key_file;
  auto context = rmq::transport::TlsContext::make_server(tls);
  if (!context.ok()) return context.take_error();
  options->listen = [context = context.take_value()](rmq::transport::Loop& loop,
                                                     const rmq::transport::SocketAddress& address,
                                                     rmq::transport::ListenerHandler& handler) {
    return rmq::transport::TlsListener::listen(loop, address, context, handler);
  };
  return {};
}

int fail(const std::string& message) {
  std::cerr << "rmq-testbroker: " << message << "\n";
  return 1;
}

// Blocked before any thread exists, so that only the descriptor hears them.
int open_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signalfd(-1, &signals, SFD_CLOEXEC);
}

bool stdin_has_ended() {
  char ignored[4096];
  return read(STDIN_FILENO, ignored, sizeof ignored) <= 0;
}

void wait_for_the_end(int signals, bool until_stdin_closes) {
  pollfd watched[] = {{signals, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
  for (;;) {
    if (poll(watched, until_stdin_closes ? 2 : 1, -1) < 0 && errno != EINTR) return;
    if (watched[0].revents != 0) return;
    if (watched[1].revents != 0 && stdin_has_ended()) return;
  }
}

rmq::base::Status start_brokers(const Arguments& arguments, const ServerOptions& first,
                                rmq::transport::Loop& loop, rmq::testbroker::RouteTable& routes,
                                std::vector<std::unique_ptr<Server>>* servers) {
  for (int i = 0; i < arguments.brokers; ++i) {
    servers->push_back(std::make_unique<Server>(
        loop, rmq::testbroker::make_broker_options(first, static_cast<std::size_t>(i), routes)));
    Server& server = *servers->back();
    for (const std::string& rule : arguments.rules) {
      auto status = rmq::testbroker::add_rule(rule, &server.script());
      if (!status.ok()) return status;
    }
    if (auto status = server.start(); !status.ok()) return status;
  }
  return {};
}

// In one piece, so that who reads the first line has the others.
std::string describe(const Arguments& arguments,
                     const std::vector<std::unique_ptr<Server>>& servers) {
  std::string text = arguments.ready_word + " " + servers[0]->address().to_text() + "\n";
  if (servers.size() == 1) return text;
  for (const auto& server : servers) {
    text += "BROKER " + server->options().broker_name + " " + server->address().to_text() + "\n";
  }
  return text;
}

int serve(const Arguments& arguments) {
  const int signals = open_signals();
  if (signals < 0) return fail("no descriptor for signals");
  auto loop = rmq::transport::UvLoop::make();
  if (!loop.ok()) return fail(loop.error().message);
  ServerOptions options = arguments.options;
  if (!arguments.tls_cert_file.empty()) {
    if (const auto status = listen_with_tls(arguments, &options); !status.ok()) {
      return fail(status.error().message);
    }
  }
  rmq::testbroker::RouteTable routes;
  std::vector<std::unique_ptr<Server>> servers;
  const auto started = start_brokers(arguments, options, *loop.value(), routes, &servers);
  if (!started.ok()) return fail(started.error().message);
  rmq::base::Thread watch;
  const auto status = watch.start("watch", [&] {
    wait_for_the_end(signals, arguments.until_stdin_closes);
    loop.value()->stop();
  });
  if (!status.ok()) return fail(status.error().message);
  if (!arguments.ready_word.empty()) std::cout << describe(arguments, servers) << std::flush;
  loop.value()->run();
  watch.join();
  close(signals);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace rmq::testbroker;
  Arguments arguments;
  ServerOptions& options = arguments.options;
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  std::string version = "5.4.0";
  std::vector<std::string> topics;
  bool json = false;
  bool binary = false;
  bool no_create = false;

  CLI::App app("An embedded RocketMQ NameServer and broker for tests", "rmq-testbroker");
  app.add_option("--host", host, "Address to listen on")->capture_default_str();
  app.add_option("--port", port, "Port to listen on; 0 takes a free one")->capture_default_str();
  app.add_option("--topic", topics, "A topic, as name or name:queues; may be repeated");
  app.add_option("--version", version, "RocketMQ version to behave like, 4.9.0 to 5.9.9")
      ->capture_default_str();
  app.add_option("--advertise", options.advertised_address, "host:port to show in routes");
  app.add_option("--broker-name", options.broker_name)->capture_default_str();
  app.add_option("--cluster", options.cluster_name)->capture_default_str();
  app.add_option("--brokers", arguments.brokers,
                 "Number of brokers behind the one NameServer; the others take the ports after "
                 "--port")
      ->check(CLI::Range(1, kBrokersMax))
      ->capture_default_str();
  app.add_flag("--no-create-topics,--no-auto-create", no_create,
               "Refuse sends to topics that are not there");
  auto* json_flag = app.add_flag("--answer-json", json, "Always answer with JSON headers");
  app.add_flag("--answer-binary", binary, "Always answer with compact headers")
      ->excludes(json_flag);
  app.add_option("--fault", arguments.rules,
                 "What shall go wrong, such as \"SEND_MESSAGE_V2 nth=3 no_answer\"; see "
                 "script_text.h; may be repeated");
  app.add_option("--ready-line", arguments.ready_word,
                 "First word of the line printed when ready; empty for no line")
      ->capture_default_str();
  app.add_flag("--until-stdin-closes", arguments.until_stdin_closes,
               "End when standard input is closed, as when the parent dies");
  auto* certificate = app.add_option("--tls-cert", arguments.tls_cert_file,
                                     "PEM file with the certificate chain: speak TLS");
  auto* key = app.add_option("--tls-key", arguments.tls_key_file, "PEM file with its private key");
  certificate->needs(key);
  key->needs(certificate);
  CLI11_PARSE(app, argc, argv);

  if (arguments.brokers > 1 && !options.advertised_address.empty()) {
    return fail("--advertise: for one broker only");
  }
  if (port != 0 && port > 65536 - arguments.brokers) return fail("--port: no room for --brokers");
  if (!rmq::transport::SocketAddress::parse_literal(host, port, &options.listen_address)) {
    return fail("--host " + host + ": not an IP address");
  }
  const auto number = parse_version(version);
  if (!number) return fail("--version " + version + ": expected 4.9.x or 5.x.y");
  options.version = *number;
  for (const std::string& text : topics) {
    auto topic = parse_topic(text);
    if (!topic) return fail("--topic " + text + ": expected name or name:queues");
    options.topics.push_back(std::move(*topic));
  }
  options.create_topics = !no_create;
  if (json) options.answers = AnswerEncoding::json;
  if (binary) options.answers = AnswerEncoding::rocketmq;
  return serve(arguments);
}
