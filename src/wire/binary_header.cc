#include "wire/binary_header.h"

#include "base/cursor.h"
#include "base/format.h"
#include "wire/language.h"

namespace rmq::wire {
namespace {

base::Error bad_header(std::string_view what, std::size_t offset, std::size_t header_bytes) {
  return base::make_error(
      base::ErrorCode::BAD_HEADER,
      base::format("reading a ROCKETMQ header of {} bytes: {} at header offset {}", header_bytes,
                   what, offset));
}

// Entries fill `entries` exactly; a half one is an error.
base::Status read_entries(base::Bytes entries, std::size_t entries_offset, std::size_t header_bytes,
                          HeaderScratch* scratch) {
  base::Cursor cursor(entries);
  while (cursor.remaining() > 0) {
    const std::size_t entry_offset = entries_offset + cursor.offset();
    const std::string_view name = base::as_text(cursor.take_bytes(cursor.take_i16()));
    const std::string_view value = base::as_text(cursor.take_bytes(cursor.take_i32()));
    if (!cursor.ok()) {
      return bad_header("an entry does not fit into the fields' length", entry_offset,
                        header_bytes);
    }
    if (scratch->fields.size() == kHeaderFieldsMax) {
      return bad_header("more than 65536 fields", entry_offset, header_bytes);
    }
    scratch->fields.push_back({name, value});
  }
  return {};
}

}  // namespace

base::Status read_binary_header(base::Bytes header, HeaderScratch* scratch, CommandView* view) {
  base::Cursor cursor(header);
  view->code = cursor.take_i16();
  view->language = language_from_code(cursor.take_u8());
  view->version = cursor.take_i16();
  view->opaque = cursor.take_i32();
  view->flag = cursor.take_i32();
  const std::int32_t remark_bytes = cursor.take_i32();
  if (!cursor.ok()) return bad_header("the fixed fields end early", cursor.offset(), header.size());
  const std::string_view remark = base::as_text(cursor.take_bytes(remark_bytes));
  if (!cursor.ok()) {
    return bad_header(base::format("remark length {} does not fit", remark_bytes), cursor.offset(),
                      header.size());
  }
  if (!remark.empty()) view->remark = remark;
  const std::int32_t entries_bytes = cursor.take_i32();
  const std::size_t entries_offset = cursor.offset();
  const base::Bytes entries = cursor.take_bytes(entries_bytes);
  if (!cursor.ok()) {
    return bad_header(base::format("fields length {} does not fit", entries_bytes), entries_offset,
                      header.size());
  }
  // Bytes that are left over are skipped: the frame's own lengths say where the body begins.
  base::Status status = read_entries(entries, entries_offset, header.size(), scratch);
  view->fields = scratch->fields;
  return status;
}

}  // namespace rmq::wire
