// Versions, errors and configs.
#include "tests/abi/arguments/cases.h"

namespace rmq::test::abi {
namespace {

void version(Arguments&) {
  EXPECT_EQ(rmq_version(), RMQ_VERSION_MAJOR * 1000000 + RMQ_VERSION_MINOR * 1000);
  EXPECT_EQ(rmq_version(), RMQ_VERSION);
}

void version_text(Arguments&) { EXPECT_STREQ(rmq_version_text(), "0.2.0"); }

void error_view(Arguments&) {
  rmq_error_view_t view{};
  EXPECT_EQ(rmq_error_view(nullptr, &view, sizeof view), RMQ_OK);
  EXPECT_EQ(view.code, RMQ_OK);
  EXPECT_EQ(view.message, nullptr);
  refuse_bad_views<rmq_error_view_t>(
      [](auto* to, auto size) { return rmq_error_view(nullptr, to, size); });
}

void error_code(Arguments&) { EXPECT_EQ(rmq_error_code(nullptr), RMQ_OK); }

void error_message(Arguments&) { EXPECT_STREQ(rmq_error_message(nullptr), ""); }

void error_retain(Arguments&) { EXPECT_EQ(rmq_error_retain(nullptr), nullptr); }

void error_destroy(Arguments&) { rmq_error_destroy(nullptr); }

void name(Arguments&) {
  for (const std::int32_t code : {INT32_MIN, -1, 1, 498, INT32_MAX}) {
    EXPECT_STREQ(rmq_name(RMQ_NAME_ERROR, code), "UNKNOWN") << code;
  }
  EXPECT_STREQ(rmq_name(RMQ_NAME_ERROR, RMQ_ERROR_TOO_LARGE), "TOO_LARGE");
  EXPECT_STREQ(rmq_name(RMQ_NAME_ERROR, RMQ_ERROR_INTERNAL), "INTERNAL");
  EXPECT_STREQ(rmq_name(RMQ_NAME_RESPONSE_CODE, 17), "TOPIC_NOT_EXIST");
  for (const std::int32_t group : {INT32_MIN, -1, 0, 1000, INT32_MAX})
    EXPECT_STREQ(rmq_name(group, 0), "UNKNOWN");
}

void sentence(Arguments&) {
  for (std::int32_t group = -1; group < 20; ++group) {
    for (const std::int32_t value : {INT32_MIN, -1, 0, 1, 100, 498, INT32_MAX}) {
      EXPECT_STRNE(rmq_sentence(group, value), "") << group << ' ' << value;
    }
  }
}

void config_new(Arguments&) {
  refuse(RMQ_ERROR_ARGUMENT, "null",
         [](auto** e) { return rmq_config_new(nullptr, 0, nullptr, e); });
  const auto call = [](const char* text, std::size_t bytes, rmq_error_t** error) {
    auto* config = garbage<rmq_config_t>();
    const std::int32_t code = rmq_config_new(text, bytes, &config, error);
    EXPECT_EQ(config, nullptr);
    return code;
  };
  refuse_bad_texts(call);
  refuse(RMQ_ERROR_OPTION_VALUE, "empty", [&](auto** e) { return call("", 0, e); });
  refuse(RMQ_ERROR_OPTION_VALUE, "unknown", [&](auto** e) { return call("fast", SIZE_MAX, e); });
}

void config_copy(Arguments&) { EXPECT_EQ(rmq_config_copy(nullptr), nullptr); }

void config_destroy(Arguments&) { rmq_config_destroy(nullptr); }

void config_set(Arguments& a) {
  const auto set = [&](const char* name, std::size_t name_bytes, const char* value,
                       std::size_t value_bytes, rmq_error_t** error) {
    return rmq_config_set(a.config.get(), name, name_bytes, value, value_bytes, error);
  };
  refuse(RMQ_ERROR_ARGUMENT, "null config", [](auto** e) {
    return rmq_config_set(nullptr, "log_level", SIZE_MAX, "off", SIZE_MAX, e);
  });
  refuse(RMQ_ERROR_ARGUMENT, "null name", [&](auto** e) { return set(nullptr, 0, "1", 1, e); });
  refuse(RMQ_ERROR_OPTION_UNKNOWN, "empty name", [&](auto** e) { return set("", 0, "1", 1, e); });
  refuse(RMQ_ERROR_OPTION_UNKNOWN, "unknown name",
         [&](auto** e) { return set("no_such", SIZE_MAX, "1", 1, e); });
  refuse_bad_texts([&](auto* text, auto bytes, auto** e) { return set(text, bytes, "1", 1, e); });
  refuse_bad_texts([&](auto* text, auto bytes, auto** e) {
    return set("producer_group", SIZE_MAX, text, bytes, e);
  });
  for (const char* value : {"", "-1", "0", "1e9", "99999999999999999999", "x", "600001"}) {
    refuse(RMQ_ERROR_OPTION_VALUE, value,
           [&](auto** e) { return set("connect_timeout", SIZE_MAX, value, SIZE_MAX, e); });
  }
  EXPECT_EQ(set("connect_timeout", SIZE_MAX, nullptr, 0, nullptr), RMQ_OK);
}

void config_get(Arguments& a) {
  const auto get = [&](const rmq_config_t* config, const char* name, std::size_t bytes,
                       rmq_error_t** error) {
    const char* value = garbage<const char>();
    std::size_t value_bytes = 7;
    const std::int32_t code = rmq_config_get(config, name, bytes, &value, &value_bytes, error);
    EXPECT_EQ(value, nullptr);
    EXPECT_EQ(value_bytes, 0u);
    return code;
  };
  refuse(RMQ_ERROR_ARGUMENT, "null config", [&](auto** e) { return get(nullptr, "a", 1, e); });
  refuse(RMQ_ERROR_ARGUMENT, "null name",
         [&](auto** e) { return get(a.config.get(), nullptr, 0, e); });
  refuse(RMQ_ERROR_ARGUMENT, "null value", [&](auto** e) {
    return rmq_config_get(a.config.get(), "log_level", SIZE_MAX, nullptr, nullptr, e);
  });
  refuse(RMQ_ERROR_OPTION_UNKNOWN, "empty name",
         [&](auto** e) { return get(a.config.get(), "", 0, e); });
  refuse_bad_texts(
      [&](auto* text, auto bytes, auto** e) { return get(a.config.get(), text, bytes, e); });
}

void config_describe(Arguments&) {
  rmq_option_view_t view{};
  EXPECT_EQ(rmq_config_describe(SIZE_MAX, &view, sizeof view), RMQ_ERROR_ARGUMENT);
  EXPECT_EQ(rmq_config_describe(10'000, &view, sizeof view), RMQ_ERROR_ARGUMENT);
  refuse_bad_views<rmq_option_view_t>(
      [](auto* to, auto size) { return rmq_config_describe(0, to, size); });
}

void load_lines(Arguments& a) {
  const auto load = [&](const char* text, std::size_t bytes, rmq_error_t** error) {
    return rmq_config_load(a.config.get(), RMQ_LOAD_TEXT, text, bytes, error);
  };
  refuse(RMQ_ERROR_ARGUMENT, "null text", [&](auto** e) { return load(nullptr, 0, e); });
  refuse(RMQ_ERROR_OPTION_VALUE, "no equals sign",
         [&](auto** e) { return load("log_level", SIZE_MAX, e); });
  refuse(RMQ_ERROR_OPTION_UNKNOWN, "an unknown option",
         [&](auto** e) { return load("log_level = warn\nacks = 1", SIZE_MAX, e); });
  refuse(RMQ_ERROR_ARGUMENT, "more than one MiB",
         [&](auto** e) { return load(("#" + mebibyte()).c_str(), SIZE_MAX, e); });
  for (const BadText& bad : bad_texts()) {
    if (bad.bytes < 4)
      refuse(RMQ_ERROR_ARGUMENT, bad.what, [&](auto** e) { return load(bad.text, bad.bytes, e); });
  }
  EXPECT_EQ(load("", 0, nullptr), RMQ_OK);
  EXPECT_EQ(load("# a comment\n log_level = warn \n", SIZE_MAX, nullptr), RMQ_OK);
  const char* level = nullptr;
  EXPECT_EQ(rmq_config_get(a.config.get(), "log_level", SIZE_MAX, &level, nullptr, nullptr),
            RMQ_OK);
  EXPECT_STREQ(level, "warn");
}

void config_load(Arguments& a) {
  refuse(RMQ_ERROR_ARGUMENT, "null",
         [](auto** e) { return rmq_config_load(nullptr, RMQ_LOAD_ENVIRONMENT, nullptr, 0, e); });
  refuse(RMQ_ERROR_ARGUMENT, "text beside the environment", [&](auto** e) {
    return rmq_config_load(a.config.get(), RMQ_LOAD_ENVIRONMENT, "a", 1, e);
  });
  for (const std::int32_t source : {INT32_MIN, -1, 0, 4, INT32_MAX}) {
    refuse(RMQ_ERROR_ARGUMENT, "source",
           [&](auto** e) { return rmq_config_load(a.config.get(), source, "a", 1, e); });
  }
  load_lines(a);
  const auto load = [&](const char* path, std::size_t bytes, rmq_error_t** error) {
    return rmq_config_load(a.config.get(), RMQ_LOAD_FILE, path, bytes, error);
  };
  refuse(RMQ_ERROR_ARGUMENT, "null config",
         [](auto** e) { return rmq_config_load(nullptr, RMQ_LOAD_FILE, "a", 1, e); });
  refuse(RMQ_ERROR_ARGUMENT, "null path", [&](auto** e) { return load(nullptr, 0, e); });
  refuse(RMQ_ERROR_FILE, "empty path", [&](auto** e) { return load("", 0, e); });
  refuse(RMQ_ERROR_FILE, "no file", [&](auto** e) { return load("/no/such/file", SIZE_MAX, e); });
  refuse(RMQ_ERROR_FILE, "a folder", [&](auto** e) { return load("/", SIZE_MAX, e); });
  refuse_bad_texts(load);
}

}  // namespace

const CaseTable kConfigCases = {
    {"rmq_config_copy", config_copy},
    {"rmq_config_describe", config_describe},
    {"rmq_config_destroy", config_destroy},
    {"rmq_config_get", config_get},
    {"rmq_config_load", config_load},
    {"rmq_config_new", config_new},
    {"rmq_config_set", config_set},
    {"rmq_error_code", error_code},
    {"rmq_error_destroy", error_destroy},
    {"rmq_error_message", error_message},
    {"rmq_error_retain", error_retain},
    {"rmq_error_view", error_view},
    {"rmq_name", name},
    {"rmq_sentence", sentence},
    {"rmq_version", version},
    {"rmq_version_text", version_text},
};

}  // namespace rmq::test::abi
