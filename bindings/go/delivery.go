package rocketmqc

import (
	"runtime"
	"sync"
	"time"
)

// ReceivedMessage is a message as the broker gave it, copied.
type ReceivedMessage struct {
	Topic           string
	Body            []byte // decompressed
	BodyError       error  // why the body could not be read; Body is then what was stored
	Tags            string
	Keys            string
	MessageID       string // the sender's unique id, or else the offset message id
	OffsetMessageID string
	BornHost        string
	StoreHost       string
	QueueID         int32
	QueueOffset     int64
	BornTime        time.Time
	StoreTime       time.Time
	ReconsumeTimes  int32
	Flag            int32
	Properties      map[string]string
}

// Delivery is some messages of one queue, to be answered once, by any goroutine. One that is forgotten, or closed unanswered, comes
// again: without being counted if nobody called Messages, else later, with one more of ReconsumeTimes.
type Delivery struct {
	Topic      string // of the queue; of messages that come again it is %RETRY% and the group
	BrokerName string
	QueueID    int32
	Epoch      uint64 // which holding of the queue this belongs to

	count    int
	mutex    sync.Mutex
	event    *ffiEvent         // nil once answered or closed
	messages []ReceivedMessage // nil until they are read
}

// Takes over an owned event. Its messages are not looked at: the library would count them as shown.
func newDelivery(event *ffiEvent) *Delivery {
	view, _ := rmqEventDelivery(event)
	d := &Delivery{
		Topic:      goText(view.topic, view.topic_bytes),
		BrokerName: goText(view.broker_name, view.broker_name_bytes),
		QueueID:    int32(view.queue_id),
		Epoch:      uint64(view.epoch),
		count:      int(view.message_count),
		event:      event,
	}
	runtime.SetFinalizer(d, func(d *Delivery) { rmqEventDestroy(d.event) })
	return d
}

// Messages gives the messages, in the order of their queue. The first call copies them; the copies outlive the delivery. It gives
// nil when the delivery was closed before anybody looked.
func (d *Delivery) Messages() []ReceivedMessage {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.read()
	return d.messages
}

func (d *Delivery) read() {
	if d.messages != nil || d.event == nil {
		return
	}
	views := make([]ffiMessageView, d.count) // in Go memory: what they point to is the library's
	views = views[:rmqEventMessages(d.event, 0, views)]
	d.messages = make([]ReceivedMessage, len(views))
	for i := range views {
		d.messages[i] = readMessage(&views[i])
	}
}

func readMessage(view *ffiMessageView) ReceivedMessage {
	message := ReceivedMessage{
		Topic:           goText(view.topic, view.topic_bytes),
		Body:            goBytes(view.body, view.body_bytes),
		Tags:            goText(view.tags, view.tags_bytes),
		Keys:            goText(view.keys, view.keys_bytes),
		MessageID:       goText(view.message_id, view.message_id_bytes),
		OffsetMessageID: goText(view.offset_message_id, view.offset_message_id_bytes),
		BornHost:        goText(view.born_host, view.born_host_bytes),
		StoreHost:       goText(view.store_host, view.store_host_bytes),
		QueueID:         int32(view.queue_id),
		QueueOffset:     int64(view.queue_offset),
		BornTime:        time.UnixMilli(int64(view.born_timestamp_ms)),
		StoreTime:       time.UnixMilli(int64(view.store_timestamp_ms)),
		ReconsumeTimes:  int32(view.reconsume_times),
		Flag:            int32(view.flag),
		Properties:      make(map[string]string, int(view.property_count)),
	}
	if view.error_code != 0 {
		message.BodyError = readError(int32(view.error_code), view.error)
	}
	for i := 0; i < int(view.property_count); i++ {
		name, value, _ := rmqMessagePropertyAt(view.message, i)
		message.Properties[name.String()] = value.String()
	}
	return message
}

// Answer answers for all messages. It fails with CodeStale when the queue is no longer held: others receive the messages.
func (d *Delivery) Answer(answer Answer, delay Delay) error {
	return d.end(func(event *ffiEvent) (int32, *ffiError) {
		return rmqEventAnswer(event, int32(answer), int32(delay))
	})
}

// AnswerEach answers message by message, as Answer does: those that are not consumed are delivered again later.
func (d *Delivery) AnswerEach(consumed []bool, delay Delay) error {
	bits := make([]byte, (len(consumed)+7)/8)
	for i, yes := range consumed {
		if yes {
			bits[i/8] |= 1 << (i % 8)
		}
	}
	return d.end(func(event *ffiEvent) (int32, *ffiError) { return rmqEventAnswerEach(event, bits, int32(delay)) })
}

// Close gives up the memory of a delivery that is not going to be answered, now instead of when it is collected. After an answer
// there is nothing left to close.
func (d *Delivery) Close() {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.destroy()
}

func (d *Delivery) destroy() {
	rmqEventDestroy(d.event)
	d.event = nil
}

// The memory of an answered event is given up: Go's collector does not see how much that is. Its messages stay as copies.
func (d *Delivery) end(answer func(*ffiEvent) (int32, *ffiError)) error {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.event == nil {
		return readError(int32(CodeAlreadyAnswered), nil)
	}
	code, object := answer(d.event)
	if Code(code) != CodeArgument { // which leaves the delivery open
		d.read()
		d.destroy()
	}
	return takeError(code, object)
}
