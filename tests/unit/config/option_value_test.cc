#include "config/option_value.h"

#include <gtest/gtest.h>

#include <string>

namespace rmq::config {
namespace {

using base::ErrorCode;

bool is_text_kind(const OptionInfo& info) {
  return info.kind == OptionKind::kText || info.kind == OptionKind::kSecret ||
         info.kind == OptionKind::kFile;
}

// Empty when the value is refused.
std::string plain(OptionId id, std::string_view text) {
  auto value = parse_option_value(option_info(id), text);
  if (!value.ok()) {
    EXPECT_EQ(value.error().code, ErrorCode::OPTION_VALUE);
    return {};
  }
  return value.value().text;
}

TEST(OptionValue, takes_both_ends_of_each_range_and_nothing_beyond) {
  for (std::size_t i = 0; option_at(i) != nullptr; ++i) {
    const OptionInfo& info = *option_at(i);
    if (!info.is_number() || info.kind == OptionKind::kBoolean ||
        info.kind == OptionKind::kChoice) {
      continue;
    }
    SCOPED_TRACE(info.name);
    EXPECT_TRUE(parse_option_value(info, std::to_string(info.minimum)).ok());
    EXPECT_TRUE(parse_option_value(info, std::to_string(info.maximum)).ok());
    const auto below = parse_option_value(info, std::to_string(info.minimum - 1));
    const auto above = parse_option_value(info, std::to_string(info.maximum + 1));
    ASSERT_FALSE(below.ok());
    ASSERT_FALSE(above.ok());
    for (const auto* refused : {&below, &above}) {
      const base::Error& error = refused->error();
      EXPECT_EQ(error.code, ErrorCode::OPTION_VALUE);
      EXPECT_NE(error.message.find(info.name), std::string::npos) << error.message;
      EXPECT_NE(error.message.find(std::to_string(info.maximum)), std::string::npos);
      EXPECT_NE(error.message.find(info.unit), std::string::npos) << error.message;
    }
  }
}

TEST(OptionValue, bounds_the_length_of_texts) {
  for (std::size_t i = 0; option_at(i) != nullptr; ++i) {
    const OptionInfo& info = *option_at(i);
    if (!is_text_kind(info)) continue;
    const auto maximum = static_cast<std::size_t>(info.maximum);
    EXPECT_TRUE(parse_option_value(info, std::string(maximum, 'a')).ok()) << info.name;
    EXPECT_FALSE(parse_option_value(info, std::string(maximum + 1, 'a')).ok()) << info.name;
    EXPECT_FALSE(parse_option_value(info, "").ok()) << info.name;
  }
}

TEST(OptionValue, refuses_what_is_no_value_of_any_option) {
  for (std::size_t i = 0; option_at(i) != nullptr; ++i) {
    const OptionInfo& info = *option_at(i);
    EXPECT_FALSE(parse_option_value(info, std::string_view("a\0b", 3)).ok()) << info.name;
    EXPECT_FALSE(parse_option_value(info, "\xc3\x28").ok()) << info.name;
    EXPECT_FALSE(parse_option_value(info, "\xed\xa0\x80").ok()) << info.name;
    if (is_text_kind(info)) continue;
    for (const std::string_view junk : {"", " ", "\n", "abc!", "1e3", "0x10", "+5", "--1", "1 2"}) {
      EXPECT_FALSE(parse_option_value(info, junk).ok()) << info.name << " took " << junk;
    }
  }
}

TEST(OptionValue, understands_suffixes_of_durations) {
  const OptionId id = OptionId::kConsumeTimeout;
  EXPECT_EQ(plain(id, "5000"), "5000");
  EXPECT_EQ(plain(id, "5000ms"), "5000");
  EXPECT_EQ(plain(id, "5s"), "5000");
  EXPECT_EQ(plain(id, "15m"), "900000");
  EXPECT_EQ(plain(id, "15M"), "900000");
  EXPECT_EQ(plain(id, "15h"), "");
  EXPECT_EQ(plain(id, "1.5s"), "");
  EXPECT_EQ(plain(id, "5 s"), "");
  EXPECT_EQ(plain(id, "s"), "");
  EXPECT_EQ(plain(id, "9223372036854775807m"), "");
  EXPECT_EQ(plain(id, "-9223372036854775808m"), "");
  EXPECT_EQ(plain(id, "99999999999999999999"), "");
}

TEST(OptionValue, understands_suffixes_of_sizes) {
  EXPECT_EQ(plain(OptionId::kMaxMessageSize, "64k"), "65536");
  EXPECT_EQ(plain(OptionId::kMaxMessageSize, "4m"), "4194304");
  EXPECT_EQ(plain(OptionId::kMaxMessageSize, "4M"), "4194304");
  EXPECT_EQ(plain(OptionId::kMaxMessageSize, "4s"), "");
  EXPECT_EQ(plain(OptionId::kPullThresholdSizeForQueue, "100"), "100");
  EXPECT_EQ(plain(OptionId::kPullThresholdSizeForQueue, "100m"), "") << "MiB already";
  EXPECT_EQ(plain(OptionId::kPullBatchSize, "1k"), "") << "not a size in bytes";
}

TEST(OptionValue, understands_booleans_and_words_in_any_case) {
  for (const std::string_view yes : {"true", "True", "TRUE", "1", "yes", "on"}) {
    EXPECT_EQ(plain(OptionId::kTlsEnable, yes), "true") << yes;
  }
  for (const std::string_view no : {"false", "False", "0", "no", "off"}) {
    EXPECT_EQ(plain(OptionId::kTlsEnable, no), "false") << no;
  }
  EXPECT_EQ(plain(OptionId::kTlsEnable, "2"), "");
  EXPECT_EQ(plain(OptionId::kMessageModel, "BROADCASTING"), "broadcasting");
  EXPECT_EQ(plain(OptionId::kMessageModel, "1"), "");
  EXPECT_EQ(plain(OptionId::kMessageModel, "clustering|broadcasting"), "");
}

TEST(OptionValue, lists_the_words_of_a_choice_when_refusing) {
  const auto refused = parse_option_value(option_info(OptionId::kCompressType), "gzip");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message,
            "option compress_type: got `gzip`, expected one of zlib, lz4, zstd");
  const auto misspelt = parse_option_value(option_info(OptionId::kMessageModel), "broadcast");
  ASSERT_FALSE(misspelt.ok());
  EXPECT_EQ(misspelt.error().message, "option message_model: got `broadcast`, expected clustering");
}

TEST(OptionValue, checks_each_address_of_a_list) {
  const OptionId id = OptionId::kNamesrvAddr;
  EXPECT_EQ(plain(id, "10.0.0.1:9876"), "10.0.0.1:9876");
  EXPECT_EQ(plain(id, " a:9876 ; b:9876; "), "a:9876;b:9876");
  EXPECT_EQ(plain(id, "[::1]:9876;::1:9876"), "[::1]:9876;::1:9876");
  EXPECT_EQ(plain(id, "[fe80::1%eth0]:9876"), "[fe80::1%eth0]:9876");
  for (const std::string_view bad :
       {";", "a", "a:", ":9876", "a:0", "a:65536", "a:-1", "a:98x", "a b:9876", "a:9876,b:9876",
        "[]:9876", "a:9876;b", "a:b:9876", "a=b:9876"}) {
    EXPECT_EQ(plain(id, bad), "") << bad;
  }
  const auto url = parse_option_value(option_info(id), "http://a:9876");
  ASSERT_FALSE(url.ok());
  EXPECT_NE(url.error().hint.find("http://"), std::string::npos);
  EXPECT_EQ(plain(id, std::string(16384, 'a') + ":9876"), "");
}

TEST(OptionValue, checks_both_sides_of_an_address_map) {
  const OptionId id = OptionId::kAddressMap;
  EXPECT_EQ(plain(id, "172.17.0.2:10911 = 127.0.0.1:20911"), "172.17.0.2:10911=127.0.0.1:20911");
  EXPECT_EQ(plain(id, "172.17.0.2=localhost;10.0.0.1=b"), "172.17.0.2=localhost;10.0.0.1=b");
  for (const std::string_view bad : {"a", "a=", "=b", "a:1=b", "a=b:1", "a=b=c", "a:0=b:1"}) {
    EXPECT_EQ(plain(id, bad), "") << bad;
  }
}

TEST(OptionValue, takes_timestamps_that_exist) {
  const OptionId id = OptionId::kConsumeTimestamp;
  EXPECT_EQ(plain(id, "20240229235959"), "20240229235959");
  for (const std::string_view bad :
       {"20230229000000", "20241301000000", "20240100000000", "20240101240000", "20240101006000",
        "2024010100000", "202401010000000", "19691231235959", "2024-1-1000000"}) {
    EXPECT_EQ(plain(id, bad), "") << bad;
  }
}

TEST(OptionValue, never_repeats_a_secret) {
  const std::string secret = "hunter2" + std::string(5000, 'x');
  for (const OptionId id : {OptionId::kSecretKey, OptionId::kSecurityToken,
                            OptionId::kTlsKeyPassword, OptionId::kSocksProxy}) {
    const auto refused = parse_option_value(option_info(id), secret);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().message.find("hunter2"), std::string::npos);
  }
}

// A file that became a secret ends with a line end, a copied text begins with what nobody sees.
TEST(OptionValue, loses_the_blanks_around_it_whatever_its_kind) {
  for (const std::string_view blank :
       {" ", "\n", "\r\n", "\t", "\xc2\xa0", "\xe3\x80\x80", "\xef\xbb\xbf", "\xe2\x80\x8b"}) {
    const auto wrap = [blank](std::string_view value) {
      return std::string(blank) + std::string(value) + std::string(blank);
    };
    EXPECT_EQ(plain(OptionId::kNamesrvAddr, wrap("host:9876")), "host:9876");
    EXPECT_EQ(plain(OptionId::kConsumeTimeout, wrap("5s")), "5000");
    EXPECT_EQ(plain(OptionId::kTlsEnable, wrap("true")), "true");
    EXPECT_EQ(plain(OptionId::kConsumeFromWhere, wrap("LAST")), "last");
    EXPECT_EQ(plain(OptionId::kConsumeTimestamp, wrap("20240229235959")), "20240229235959");
    EXPECT_EQ(plain(OptionId::kTlsCaFile, wrap("/etc/a b.pem")), "/etc/a b.pem");
    EXPECT_EQ(plain(OptionId::kAccessKey, wrap("key")), "key");
    EXPECT_EQ(plain(OptionId::kSecretKey, wrap("secret")), "secret");
    EXPECT_EQ(plain(OptionId::kSecurityToken, wrap("token")), "token");
    EXPECT_EQ(plain(OptionId::kTlsKeyPassword, wrap("pass word")), "pass word");
  }
}

TEST(OptionValue, holds_no_control_character) {
  for (const std::string_view bad : {"a\nb", "a\x01",
                                     "\x7f"
                                     "a",
                                     "a\x1b[31m", "a\xc2\x9b"}) {
    for (const OptionId id :
         {OptionId::kInstanceName, OptionId::kTlsCaFile, OptionId::kSecretKey}) {
      const auto refused = parse_option_value(option_info(id), bad);
      ASSERT_FALSE(refused.ok()) << option_info(id).name;
      EXPECT_NE(refused.error().message.find("control character"), std::string::npos);
    }
  }
}

TEST(OptionValue, understands_the_words_of_java) {
  EXPECT_EQ(plain(OptionId::kConsumeFromWhere, "CONSUME_FROM_LAST_OFFSET"), "last");
  EXPECT_EQ(plain(OptionId::kConsumeFromWhere, "CONSUME_FROM_FIRST_OFFSET"), "first");
  EXPECT_EQ(plain(OptionId::kConsumeFromWhere, "CONSUME_FROM_TIMESTAMP"), "timestamp");
  EXPECT_EQ(plain(OptionId::kMessageModel, "CLUSTERING"), "clustering");
  EXPECT_EQ(plain(OptionId::kAllocateMessageQueueStrategy, "AVG"), "avg");
}

TEST(OptionValue, brings_addresses_into_one_form) {
  const OptionId id = OptionId::kNamesrvAddr;
  EXPECT_EQ(plain(id, "127.0.0.1: 9876;127.0.0.1: 9877"), "127.0.0.1:9876;127.0.0.1:9877");
  EXPECT_EQ(plain(id,
                  "a :9876\xc2\xa0;\xef\xbb\xbf"
                  "b:9876"),
            "a:9876;b:9876");
  EXPECT_EQ(plain(id, "a:9876;a:9876; a:9876"), "a:9876");
  EXPECT_EQ(plain(id, "a:9876;\n"), "a:9876");
}

TEST(OptionValue, quotes_the_entry_of_a_list_that_is_wrong) {
  const OptionInfo& info = option_info(OptionId::kNamesrvAddr);
  std::string list;
  for (const char digit : {'0', '1', '2', '3', '4'}) {
    list +=
        "rmq-namesrv-" + std::string(1, digit) + ".rmq-namesrv.middleware.svc.cluster.local:9876;";
  }
  list.resize(list.rfind(':'));
  const auto no_port = parse_option_value(info, list);
  ASSERT_FALSE(no_port.ok());
  EXPECT_NE(no_port.error().message.find(
                "`rmq-namesrv-4.rmq-namesrv.middleware.svc.cluster.local`, which has no port"),
            std::string::npos)
      << no_port.error().message;
  EXPECT_EQ(no_port.error().message.find("rmq-namesrv-0"), std::string::npos);

  const auto wide = parse_option_value(info,
                                       "a:9876\xef\xbc\x9b"
                                       "b:9876");
  ASSERT_FALSE(wide.ok());
  EXPECT_NE(wide.error().message.find("`a:9876\\xEF\\xBC\\x9Bb:9876`"), std::string::npos)
      << wide.error().message;
  EXPECT_NE(wide.error().hint.find("ASCII"), std::string::npos) << wide.error().hint;
  const auto host = parse_option_value(info,
                                       "a\xef\xbc\x9b"
                                       "b:9876");
  EXPECT_FALSE(host.ok());
}

}  // namespace
}  // namespace rmq::config
