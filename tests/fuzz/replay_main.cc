// The main function of a fuzz target in builds without libFuzzer: feeds it every file of the
// folders given as arguments, then mutations of those files from a fixed seed, so that every test
// run exercises the target a little.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr std::uint32_t kSeed = 20240607;
constexpr int kMutationsPerInput = 200;
constexpr int kRandomInputs = 500;

using Input = std::vector<std::uint8_t>;

std::vector<Input> read_corpus(const char* folder) {
  std::vector<std::filesystem::path> paths;
  std::error_code ignored;  // a target without a corpus still gets random inputs
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    if (entry.is_regular_file()) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<Input> inputs;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return inputs;
}

Input mutate(Input input, std::mt19937& random) {
  const int edits = 1 + static_cast<int>(random() % 4);
  for (int i = 0; i < edits && !input.empty(); ++i) {
    const std::size_t at = random() % input.size();
    switch (random() % 3) {
      case 0:
        input[at] = static_cast<std::uint8_t>(random());
        break;
      case 1:
        input.resize(at);
        break;
      default:
        input.insert(input.begin() + static_cast<std::ptrdiff_t>(at),
                     static_cast<std::uint8_t>(random()));
    }
  }
  return input;
}

}  // namespace

int main(int argc, char** argv) {
  std::mt19937 random(kSeed);
  std::size_t runs = 0;
  const auto run = [&runs](const Input& input) {
    LLVMFuzzerTestOneInput(input.data(), input.size());
    ++runs;
  };
  for (int i = 1; i < argc; ++i) {
    for (const Input& input : read_corpus(argv[i])) {
      run(input);
      for (int j = 0; j < kMutationsPerInput; ++j) run(mutate(input, random));
    }
  }
  for (int i = 0; i < kRandomInputs; ++i) {
    Input input(random() % 256);
    std::generate(input.begin(), input.end(),
                  [&random] { return static_cast<std::uint8_t>(random()); });
    run(input);
  }
  std::printf("%zu inputs, seed %u\n", runs, kSeed);
  return 0;
}
