#include "producer/sharding_hash.h"

#include <cstddef>

#include "base/java_string_hash.h"

namespace rmq::producer {
namespace {

std::uint64_t fold(std::uint64_t value, int shift) { return value ^ (value >> shift); }

// Up to eight bytes, the first one lowest.
std::uint64_t load_bytes(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i) {
    value = (value << 8) | static_cast<unsigned char>(bytes[i - 1]);
  }
  return value;
}

}  // namespace

std::uint64_t sharding_hash(std::string_view key) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : key) {
    hash ^= static_cast<unsigned char>(byte);
    hash *= 0x100000001b3;
  }
  hash = fold(hash, 33) * 0xff51afd7ed558ccd;
  hash = fold(hash, 33) * 0xc4ceb9fe1a85ec53;
  return fold(hash, 33);
}

std::uint64_t java_sharding_hash(std::string_view key) {
  const std::int64_t hash = base::java_string_hash(key);
  return static_cast<std::uint64_t>(hash < 0 ? -hash : hash);
}

std::uint64_t cpp_sharding_hash(std::string_view key) {
  constexpr std::uint64_t kMultiplier = 0xc6a4a7935bd1e995;
  constexpr std::uint64_t kSeed = 0xc70f6907;
  constexpr std::size_t kWordBytes = 8;
  std::uint64_t hash = kSeed ^ (key.size() * kMultiplier);
  for (; key.size() >= kWordBytes; key.remove_prefix(kWordBytes)) {
    const std::uint64_t word = load_bytes(key.substr(0, kWordBytes)) * kMultiplier;
    hash = (hash ^ (fold(word, 47) * kMultiplier)) * kMultiplier;
  }
  if (!key.empty()) hash = (hash ^ load_bytes(key)) * kMultiplier;
  return fold(fold(hash, 47) * kMultiplier, 47);
}

}  // namespace rmq::producer
