package rocketmqc

import "sync"

// Result tells where a message was stored.
type Result struct {
	Status          SendStatus
	QueueID         int32
	QueueOffset     int64
	MessageID       string
	BrokerName      string
	OffsetMessageID string // where the broker stored it

	// What follows is told by SendBlocking only. An event shows it with a call of its own.
	TransactionID string
	RegionID      string
	RecallHandle  string
	TraceOn       bool
}

// Token is the number of an operation, for Producer.Cancel. Zero is none.
type Token uint64

// A token is the number of a call, counted from 1, and the index of the message in it. Numbers are never used again, so a late
// cancel hits nobody else.
const (
	indexBits   = 24
	packedLimit = 1 << indexBits
)

// One call that started one or more operations.
type sendCall struct {
	done func(index int, result Result, err error)
	left int // operations without their event yet
	keep any // what must not be collected before they end: messages with pinned bodies
}

// One operation that has ended.
type sendEnd struct {
	call   *sendCall
	index  int
	result Result
	err    error
}

func (e *sendEnd) tell() { e.call.done(e.index, e.result, e.err) }

// Who waits for the events of one event queue.
type sendTable struct {
	mutex  sync.Mutex
	calls  map[uint64]*sendCall
	number uint64 // of the latest call
}

func newSendTable() *sendTable { return &sendTable{calls: make(map[uint64]*sendCall)} }

// Adds a call of count operations and gives the token of the first.
func (t *sendTable) add(count int, keep any, done func(int, Result, error)) uint64 {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.number++
	t.calls[t.number] = &sendCall{done, count, keep}
	return t.number << indexBits
}

// Starts one operation that is no send: call gets its token.
func (t *sendTable) start(done func(error), call func(token uint64) (int32, *ffiError)) error {
	token := t.add(1, nil, func(_ int, _ Result, err error) {
		if done != nil {
			done(err)
		}
	})
	code, object := call(token)
	if code != 0 {
		t.remove(token, 1)
	}
	return takeError(code, object)
}

// Takes back operations that the library refused, and will yield no event for.
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

func endsACall(view *ffiEventView) bool {
	switch EventType(view.event_type) {
	case EventSend, EventClosed, EventFlushed:
		return true
	default:
		return false
	}
}

// Finds the call of each event and copies what it tells.
func (t *sendTable) match(views []ffiEventView, ends []sendEnd) []sendEnd {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	for i := range views {
		view := &views[i]
		if !endsACall(view) {
			continue
		}
		token := uint64(view.token)
		call := t.calls[token>>indexBits]
		if call == nil {
			continue // the close of a runtime that was forgotten
		}
		t.end(token>>indexBits, call, 1)
		end := sendEnd{call: call, index: int(token & (packedLimit - 1))}
		if view.error_code == 0 {
			end.result = Result{
				Status:          SendStatus(view.status),
				QueueID:         int32(view.queue_id),
				QueueOffset:     int64(view.offset),
				MessageID:       goText(view.message_id, view.message_id_bytes),
				BrokerName:      goText(view.broker_name, view.broker_name_bytes),
				OffsetMessageID: goText(view.offset_message_id, view.offset_message_id_bytes),
			}
		} else {
			end.err = readError(int32(view.error_code), view.error)
		}
		ends = append(ends, end)
	}
	return ends
}

// Reads all that the event of a blocking send tells, and gives it up.
func takeResult(event *ffiEvent) Result {
	defer rmqEventDestroy(event)
	return readResult(event)
}

func readResult(event *ffiEvent) Result {
	view, _ := rmqEventSendResult(event)
	return Result{
		Status:          SendStatus(view.status),
		QueueID:         int32(view.queue_id),
		QueueOffset:     int64(view.queue_offset),
		MessageID:       goText(view.message_id, view.message_id_bytes),
		BrokerName:      goText(view.broker_name, view.broker_name_bytes),
		OffsetMessageID: goText(view.offset_message_id, view.offset_message_id_bytes),
		TransactionID:   goText(view.transaction_id, view.transaction_id_bytes),
		RegionID:        goText(view.region_id, view.region_id_bytes),
		RecallHandle:    goText(view.recall_handle, view.recall_handle_bytes),
		TraceOn:         view.trace_on != 0,
	}
}
