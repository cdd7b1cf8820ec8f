// States of the host in which libuv would end the process: each is met before, as an error. Every
// case is a process of its own, so that libuv is used in it for the first time.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/forked_child.h"
#include "tests/support/poor_host.h"
#include "tests/support/refused_calls.h"
#include "transport/sigpipe_guard.h"
#include "transport/system_address.h"
#include "transport/uv_loop.h"

namespace rmq::transport {
namespace {

using base::ErrorCode;
using test::run_in_child;

constexpr int kPassed = 0;
// libuv makes a pipe at its first loop and keeps it for as long as the process lives.
constexpr int kKeptByLibuv = 2;

int fail(const char* what, const std::string& text = {}) {
  std::fprintf(stderr, "%s %s\n", what, text.c_str());
  return 1;
}

// Takes connections and answers nothing; says when the peer has gone.
class Acceptor final : public ListenerHandler, public ByteStreamHandler {
 public:
  void on_accept(std::unique_ptr<ByteStream> taken) override {
    ++accepted;
    stream = std::move(taken);
    stream->set_handler(*this);
  }
  void on_open() override {}
  base::MutableBytes read_space() override { return space_; }
  void on_read(std::size_t) override {}
  void on_written() override {}
  void on_closed(base::Error) override { ++closed; }

  std::unique_ptr<ByteStream> stream;
  int accepted = 0;
  int closed = 0;

 private:
  std::uint8_t space_[64];
};

class Caller final : public ByteStreamHandler {
 public:
  void on_open() override { ++opened; }
  base::MutableBytes read_space() override { return space_; }
  void on_read(std::size_t) override {}
  void on_written() override {}
  void on_closed(base::Error error) override {
    ++closed;
    code = error.code;
  }
  int opened = 0;
  int closed = 0;
  ErrorCode code = ErrorCode::OK;

 private:
  std::uint8_t space_[64];
};

// Steps until `done`; false: not after many steps.
template <typename Done>
bool step_until(UvLoop& loop, Done done) {
  for (int i = 0; i < 20'000 && !done(); ++i) {
    loop.step();
    ::usleep(500);  // a guard of a step loop, not a wait for a time
  }
  return done();
}

SocketAddress loopback() {
  SocketAddress address;
  SocketAddress::parse_literal("127.0.0.1", 0, &address);
  return address;
}

// One connection from here to here, and its end.
int talk(UvLoop& loop) {
  Acceptor acceptor;
  auto listener = loop.listen(loopback(), acceptor);
  if (!listener.ok()) return fail("listen:", listener.error().message);
  Caller caller;
  auto stream = loop.make_stream();
  stream->set_handler(caller);
  stream->connect(listener.value()->address());
  if (!step_until(loop, [&] { return acceptor.accepted == 1 && caller.opened == 1; })) {
    return fail("no connection", std::to_string(static_cast<int>(caller.code)));
  }
  stream->close();
  if (!step_until(loop, [&] { return acceptor.closed == 1; })) return fail("no end was seen");
  return kPassed;
}

std::unique_ptr<UvLoop> make_driven(base::Error* error) {
  UvLoopOptions options;
  options.driven = true;
  auto made = UvLoop::make(std::move(options));
  if (made.ok()) return made.take_value();
  *error = made.take_error();
  return nullptr;
}

TEST(Host, a_loop_at_the_limit_on_descriptors_is_made_or_refused_and_leaves_none_behind) {
  for (int spare = 0; spare <= 14; ++spare) {
    const auto attempt = [spare] {
      const int before = test::count_descriptors();
      rlimit limit{};
      ::getrlimit(RLIMIT_NOFILE, &limit);
      test::leave_descriptors(spare);
      base::Error error;
      const bool is_made = make_driven(&error) != nullptr;
      if (!is_made && error.code != ErrorCode::DESCRIPTORS) return fail("code", error.message);
      const int kept = is_made ? kKeptByLibuv : 0;
      if (test::count_descriptors() != before + kept) return fail("descriptors were left");
      test::set_descriptor_limit(limit.rlim_cur);
      if (make_driven(&error) == nullptr) return fail("after the limit", error.message);
      if (test::count_descriptors() != before + kKeptByLibuv) return fail("some were left later");
      return kPassed;
    };
    EXPECT_EQ(run_in_child(attempt), kPassed) << spare << " descriptors";
  }
}

TEST(Host, a_listener_at_the_limit_neither_spins_nor_ends_and_accepts_when_there_is_room) {
  for (int spare = 0; spare <= 4; ++spare) {
    const auto attempt = [spare] {
      base::Error error;
      const auto loop = make_driven(&error);
      const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
      rlimit limit{};
      ::getrlimit(RLIMIT_NOFILE, &limit);
      test::leave_descriptors(spare);
      Acceptor acceptor;
      auto listener = loop->listen(loopback(), acceptor);
      if (!listener.ok()) {
        return listener.error().code == ErrorCode::DESCRIPTORS ? kPassed
                                                               : fail("listen", error.message);
      }
      test::leave_descriptors(0);
      const auto to = to_sockaddr(listener.value()->address());
      ::connect(client, reinterpret_cast<const sockaddr*>(&to), sizeof(sockaddr_in));
      for (int i = 0; i < 20; ++i) loop->step();
      test::set_descriptor_limit(limit.rlim_cur);
      const auto is_accepted = [&] {
        if (acceptor.accepted > 0) return true;
        const int again = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        ::connect(again, reinterpret_cast<const sockaddr*>(&to), sizeof(sockaddr_in));
        for (int i = 0; i < 3; ++i) loop->step();
        ::close(again);
        return acceptor.accepted > 0;
      };
      return step_until(*loop, is_accepted) ? kPassed : fail("never accepted");
    };
    EXPECT_EQ(run_in_child(attempt), kPassed) << spare << " descriptors";
  }
}

TEST(Host, closed_standard_streams_do_no_harm) {
  for (int closed = 1; closed < 8; ++closed) {
    const auto attempt = [closed] {
      const int errors = ::dup(2);
      for (int i = 0; i < 3; ++i) {
        if (closed & 1 << i) ::close(i);
      }
      base::Error error;
      int result = kPassed;
      {
        const auto loop = make_driven(&error);
        if (loop == nullptr) return 2;
        result = talk(*loop);
      }
      for (int i = 0; i < 3; ++i) {
        if (closed & 1 << i && ::fcntl(i, F_GETFD) >= 0) result = 3;  // left behind
      }
      ::close(errors);
      return result;
    };
    EXPECT_EQ(run_in_child(attempt), kPassed) << "streams " << closed;
  }
}

TEST(Host, standard_streams_that_are_closed_while_the_loop_runs_do_no_harm) {
  const auto attempt = [] {
    base::Error error;
    int result = kPassed;
    {
      const auto loop = make_driven(&error);
      for (int i = 0; i < 3; ++i) ::close(i);
      for (int round = 0; round < 3 && result == kPassed; ++round) result = talk(*loop);
    }
    for (int i = 0; i < 3; ++i) {
      if (::fcntl(i, F_GETFD) >= 0) result = 3;
    }
    return result;
  };
  EXPECT_EQ(run_in_child(attempt), kPassed);
}

TEST(Host, a_call_that_a_loop_needs_and_the_kernel_refuses_refuses_the_start) {
  const std::vector<std::pair<const char*, long>> calls = {{"epoll_create1", SYS_epoll_create1},
                                                           {"epoll_ctl", SYS_epoll_ctl},
                                                           {"epoll_pwait", SYS_epoll_pwait},
                                                           {"eventfd2", SYS_eventfd2},
                                                           {"pipe2", SYS_pipe2}};
  for (const auto& [name, number] : calls) {
    for (const int cause : {EPERM, ENOSYS}) {
      const auto attempt = [number = number, cause] {
        const int before = test::count_descriptors();
        if (!test::refuse_calls({number}, cause)) return kPassed;  // no such filters here
        base::Error error;
        if (const auto loop = make_driven(&error)) return talk(*loop);
        if (error.code != ErrorCode::START_FAILED) return fail("code", error.message);
        return test::count_descriptors() == before ? kPassed : fail("descriptors were left");
      };
      EXPECT_EQ(run_in_child(attempt), kPassed) << name << " " << cause;
    }
  }
}

TEST(Host, a_call_that_a_loop_does_not_need_may_be_refused) {
  const std::vector<std::pair<const char*, long>> calls = {
      {"getrandom", SYS_getrandom}, {"madvise", SYS_madvise},
      {"statx", SYS_statx},         {"prctl", SYS_prctl},
      {"ioctl", SYS_ioctl},         {"io_uring_setup", SYS_io_uring_setup},
      {"clone3", SYS_clone3}};
  for (const auto& [name, number] : calls) {
    const auto attempt = [number = number] {
      if (!test::refuse_calls({number}, ENOSYS)) return kPassed;
      base::Error error;
      const auto loop = make_driven(&error);
      return loop == nullptr ? fail("make", error.message) : talk(*loop);
    };
    EXPECT_EQ(run_in_child(attempt), kPassed) << name;
  }
}

TEST(Host, a_listener_that_could_not_serve_is_refused) {
  for (const long number : {SYS_accept4, SYS_getsockname, SYS_listen, SYS_bind, SYS_socket}) {
    const auto attempt = [number] {
      base::Error error;
      const auto loop = make_driven(&error);
      if (!test::refuse_calls({number}, EPERM)) return kPassed;
      Acceptor acceptor;
      auto listener = loop->listen(loopback(), acceptor);
      return listener.ok() ? fail("it was not") : kPassed;
    };
    EXPECT_EQ(run_in_child(attempt), kPassed) << number;
  }
}

// The host closes all that it does not know, as programs do that become daemons.
TEST(Host, a_socket_that_the_host_has_closed_ends_its_stream) {
  const auto attempt = [] {
    base::Error error;
    const auto loop = make_driven(&error);
    Acceptor acceptor;
    auto listener = loop->listen(loopback(), acceptor);
    Caller caller;
    const int next = ::dup(0);
    ::close(next);  // the number that the socket gets
    auto stream = loop->make_stream();
    stream->set_handler(caller);
    stream->connect(listener.value()->address());
    if (!step_until(*loop, [&] { return caller.opened == 1; })) return fail("not opened");
    stream->pause_reading();
    loop->step();
    ::close(next);
    stream->resume_reading();
    if (!step_until(*loop, [&] { return caller.closed == 1; })) return fail("not told");
    return caller.code == ErrorCode::DESCRIPTORS ? kPassed : fail("code");
  };
  EXPECT_EQ(run_in_child(attempt), kPassed);
}

void close_all_from(int first) {
  for (int descriptor = first; descriptor < test::kDescriptorsLooked; ++descriptor) {
    ::close(descriptor);
  }
}

TEST(Host, a_loop_whose_descriptors_the_host_has_closed_fails_its_streams_and_goes_on) {
  for (const bool reused : {false, true}) {
    const auto attempt = [reused] {
      base::Error error;
      auto loop = make_driven(&error);
      Acceptor acceptor;
      auto listener = loop->listen(loopback(), acceptor);
      Caller caller;
      auto stream = loop->make_stream();
      stream->set_handler(caller);
      stream->connect(listener.value()->address());
      if (!step_until(*loop, [&] { return caller.opened == 1; })) return fail("not opened");
      close_all_from(3);
      if (reused) {
        for (int i = 0; i < 12; ++i) static_cast<void>(::open("/dev/null", O_RDWR));
      }
      for (int i = 0; i < 3; ++i) loop->step();
      if (caller.closed != 1 || caller.code != ErrorCode::DESCRIPTORS) return fail("not told");
      Caller later;
      auto next = loop->make_stream();
      next->set_handler(later);
      next->connect(listener.value()->address());
      for (int i = 0; i < 3; ++i) loop->step();
      if (later.closed != 1 || later.code != ErrorCode::DESCRIPTORS) return fail("not refused");
      stream.reset();
      next.reset();
      acceptor.stream.reset();
      listener.value().reset();
      loop.reset();
      // What the host has opened since is still open.
      for (int i = 3; reused && i < 3 + 12; ++i) {
        if (::fcntl(i, F_GETFD) < 0) return fail("a descriptor of the host was closed");
      }
      return kPassed;
    };
    EXPECT_EQ(run_in_child(attempt), kPassed) << reused;
  }
}

TEST(Host, a_loop_thread_whose_descriptors_were_closed_can_be_stopped) {
  const auto attempt = [] {
    auto loop = UvLoop::make().take_value();
    class Waker final : public WakeUpHandler {
     public:
      explicit Waker(UvLoop& loop) : loop_(loop) {}
      void on_wake_up() override {
        ++calls;
        if (calls == 1) close_all_from(3);
        if (calls == 2) loop_.stop();
        wake_up->wake();
      }
      int calls = 0;
      std::unique_ptr<WakeUp> wake_up;

     private:
      UvLoop& loop_;
    } waker(*loop);
    waker.wake_up = loop->make_wake_up(waker);
    waker.wake_up->wake();
    loop->run();
    waker.wake_up.reset();
    return waker.calls >= 2 ? kPassed : fail("not woken");
  };
  EXPECT_EQ(run_in_child(attempt), kPassed);
}

TEST(Host, a_write_to_a_closed_peer_sends_no_signal_though_it_cannot_be_taken_from_the_kernel) {
  const auto attempt = [] {
    ::signal(SIGPIPE, SIG_DFL);
    if (!test::refuse_calls({SYS_rt_sigtimedwait}, ENOSYS)) return kPassed;
    int ends[2];
    if (::pipe(ends) != 0) return fail("pipe");
    ::close(ends[0]);
    {
      const SigpipeGuard guard;
      if (::write(ends[1], "x", 1) != -1 || errno != EPIPE) return fail("write");
    }
    struct sigaction now {};
    ::sigaction(SIGPIPE, nullptr, &now);
    return now.sa_handler == SIG_DFL ? kPassed : fail("the disposition was changed");
  };
  EXPECT_EQ(run_in_child(attempt), kPassed);
}

}  // namespace
}  // namespace rmq::transport
