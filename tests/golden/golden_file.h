// Loads vector files and compares JSON with what the library decodes.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace rmq::golden {

using Json = nlohmann::json;
using TextMap = std::map<std::string, std::string>;

// RMQ_GOLDEN_DIR, else the directory of the sources.
std::filesystem::path vector_directory();
std::filesystem::path source_directory();

Json load_json(const std::filesystem::path& path);

// Runs `check` on every case with the case's name in the trace, prints how many there were, and
// fails when there was none.
void for_each_case(const std::string& file, const std::function<void(const Json&)>& check);

// null becomes empty.
std::string text_or_empty(const Json& value);
std::string bytes_from_hex(const Json& value);
TextMap text_map(const Json& value);

}  // namespace rmq::golden
