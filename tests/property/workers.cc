#include "tests/property/workers.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "tests/property/run.h"

namespace rmq::sim {
namespace {

constexpr unsigned kSeedLimitS = 120;  // of one seed; a guard against hanging

// --- The worker: prints lines -------------------------------------------------------------------

std::string name_faults(const Plan& all, const Plan& needed) {
  std::string text;
  for (std::size_t i = 0, n = 0; i < all.faults.size() && n < needed.faults.size(); ++i) {
    if (all.faults[i].seed != needed.faults[n].seed) continue;
    text += (text.empty() ? "" : ",") + std::to_string(i + 1);
    ++n;
  }
  return text.empty() ? "none" : text;
}

void compare_again(const Plan& plan, RunResult& result) {
  Statistics ignored;
  if (run(plan, ignored).trace_hash == result.trace_hash) return;
  result.violations.emplace_back("the same seed gave another trace the second time");
}

void work(const Seeds& seeds, unsigned index, std::FILE* out) {
  Statistics statistics;
  std::size_t findings = 0;
  warm_up();
  for (std::uint64_t i = index; i < seeds.count && findings < seeds.findings_max; i += seeds.jobs) {
    const Plan plan = Plan::draw(seeds.from + i);
    std::fprintf(out, "seed %llu\n", static_cast<unsigned long long>(plan.seed));
    std::fflush(out);
    alarm(kSeedLimitS);
    RunResult result = run(plan, statistics);
    if (seeds.twice) compare_again(plan, result);
    alarm(0);  // the parent may take its time to read
    if (result.violations.empty()) continue;
    ++findings;
    for (const std::string& violation : result.violations) {
      std::fprintf(out, "violation %s\n", violation.c_str());
    }
    std::fflush(out);
    alarm(kSeedLimitS * 4);
    const std::string needed = name_faults(plan, shrink(plan, result.violations.front()));
    alarm(0);
    std::fprintf(out, "faults %s\n", needed.c_str());
  }
  std::fprintf(out, "%sdone\n", statistics.to_text().c_str());
  std::fflush(out);
}

// --- The parent: reads them ---------------------------------------------------------------------

struct Worker {
  pid_t process = -1;
  std::FILE* lines = nullptr;
};

Worker start_worker(const Seeds& seeds, unsigned index) {
  int ends[2];
  if (pipe(ends) != 0) return {};
  std::fflush(nullptr);
  const pid_t process = fork();
  if (process == 0) {
    close(ends[0]);
    work(seeds, index, fdopen(ends[1], "w"));
    std::_Exit(0);
  }
  close(ends[1]);
  if (process < 0) {
    close(ends[0]);
    return {};
  }
  return {process, fdopen(ends[0], "r")};
}

void read_worker(const Worker& worker, Statistics& statistics, std::vector<Finding>& findings) {
  Finding current;
  bool is_done = false;
  char* line = nullptr;
  std::size_t capacity = 0;
  ssize_t length = 0;
  const auto keep = [&] {
    if (!current.violations.empty()) findings.push_back(current);
  };
  while ((length = getline(&line, &capacity, worker.lines)) > 0) {
    std::string text(line, static_cast<std::size_t>(length) - 1);
    const std::string word = text.substr(0, text.find(' '));
    const std::string rest = text.substr(std::min(text.size(), word.size() + 1));
    if (word == "seed") {
      keep();
      current = {std::strtoull(rest.c_str(), nullptr, 10), "all", {}};
    } else if (word == "violation") {
      current.violations.push_back(rest);
    } else if (word == "faults") {
      current.faults = rest;
    } else if (word == "done") {
      is_done = true;
    } else {
      statistics.add_line(text);
    }
  }
  std::free(line);
  std::fclose(worker.lines);
  int status = 0;
  waitpid(worker.process, &status, 0);
  if (!is_done) {
    current.violations.push_back(WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM
                                     ? "the run hangs"
                                     : "the run crashed, with wait status " +
                                           std::to_string(status));
  }
  keep();
}

}  // namespace

std::vector<Finding> run_seeds(const Seeds& seeds, Statistics& statistics) {
  std::vector<Worker> workers;
  for (unsigned i = 0; i < seeds.jobs; ++i) workers.push_back(start_worker(seeds, i));
  std::vector<Finding> findings;
  for (const Worker& worker : workers) {
    if (worker.lines == nullptr) {
      findings.push_back({seeds.from, "all", {"a worker process did not start"}});
    } else {
      read_worker(worker, statistics, findings);
    }
  }
  return findings;
}

}  // namespace rmq::sim
