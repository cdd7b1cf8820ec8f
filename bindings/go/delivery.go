package rocketmqc

import (
	"runtime"
	"sync"
)

// Delivery is some messages of one queue, to be answered once, by any goroutine. One that is forgotten, or closed unanswered,
// comes again: without being counted if nobody called Messages, else later, with one more of ReconsumeTimes.
type Delivery struct {
	Topic      string // of the queue; of messages that come again it is %RETRY% and the group
	BrokerName string
	QueueID    int32
	Group      string
	Epoch      uint64 // which holding of the queue this belongs to
	Offset     int64  // of the first message in its queue

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
		Group:      goText(view.group, view.group_bytes),
		Epoch:      uint64(view.epoch),
		Offset:     int64(view.first_queue_offset),
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

// Retain keeps the message at an index, which then lives on its own.
func (d *Delivery) Retain(index int) (message *Message, err error) {
	return d.lend(index, func(lent *ffiMessage) (*Message, error) { return retain(lent) })
}

// NewMessage makes a message to be sent from the one at an index: see Message.NewMessage.
func (d *Delivery) NewMessage(index int, topic string) (*Message, error) {
	return d.lend(index, func(lent *ffiMessage) (*Message, error) { return newMessageFrom(lent, topic) })
}

// Lends a message of a delivery that is still open.
func (d *Delivery) lend(index int, use func(*ffiMessage) (*Message, error)) (*Message, error) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.event == nil {
		return nil, readError(int32(CodeAlreadyAnswered), nil)
	}
	views := make([]ffiMessageView, 1)
	if index < 0 || rmqEventMessages(d.event, index, views) == 0 {
		return nil, readError(int32(CodeArgument), nil)
	}
	return use(views[0].message)
}

// Answer answers for all messages. It fails with CodeStale when the queue is no longer held: others receive the messages.
func (d *Delivery) Answer(answer Answer, delay Delay) error {
	return d.end(func(event *ffiEvent) (int32, *ffiError) {
		return rmqEventAnswer(event, int32(answer), int64(delay))
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
	return d.end(func(event *ffiEvent) (int32, *ffiError) { return rmqEventAnswerEach(event, bits, int64(delay)) })
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
