package rocketmqc

import "sync"

// Result tells where a message was stored.
type Result struct {
	Status      SendStatus
	QueueID     int32
	QueueOffset int64
	MessageID   string
	BrokerName  string
}

// A token is the number of a call, counted from 1, and the index of the message in it. Numbers are never used again, so a late
// cancel hits nobody else.
const (
	indexBits   = 24
	packedLimit = 1 << indexBits
)

// One call that sent one or more messages.
type sendCall struct {
	done func(index int, result Result, err error)
	left int // messages without their event yet
}

// One message that has ended.
type sendEnd struct {
	call   *sendCall
	index  int
	result Result
	err    error
}

func (e *sendEnd) tell() {
	if e.call != nil {
		e.call.done(e.index, e.result, e.err)
	}
}

type sendTable struct {
	mutex  sync.Mutex
	calls  map[uint64]*sendCall
	number uint64 // of the latest call
}

// Adds a call of count messages and gives the token of the first.
func (t *sendTable) add(count int, done func(int, Result, error)) uint64 {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.number++
	t.calls[t.number] = &sendCall{done, count}
	return t.number << indexBits
}

// Takes back messages that the library refused, and will yield no event for.
func (t *sendTable) remove(token uint64, count int) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.end(token>>indexBits, t.calls[token>>indexBits], count)
}

func (t *sendTable) end(number uint64, call *sendCall, count int) {
	call.left -= count
	if call.left == 0 {
		delete(t.calls, number)
	}
}

// Finds the call of each event and copies what it tells.
func (t *sendTable) match(views []ffiEventView, ends []sendEnd) []sendEnd {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	for i := range views {
		view := &views[i]
		if EventType(view.event_type) != EventSend {
			continue
		}
		token := uint64(view.token)
		call := t.calls[token>>indexBits]
		if call == nil {
			continue // never: each accepted message yields one event
		}
		t.end(token>>indexBits, call, 1)
		end := sendEnd{call: call, index: int(token & (packedLimit - 1))}
		if view.error_code == 0 {
			end.result = Result{SendStatus(view.send_status), int32(view.queue_id), int64(view.queue_offset),
				goText(view.message_id, view.message_id_bytes), goText(view.broker_name, view.broker_name_bytes)}
		} else {
			end.err = readError(int32(view.error_code), view.error)
		}
		ends = append(ends, end)
	}
	return ends
}
