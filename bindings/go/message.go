package rocketmqc

import "runtime"

// Message is a message to be sent, any number of times. It belongs to one goroutine at a time.
type Message struct{ handle *ffiMessage }

// NewMessage starts a message without a body.
func NewMessage(topic string) (*Message, error) {
	handle, code, object := rmqMessageNew(textIn(topic))
	if code != 0 {
		return nil, takeError(code, object)
	}
	m := &Message{handle}
	runtime.SetFinalizer(m, func(m *Message) { rmqMessageDestroy(m.handle) })
	return m, nil
}

// SetBody copies the body. Nil is an empty one.
func (m *Message) SetBody(body []byte) error {
	defer runtime.KeepAlive(m)
	if body == nil {
		body = []byte{} // a null pointer would mean that it is absent
	}
	return takeError(rmqMessageSetBody(m.handle, body))
}

// SetTags sets the tag that consumers filter by; empty: none.
func (m *Message) SetTags(tags string) error {
	defer runtime.KeepAlive(m)
	return takeError(rmqMessageSetTags(m.handle, optionalTextIn(tags)))
}

// SetKeys sets the keys to find the message by, separated by spaces; empty: none.
func (m *Message) SetKeys(keys string) error {
	defer runtime.KeepAlive(m)
	return takeError(rmqMessageSetKeys(m.handle, optionalTextIn(keys)))
}

// SetProperty sets a property of yours.
func (m *Message) SetProperty(name, value string) error {
	defer runtime.KeepAlive(m)
	return takeError(rmqMessageSetProperty(m.handle, textIn(name), textIn(value)))
}

// BrokerChooses is the queue id of a destination whose broker chooses the queue.
const BrokerChooses int32 = -1

// Destination names one queue of one broker. It never changes.
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
	d := &Destination{handle}
	runtime.SetFinalizer(d, func(d *Destination) { rmqDestinationDestroy(d.handle) })
	return d, nil
}
