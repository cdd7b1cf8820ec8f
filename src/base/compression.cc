#include "base/compression.h"

#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <limits>
#include <memory>

#include "base/format.h"

namespace rmq::base {
namespace {

constexpr std::size_t kChunkBytes = 64 * 1024;

Error bad_body(std::string_view format, std::string_view what, std::size_t input_bytes) {
  return make_error(ErrorCode::BAD_BODY,
                    base::format("decompressing {} bytes of {}: {}", input_bytes, format, what));
}

// Output that grows chunk by chunk and stops one byte past the bound, which is how too much is told
// from just enough.
class BoundedOutput {
 public:
  explicit BoundedOutput(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  // Makes room behind what is used. Never empty before exceeded().
  void grow() {
    const std::size_t limit =
        bytes_max_ == std::numeric_limits<std::size_t>::max() ? bytes_max_ : bytes_max_ + 1;
    const std::size_t wanted = std::max(kChunkBytes, used_);
    text_.resize(used_ + std::min(wanted, limit - used_));
  }
  char* room() { return text_.data() + used_; }
  std::size_t room_bytes() const { return text_.size() - used_; }
  void use(std::size_t bytes) { used_ += bytes; }
  bool exceeded() const { return used_ > bytes_max_; }

  Error too_large(std::string_view format) const {
    return make_error(
        ErrorCode::TOO_LARGE,
        base::format("decompressing {}: more than {} bytes come out", format, bytes_max_),
        "raise the bound on decompressed bodies if such messages are expected");
  }

  std::string take() {
    text_.resize(used_);
    return std::move(text_);
  }

 private:
  std::size_t bytes_max_;
  std::size_t used_ = 0;
  std::string text_;
};

struct InflateState {
  z_stream stream{};
  bool ready = false;
  ~InflateState() {
    if (ready) inflateEnd(&stream);
  }
};

Result<std::string> decompress_zlib(Bytes input, std::size_t output_bytes_max) {
  if (input.size() > std::numeric_limits<uInt>::max()) {
    return bad_body("zlib", "input is above 4 GiB", input.size());
  }
  InflateState state;
  if (inflateInit(&state.stream) != Z_OK) {
    return make_error(ErrorCode::MEMORY, "decompressing zlib: no memory for the state");
  }
  state.ready = true;
  state.stream.next_in = const_cast<Bytef*>(input.data());
  state.stream.avail_in = static_cast<uInt>(input.size());
  BoundedOutput output(output_bytes_max);
  for (int outcome = Z_OK; outcome != Z_STREAM_END;) {
    output.grow();
    const auto room = static_cast<uInt>(
        std::min<std::size_t>(output.room_bytes(), std::numeric_limits<uInt>::max()));
    state.stream.next_out = reinterpret_cast<Bytef*>(output.room());
    state.stream.avail_out = room;
    outcome = inflate(&state.stream, Z_NO_FLUSH);
    output.use(room - state.stream.avail_out);
    if (output.exceeded()) return output.too_large("zlib");
    if (outcome != Z_OK && outcome != Z_STREAM_END) {
      return bad_body("zlib", outcome == Z_BUF_ERROR ? "the stream ends early" : "damaged stream",
                      input.size());
    }
  }
  return output.take();
}

struct Lz4Free {
  void operator()(LZ4F_dctx* context) const { LZ4F_freeDecompressionContext(context); }
};

Result<std::string> decompress_lz4(Bytes input, std::size_t output_bytes_max) {
  LZ4F_dctx* raw = nullptr;
  if (LZ4F_isError(LZ4F_createDecompressionContext(&raw, LZ4F_VERSION))) {
    return make_error(ErrorCode::MEMORY, "decompressing lz4: no memory for the state");
  }
  const std::unique_ptr<LZ4F_dctx, Lz4Free> context(raw);
  BoundedOutput output(output_bytes_max);
  std::size_t hint = 1;
  while (hint != 0) {
    output.grow();
    std::size_t produced = output.room_bytes();
    std::size_t consumed = input.size();
    hint =
        LZ4F_decompress(context.get(), output.room(), &produced, input.data(), &consumed, nullptr);
    if (LZ4F_isError(hint)) return bad_body("lz4", LZ4F_getErrorName(hint), input.size());
    output.use(produced);
    input = input.subspan(consumed);
    if (output.exceeded()) return output.too_large("lz4");
    if (hint != 0 && produced == 0 && consumed == 0) {
      return bad_body("lz4", "the frame ends early", input.size());
    }
  }
  return output.take();
}

struct ZstdFree {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

Result<std::string> decompress_zstd(Bytes input, std::size_t output_bytes_max) {
  const std::unique_ptr<ZSTD_DCtx, ZstdFree> context(ZSTD_createDCtx());
  if (!context) return make_error(ErrorCode::MEMORY, "decompressing zstd: no memory for the state");
  BoundedOutput output(output_bytes_max);
  ZSTD_inBuffer in{input.data(), input.size(), 0};
  for (std::size_t hint = 1; hint != 0 || in.pos < in.size;) {
    output.grow();
    ZSTD_outBuffer out{output.room(), output.room_bytes(), 0};
    const std::size_t before = in.pos;
    hint = ZSTD_decompressStream(context.get(), &out, &in);
    if (ZSTD_isError(hint)) return bad_body("zstd", ZSTD_getErrorName(hint), input.size());
    output.use(out.pos);
    if (output.exceeded()) return output.too_large("zstd");
    if (hint != 0 && out.pos == 0 && in.pos == before) {
      return bad_body("zstd", "the frame ends early", input.size());
    }
  }
  return output.take();
}

Error cannot_compress(std::string_view format, std::string_view what) {
  return make_error(ErrorCode::INTERNAL, base::format("compressing with {}: {}", format, what));
}

Result<std::string> compress_zlib(int level, Bytes input) {
  if (input.size() > std::numeric_limits<uLong>::max()) {
    return cannot_compress("zlib", "input too large");
  }
  uLongf bytes = compressBound(static_cast<uLong>(input.size()));
  std::string text(bytes, '\0');
  const int outcome = compress2(reinterpret_cast<Bytef*>(text.data()), &bytes, input.data(),
                                static_cast<uLong>(input.size()), std::clamp(level, 1, 9));
  if (outcome != Z_OK) return cannot_compress("zlib", zError(outcome));
  text.resize(bytes);
  return text;
}

Result<std::string> compress_lz4(int level, Bytes input) {
  LZ4F_preferences_t preferences{};
  preferences.compressionLevel = std::clamp(level, 0, 12);
  preferences.frameInfo.contentSize = input.size();
  // Java's reader knows no blocks that lean on the one before, and its client drops such a message
  // without a word.
  preferences.frameInfo.blockMode = LZ4F_blockIndependent;
  std::string text(LZ4F_compressFrameBound(input.size(), &preferences), '\0');
  const std::size_t bytes =
      LZ4F_compressFrame(text.data(), text.size(), input.data(), input.size(), &preferences);
  if (LZ4F_isError(bytes)) return cannot_compress("lz4", LZ4F_getErrorName(bytes));
  text.resize(bytes);
  return text;
}

Result<std::string> compress_zstd(int level, Bytes input) {
  std::string text(ZSTD_compressBound(input.size()), '\0');
  const std::size_t bytes = ZSTD_compress(text.data(), text.size(), input.data(), input.size(),
                                          std::clamp(level, 1, ZSTD_maxCLevel()));
  if (ZSTD_isError(bytes)) return cannot_compress("zstd", ZSTD_getErrorName(bytes));
  text.resize(bytes);
  return text;
}

Error unknown(Compression kind) {
  return make_error(ErrorCode::BAD_BODY,
                    base::format("compression type {} is unknown", static_cast<int>(kind)));
}

}  // namespace

Result<std::string> compress(Compression kind, int level, Bytes input) {
  switch (kind) {
    case Compression::lz4:
      return compress_lz4(level, input);
    case Compression::zstd:
      return compress_zstd(level, input);
    case Compression::zlib:
      return compress_zlib(level, input);
  }
  return unknown(kind);
}

Result<std::string> decompress(Compression kind, Bytes input, std::size_t output_bytes_max) {
  switch (kind) {
    case Compression::lz4:
      return decompress_lz4(input, output_bytes_max);
    case Compression::zstd:
      return decompress_zstd(input, output_bytes_max);
    case Compression::zlib:
      return decompress_zlib(input, output_bytes_max);
  }
  return unknown(kind);
}

}  // namespace rmq::base
