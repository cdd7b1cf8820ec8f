// rmq-testbroker: an embedded NameServer and broker as a process of its own, for tests in any
// language. It says `LISTENING host:port` when it may be asked, and ends on SIGTERM, SIGINT or,
// if wanted, when its standard input is closed. With several brokers that address is the
// NameServer's and the first broker's, and a line `BROKER name host:port` follows for each broker.
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "testbroker/cluster_text.h"
#include "testbroker/control_socket.h"
#include "testbroker/hosted_cluster.h"
#include "transport/tls_listener.h"

namespace {

using rmq::testbroker::ClusterOptions;
using rmq::testbroker::ControlSocket;
using rmq::testbroker::HostedCluster;
using rmq::testbroker::ServerOptions;

struct Arguments {
  ClusterOptions options;
  std::string ready_word = "LISTENING";
  bool until_stdin_closes = false;
  std::string control_path;
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

// `control` may be null.
void serve_until_the_end(int signals, bool until_stdin_closes, ControlSocket* control) {
  std::vector<pollfd> watched;
  for (;;) {
    watched.assign({{signals, POLLIN, 0}, {until_stdin_closes ? STDIN_FILENO : -1, POLLIN, 0}});
    const int timeout_ms = control == nullptr ? -1 : control->poll_timeout_ms();
    if (control != nullptr) control->add_descriptors(&watched);
    if (poll(watched.data(), watched.size(), timeout_ms) < 0 && errno != EINTR) return;
    if (watched[0].revents != 0) return;
    if (watched[1].revents != 0 && stdin_has_ended()) return;
    if (control != nullptr) control->handle(watched);
  }
}

// In one piece, so that who reads the first line has the others.
std::string describe(const Arguments& arguments, const HostedCluster& cluster) {
  std::string text = arguments.ready_word + " " + cluster.namesrv_address() + "\n";
  if (cluster.broker_addresses().size() == 1 && !arguments.options.separate_namesrv) return text;
  for (const auto& broker : cluster.broker_addresses()) {
    text += "BROKER " + broker.name + " " + broker.address + "\n";
  }
  return text;
}

int serve(const Arguments& arguments) {
  const int signals = open_signals();
  if (signals < 0) return fail("no descriptor for signals");
  ClusterOptions options = arguments.options;
  if (!arguments.tls_cert_file.empty()) {
    if (const auto status = listen_with_tls(arguments, &options.first); !status.ok()) {
      return fail(status.error().message);
    }
  }
  auto cluster = HostedCluster::start(options);
  if (!cluster.ok()) return fail(cluster.error().message);
  std::unique_ptr<ControlSocket> control;
  if (!arguments.control_path.empty()) {
    auto opened = ControlSocket::open(arguments.control_path, *cluster.value());
    if (!opened.ok()) return fail(opened.error().message);
    control = opened.take_value();
  }
  if (!arguments.ready_word.empty()) {
    std::cout << describe(arguments, *cluster.value()) << std::flush;
  }
  serve_until_the_end(signals, arguments.until_stdin_closes, control.get());
  close(signals);
  return 0;
}

rmq::base::Status set_all(const std::vector<std::string>& values, ClusterOptions* options) {
  for (const std::string& text : values) {
    const std::size_t sign = std::min(text.find('='), text.size());
    const std::string value = text.substr(std::min(sign + 1, text.size()));
    auto status = rmq::testbroker::set_option(text.substr(0, sign), value, options);
    if (!status.ok()) return status;
  }
  return {};
}

// What the command line says in words of its own.
struct Words {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  std::string version = "5.4.0";
  std::vector<std::string> topics;
  std::vector<std::string> settings;
  bool json = false;
  bool binary = false;
  bool no_create = false;
};

rmq::base::Status take_words(const Words& words, ClusterOptions* options) {
  std::vector<std::string> values = {"host=" + words.host, "port=" + std::to_string(words.port),
                                     "version=" + words.version};
  for (const std::string& topic : words.topics) values.push_back("topic=" + topic);
  values.insert(values.end(), words.settings.begin(), words.settings.end());
  if (auto status = set_all(values, options); !status.ok()) return status;
  if (words.no_create) options->first.create_topics = false;
  if (words.json) options->first.answers = rmq::testbroker::AnswerEncoding::json;
  if (words.binary) options->first.answers = rmq::testbroker::AnswerEncoding::rocketmq;
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  using namespace rmq::testbroker;
  Arguments arguments;
  ClusterOptions& options = arguments.options;
  Words words;

  CLI::App app("An embedded RocketMQ NameServer and broker for tests", "rmq-testbroker");
  app.add_option("--host", words.host, "Address to listen on")->capture_default_str();
  app.add_option("--port", words.port, "Port to listen on; 0 takes a free one")
      ->capture_default_str();
  app.add_option("--topic", words.topics, "A topic, as name or name:queues; may be repeated");
  app.add_option("--version", words.version, "RocketMQ version to behave like, 4.9.0 to 5.9.9")
      ->capture_default_str();
  app.add_option("--advertise", options.first.advertised_address, "host:port to show in routes");
  app.add_option("--broker-name", options.first.broker_name)->capture_default_str();
  app.add_option("--cluster", options.first.cluster_name)->capture_default_str();
  app.add_option("--brokers", options.brokers,
                 "Number of brokers behind the one NameServer; the others take the ports after "
                 "--port")
      ->check(CLI::Range(std::size_t{1}, kBrokersMax))
      ->capture_default_str();
  app.add_option("--slaves", options.slaves,
                 "Number of slaves of each broker; they take the ports after the brokers'")
      ->check(CLI::Range(std::size_t{0}, kSlavesMax))
      ->capture_default_str();
  app.add_flag("--separate-namesrv", options.separate_namesrv,
               "Have the NameServer on a port of its own, not the first broker's");
  app.add_flag("--no-create-topics,--no-auto-create", words.no_create,
               "Refuse sends to topics that are not there");
  auto* json_flag = app.add_flag("--answer-json", words.json, "Always answer with JSON headers");
  app.add_flag("--answer-binary", words.binary, "Always answer with compact headers")
      ->excludes(json_flag);
  app.add_option("--set", words.settings,
                 "Any option of docs/testbroker.md, as name=value; may be repeated");
  app.add_option("--fault", options.rules,
                 "What shall go wrong, such as \"SEND_MESSAGE_V2 nth=3 no_answer\"; see "
                 "docs/testbroker.md; may be repeated");
  app.add_option("--ready-line", arguments.ready_word,
                 "First word of the line printed when ready; empty for no line")
      ->capture_default_str();
  app.add_flag("--until-stdin-closes", arguments.until_stdin_closes,
               "End when standard input is closed, as when the parent dies");
  app.add_option("--control", arguments.control_path,
                 "Path of a unix socket that takes commands, see docs/testbroker.md");
  app.add_option("--scenario", options.scenario,
                 "File of commands to be run, see docs/testbroker.md");
  auto* certificate = app.add_option("--tls-cert", arguments.tls_cert_file,
                                     "PEM file with the certificate chain: speak TLS");
  auto* key = app.add_option("--tls-key", arguments.tls_key_file, "PEM file with its private key");
  certificate->needs(key);
  key->needs(certificate);
  CLI11_PARSE(app, argc, argv);

  if (const auto status = take_words(words, &options); !status.ok()) {
    return fail(status.error().message);
  }
  return serve(arguments);
}
