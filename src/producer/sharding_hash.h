// From a message's sharding key to the number that chooses its queue, modulo the count of queues.
// These functions never change: a key that moves to another queue loses its order.
#pragma once

#include <cstdint>
#include <string_view>

namespace rmq::producer {

// Ours: FNV-1a of 64 bits over the bytes of the key, mixed as MurmurHash3 mixes its 64-bit result.
std::uint64_t sharding_hash(std::string_view key);

// Java's SelectMessageQueueByHash with the key as its argument: the absolute value of
// String.hashCode. 2^31 for the smallest int, which has the remainders that Java takes.
std::uint64_t java_sharding_hash(std::string_view key);

// The former C++ client and its C interface: std::hash<std::string> of 64-bit libstdc++, which is
// MurmurHash64A with the seed 0xc70f6907. With another standard library that client had another.
std::uint64_t cpp_sharding_hash(std::string_view key);

}  // namespace rmq::producer
