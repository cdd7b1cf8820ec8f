package rocketmqc

import "runtime"

// Message is a message to be sent, any number of times, or one that was received and kept. The first belongs to one goroutine
// at a time; the second never changes.
type Message struct {
	handle *ffiMessage
	pinned *PinnedBody
}

// NewMessage starts a message without a body.
func NewMessage(topic string) (*Message, error) {
	handle, code, object := rmqMessageNew(textIn(topic), nil, ffiText{}, ffiText{})
	if code != 0 {
		return nil, takeError(code, object)
	}
	return newMessage(handle), nil
}

// NewMessageOf makes a message with all that most messages have, in one call into the library. Empty tags or keys are none.
func NewMessageOf(topic string, body []byte, tags, keys string) (*Message, error) {
	if body == nil {
		body = []byte{} // a null pointer would mean that it is absent
	}
	handle, code, object := rmqMessageNew(textIn(topic), body, optionalTextIn(tags), optionalTextIn(keys))
	if code != 0 {
		return nil, takeError(code, object)
	}
	return newMessage(handle), nil
}

func newMessage(handle *ffiMessage) *Message {
	m := &Message{handle: handle}
	runtime.SetFinalizer(m, func(m *Message) { rmqMessageDestroy(m.handle) })
	return m
}

func newMessageFrom(source *ffiMessage, topic string) (*Message, error) {
	handle, code, object := rmqMessageNewFrom(source, optionalTextIn(topic))
	if code != 0 {
		return nil, takeError(code, object)
	}
	return newMessage(handle), nil
}

func retain(source *ffiMessage) (*Message, error) {
	handle := rmqMessageRetain(source)
	if handle == nil {
		return nil, readError(int32(CodeMemory), nil)
	}
	return newMessage(handle), nil
}

// NewMessage makes a message to be sent from this one: its body, tags, keys, sharding key, flag and the properties of its sender.
// What RocketMQ itself has put there is left out. An empty topic is that of this message.
func (m *Message) NewMessage(topic string) (*Message, error) {
	defer runtime.KeepAlive(m)
	return newMessageFrom(m.handle, topic)
}

// Read copies all fields and properties; of a message that is being built those that are set.
func (m *Message) Read() ReceivedMessage {
	defer runtime.KeepAlive(m)
	view, _ := rmqMessageView(m.handle)
	return readMessage(&view)
}

// Property finds a property by name.
func (m *Message) Property(name string) (string, bool) {
	defer runtime.KeepAlive(m)
	return property(m.handle, name)
}

// SetBody copies the body. Nil is an empty one.
func (m *Message) SetBody(body []byte) error {
	defer runtime.KeepAlive(m)
	if body == nil {
		body = []byte{}
	}
	err := takeError(rmqMessageSetBody(m.handle, body))
	if err == nil {
		m.pinned = nil
	}
	return err
}

// PinnedBody is memory outside of Go that messages and their sends share without a copy. It is freed when nothing refers to it
// any more: neither you, nor a message, nor a pending send.
type PinnedBody struct{ bytes []byte }

// NewPinnedBody makes a body of so many zero bytes.
func NewPinnedBody(count int) *PinnedBody {
	b := &PinnedBody{newStillBytes(count)}
	runtime.SetFinalizer(b, func(b *PinnedBody) { freeViews(b.bytes) })
	return b
}

// Bytes is the body, to be filled before the first message gets it. Keep the PinnedBody for as long as you use it.
func (b *PinnedBody) Bytes() []byte { return b.bytes }

// SetBodyPinned sets the body without a copy. It must not change from now on.
func (m *Message) SetBodyPinned(body *PinnedBody) error {
	defer runtime.KeepAlive(m)
	code, object := rmqMessageSetBodyPinned(m.handle, ffiPointer(body.bytes), len(body.bytes))
	if code == 0 {
		m.pinned = body
	}
	return takeError(code, object)
}

// SetTags sets the tag that consumers filter by; empty: none.
func (m *Message) SetTags(tags string) error {
	defer runtime.KeepAlive(m)
	return takeError(rmqMessageSetText(m.handle, int32(FieldTags), optionalTextIn(tags)))
}

// SetKeys sets the keys to find the message by, separated by spaces; empty: none.
func (m *Message) SetKeys(keys string) error {
	defer runtime.KeepAlive(m)
	return takeError(rmqMessageSetText(m.handle, int32(FieldKeys), optionalTextIn(keys)))
}

// SetText sets a field of text; empty: none.
func (m *Message) SetText(field MessageField, text string) error {
	defer runtime.KeepAlive(m)
	return takeError(rmqMessageSetText(m.handle, int32(field), optionalTextIn(text)))
}

// SetNumber sets a field that is a number: the flag, the delay level, or whether to wait for the store.
func (m *Message) SetNumber(field MessageField, number int64) error {
	defer runtime.KeepAlive(m)
	return takeError(rmqMessageSetNumber(m.handle, int32(field), number))
}

// SetProperty sets a property of yours.
func (m *Message) SetProperty(name, value string) error {
	defer runtime.KeepAlive(m)
	return takeError(rmqMessageSetProperty(m.handle, textIn(name), textIn(value)))
}

// RemoveProperty takes a property of yours away.
func (m *Message) RemoveProperty(name string) error {
	defer runtime.KeepAlive(m)
	return takeError(rmqMessageSetProperty(m.handle, textIn(name), ffiText{}))
}

// BrokerChooses is the queue id of a destination whose broker chooses the queue.
const BrokerChooses int32 = -1

// Destination names one queue of one broker, or is a way to choose one of the topic's queues. It never changes.
type Destination struct{ handle *ffiDestination }

// AnyQueue is no destination: any queue of the message's topic is chosen.
var AnyQueue *Destination

// The handle, which is nil for AnyQueue.
func (d *Destination) pointer() *ffiDestination {
	if d == nil {
		return nil
	}
	return d.handle
}

// NewDestination names a queue by the broker's address or, when that is empty, by the broker's name, whose address the topic's
// route has. The name may be empty beside an address.
func NewDestination(address, brokerName string, queueID int32) (*Destination, error) {
	handle, code, object := rmqDestinationNew(optionalTextIn(address), optionalTextIn(brokerName), queueID)
	if code != 0 {
		return nil, takeError(code, object)
	}
	return ownDestination(handle), nil
}

// NewSelectedDestination chooses a queue for each message. With a hash of the sharding key, and with a queue id,
// FlagOrdered keeps the order.
func NewSelectedDestination(selector Selector) (*Destination, error) {
	handle, code, object := rmqDestinationNewSelected(int32(selector), nil, nil)
	if code != 0 {
		return nil, takeError(code, object)
	}
	return ownDestination(handle), nil
}

func ownDestination(handle *ffiDestination) *Destination {
	d := &Destination{handle}
	runtime.SetFinalizer(d, func(d *Destination) { rmqDestinationDestroy(d.handle) })
	return d
}
