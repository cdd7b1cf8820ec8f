#include "tests/golden/golden_file.h"

#include <cstdlib>
#include <fstream>
#include <iostream>

#include "base/hex.h"

namespace rmq::golden {

std::filesystem::path source_directory() { return RMQ_GOLDEN_SOURCE_DIR; }

std::filesystem::path vector_directory() {
  const char* directory = std::getenv("RMQ_GOLDEN_DIR");
  return directory != nullptr && *directory != '\0' ? std::filesystem::path(directory)
                                                    : source_directory();
}

Json load_json(const std::filesystem::path& path) {
  std::ifstream stream(path);
  EXPECT_TRUE(stream.good()) << "cannot open " << path;
  Json value = Json::parse(stream, nullptr, false);
  EXPECT_FALSE(value.is_discarded()) << path << " is no JSON";
  return value;
}

void for_each_case(const std::string& file, const std::function<void(const Json&)>& check) {
  const Json vectors = load_json(vector_directory() / file);
  ASSERT_TRUE(vectors.contains("cases")) << file;
  std::size_t count = 0;
  std::size_t failed = 0;
  for (const Json& vector : vectors["cases"]) {
    SCOPED_TRACE(file + " #" + std::to_string(count) + " " + vector.value("name", "?"));
    const auto* result = testing::UnitTest::GetInstance()->current_test_info()->result();
    const int parts_before = result->total_part_count();
    check(vector);
    ++count;
    if (result->total_part_count() != parts_before) ++failed;
  }
  std::cout << "golden: " << file << ": " << count << " cases run, " << failed << " failed\n";
  EXPECT_GT(count, 0u) << file << " ran no case";
}

std::string text_or_empty(const Json& value) {
  return value.is_null() ? std::string() : value.get<std::string>();
}

std::string bytes_from_hex(const Json& value) {
  const auto bytes = base::from_hex(text_or_empty(value));
  EXPECT_TRUE(bytes.has_value()) << value;
  return bytes.value_or(std::string());
}

TextMap text_map(const Json& value) {
  TextMap map;
  if (!value.is_object()) return map;
  for (const auto& [name, text] : value.items()) map[name] = text_or_empty(text);
  return map;
}

}  // namespace rmq::golden
