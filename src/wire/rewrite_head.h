// Encodes the head of a frame once more with some fields changed, for requests that go to another
// place than they were written for. Rare, so it allocates; the body stays where it is.
#pragma once

#include <span>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "wire/header_scratch.h"

namespace rmq::wire {

// Bytes of the head with which `frame` begins; 0 when it is too short to tell.
std::size_t head_bytes(base::Bytes frame);

// `head` begins with its length word and may be followed by the body. Fields keep their order; each
// of `changes` takes the place of the field of that name, or is added at the end. An empty value
// takes the field away. The new head announces the same body. The error is that of reading `head`.
base::Result<std::string> rewrite_head(base::Bytes head, std::span<const Field> changes);

}  // namespace rmq::wire
