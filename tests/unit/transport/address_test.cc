#include "transport/address.h"

#include <gtest/gtest.h>

namespace rmq::transport {
namespace {

TEST(HostPort, splits_at_the_last_colon_and_takes_brackets_off) {
  struct Case {
    const char* text;
    const char* host;
    std::uint16_t port;
    const char* shown;
  };
  for (const Case& c : {
           Case{"broker-a:10911", "broker-a", 10911, "broker-a:10911"},
           Case{"1.2.3.4:1", "1.2.3.4", 1, "1.2.3.4:1"},
           Case{"[::1]:65535", "::1", 65535, "[::1]:65535"},
           Case{"::1:9876", "::1", 9876, "[::1]:9876"},
           Case{"2001:db8::7:9876", "2001:db8::7", 9876, "[2001:db8::7]:9876"},
           Case{"[fe80::1%1]:80", "fe80::1%1", 80, "[fe80::1%1]:80"},
       }) {
    const auto parsed = HostPort::parse(c.text);
    ASSERT_TRUE(parsed.ok()) << c.text << ": " << parsed.error().message;
    EXPECT_EQ(parsed.value().host, c.host);
    EXPECT_EQ(parsed.value().port, c.port);
    EXPECT_EQ(parsed.value().to_text(), c.shown);
  }
}

TEST(HostPort, says_what_is_wrong_with_an_address) {
  struct Case {
    std::string text;
    const char* what;
  };
  const std::string long_host(300, 'h');
  for (const Case& c :
       {Case{"", "is empty"}, Case{"broker", "has no port"}, Case{":80", "has no host"},
        Case{"[]:80", "has no host"}, Case{"[::1:80", "has '[' but no ']'"},
        Case{"[1.2.3.4]:80", "no IPv6 address"}, Case{"a:b:80", "no IPv6 address"},
        Case{"a:", "between 1 and 65535"}, Case{"a:0", "between 1 and 65535"},
        Case{"a:65536", "between 1 and 65535"}, Case{"a:+80", "between 1 and 65535"},
        Case{"a:99999999999999999999", "between 1 and 65535"}, Case{"a b:80", "has a byte"},
        Case{std::string("a\0b:80", 6), "has a byte"}, Case{long_host + ":80", "limit"}}) {
    const auto parsed = HostPort::parse(c.text);
    ASSERT_FALSE(parsed.ok()) << c.text;
    EXPECT_EQ(parsed.error().code, base::ErrorCode::ARGUMENT);
    EXPECT_NE(parsed.error().message.find(c.what), std::string::npos) << parsed.error().message;
    EXPECT_LT(parsed.error().message.size(), 200u);
  }
}

TEST(SocketAddress, reads_literals_and_nothing_else) {
  SocketAddress address;
  ASSERT_TRUE(SocketAddress::parse_literal("10.0.0.7", 99, &address));
  EXPECT_FALSE(address.v6);
  EXPECT_EQ(address.to_text(), "10.0.0.7:99");
  ASSERT_TRUE(SocketAddress::parse_literal("2001:db8::1", 99, &address));
  EXPECT_TRUE(address.v6);
  EXPECT_EQ(address.to_text(), "[2001:db8::1]:99");
  ASSERT_TRUE(SocketAddress::parse_literal("fe80::1%3", 99, &address));
  EXPECT_EQ(address.scope_id, 3u);
  EXPECT_EQ(address.to_text(), "[fe80::1%3]:99");
  for (const char* name : {"", "localhost", "1.2.3", "1.2.3.4.5", "::g", "1.2.3.4%1", "fe80::1%",
                           "fe80::1%no-such-interface", "0x7f.1",
                           "1111:2222:3333:4444:5555:6666:7777:8888:9999:0000:1111:2222"}) {
    EXPECT_FALSE(SocketAddress::parse_literal(name, 1, &address)) << name;
  }
}

}  // namespace
}  // namespace rmq::transport
