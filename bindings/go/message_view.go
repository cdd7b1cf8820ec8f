package rocketmqc

import (
	"runtime"
	"time"
	"unsafe"
)

// ReceivedMessage is a message as the broker gave it, copied.
type ReceivedMessage struct {
	Topic                     string
	Body                      []byte // decompressed
	BodyError                 error  // why the body could not be read; Body is then what was stored
	Tags                      string
	Keys                      string
	MessageID                 string // the sender's unique id, or else the offset message id
	OffsetMessageID           string
	BornHost                  string
	StoreHost                 string
	BrokerName                string // of the broker that it was pulled from
	RawProperties             []byte // all properties in RocketMQ's own form; empty when there are none
	QueueID                   int32
	QueueOffset               int64
	CommitLogOffset           int64
	PreparedTransactionOffset int64
	BornTime                  time.Time
	StoreTime                 time.Time
	ReconsumeTimes            int32
	Flag                      int32
	SysFlag                   int32 // as stored
	BodyCRC                   int32 // as stored
	StoreSize                 int32 // bytes of the message as stored; 0 for one that is being built
	Properties                map[string]string
}

// MessageView is a message that a batch lends. Texts are copied when they are asked for, the body is not.
type MessageView struct {
	view  *ffiMessageView
	owner *Batch
}

// Gives a value that was read from what owner lends, and keeps owner from being collected until then.
func read[T any](owner *Batch, value T) T {
	runtime.KeepAlive(owner)
	return value
}

// Topic is the topic of the message.
func (m MessageView) Topic() string { return read(m.owner, goText(m.view.topic, m.view.topic_bytes)) }

// Body is the decompressed body, not copied: it is gone when the batch is released.
func (m MessageView) Body() []byte { return read(m.owner, lentBytes(m.view.body, m.view.body_bytes)) }

// BodyError tells why the body could not be read; Body is then what was stored.
func (m MessageView) BodyError() error {
	defer runtime.KeepAlive(m.owner)
	if m.view.error_code == 0 {
		return nil
	}
	return readError(int32(m.view.error_code), m.view.error)
}

// Tags is the tag that consumers filter by.
func (m MessageView) Tags() string { return read(m.owner, goText(m.view.tags, m.view.tags_bytes)) }

// Keys are the keys, separated by spaces.
func (m MessageView) Keys() string { return read(m.owner, goText(m.view.keys, m.view.keys_bytes)) }

// MessageID is the sender's unique id, or else the offset message id.
func (m MessageView) MessageID() string {
	return read(m.owner, goText(m.view.message_id, m.view.message_id_bytes))
}

// QueueID is the queue.
func (m MessageView) QueueID() int32 { return read(m.owner, int32(m.view.queue_id)) }

// QueueOffset is the place in the queue.
func (m MessageView) QueueOffset() int64 { return read(m.owner, int64(m.view.queue_offset)) }

// BornTime is when the message was made.
func (m MessageView) BornTime() time.Time {
	return read(m.owner, time.UnixMilli(int64(m.view.born_timestamp_ms)))
}

// StoreTime is when the message was stored.
func (m MessageView) StoreTime() time.Time {
	return read(m.owner, time.UnixMilli(int64(m.view.store_timestamp_ms)))
}

// ReconsumeTimes tells how often the message was delivered before.
func (m MessageView) ReconsumeTimes() int32 { return read(m.owner, int32(m.view.reconsume_times)) }

// Property finds a property by name, with a call into the library.
func (m MessageView) Property(name string) (string, bool) {
	defer runtime.KeepAlive(m.owner)
	return property(m.view.message, name)
}

// Retain keeps the message, which then lives on its own.
func (m MessageView) Retain() (*Message, error) {
	defer runtime.KeepAlive(m.owner)
	return retain(m.view.message)
}

// NewMessage makes a message to be sent from this one: see Message.NewMessage.
func (m MessageView) NewMessage(topic string) (*Message, error) {
	defer runtime.KeepAlive(m.owner)
	return newMessageFrom(m.view.message, topic)
}

// Copy copies all fields and properties.
func (m MessageView) Copy() ReceivedMessage { return read(m.owner, readMessage(m.view)) }

func readMessage(view *ffiMessageView) ReceivedMessage {
	message := ReceivedMessage{
		Topic:                     goText(view.topic, view.topic_bytes),
		Body:                      goBytes(view.body, view.body_bytes),
		Tags:                      goText(view.tags, view.tags_bytes),
		Keys:                      goText(view.keys, view.keys_bytes),
		MessageID:                 goText(view.message_id, view.message_id_bytes),
		OffsetMessageID:           goText(view.offset_message_id, view.offset_message_id_bytes),
		BornHost:                  goText(view.born_host, view.born_host_bytes),
		StoreHost:                 goText(view.store_host, view.store_host_bytes),
		BrokerName:                goText(view.broker_name, view.broker_name_bytes),
		RawProperties:             goBytes(unsafe.Pointer(view.properties), view.properties_bytes),
		QueueID:                   int32(view.queue_id),
		QueueOffset:               int64(view.queue_offset),
		CommitLogOffset:           int64(view.commit_log_offset),
		PreparedTransactionOffset: int64(view.prepared_transaction_offset),
		BornTime:                  time.UnixMilli(int64(view.born_timestamp_ms)),
		StoreTime:                 time.UnixMilli(int64(view.store_timestamp_ms)),
		ReconsumeTimes:            int32(view.reconsume_times),
		Flag:                      int32(view.flag),
		SysFlag:                   int32(view.sys_flag),
		BodyCRC:                   int32(view.body_crc),
		StoreSize:                 int32(view.store_size),
		Properties:                make(map[string]string, int(view.property_count)),
	}
	if view.error_code != 0 {
		message.BodyError = readError(int32(view.error_code), view.error)
	}
	properties := make([]ffiPropertyView, int(view.property_count))
	for _, property := range properties[:rmqMessageProperties(view.message, 0, properties)] {
		message.Properties[goText(property.name, property.name_bytes)] = goText(property.value, property.value_bytes)
	}
	return message
}

func property(message *ffiMessage, name string) (string, bool) {
	value := rmqMessageProperty(message, textIn(name))
	return value.String(), value.pointer != nil
}

// DecodeMessages reads messages as brokers store them, one after another. One whose body cannot be read carries its BodyError.
func DecodeMessages(stored []byte) ([]ReceivedMessage, error) {
	if stored == nil {
		stored = []byte{}
	}
	list, code, object := rmqMessageListDecode(stored)
	if code != 0 {
		return nil, takeError(code, object)
	}
	defer rmqMessageListDestroy(list)
	views := newViews[ffiMessageView](rmqMessageListCount(list))
	defer freeViews(views)
	messages := make([]ReceivedMessage, rmqMessageListViews(list, 0, views))
	for i := range messages {
		messages[i] = readMessage(&views[i])
	}
	return messages, nil
}
