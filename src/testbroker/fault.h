// What a script makes the server do wrong to one request or one connection. Plain values; those
// that touch different things are combined with `|`: fault::delay(50ms) | fault::cut_after(10).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/instant.h"

namespace rmq::testbroker {

// What survives a restart of the server.
enum class Memory : std::uint8_t { kept, lost };

struct Fault {
  enum class Answer : std::uint8_t {
    normal,   // what the handler says
    none,     // nothing at all
    error,    // `code` and `remark` and nothing else
    recoded,  // what the handler says, under `code`
    garbage,  // `garbage_bytes` random bytes in place of the frame
  };

  // False: the request does nothing to the server's state. A lost request; with `true` and
  // Answer::none it is the answer that is lost.
  bool work = true;
  Answer answer = Answer::normal;
  std::int32_t code = 0;
  std::string remark;
  std::size_t garbage_bytes = 0;
  base::Duration delay{0};                // of the answer
  bool hold = false;                      // the answer waits for Server::release_held
  std::int32_t copies = 1;                // of the answer
  std::optional<std::size_t> cut_after;   // bytes of the answer that leave before the cut
  bool cut_half = false;                  // half of the answer leaves before the cut
  base::Duration stall_reading{0};        // the connection is not read for so long
  std::optional<std::size_t> damage_nth;  // of the answer's stored messages, from 1: unreadable
  std::optional<std::int64_t> damage_at;  // the message with that queue offset is unreadable
  bool out_of_order = false;              // the connection's next answer leaves before this one
  std::optional<std::size_t> read_rate;   // bytes a second read from the connection from now on
  bool go_dumb = false;  // the connection is neither read nor answered nor closed any more
  std::string command;   // a line for the cluster, run when the request was handled
  std::optional<base::Duration> crash;       // the whole server goes and is back after so long
  Memory memory_after_crash = Memory::kept;  // what it then still knows

  bool operator==(const Fault&) const = default;
};

// Takes from each side what differs from a default Fault; where both differ, from `b`.
Fault operator|(Fault a, const Fault& b);

namespace fault {

Fault delay(base::Duration duration);
Fault no_answer();     // the work is done, the answer is lost
Fault drop_request();  // the request is lost: neither work nor answer
Fault error(std::int32_t code, std::string_view remark = {});  // no work is done
// Work and fields as ever under another code, such as 10, 11, 12. A refusal stays what it is.
Fault recode(std::int32_t code);
Fault duplicate();
Fault hold();
Fault garbage(std::size_t bytes);
Fault cut();  // before anything of the answer
Fault cut_after(std::size_t bytes);
Fault cut_half();
// A stored message of the answer to a pull is unreadable: the n-th, or the one of an offset.
Fault damage(std::size_t n);
Fault damage_at(std::int64_t queue_offset);
Fault stall_reading(base::Duration duration);
// The answer changes places with the next one of its connection; when none comes for a second, it
// leaves by itself.
Fault out_of_order();
// A half-open connection: the work was done, and nothing is ever heard again.
Fault go_dumb();
// For connections that are to be read slowly from their beginning, and from a request on.
Fault read_slowly(std::size_t bytes_per_second);
// One line of the command language (command.h), such as "promote broker-a".
Fault run(std::string_view command);
Fault crash(base::Duration down_for, Memory memory = Memory::kept);  // the work was done

}  // namespace fault
}  // namespace rmq::testbroker
