#include "capi/edge.h"
#include "capi/handles.h"

using rmq::base::ErrorCode;
using rmq::base::make_error;
using rmq::base::Status;
using rmq::capi::guarded;
using rmq::capi::null_argument;
using rmq::capi::show_text;

namespace {

constexpr size_t kNameBytesMax = 255;
constexpr size_t kValueBytesMax = 16384;
constexpr size_t kPathBytesMax = 4096;

}  // namespace

int32_t rmq_config_new(const char* predefined, size_t predefined_bytes, rmq_config_t** config,
                       rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    if (!config) return null_argument("config");
    *config = nullptr;
    auto name =
        rmq::capi::read_optional_text("predefined", predefined, predefined_bytes, kNameBytesMax);
    if (!name.ok()) return name.take_error();
    auto made = rmq::config::Config::predefined(name.value().data() ? name.value() : "default");
    if (!made.ok()) return made.take_error();
    *config = new rmq_config_s{made.take_value()};
    return {};
  });
}

rmq_config_t* rmq_config_copy(const rmq_config_t* config) {
  rmq_config_t* copy = nullptr;
  guarded(nullptr, [&]() -> Status {
    if (config) copy = new rmq_config_s(*config);
    return {};
  });
  return copy;
}

void rmq_config_destroy(rmq_config_t* config) { delete config; }

int32_t rmq_config_set(rmq_config_t* config, const char* name, size_t name_bytes, const char* value,
                       size_t value_bytes, rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    if (!config) return null_argument("config");
    auto option = rmq::capi::read_text("name", name, name_bytes, kNameBytesMax);
    if (!option.ok()) return option.take_error();
    auto text = rmq::capi::read_optional_text("value", value, value_bytes, kValueBytesMax);
    if (!text.ok()) return text.take_error();
    if (!text.value().data()) return config->config.reset(option.value());
    return config->config.set(option.value(), text.value());
  });
}

int32_t rmq_config_get(const rmq_config_t* config, const char* name, size_t name_bytes,
                       const char** value, size_t* value_bytes, rmq_error_t** error) {
  if (value) *value = nullptr;
  if (value_bytes) *value_bytes = 0;
  return guarded(error, [&]() -> Status {
    if (!config) return null_argument("config");
    if (!value) return null_argument("value");
    auto option = rmq::capi::read_text("name", name, name_bytes, kNameBytesMax);
    if (!option.ok()) return option.take_error();
    auto found = config->config.get(option.value());
    if (!found.ok()) return found.take_error();
    if (!found.value()) return {};
    *value = found.value()->data();
    if (value_bytes) *value_bytes = found.value()->size();
    return {};
  });
}

int32_t rmq_config_describe(size_t index, rmq_option_view_t* view, size_t view_size) {
  const rmq::config::OptionInfo* info = rmq::config::option_at(index);
  if (!info) return RMQ_ERROR_ARGUMENT;
  rmq_option_view_t full{};
  show_text(info->name, &full.name, &full.name_bytes);
  show_text(rmq::config::kind_name(info->kind), &full.kind, &full.kind_bytes);
  show_text(info->unit, &full.unit, &full.unit_bytes);
  full.default_value = info->default_value;
  full.default_value_bytes = info->default_value ? std::strlen(info->default_value) : 0;
  show_text(info->sentence, &full.sentence, &full.sentence_bytes);
  show_text(info->words, &full.choices, &full.choices_bytes);
  full.minimum = info->minimum;
  full.maximum = info->maximum;
  full.owners = static_cast<int32_t>(info->owners);
  full.live_owners = static_cast<int32_t>(info->live_owners);
  full.is_code_only = info->is_code_only;
  full.is_secret = info->is_secret();
  return rmq::capi::put_view(full, view, view_size) ? RMQ_OK : RMQ_ERROR_ARGUMENT;
}

int32_t rmq_config_load(rmq_config_t* config, int32_t source, const char* text, size_t text_bytes,
                        rmq_error_t** error) {
  return guarded(error, [&]() -> Status {
    if (!config) return null_argument("config");
    switch (source) {
      case RMQ_LOAD_TEXT: {
        auto lines = rmq::capi::read_text("text", text, text_bytes,
                                          rmq::config::Config::kPropertiesBytesMax);
        if (!lines.ok()) return lines.take_error();
        return config->config.load_text(lines.value());
      }
      case RMQ_LOAD_FILE: {
        auto path = rmq::capi::read_text("text", text, text_bytes, kPathBytesMax);
        if (!path.ok()) return path.take_error();
        return config->config.load_file(path.value());
      }
      case RMQ_LOAD_ENVIRONMENT: {
        if (text) return make_error(ErrorCode::ARGUMENT, "text is given, expected null");
        auto loaded = config->config.load_environment(rmq::config::read_process_environment());
        return loaded.ok() ? Status() : Status(loaded.take_error());
      }
      default:
        return make_error(ErrorCode::ARGUMENT,
                          "source is " + std::to_string(source) +
                              ", expected RMQ_LOAD_TEXT, RMQ_LOAD_FILE or RMQ_LOAD_ENVIRONMENT");
    }
  });
}
