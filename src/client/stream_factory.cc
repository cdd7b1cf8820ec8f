#include "client/stream_factory.h"

#include "config/option_choices.h"
#include "transport/tls_stream.h"

namespace rmq::client {

using config::OptionId;

base::Result<std::unique_ptr<StreamFactory>> StreamFactory::make(const config::Config& config) {
  auto factory = std::make_unique<StreamFactory>();
  if (!config.boolean(OptionId::kTlsEnable)) return factory;

  const auto text = [&config](OptionId id) { return std::string(config.text(id).value_or("")); };
  transport::TlsOptions options;
  options.verify = config.boolean(OptionId::kTlsVerify);
  options.ca_file = text(OptionId::kTlsCaFile);
  options.cert_file = text(OptionId::kTlsCertFile);
  options.key_file = text(OptionId::kTlsKeyFile);
  options.key_password = text(OptionId::kTlsKeyPassword);
  options.server_name = text(OptionId::kTlsServerName);
  const auto min_version =
      static_cast<config::TlsMinVersion>(config.choice(OptionId::kTlsMinVersion));
  options.min_version = min_version == config::TlsMinVersion::k1_3 ? transport::TlsVersion::kTls13
                                                                   : transport::TlsVersion::kTls12;
  auto context = transport::TlsContext::make_client(options);
  if (!context.ok()) return context.take_error();
  factory->tls_ = context.take_value();
  return factory;
}

base::Result<std::unique_ptr<transport::ByteStream>> StreamFactory::make_stream(
    const transport::HostPort& peer) {
  std::unique_ptr<transport::ByteStream> stream = loop_->make_stream();
  if (tls_) {
    stream = std::make_unique<transport::TlsStream>(*loop_, std::move(stream), tls_, peer.host);
  }
  return stream;
}

}  // namespace rmq::client
