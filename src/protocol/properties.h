// The properties text of a message (protocol.md 6.4): name \x01 value \x02, repeated. Looked
// through when asked, never turned into a map.
#pragma once

#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

namespace rmq::protocol {

inline constexpr char kNameEnd = '\x01';
inline constexpr char kPropertyEnd = '\x02';
inline constexpr std::size_t kPropertiesBytesMax = 32767;

struct Property {
  std::string_view name{};
  std::string_view value{};
  friend bool operator==(const Property&, const Property&) = default;
};

// A view; valid while the text is.
class Properties {
 public:
  explicit Properties(std::string_view text) : text_(text) {}

  // Steps over pieces that are no property: without a name, without a value, without \x01.
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Property;
    using difference_type = std::ptrdiff_t;
    using pointer = const Property*;
    using reference = const Property&;

    Iterator() = default;
    explicit Iterator(std::string_view rest) : rest_(rest), at_end_(false) { ++*this; }
    const Property& operator*() const { return property_; }
    const Property* operator->() const { return &property_; }
    Iterator& operator++();
    bool operator==(const Iterator& other) const {
      return at_end_ == other.at_end_ && (at_end_ || rest_.data() == other.rest_.data());
    }

   private:
    std::string_view rest_;
    Property property_;
    bool at_end_ = true;
  };

  Iterator begin() const { return Iterator(text_); }
  Iterator end() const { return {}; }

  // The last of equal names wins.
  std::optional<std::string_view> find(std::string_view name) const;
  std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

void append_property(std::string_view name, std::string_view value, std::string* text);

// Names that the library or the broker gives meaning to (protocol.md 7.3).
inline constexpr std::string_view kPropertyKeys = "KEYS";
inline constexpr std::string_view kPropertyTags = "TAGS";
inline constexpr std::string_view kPropertyWait = "WAIT";
inline constexpr std::string_view kPropertyDelay = "DELAY";
inline constexpr std::string_view kPropertyRetryTopic = "RETRY_TOPIC";
inline constexpr std::string_view kPropertyRealTopic = "REAL_TOPIC";
inline constexpr std::string_view kPropertyRealQueueId = "REAL_QID";
inline constexpr std::string_view kPropertyOriginMessageId = "ORIGIN_MESSAGE_ID";
inline constexpr std::string_view kPropertyTransactionPrepared = "TRAN_MSG";
inline constexpr std::string_view kPropertyProducerGroup = "PGROUP";
inline constexpr std::string_view kPropertyMinOffset = "MIN_OFFSET";
inline constexpr std::string_view kPropertyMaxOffset = "MAX_OFFSET";
inline constexpr std::string_view kPropertyReconsumeTime = "RECONSUME_TIME";
inline constexpr std::string_view kPropertyMaxReconsumeTimes = "MAX_RECONSUME_TIMES";
inline constexpr std::string_view kPropertyRegion = "MSG_REGION";
inline constexpr std::string_view kPropertyTraceOn = "TRACE_ON";
inline constexpr std::string_view kPropertyUniqKey = "UNIQ_KEY";
inline constexpr std::string_view kPropertyInstanceId = "INSTANCE_ID";
inline constexpr std::string_view kPropertyCorrelationId = "CORRELATION_ID";
inline constexpr std::string_view kPropertyReplyToClient = "REPLY_TO_CLIENT";
inline constexpr std::string_view kPropertyTtl = "TTL";
inline constexpr std::string_view kPropertyMessageType = "MSG_TYPE";
inline constexpr std::string_view kPropertyCluster = "CLUSTER";
inline constexpr std::string_view kPropertyPopCk = "POP_CK";
inline constexpr std::string_view kPropertyShardingKey = "__SHARDINGKEY";
inline constexpr std::string_view kPropertyTimerDelaySec = "TIMER_DELAY_SEC";
inline constexpr std::string_view kPropertyTimerDelayMs = "TIMER_DELAY_MS";
inline constexpr std::string_view kPropertyTimerDeliverMs = "TIMER_DELIVER_MS";
// When the wheel of a broker lets the message go: what the sender said, as whole seconds.
inline constexpr std::string_view kPropertyTimerOutMs = "TIMER_OUT_MS";
inline constexpr std::string_view kPropertyTimerDeleteKey = "TIMER_DEL_UNIQKEY";
inline constexpr std::string_view kPropertyPriority = "_SYS_MSG_PRIORITY_";
inline constexpr std::string_view kPropertyInnerNum = "INNER_NUM";

}  // namespace rmq::protocol
