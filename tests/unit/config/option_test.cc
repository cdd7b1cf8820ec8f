#include "config/option.h"

#include <gtest/gtest.h>

#include <cctype>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "config/option_choices.h"
#include "config/option_page.h"
#include "config/option_value.h"

namespace rmq::config {
namespace {

std::vector<const OptionInfo*> all_options() {
  std::vector<const OptionInfo*> options;
  for (std::size_t i = 0; option_at(i) != nullptr; ++i) options.push_back(option_at(i));
  return options;
}

std::string pascal_case(std::string_view name) {
  std::string pascal = "k";
  bool upper = true;
  for (char c : name) {
    if (c == '_') {
      upper = true;
      continue;
    }
    pascal.push_back(upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c);
    upper = false;
  }
  return pascal;
}

TEST(OptionTable, finds_each_option_by_name_and_by_id) {
  for (const OptionInfo* info : all_options()) {
    EXPECT_EQ(find_option(info->name), info);
    EXPECT_EQ(&option_info(info->id), info);
  }
  EXPECT_EQ(find_option(""), nullptr);
  EXPECT_EQ(find_option("namesrv_addr "), nullptr);
  EXPECT_EQ(find_option("NAMESRV_ADDR"), nullptr);
}

TEST(OptionTable, names_each_option_once_and_its_id_after_it) {
  std::set<std::string_view> names;
#define RMQ_OPTION(id, name, kind, minimum, maximum, plain, low_level, owners, domain, \
                   effective_since, sentence)                                          \
  EXPECT_TRUE(names.insert(name).second) << name;                                      \
  EXPECT_EQ(pascal_case(name), #id);
#include "config/option_table.def"
#undef RMQ_OPTION
  EXPECT_EQ(names.size(), all_options().size());
}

TEST(OptionTable, has_every_promised_name) {
  const std::string promised =
      "namesrv_addr namesrv_domain instance_name unit_name namespace producer_group consumer_group "
      "message_model consume_from_where consume_timestamp allocate_message_queue_strategy "
      "consume_thread_num consume_message_batch_max_size consume_timeout max_reconsume_times "
      "suspend_current_queue_time_millis pull_batch_size pull_interval pull_threshold_for_queue "
      "pull_threshold_size_for_queue pull_threshold_for_topic pull_threshold_size_for_topic "
      "pull_threshold_for_all pull_threshold_size_for_all consume_concurrently_max_span "
      "flow_control_max_diff flow_control_interval consumer_timeout_millis_when_suspend "
      "consumer_timeout_millis_send_message consumer_timeout_millis_of_request "
      "auto_commit_interval persist_consumer_offset_interval persist_batch_size "
      "max_offset_store_size offset_store_retry_times offset_store_recovery_threshold store_path "
      "max_subscriptions send_msg_timeout retry_times_when_send_failed "
      "retry_times_when_send_async_failed retry_another_broker_when_not_store_ok max_message_size "
      "compress_msg_body_over_howmuch enable_message_compression compress_type compress_level "
      "enable_message_trace trace_topic send_latency_fault_enable default_topic_queue_nums "
      "transaction_topics transaction_check_timeout "
      "batch_linger_ms batch_max_bytes connect_timeout request_timeout idle_timeout "
      "connection_pool_size max_consecutive_failures poll_name_server_interval "
      "heartbeat_broker_interval route_cache_ttl vip_channel_enabled address_map socks_proxy "
      "access_key secret_key security_token tls_enable tls_ca_file tls_cert_file tls_key_file "
      "tls_key_password tls_verify tls_server_name language stats_interval log_level run_mode "
      "dispatcher_threads max_inflight max_inflight_bytes queue_full_policy event_queue_capacity "
      "client_ip reconnect_backoff_min reconnect_backoff_max heartbeat_v2 "
      "pull_batch_size_in_bytes pop_invisible_time pop_batch_size client_rebalance machine_room "
      "namespace_v2 tls_min_version decompress_max_bytes read_offset_type persist_interval "
      "auto_start events close_timeout runtime_max_inflight runtime_max_inflight_bytes";
  std::size_t count = 0;
  for_each_word(promised, ' ', [&](std::string_view name, std::size_t) {
    EXPECT_NE(find_option(name), nullptr) << name;
    ++count;
  });
  EXPECT_EQ(count, all_options().size());
}

TEST(OptionTable, says_all_there_is_to_say_about_each_option) {
  for (const OptionInfo* info : all_options()) {
    SCOPED_TRACE(info->name);
    EXPECT_LE(info->minimum, info->maximum);
    EXPECT_NE(info->owners, 0u);
    EXPECT_EQ(info->owners & ~31u, 0u);
    EXPECT_FALSE(info->sentence.empty());
    EXPECT_EQ(info->sentence.back(), '.');
    EXPECT_EQ(info->sentence.find('|'), std::string_view::npos) << "it is a cell of a table";
    EXPECT_FALSE(info->effective_since.empty());
    EXPECT_FALSE(kind_name(info->kind).empty());
    if (info->kind != OptionKind::kBoolean) {
      EXPECT_EQ(info->words.empty(), info->kind != OptionKind::kChoice);
    }
    if (info->kind == OptionKind::kInteger) {
      EXPECT_FALSE(info->unit.empty());
    }
    if (info->kind == OptionKind::kBoolean) {
      EXPECT_EQ(info->maximum, 1);
    }
  }
}

TEST(OptionTable, gives_choices_a_range_that_is_their_words) {
  for (const OptionInfo* info : all_options()) {
    if (info->words.empty()) continue;
    std::int64_t last = -1;
    for_each_value(*info, [&](std::string_view word, std::int64_t number, bool) {
      last = number;
      const auto value = parse_option_value(*info, word);
      ASSERT_TRUE(value.ok()) << word;
      EXPECT_EQ(value.value().number, last);
    });
    EXPECT_EQ(info->minimum, 0) << info->name;
    EXPECT_EQ(info->maximum, last) << info->name;
  }
}

TEST(OptionTable, gives_choices_the_numbers_of_their_types) {
  const auto number = [](OptionId id, std::string_view word) {
    return static_cast<int>(parse_option_value(option_info(id), word).value().number);
  };
  EXPECT_EQ(number(OptionId::kMessageModel, "broadcasting"),
            static_cast<int>(MessageModel::kBroadcasting));
  EXPECT_EQ(number(OptionId::kConsumeFromWhere, "first"),
            static_cast<int>(ConsumeFromWhere::kFirst));
  EXPECT_EQ(number(OptionId::kConsumeFromWhere, "timestamp"),
            static_cast<int>(ConsumeFromWhere::kTimestamp));
  EXPECT_EQ(number(OptionId::kCompressType, "lz4"), static_cast<int>(CompressType::kLz4));
  EXPECT_EQ(number(OptionId::kCompressType, "zstd"), static_cast<int>(CompressType::kZstd));
  EXPECT_EQ(number(OptionId::kQueueFullPolicy, "error"), static_cast<int>(QueueFullPolicy::kError));
  EXPECT_EQ(number(OptionId::kRunMode, "driven"), static_cast<int>(RunMode::kDriven));
  EXPECT_EQ(number(OptionId::kLogLevel, "debug"), static_cast<int>(LogLevel::kDebug));
  EXPECT_EQ(number(OptionId::kTlsMinVersion, "1.3"), static_cast<int>(TlsMinVersion::k1_3));
  EXPECT_EQ(number(OptionId::kReadOffsetType, "store"), static_cast<int>(ReadOffsetType::kStore));
  EXPECT_EQ(number(OptionId::kAllocateMessageQueueStrategy, "machine_room_nearby"),
            static_cast<int>(AllocateStrategy::kMachineRoomNearby));
  EXPECT_EQ(number(OptionId::kAllocateMessageQueueStrategy, "callback"),
            static_cast<int>(AllocateStrategy::kCallback));
}

TEST(OptionTable, numbers_languages_as_rocketmq_does) {
  const OptionInfo& language = option_info(OptionId::kLanguage);
  const std::pair<std::string_view, int> codes[] = {{"java", 0},  {"cpp", 1},     {"python", 3},
                                                    {"other", 7}, {"go", 9},      {"php", 10},
                                                    {"rust", 12}, {"node_js", 13}};
  for (const auto& [word, code] : codes) {
    EXPECT_EQ(parse_option_value(language, word).value().number, code) << word;
  }
}

TEST(OptionTable, has_defaults_in_plain_form_and_range) {
  for (const OptionInfo* info : all_options()) {
    for (const char* plain : {info->default_value, info->low_level_default}) {
      if (plain == nullptr) continue;
      const auto value = parse_option_value(*info, plain);
      ASSERT_TRUE(value.ok()) << value.error().message;
      EXPECT_EQ(value.value().text, plain) << info->name;
      EXPECT_EQ(info->has_effect(value.value().number), info->has_effect()) << info->name;
    }
    if (info->is_number()) {
      EXPECT_NE(info->default_value, nullptr) << info->name;
    }
  }
}

TEST(OptionTable, takes_the_defaults_of_java) {
  const std::pair<std::string_view, std::string_view> defaults[] = {
      {"send_msg_timeout", "3000"},
      {"retry_times_when_send_failed", "2"},
      {"max_message_size", "4194304"},
      {"compress_msg_body_over_howmuch", "4096"},
      {"compress_level", "5"},
      {"consume_thread_num", "20"},
      {"consume_message_batch_max_size", "1"},
      {"pull_batch_size", "32"},
      {"pull_threshold_for_queue", "1000"},
      {"pull_threshold_size_for_queue", "100"},
      {"consume_concurrently_max_span", "2000"},
      {"consume_timeout", "900000"},
      {"max_reconsume_times", "-1"},
      {"poll_name_server_interval", "30000"},
      {"heartbeat_broker_interval", "30000"},
      {"persist_consumer_offset_interval", "5000"},
      {"pop_invisible_time", "60000"},
      {"connect_timeout", "3000"},
      {"idle_timeout", "120000"},
      {"consume_from_where", "last"},
      {"default_topic_queue_nums", "4"},
  };
  for (const auto& [name, plain] : defaults) {
    ASSERT_NE(find_option(name), nullptr) << name;
    EXPECT_EQ(find_option(name)->default_value, plain) << name;
  }
  EXPECT_EQ(option_info(OptionId::kNamesrvDomain).default_value, nullptr)
      << "a library asks nobody that it was not told of";
}

TEST(OptionTable, verifies_tls_and_hides_secrets_unless_told_otherwise) {
  EXPECT_STREQ(option_info(OptionId::kTlsVerify).default_value, "true");
  for (const OptionId id : {OptionId::kSecretKey, OptionId::kSecurityToken,
                            OptionId::kTlsKeyPassword, OptionId::kSocksProxy}) {
    EXPECT_TRUE(option_info(id).is_secret()) << option_info(id).name;
  }
}

TEST(OptionSuggestion, knows_other_spellings) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"namesrvAddr", "namesrv_addr"},
      {"sendMsgTimeout", "send_msg_timeout"},
      {"tls.enable", "tls_enable"},
      {"send-msg-timeout", "send_msg_timeout"},
      {"SEND_MSG_TIMEOUT", "send_msg_timeout"},
      {"consumeMessageBatchMaxSize", "consume_message_batch_max_size"},
      {"nameSrvAddr", "namesrv_addr"},
      {"vipChannelEnabled", "vip_channel_enabled"},
      {"retryAnotherBrokerWhenNotStoreOK", "retry_another_broker_when_not_store_ok"},
      {"tls.client.trustCertPath", "tls_ca_file"},
  };
  for (const auto& [given, meant] : cases) {
    const OptionInfo* info = suggest_option(given);
    ASSERT_NE(info, nullptr) << given;
    EXPECT_EQ(info->name, meant) << given;
  }
}

TEST(OptionSuggestion, forgives_slips_of_the_finger) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"namesvr_addr", "namesrv_addr"},
      {"conect_timeout", "connect_timeout"},
      {"send_message_timeout", "send_msg_timeout"},
      {"tls_enabled", "tls_enable"},
      {"consume_thread_nums", "consume_thread_num"},
      {"producer_gruop", "producer_group"},
  };
  for (const auto& [given, meant] : cases) {
    const OptionInfo* info = suggest_option(given);
    ASSERT_NE(info, nullptr) << given;
    EXPECT_EQ(info->name, meant) << given;
  }
}

TEST(OptionSuggestion, stays_silent_when_nothing_is_close) {
  for (const std::string_view given : {"", "___", "x", "bootstrap.servers", "acks"}) {
    EXPECT_EQ(suggest_option(given), nullptr) << given << " -> " << suggest_option(given)->name;
  }
  EXPECT_EQ(suggest_option(std::string(100000, 'n')), nullptr);
}

TEST(OptionPage, is_what_the_table_says) {
  std::ifstream file(RMQ_OPTIONS_PAGE, std::ios::binary);
  ASSERT_TRUE(file.is_open()) << RMQ_OPTIONS_PAGE;
  std::stringstream page;
  page << file.rdbuf();
  EXPECT_TRUE(page.str() == render_option_page())
      << "docs/options.md is out of date; build and run rmq_option_docs > docs/options.md";
}

}  // namespace
}  // namespace rmq::config
