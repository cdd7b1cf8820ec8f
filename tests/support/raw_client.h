// A peer without manners for tests of servers: sends any bytes, keeps whatever comes back. Loop
// thread only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "transport/loop.h"
#include "wire/command.h"

namespace rmq::test {

inline wire::Command copy_command(const wire::CommandView& view) {
  wire::Command command;
  command.serialization = view.serialization;
  command.code = view.code;
  command.language = view.language;
  command.version = view.version;
  command.opaque = view.opaque;
  command.flag = view.flag;
  if (view.remark) command.remark = std::string(*view.remark);
  for (const wire::Field& field : view.fields) command.fields.emplace_back(field.name, field.value);
  command.body = base::as_text(view.body);
  return command;
}

inline std::string find_field(const wire::Command& command, std::string_view name) {
  for (const auto& [key, value] : command.fields) {
    if (key == name) return value;
  }
  return {};
}

class RawClient final : private transport::ByteStreamHandler {
 public:
  RawClient(transport::Loop& loop, const transport::SocketAddress& server)
      : stream_(loop.make_stream()) {
    stream_->set_handler(*this);
    stream_->connect(server);
  }

  // May be called before the connection is open.
  void send(std::string_view bytes) {
    waiting_ += bytes;
    write();
  }
  void send(const wire::Command& command) {
    std::string frame;
    wire::append_frame(command, &frame);
    send(frame);
  }
  void close() {
    is_open_ = false;
    stream_->close();
  }
  void pause_reading() { stream_->pause_reading(); }
  void resume_reading() { stream_->resume_reading(); }

  bool is_open() const { return is_open_; }
  const std::optional<base::Error>& end() const { return end_; }
  const std::string& bytes() const { return bytes_; }  // all that came
  // The whole frames among them, up to the first that is none.
  const std::vector<wire::Command>& answers() const { return answers_; }
  // Requests of the server number themselves, and may have the same opaque.
  const wire::Command* answer_to(std::int32_t opaque) const {
    for (const wire::Command& answer : answers_) {
      const bool is_response = (answer.flag & wire::kFlagResponse) != 0;
      if (is_response && answer.opaque == opaque) return &answer;
    }
    return nullptr;
  }

 private:
  void on_open() override {
    is_open_ = true;
    write();
  }
  base::MutableBytes read_space() override { return space_; }
  void on_read(std::size_t size) override {
    bytes_.append(reinterpret_cast<const char*>(space_), size);
    while (!garbled_) {
      const base::Bytes rest = base::as_bytes(bytes_).subspan(used_);
      const auto frame = wire::frame_size(rest);
      garbled_ = !frame.ok();
      if (garbled_ || frame.value() == 0 || frame.value() > rest.size()) return;
      wire::CommandReader reader;
      const auto command = reader.read(rest.first(frame.value()));
      garbled_ = !command.ok();
      if (garbled_) return;
      answers_.push_back(copy_command(command.value()));
      used_ += frame.value();
    }
  }
  void on_written() override {
    writing_ = false;
    write();
  }
  void on_closed(base::Error error) override {
    is_open_ = false;
    end_ = std::move(error);
  }
  void write() {
    if (!is_open_ || writing_ || waiting_.empty()) return;
    chunk_.swap(waiting_);
    waiting_.clear();
    const base::Bytes bytes = base::as_bytes(chunk_);
    writing_ = !stream_->write({&bytes, 1});
    if (!writing_) write();
  }

  std::uint8_t space_[64 * 1024];
  std::string waiting_;
  std::string chunk_;
  std::string bytes_;
  std::size_t used_ = 0;
  bool garbled_ = false;
  bool is_open_ = false;
  bool writing_ = false;
  std::optional<base::Error> end_;
  std::vector<wire::Command> answers_;
  std::unique_ptr<transport::ByteStream> stream_;
};

}  // namespace rmq::test
