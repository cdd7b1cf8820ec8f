#include "testbroker/command.h"

#include <iterator>
#include <limits>

#include "testbroker/command_context.h"
#include "testbroker/script_text.h"
#include "testbroker/shown_text.h"

namespace rmq::testbroker {
namespace {

constexpr std::size_t kAny = std::numeric_limits<std::size_t>::max();

base::Status run_help(CommandContext& context);

struct CommandEntry {
  CommandInfo info;
  std::size_t arguments_min;
  std::size_t arguments_max;
  CommandFunction run;
};

constexpr CommandEntry kCommands[] = {
    {{"help", "", "Lists the commands."}, 0, 0, run_help},
    {{"servers", "", "Lists the servers: name, address, role, state."}, 0, 0, run_servers},
    {{"fault", "<server|all> <rule>", "Adds a rule to the script of a server."},
     2,
     kAny,
     run_fault},
    {{"faults", "clear [server]", "Takes all rules off one server or all."}, 1, 2, run_faults},
    {{"crash", "<server> <duration> [lost]",
      "The process dies and is back after the duration, without what it knew if lost."},
     2,
     3,
     run_crash},
    {{"pause", "<server>", "The process freezes: connections stay open, nothing is answered."},
     1,
     1,
     run_pause},
    {{"resume", "<server>", "Ends a pause."}, 1, 1, run_resume},
    {{"refuse", "<server> <duration>", "New connections are refused so long, the others live on."},
     2,
     2,
     run_refuse},
    {{"cut", "<server>", "Closes all connections of a server."}, 1, 1, run_cut},
    {{"release", "<server> [reversed]", "Answers held by the fault hold leave."},
     1,
     2,
     run_release},
    {{"leave", "<server>", "The broker is taken off the routes."}, 1, 1, run_leave},
    {{"join", "<server>", "The broker is put into the routes."}, 1, 1, run_join},
    {{"topic", "put <name> <queues> [perm] [broker] | remove <name> [broker] | queues <name> <n>",
      "Makes, removes or resizes a topic, on all masters or on one broker; perm is 2 write, 4 "
      "read, 6 both."},
     2,
     5,
     run_topic},
    {{"promote", "<broker>",
      "The first slave of it that is up becomes the master; the old one is a slave from now on."},
     1,
     1,
     run_promote},
    {{"lose_offset", "<group> <topic> <queue>", "A committed offset is forgotten."},
     3,
     3,
     run_lose_offset},
    {{"clock", "<+|-duration>", "The wall clock of all servers jumps: store timestamps."},
     1,
     1,
     run_clock},
    {{"late_polls", "<server|all> <duration>",
      "Answers to long polls leave so much later; 0s ends it."},
     2,
     2,
     run_late_polls},
    {{"suggest", "<server|all> <broker id>", "What answers to pulls suggest; 0 is the master."},
     2,
     2,
     run_suggest},
    {{"notify", "<group>", "Tells the members of a group that their members changed."},
     1,
     1,
     run_notify},
    {{"messages", "<topic> [queue] [server]",
      "Lists what masters or one server keep: broker, queue, offset, tags, keys, bytes of the "
      "body."},
     1,
     3,
     run_messages},
    {{"offsets", "<group>", "Lists stored offsets: broker, topic, queue, offset."},
     1,
     1,
     run_offsets},
    {{"consumers", "<group>", "Lists members: broker, connection, client id."},
     1,
     1,
     run_consumers},
    {{"stats", "", "Counts of each server, as name=value."}, 0, 0, run_stats},
};

base::Status run_help(CommandContext& context) {
  for (const CommandEntry& entry : kCommands) {
    std::string line(entry.info.name);
    if (!entry.info.arguments.empty()) line += " " + std::string(entry.info.arguments);
    context.say(line + ": " + std::string(entry.info.meaning));
  }
  return {};
}

base::Error refuse_command(std::string message) {
  return base::make_error(base::ErrorCode::ARGUMENT, std::move(message));
}

base::Result<const CommandEntry*> find_entry(const std::vector<Word>& words) {
  if (words.empty()) return refuse_command("no command; \"help\" lists them");
  const std::string& name = words[0].text;
  for (const CommandEntry& entry : kCommands) {
    if (entry.info.name != name) continue;
    const std::size_t arguments = words.size() - 1;
    if (arguments >= entry.arguments_min && arguments <= entry.arguments_max) return &entry;
    return refuse_command("expected \"" + name + " " + std::string(entry.info.arguments) + "\"");
  }
  return refuse_command("no command \"" + std::string(cut_text(name, 60)) +
                        "\"; \"help\" lists them");
}

base::Result<std::vector<Word>> read_line(std::string_view line) {
  if (line.size() > kCommandBytesMax) {
    return refuse_command("a command is at most " + std::to_string(kCommandBytesMax) +
                          " bytes long");
  }
  return split_words(line);
}

}  // namespace

const CommandInfo* command_at(std::size_t index) {
  return index < std::size(kCommands) ? &kCommands[index].info : nullptr;
}

base::Status run_command(std::string_view line, Cluster& cluster, std::string* reply) {
  reply->clear();
  auto words = read_line(line);
  if (!words.ok()) return words.take_error();
  auto entry = find_entry(words.value());
  if (!entry.ok()) return entry.take_error();
  CommandContext context(line, words.value(), cluster, reply);
  base::Status status = entry.value()->run(context);
  if (!status.ok()) reply->clear();
  return status;
}

base::Status check_command(std::string_view line, const Cluster& cluster) {
  auto words = read_line(line);
  if (!words.ok()) return words.take_error();
  auto entry = find_entry(words.value());
  if (!entry.ok()) return entry.take_error();
  if (entry.value()->run != run_fault) return {};
  const std::string& server = words.value()[1].text;
  if (server != kEveryServer && cluster.find(server) == nullptr) {
    return refuse_command("fault: no server \"" + std::string(cut_text(server, 60)) + "\"");
  }
  Script scratch;
  return add_rule(line.substr(words.value()[2].begin), &scratch);
}

}  // namespace rmq::testbroker
