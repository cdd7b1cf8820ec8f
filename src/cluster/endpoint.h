// An address of a server, as somebody wrote it: a route, an option, a send that names its broker.
// One table has one endpoint for one address (Endpoints), so equal addresses are equal pointers.
//
// Endpoints hand themselves out as shared pointers. Any thread may hold one and read what is marked
// so; everything else is the loop's. The connections end with their table, whoever holds the
// endpoint for longer.
#pragma once

#include <cassert>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "remoting/connection.h"

namespace rmq::cluster {

class Endpoint;
class Endpoints;
using EndpointPtr = std::shared_ptr<Endpoint>;

// As remoting::ConnectionHandler. The endpoint is the one whose connection it is.
class EndpointHandler {
 public:
  virtual void on_state_changed(Endpoint& endpoint, remoting::Connection& connection,
                                remoting::ConnectionState from, remoting::ConnectionState to,
                                const base::Error* cause) = 0;
  virtual void on_server_request(const wire::CommandView& request, const base::SlabRef& slab,
                                 remoting::Connection& connection) = 0;
  virtual void on_silence(remoting::Connection&, base::Instant /*due*/) {}

 protected:
  ~EndpointHandler() = default;
};

class Endpoint final : public std::enable_shared_from_this<Endpoint>,
                       private remoting::ConnectionHandler {
 public:
  // Endpoints makes them. `lanes`: how many connections there may be.
  Endpoint(Endpoints& table, transport::HostPort address, std::string name, std::uint64_t number,
           std::size_t lanes)
      : table_(&table),
        address_(std::move(address)),
        name_(std::move(name)),
        number_(number),
        lanes_(lanes) {}
  ~Endpoint() = default;
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  // Any thread. As it was written, with the host by name if that was the way. The text has one
  // spelling for one address ("[::1]:10911").
  const transport::HostPort& address() const { return address_; }
  const std::string& name() const { return name_; }
  // Counts up with each endpoint of the table. Maps that are walked go by it: pointers differ from
  // run to run.
  std::uint64_t number() const { return number_; }

  // Made at first use; connects when something is submitted. Stays valid while a request is pending
  // on it; in another turn it is asked for again. Equal lanes share a connection, so what must keep
  // its order names one lane. Lane 0 is the primary connection: brokers key clients by connection,
  // so all registration goes there.
  remoting::Connection& connection(std::uint32_t lane = 0) {
    const std::size_t place = lane % lanes_.size();
    remoting::Connection* made = lanes_[place].get();
    return made != nullptr ? *made : make_connection(place);
  }
  // Null: it has not been made.
  remoting::Connection* find_connection(std::uint32_t lane = 0) const {
    return lanes_[lane % lanes_.size()].get();
  }
  bool is_primary(const remoting::Connection& connection) const {
    return lanes_.front().get() == &connection;
  }

  // A route or an option has the address at present.
  bool is_named() const { return names_ > 0; }
  // Once true for each number: for those who list endpoints out of many routes.
  bool is_new_in(std::uint64_t listing) { return std::exchange(seen_in_, listing) != listing; }

 private:
  friend class Endpoints;
  friend class NamedEndpoint;
  using Lanes = std::vector<std::unique_ptr<remoting::Connection>>;

  void on_state_changed(remoting::Connection& connection, remoting::ConnectionState from,
                        remoting::ConnectionState to, const base::Error* cause) override;
  void on_server_request(const wire::CommandView& request, const base::SlabRef& slab,
                         remoting::Connection& connection) override;
  void on_silence(remoting::Connection& connection, base::Instant due) override;
  void on_pending_changed(int change) noexcept override;
  remoting::Connection& make_connection(std::size_t place);

  Endpoints* table_;  // null: it is gone
  const transport::HostPort address_;
  const std::string name_;
  const std::uint64_t number_;
  std::size_t names_ = 0;
  std::uint64_t seen_in_ = 0;  // the last listing
  Lanes lanes_;
};

// Says that an address is in use, while it lives: in the present route of a topic, or in a list of
// servers. Loop thread only.
class NamedEndpoint {
 public:
  explicit NamedEndpoint(EndpointPtr endpoint) : endpoint_(std::move(endpoint)) {
    ++endpoint_->names_;
  }
  ~NamedEndpoint() { unname(); }
  NamedEndpoint(NamedEndpoint&& other) noexcept : endpoint_(std::move(other.endpoint_)) {}
  NamedEndpoint& operator=(NamedEndpoint&& other) noexcept {
    if (this == &other) return *this;
    unname();
    endpoint_ = std::move(other.endpoint_);
    return *this;
  }

  const EndpointPtr& get() const { return endpoint_; }
  Endpoint& operator*() const { return *endpoint_; }
  Endpoint* operator->() const { return endpoint_.get(); }

 private:
  void unname() noexcept {
    if (!endpoint_) return;
    assert(endpoint_->names_ > 0);
    --endpoint_->names_;
  }

  EndpointPtr endpoint_;
};

// The order of maps that are walked; endpoints of one table only.
struct ByNumber {
  using is_transparent = void;
  bool operator()(const EndpointPtr& a, const EndpointPtr& b) const {
    return a->number() < b->number();
  }
  bool operator()(const EndpointPtr& a, const Endpoint& b) const {
    return a->number() < b.number();
  }
  bool operator()(const Endpoint& a, const EndpointPtr& b) const {
    return a.number() < b->number();
  }
};

}  // namespace rmq::cluster
