// What the functions of commands get, and how they read their arguments.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "testbroker/command.h"

namespace rmq::testbroker {

class CommandContext {
 public:
  CommandContext(std::string_view line, const std::vector<Word>& words, Cluster& servers,
                 std::string* reply)
      : cluster(servers), line_(line), words_(words), reply_(reply) {}

  // Argument 1 is the first behind the command.
  bool has(std::size_t index) const { return index < words_.size(); }
  std::string_view text(std::size_t index) const { return words_[index].text; }
  std::string_view rest(std::size_t index) const { return line_.substr(words_[index].begin); }
  std::string_view line() const { return line_; }
  // ARGUMENT names the word and what was expected.
  base::Result<Server*> server(std::size_t index) const;
  base::Result<std::vector<Server*>> servers(std::size_t index) const;  // "all", too
  base::Result<Server*> broker(std::size_t index) const;                // a server that is a broker
  base::Result<base::Duration> duration(std::size_t index) const;
  base::Result<std::int64_t> number(std::size_t index, std::int64_t min, std::int64_t max) const;
  base::Error refuse(std::size_t index, std::string_view expected) const;

  // A line of the reply; beyond the bound nothing is added. False when it is full.
  bool say(std::string_view line);

  Cluster& cluster;

 private:
  std::string_view line_;
  const std::vector<Word>& words_;
  std::string* reply_;
};

using CommandFunction = base::Status (*)(CommandContext& context);

// command_faults.cc
base::Status run_fault(CommandContext& context);
base::Status run_faults(CommandContext& context);
base::Status run_crash(CommandContext& context);
base::Status run_pause(CommandContext& context);
base::Status run_resume(CommandContext& context);
base::Status run_refuse(CommandContext& context);
base::Status run_cut(CommandContext& context);
base::Status run_release(CommandContext& context);
// command_routes.cc
base::Status run_leave(CommandContext& context);
base::Status run_join(CommandContext& context);
base::Status run_topic(CommandContext& context);
// command_quirks.cc
base::Status run_clock(CommandContext& context);
base::Status run_late_polls(CommandContext& context);
base::Status run_suggest(CommandContext& context);
base::Status run_lose_offset(CommandContext& context);
base::Status run_notify(CommandContext& context);
// command_inspect.cc
base::Status run_servers(CommandContext& context);
base::Status run_messages(CommandContext& context);
base::Status run_offsets(CommandContext& context);
base::Status run_consumers(CommandContext& context);
base::Status run_stats(CommandContext& context);

}  // namespace rmq::testbroker
