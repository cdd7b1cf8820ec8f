#include "testbroker/scenario.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "testbroker/command.h"

namespace rmq::testbroker {
namespace {

base::Error at_place(const std::string& place, base::Error error) {
  error.message = place + ": " + error.message;
  return error;
}

// Leaves an empty command for a line without one.
base::Result<ScenarioStep> parse_line(std::string_view line, std::string place) {
  ScenarioStep step{.at = {}, .command = {}, .place = std::move(place)};
  const std::size_t first = line.find_first_not_of(" \t\r");
  if (first == std::string_view::npos || line[first] == '#') return step;
  auto words = split_words(line);
  if (!words.ok()) return at_place(step.place, words.take_error());
  std::size_t command = 0;
  if (words.value()[0].text == "at") {
    if (words.value().size() < 3) {
      return base::make_error(base::ErrorCode::ARGUMENT,
                              step.place + ": expected \"at <duration> <command>\"");
    }
    auto at = parse_duration(words.value()[1].text);
    if (!at.ok()) return at_place(step.place, at.take_error());
    step.at = at.value();
    command = 2;
  }
  line = line.substr(words.value()[command].begin);
  while (line.ends_with('\r')) line.remove_suffix(1);
  step.command = line;
  return step;
}

base::Error refuse_file(const std::string& path, const std::string& why) {
  return base::make_error(base::ErrorCode::FILE, "scenario " + path + ": " + why);
}

// Never waits, as opening a pipe would.
base::Result<std::string> read_text(const std::string& path) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    return refuse_file(path, "no such file");
  }
  if (error) return refuse_file(path, error.message());
  if (!std::filesystem::is_regular_file(status)) return refuse_file(path, "not a regular file");
  std::ifstream file(path, std::ios::binary);
  if (!file) return refuse_file(path, "it cannot be opened; expected a file that may be read");
  std::string text(kScenarioBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return refuse_file(path, "it cannot be read");
  if (!file.eof()) return refuse_file(path, "longer than 1 MiB");
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

}  // namespace

base::Result<std::vector<ScenarioStep>> parse_scenario(std::string_view text,
                                                       std::string_view file) {
  std::vector<ScenarioStep> steps;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    auto step = parse_line(line, std::string(file) + ":" + std::to_string(number));
    if (!step.ok()) return step.take_error();
    if (step.value().command.empty()) continue;
    if (steps.size() == kScenarioStepsMax) {
      return base::make_error(
          base::ErrorCode::ARGUMENT,
          step.value().place + ": more commands than " + std::to_string(kScenarioStepsMax));
    }
    steps.push_back(step.take_value());
  }
  return steps;
}

base::Result<std::vector<ScenarioStep>> read_scenario(const std::string& path) {
  auto text = read_text(path);
  if (!text.ok()) return text.take_error();
  return parse_scenario(text.value(), path);
}

base::Status run_scenario(const std::vector<ScenarioStep>& steps, Cluster& cluster,
                          Schedule& schedule) {
  for (const ScenarioStep& step : steps) {
    if (auto status = check_command(step.command, cluster); !status.ok()) {
      return at_place(step.place, status.take_error());
    }
  }
  for (const ScenarioStep& step : steps) {
    if (step.at > base::Duration{0}) {
      schedule.after(step.at,
                     [&cluster, step] { cluster.run_unattended(step.command, step.place); });
      continue;
    }
    std::string reply;
    if (auto status = run_command(step.command, cluster, &reply); !status.ok()) {
      return at_place(step.place, status.take_error());
    }
  }
  return {};
}

}  // namespace rmq::testbroker
