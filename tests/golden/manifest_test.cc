// Every vector file is either run by a test here or waits for a named part.
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>

#include "tests/golden/golden_file.h"

namespace rmq::golden {
namespace {

std::set<std::string> vector_files() {
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(vector_directory())) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() == ".json" && name != "manifest.json") files.insert(name);
  }
  return files;
}

std::string read_text(const std::filesystem::path& path) {
  std::ifstream stream(path);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(Manifest, names_every_vector_file) {
  const Json manifest = load_json(source_directory() / "manifest.json");
  const auto run = manifest["run"].get<std::set<std::string>>();
  for (const std::string& file : vector_files()) {
    const bool awaiting = manifest["awaiting"].contains(file);
    EXPECT_TRUE(run.contains(file) || awaiting) << file << " is unknown";
    EXPECT_FALSE(run.contains(file) && awaiting) << file << " is named twice";
    if (awaiting) {
      std::cout << "golden: " << file << ": awaits " << manifest["awaiting"][file] << "\n";
    }
  }
}

TEST(Manifest, claims_only_files_that_exist_and_that_a_test_names) {
  const Json manifest = load_json(source_directory() / "manifest.json");
  std::string tests;
  for (const auto& entry : std::filesystem::directory_iterator(source_directory())) {
    if (entry.path().extension() == ".cc") tests += read_text(entry.path());
  }
  const std::set<std::string> files = vector_files();
  for (const std::string& file : manifest["run"].get<std::set<std::string>>()) {
    EXPECT_TRUE(files.contains(file)) << file;
    EXPECT_NE(tests.find("\"" + file + "\""), std::string::npos) << file << " is run by no test";
  }
}

}  // namespace
}  // namespace rmq::golden
