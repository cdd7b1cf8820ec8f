// Options from outside the program: the environment and properties files. What comes from there is
// meant for all objects of a process.
#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>

#include "base/blank.h"
#include "base/quote.h"
#include "config/config.h"
#include "config/option_error.h"

extern "C" char** environ;

namespace rmq::config {
namespace {

using base::Error;
using base::ErrorCode;
using base::Result;
using base::Status;

constexpr std::string_view kPrefix = "ROCKETMQ_";
constexpr std::string_view kNamesrvAddrVariable = "NAMESRV_ADDR";

// Empty unless the rest of the name is in capitals, as option names are written there.
std::string option_name_of(std::string_view variable) {
  std::string name;
  for (char c : variable.substr(kPrefix.size())) {
    if (c >= 'a' && c <= 'z') return {};
    name.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return name;
}

Error add_place(Error error, const std::string& place) {
  error.message = place + ": " + error.message;
  return error;
}

Error make_file_error(std::string_view path, const std::string& what) {
  return base::make_error(ErrorCode::FILE, "properties file " + base::quote(path) + ": " + what);
}

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

std::vector<EnvironmentVariable> read_process_environment() {
  std::vector<EnvironmentVariable> variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = text.substr(0, equals);
    if (!name.starts_with(kPrefix) && name != kNamesrvAddrVariable) continue;
    variables.push_back({std::string(name), std::string(text.substr(equals + 1))});
  }
  return variables;
}

Result<std::vector<std::string>> Config::load_environment(
    std::span<const EnvironmentVariable> variables) {
  Config loaded = *this;
  std::vector<std::string> unknown;
  for (const auto& [name, value] : variables) {
    const bool plain_namesrv = name == kNamesrvAddrVariable;
    if (!plain_namesrv && !std::string_view(name).starts_with(kPrefix)) continue;
    const OptionInfo* info =
        plain_namesrv ? &option_info(OptionId::kNamesrvAddr) : find_option(option_name_of(name));
    if (info == nullptr) {
      unknown.push_back(name);
      continue;
    }
    if (base::trim_blanks(value).empty()) continue;
    if (plain_namesrv && loaded.is_set(OptionId::kNamesrvAddr)) continue;
    Status done =
        loaded.put(*info, value, plain_namesrv ? Source::kNamesrvAddr : Source::kEnvironment);
    if (!done.ok()) return add_place(done.take_error(), "environment variable " + name);
  }
  *this = std::move(loaded);
  return unknown;
}

Status Config::load_properties(std::string_view text, std::string_view source_name) {
  return load_lines(text, base::quote(source_name), Source::kProperties);
}

Status Config::load_text(std::string_view text) {
  return load_lines(text, "the text", Source::kCode);
}

Status Config::load_lines(std::string_view text, const std::string& source, Source from) {
  if (text.size() > kPropertiesBytesMax) {
    return base::make_error(ErrorCode::OPTION_VALUE,
                            source + " has " + std::to_string(text.size()) +
                                " bytes, expected at most " + std::to_string(kPropertiesBytesMax));
  }
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // the mark some editors write
  Config loaded = *this;
  Status failed;
  for_each_word(text, '\n', [&](std::string_view line, std::size_t index) {
    line = base::trim_blanks(line);
    if (!failed.ok() || line.empty() || line.front() == '#' || line.front() == '!') return;
    const std::string place = source + " line " + std::to_string(index + 1);
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) {
      failed = base::make_error(ErrorCode::OPTION_VALUE, place + ": expected `name = value`");
      return;
    }
    const std::string_view name = base::trim_blanks(line.substr(0, equals));
    const OptionInfo* info = find_option(name);
    if (info == nullptr) {
      failed = add_place(make_unknown_option(name), place);
      return;
    }
    const std::string_view value = base::trim_blanks(line.substr(equals + 1));
    Status done =
        from == Source::kCode ? loaded.put_from_code(*info, value) : loaded.put(*info, value, from);
    if (!done.ok()) failed = add_place(done.take_error(), place);
  });
  if (failed.ok()) *this = std::move(loaded);
  return failed;
}

Status Config::load_file(std::string_view path) {
  const std::string name(path);
  if (name.empty() || name.find('\0') != std::string::npos) {
    return base::make_error(ErrorCode::FILE,
                            "properties file: the path is empty or holds a zero byte");
  }
  // Opening a pipe would wait for its writer.
  std::error_code failure;
  const auto status = std::filesystem::status(name, failure);
  if (failure) return make_file_error(path, failure.message());
  if (!std::filesystem::is_regular_file(status)) {
    return make_file_error(path, "expected a regular file");
  }
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(name.c_str(), "rbe"));
  if (file == nullptr) {
    return make_file_error(path, std::error_code(errno, std::generic_category()).message());
  }
  std::string text;
  std::array<char, 16384> chunk;
  std::size_t length = 0;
  while ((length = std::fread(chunk.data(), 1, chunk.size(), file.get())) > 0) {
    text.append(chunk.data(), length);
    if (text.size() > kPropertiesBytesMax) {
      return make_file_error(path,
                             "expected at most " + std::to_string(kPropertiesBytesMax) + " bytes");
    }
  }
  if (std::ferror(file.get()) != 0) return make_file_error(path, "cannot be read");
  return load_properties(text, path);
}

}  // namespace rmq::config
