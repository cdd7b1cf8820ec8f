#include "protocol/json_writer.h"

#include "base/decimal.h"
#include "base/json_string.h"
#include "base/utf8.h"

namespace rmq::protocol {

void JsonWriter::separate() {
  if (!is_first_) out_ += ',';
  is_first_ = false;
}

void JsonWriter::open(char bracket) {
  separate();
  out_ += bracket;
  is_first_ = true;
}

void JsonWriter::close(char bracket) {
  out_ += bracket;
  is_first_ = false;
}

void JsonWriter::colon() {
  out_ += ':';
  is_first_ = true;
}

void JsonWriter::name(std::string_view name) {
  text(name);
  colon();
}

void JsonWriter::bare_name(std::int64_t number) {
  this->number(number);
  colon();
}

void JsonWriter::text(std::string_view value) {
  separate();
  const auto put = [this](std::string_view piece) { out_ += piece; };
  if (base::is_utf8(value)) {
    base::put_json_string(value, put);
  } else {
    base::put_json_string(base::mend_utf8(value), put);
  }
}

void JsonWriter::number(std::int64_t value) {
  separate();
  out_ += base::DecimalText(value).view();
}

void JsonWriter::boolean(bool value) {
  separate();
  out_ += value ? "true" : "false";
}

void JsonWriter::texts(const std::vector<std::string>& values) {
  begin_array();
  for (const std::string& value : values) text(value);
  end_array();
}

void JsonWriter::text(std::string_view name, std::string_view value) {
  this->name(name);
  text(value);
}

void JsonWriter::number(std::string_view name, std::int64_t value) {
  this->name(name);
  number(value);
}

void JsonWriter::boolean(std::string_view name, bool value) {
  this->name(name);
  boolean(value);
}

void JsonWriter::texts(std::string_view name, const std::vector<std::string>& values) {
  this->name(name);
  texts(values);
}

void JsonWriter::begin_object(std::string_view name) {
  this->name(name);
  begin_object();
}

void JsonWriter::begin_array(std::string_view name) {
  this->name(name);
  begin_array();
}

void JsonWriter::empty_object(std::string_view name) {
  begin_object(name);
  end_object();
}

}  // namespace rmq::protocol
