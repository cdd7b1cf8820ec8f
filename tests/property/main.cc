// rmq-sim: the property suite. Runs simulated worlds from seeds, and says which seeds broke what.
//
//   rmq-sim --seeds 10000 --from 1       many seeds
//   rmq-sim --seed 17 --faults 2,5       one again, with some of its faults; prints what they are
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <sstream>
#include <thread>

#include "base/decimal.h"
#include "tests/property/report.h"
#include "tests/property/run.h"
#include "tests/property/workers.h"

namespace {

using namespace rmq::sim;

// "all", "none" or "1,4". False for anything else.
bool choose_faults(const std::string& wanted, Plan* plan) {
  if (wanted == "all") return true;
  std::vector<PlannedFault> kept;
  std::istringstream numbers(wanted == "none" ? "" : wanted);
  for (std::string word; std::getline(numbers, word, ',');) {
    const auto number = rmq::base::parse_int32(word);
    if (!number || *number < 1 || static_cast<std::size_t>(*number) > plan->faults.size()) {
      std::fprintf(stderr, "--faults %s: expected all, none, or numbers from 1 to %zu\n",
                   wanted.c_str(), plan->faults.size());
      return false;
    }
    kept.push_back(plan->faults[static_cast<std::size_t>(*number) - 1]);
  }
  plan->faults = std::move(kept);
  return true;
}

int replay(std::uint64_t seed, const std::string& faults) {
  Plan plan = Plan::draw(seed);
  if (!choose_faults(faults, &plan)) return 2;
  print_plan(plan);
  warm_up();
  Statistics statistics;
  const RunResult result = run(plan, statistics, Narration::of_the_rest);
  print_statistics(statistics);
  std::printf("trace %016llx, at rest after %lld s\n",
              static_cast<unsigned long long>(result.trace_hash),
              static_cast<long long>(result.settled_after / std::chrono::seconds(1)));
  for (const std::string& violation : result.violations) std::printf("  %s\n", violation.c_str());
  return result.violations.empty() ? 0 : 1;
}

int run_many(const Seeds& seeds) {
  const auto begin = std::chrono::steady_clock::now();
  Statistics statistics;
  const std::vector<Finding> findings = run_seeds(seeds, statistics);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  print_statistics(statistics);
  const bool has_all_faults = print_faults(statistics);
  const bool has_all_transitions = print_transitions(statistics);
  std::printf("trace of all: %016llx\n",
              static_cast<unsigned long long>(statistics.count("trace")));
  std::printf("%llu seeds from %llu in %.1f s, %.1f a second, by %u processes\n",
              static_cast<unsigned long long>(statistics.count("seeds")),
              static_cast<unsigned long long>(seeds.from), took.count(),
              static_cast<double>(statistics.count("seeds")) / took.count(), seeds.jobs);
  for (const Finding& finding : findings) {
    std::printf("\nseed %llu broke:\n", static_cast<unsigned long long>(finding.seed));
    for (const std::string& violation : finding.violations)
      std::printf("  %s\n", violation.c_str());
    std::printf("  again: ./dev sim --seed %llu --faults %s\n",
                static_cast<unsigned long long>(finding.seed), finding.faults.c_str());
  }
  std::printf("%zu seeds broke something\n", findings.size());
  // Few seeds cannot be asked to visit everything.
  constexpr std::uint64_t kSeedsForAll = 5000;
  const bool is_asked = seeds.count >= kSeedsForAll;
  if (is_asked && !has_all_faults)
    std::printf("a kind of fault is in less than 1 %% of the seeds\n");
  if (is_asked && !has_all_transitions)
    std::printf("a transition was not made, nobody knows why\n");
  const bool is_complete = has_all_faults && has_all_transitions;
  const bool is_run = statistics.count("seeds") == seeds.count;
  return findings.empty() && is_run && (is_complete || !is_asked) ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Seeds seeds;
  seeds.jobs = std::max(1u, std::thread::hardware_concurrency());
  std::uint64_t seed = 0;
  std::string faults = "all";
  CLI::App app("Simulated worlds of clients and brokers, from seeds", "rmq-sim");
  auto* count = app.add_option("--seeds", seeds.count, "How many seeds to run")
                    ->check(CLI::PositiveNumber)
                    ->capture_default_str();
  app.add_option("--from", seeds.from, "The first of them")->capture_default_str();
  app.add_option("--jobs", seeds.jobs, "Processes beside each other")->check(CLI::Range(1u, 256u));
  app.add_option("--findings-max", seeds.findings_max, "Stop a process after so many findings")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_flag("--twice", seeds.twice, "Run each seed twice and compare the traces");
  auto* one = app.add_option("--seed", seed, "One seed, in this process, and what it does");
  app.add_option("--faults", faults, "With --seed: the numbers of its faults, or all, or none")
      ->needs(one);
  one->excludes(count);
  CLI11_PARSE(app, argc, argv);
  return *one ? replay(seed, faults) : run_many(seeds);
}
