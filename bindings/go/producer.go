package rocketmqc

import (
	"context"
	"errors"
	"runtime"
	"time"
)

// Producer sends messages, from any number of goroutines.
type Producer struct {
	handle  *ffiProducer
	runtime *Runtime
	queue   *EventQueue // nil: the runtime's own
	sends   *sendTable
}

// NewProducer makes and starts a producer. Close it, or forget it: pending sends then end with CodeShutdown. Its `done` functions
// are called on the goroutine that takes the events of the runtime.
func (r *Runtime) NewProducer(settings Settings) (*Producer, error) {
	return newProducer(&Producer{runtime: r, sends: r.core.sends}, nil, settings)
}

// NewProducer makes and starts a producer whose `done` functions are called by Poll of this queue.
func (q *EventQueue) NewProducer(settings Settings) (p *Producer, err error) {
	defer runtime.KeepAlive(q)
	made := q.set(func(queue *ffiEventQueue) (int32, *ffiError) {
		p, err = newProducer(&Producer{runtime: q.runtime, queue: q, sends: q.sends}, queue, settings)
		return 0, nil
	})
	if made != nil {
		return nil, made
	}
	return p, err
}

func newProducer(p *Producer, queue *ffiEventQueue, settings Settings) (*Producer, error) {
	defer runtime.KeepAlive(p)
	err := withConfig(settings, func(config *ffiConfig) error {
		var code int32
		var object *ffiError
		p.handle, code, object = rmqProducerNew(p.runtime.core.handle, config, queue, 0, nil)
		return takeError(code, object)
	})
	if err != nil {
		return nil, err
	}
	runtime.SetFinalizer(p, func(p *Producer) { rmqProducerDestroy(p.handle) })
	return p, takeError(rmqProducerStart(p.handle))
}

// Update changes options of the producer, all or none; docs/options.md says which may change. Pending sends do not obey them.
func (p *Producer) Update(changes Settings) error {
	defer runtime.KeepAlive(p)
	return withConfig(changes, func(config *ffiConfig) error { return takeError(rmqProducerUpdate(p.handle, config)) })
}

// Send sends a message and waits for the broker's answer. The context's deadline is the time limit of the send; when the
// context ends, the send is cancelled, and the outcome of the error tells whether the message may be stored all the same.
func (p *Producer) Send(ctx context.Context, message *Message, destination *Destination) (Result, error) {
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	var timeout time.Duration
	if deadline, ok := ctx.Deadline(); ok {
		if timeout = time.Until(deadline); timeout <= 0 {
			return Result{}, context.DeadlineExceeded
		}
	}
	ended := make(chan sendEnd, 1)
	token, err := p.SendAsyncWith(message, destination, 0, timeout, func(result Result, err error) {
		ended <- sendEnd{result: result, err: err}
	})
	if err != nil {
		return Result{}, err
	}
	select {
	case end := <-ended:
		return end.result, end.err
	case <-ctx.Done():
	}
	p.Cancel(token)
	end := <-ended
	var failure *Error
	if errors.As(end.err, &failure) {
		failure.cause = ctx.Err()
	}
	return end.result, end.err
}

// SendAsync sends a message. If it returns nil, done is called once, on the goroutine that takes the events: it must not wait. A
// timeout of 0 is the option send_msg_timeout.
func (p *Producer) SendAsync(message *Message, destination *Destination, timeout time.Duration,
	done func(Result, error)) error {
	_, err := p.SendAsyncWith(message, destination, 0, timeout, done)
	return err
}

// SendAsyncWith sends as SendAsync does, with a sum of SendFlag, and gives the token for Cancel. With FlagSilent, beside
// FlagOneway, done is not called and may be nil.
func (p *Producer) SendAsyncWith(message *Message, destination *Destination, flags SendFlag, timeout time.Duration,
	done func(Result, error)) (Token, error) {
	token, flags := p.wait(1, flags, pinnedOf(message), func(_ int, result Result, err error) { done(result, err) })
	code, object := rmqProducerSendAsync(p.handle, message.handle, destination.pointer(), int32(flags), milliseconds(timeout),
		token, nil)
	runtime.KeepAlive(p)
	runtime.KeepAlive(message)
	runtime.KeepAlive(destination)
	if code != 0 {
		p.refused(token, 1)
	}
	return Token(token), takeError(code, object)
}

// SendOneway sends without asking for an answer: the message may be lost without anyone knowing. Flush waits until its bytes are
// with the kernel.
func (p *Producer) SendOneway(message *Message, destination *Destination, timeout time.Duration) error {
	_, err := p.SendAsyncWith(message, destination, FlagOneway|FlagSilent, timeout, nil)
	return err
}

// SendBlocking sends a message and waits, on a thread of its own, without an event: the option retry_times_when_send_failed
// holds. flags is a sum of SendFlag, but for FlagSilent.
func (p *Producer) SendBlocking(message *Message, destination *Destination, flags SendFlag,
	timeout time.Duration) (Result, error) {
	event, code, object := rmqProducerSend(p.handle, message.handle, destination.pointer(), int32(flags), milliseconds(timeout))
	runtime.KeepAlive(p)
	runtime.KeepAlive(message)
	runtime.KeepAlive(destination)
	if code != 0 {
		return Result{Status: SendNone, QueueID: -1, QueueOffset: -1}, takeError(code, object)
	}
	return takeResult(event), nil
}

// SendTransaction sends the half of a transaction, calls local once it is stored, and tells the broker what local said: AnswerCommit,
// AnswerRollback or AnswerUnknown. Consumers get the message if it is committed. When local panics or its answer is lost, the
// broker asks later by EventTransactionCheck, on the queue of a producer that EventQueue.NewProducer made: see Event.Answer. A
// message that was stored with another status than SendOK is rolled back, and local is not called.
func (p *Producer) SendTransaction(message *Message, destination *Destination, timeout time.Duration,
	local func(Result) Answer) (Result, error) {
	event, code, object := rmqProducerSend(p.handle, message.handle, destination.pointer(), int32(FlagTransaction),
		milliseconds(timeout))
	runtime.KeepAlive(p)
	runtime.KeepAlive(message)
	runtime.KeepAlive(destination)
	if code != 0 {
		return Result{Status: SendNone, QueueID: -1, QueueOffset: -1}, takeError(code, object)
	}
	defer rmqEventDestroy(event)
	result := readResult(event)
	if result.Status != SendOK {
		return result, nil
	}
	return result, takeError(rmqEventAnswer(event, int32(local(result)), 0))
}

// SendMany sends messages of any kind in one call into the library. It tells how many were accepted, and the error of the first
// that was refused; done is called once for each accepted one, as by SendAsyncWith.
func (p *Producer) SendMany(messages []*Message, destination *Destination, flags SendFlag, timeout time.Duration,
	done func(index int, result Result, err error)) (int, error) {
	if err := checkCount(len(messages), 0); err != nil || len(messages) == 0 {
		return 0, err
	}
	handles := newViews[*ffiMessage](len(messages))
	defer freeViews(handles)
	for i, message := range messages {
		handles[i] = message.handle
	}
	token, flags := p.wait(len(messages), flags, pinnedOf(messages...), done)
	accepted, code, object := rmqProducerSendMany(p.handle, handles, tokensFrom(token, len(messages)), len(messages),
		destination.pointer(), int32(flags), milliseconds(timeout), nil)
	runtime.KeepAlive(p)
	runtime.KeepAlive(messages)
	runtime.KeepAlive(destination)
	p.refused(token, len(messages)-accepted)
	return accepted, takeError(code, object)
}

// Who waits for an operation: token 0 is nobody. Sends of pinned bodies are never silent underneath, because their end frees
// the body.
func (p *Producer) wait(count int, flags SendFlag, pinned any, done func(int, Result, error)) (uint64, SendFlag) {
	if flags&FlagSilent == 0 {
		return p.sends.add(count, pinned, done), flags
	}
	if pinned == nil {
		return 0, flags
	}
	return p.sends.add(count, pinned, func(int, Result, error) {}), flags &^ FlagSilent
}

// Nobody waits for what the library refused.
func (p *Producer) refused(token uint64, count int) {
	if token != 0 && count != 0 {
		p.sends.remove(token, count)
	}
}

// The pinned bodies of messages; nil when there is none.
func pinnedOf(messages ...*Message) any {
	var pinned []*PinnedBody
	for _, message := range messages {
		if message.pinned != nil {
			pinned = append(pinned, message.pinned)
		}
	}
	if pinned == nil {
		return nil
	}
	return pinned
}

// Cancel cancels what has this token and is pending. Its `done` function is called all the same.
func (p *Producer) Cancel(token Token) error {
	defer runtime.KeepAlive(p)
	return takeError(rmqProducerCancel(p.handle, uint64(token)))
}

// Queue is one queue of a topic.
type Queue struct {
	Topic      string
	BrokerName string
	QueueID    int32
}

// Recall takes back a timer message before its time, and gives its message id. It waits on a thread of its own, for at most
// timeout (0: option request_timeout). The handle is Result.RecallHandle of its send, from any producer.
func (p *Producer) Recall(topic, recallHandle string, timeout time.Duration) (string, error) {
	event, code, object := rmqProducerRecall(p.handle, textIn(topic), textIn(recallHandle), milliseconds(timeout), 0, nil)
	runtime.KeepAlive(p)
	if code != 0 {
		return "", takeError(code, object)
	}
	defer rmqEventDestroy(event)
	return rmqEventText(event).String(), nil
}

// Queues tells the queues of a topic that take messages. It waits as Recall does.
func (p *Producer) Queues(topic string, timeout time.Duration) ([]Queue, error) {
	event, code, object := rmqProducerQueues(p.handle, textIn(topic), milliseconds(timeout), 0, nil)
	runtime.KeepAlive(p)
	if code != 0 {
		return nil, takeError(code, object)
	}
	defer rmqEventDestroy(event)
	view, _ := rmqEventView(event)
	views := newViews[ffiQueueView](int(view.count))
	defer freeViews(views)
	queues := make([]Queue, rmqEventQueues(event, 0, views))
	for i := range queues {
		queues[i] = Queue{
			Topic:      goText(views[i].topic, views[i].topic_bytes),
			BrokerName: goText(views[i].broker_name, views[i].broker_name_bytes),
			QueueID:    int32(views[i].queue_id),
		}
	}
	return queues, nil
}

// Flush waits until every send that was accepted before has ended, for at most timeout (0: option send_msg_timeout).
func (p *Producer) Flush(timeout time.Duration) error {
	defer runtime.KeepAlive(p)
	return takeError(rmqProducerFlush(p.handle, milliseconds(timeout)))
}

// FlushAsync flushes without waiting. If it returns nil, done is called once, after the `done` functions of those sends.
func (p *Producer) FlushAsync(timeout time.Duration, done func(error)) error {
	defer runtime.KeepAlive(p)
	return p.sends.start(done, func(token uint64) (int32, *ffiError) {
		return rmqProducerFlushAsync(p.handle, milliseconds(timeout), token, nil)
	})
}

// Close lets pending sends end for at most timeout (0: option close_timeout); the rest ends with CodeShutdown, and the error is
// then CodeCloseTimeout.
func (p *Producer) Close(timeout time.Duration) error {
	defer runtime.KeepAlive(p)
	return takeError(rmqProducerClose(p.handle, milliseconds(timeout)))
}

// CloseAsync closes without waiting. If it returns nil, done is called once, as the last of the producer's.
func (p *Producer) CloseAsync(timeout time.Duration, done func(error)) error {
	defer runtime.KeepAlive(p)
	return p.sends.start(done, func(token uint64) (int32, *ffiError) {
		return rmqProducerCloseAsync(p.handle, milliseconds(timeout), token, nil)
	})
}
