package rocketmqc

import "runtime"

// Batch is room for events and for the messages of deliveries. EventQueue.Poll and PushConsumer.ReceiveBatch fill it in one
// call into the library. Answer answers for all of it in one call, and Release gives all of it up in one call. Reading is no
// call. It belongs to one goroutine at a time. What it lends is readable until Release, Close or the next filling.
type Batch struct {
	events   []ffiEventView
	messages []ffiMessageView
	answers  []int32
	taken    int // events
	shown    int // messages
}

// NewBatch makes room for so many events, and for so many messages in all of them together. Nothing is left over with
// consume_message_batch_max_size messages for each event.
func NewBatch(events, messages int) *Batch {
	b := &Batch{events: newViews[ffiEventView](events), messages: newViews[ffiMessageView](messages),
		answers: make([]int32, events)}
	runtime.SetFinalizer(b, (*Batch).Close)
	return b
}

// Close releases the batch and gives up its memory.
func (b *Batch) Close() {
	b.Release()
	freeViews(b.events)
	freeViews(b.messages)
	b.events, b.messages, b.answers = nil, nil, nil
}

func (b *Batch) fill(queue *ffiEventQueue, timeoutMS int64) (code int32, object *ffiError) {
	defer runtime.KeepAlive(b)
	b.Release()
	b.taken, b.shown, code, object = rmqEventQueuePollMessages(queue, timeoutMS, b.events, b.messages)
	return code, object
}

// Release gives up all events. A delivery without an answer comes again, and is not counted.
func (b *Batch) Release() {
	if b.taken != 0 {
		rmqEventDestroyBatch(b.events[:b.taken])
		b.taken, b.shown = 0, 0
	}
}

// Len tells how many events there are.
func (b *Batch) Len() int { return b.taken }

// Event gives the event at an index from 0 to Len.
func (b *Batch) Event(index int) Event { return Event{&b.events[:b.taken][index], b} }

// MessageCount tells how many messages all deliveries together show.
func (b *Batch) MessageCount() int { return b.shown }

// Message gives a message of any delivery: those of one delivery stand side by side.
func (b *Batch) Message(index int) MessageView { return MessageView{&b.messages[:b.shown][index], b} }

// Answer gives one answer to all deliveries that are still in the batch.
func (b *Batch) Answer(answer Answer) error {
	return b.AnswerEach(func(Event) Answer { return answer })
}

// AnswerEach asks for the answer to each delivery, and gives all of them in one call; AnswerNone leaves one unanswered. The
// error is that of the first answer that was refused; all others are taken all the same.
func (b *Batch) AnswerEach(choose func(Event) Answer) error {
	defer runtime.KeepAlive(b)
	answers := b.answers[:b.taken]
	for i := range answers {
		answers[i] = int32(AnswerNone)
		if event := b.Event(i); event.Type() == EventDelivery && event.view.event != nil {
			answers[i] = int32(choose(event))
		}
	}
	if len(answers) == 0 {
		return nil
	}
	return takeError(rmqEventAnswerBatch(b.events[:b.taken], answers))
}

// Event is an event in a batch, which owns it.
type Event struct {
	view  *ffiEventView
	batch *Batch
}

// Type tells what the event is about.
func (e Event) Type() EventType { return read(e.batch, EventType(e.view.event_type)) }

// Token is that of the consumer of a delivery or an error.
func (e Event) Token() uint64 { return read(e.batch, uint64(e.view.token)) }

// Err copies the error of the operation, or of the background for EventError; nil on success.
func (e Event) Err() *Error {
	defer runtime.KeepAlive(e.batch)
	if e.view.error_code == 0 {
		return nil
	}
	return readError(int32(e.view.error_code), e.view.error)
}

// Outcome tells what a failed operation did to the server.
func (e Event) Outcome() Outcome { return read(e.batch, Outcome(e.view.outcome)) }

// Status tells how safe a sent message is.
func (e Event) Status() SendStatus { return read(e.batch, SendStatus(e.view.status)) }

// Answer answers this event alone: a delivery, or an EventTransactionCheck by AnswerCommit, AnswerRollback or AnswerUnknown.
func (e Event) Answer(answer Answer) error {
	return read(e.batch, takeError(rmqEventAnswer(e.view.event, int32(answer), 0)))
}

// Topic is that of a sent message, or of the queue of a delivery; see Delivery.Topic.
func (e Event) Topic() string { return read(e.batch, goText(e.view.topic, e.view.topic_bytes)) }

// BrokerName is the broker of a sent message or a delivery.
func (e Event) BrokerName() string {
	return read(e.batch, goText(e.view.broker_name, e.view.broker_name_bytes))
}

// QueueID is the queue of a sent message or a delivery.
func (e Event) QueueID() int32 { return read(e.batch, int32(e.view.queue_id)) }

// Offset is that of a sent message, or of the first one of a delivery, in its queue.
func (e Event) Offset() int64 { return read(e.batch, int64(e.view.offset)) }

// MessageID is the unique id of a sent message.
func (e Event) MessageID() string {
	return read(e.batch, goText(e.view.message_id, e.view.message_id_bytes))
}

// Count is the number of messages of a delivery; of EventClosed and EventFlushed what was left.
func (e Event) Count() int { return read(e.batch, int(e.view.count)) }

// Shown is the number of messages that the batch had room for. If it is less than Count, Take gives all.
func (e Event) Shown() int { return read(e.batch, int(e.view.messages_shown)) }

// Message gives a message of a delivery, at an index from 0 to Shown.
func (e Event) Message(index int) MessageView {
	first := int(e.view.first_message)
	return MessageView{&e.batch.messages[first : first+e.Shown()][index], e.batch}
}

// Take takes a delivery out of the batch, to be answered by itself, at any time. What the batch shows of it is readable until that
// answer. Nil: the event is no delivery, or was taken before.
func (e Event) Take() *Delivery {
	defer runtime.KeepAlive(e.batch)
	if e.Type() != EventDelivery || e.view.event == nil {
		return nil
	}
	event := e.view.event
	e.view.event = nil
	return newDelivery(event)
}
