package rocketmqc

import (
	"context"
	"runtime"
	"sync/atomic"
	"time"
)

// PushConsumer receives the messages of a group. Its deliveries wait in an event queue of its own until a goroutine receives
// them, so that no more are taken than are being handled.
type PushConsumer struct {
	// OnError is called with what keeps the consumer from working, on a goroutine that receives: one call for each cause, and
	// then rarely (Options "events"). Set it before the first Receive.
	OnError func(*Error)

	handle  *ffiPushConsumer
	queue   *ffiEventQueue
	runtime *Runtime
	polling chan struct{} // holds a value while a goroutine is in the library's poll: one thread waits, however many receive
	closed  atomic.Bool
}

// NewPushConsumer makes a consumer, to be subscribed and started. Close it, or forget it.
func (r *Runtime) NewPushConsumer(options Options) (*PushConsumer, error) {
	defer runtime.KeepAlive(r)
	config, err := newConfig(options)
	if err != nil {
		return nil, err
	}
	defer rmqConfigDestroy(config)
	queue, code, object := rmqEventQueueNew(r.core.handle)
	if code != 0 {
		return nil, takeError(code, object)
	}
	handle, code, object := rmqPushConsumerNew(r.core.handle, config, queue, 0, nil)
	if code != 0 {
		rmqEventQueueDestroy(queue)
		return nil, takeError(code, object)
	}
	c := &PushConsumer{handle: handle, queue: queue, runtime: r, polling: make(chan struct{}, 1)}
	runtime.SetFinalizer(c, func(c *PushConsumer) {
		rmqPushConsumerDestroy(c.handle)
		rmqEventQueueDestroy(c.queue)
	})
	return c, nil
}

// Subscribe subscribes to a topic, before or after the start. An empty expression means all messages.
func (c *PushConsumer) Subscribe(topic string, filter Filter, expression string) error {
	defer runtime.KeepAlive(c)
	return takeError(rmqPushConsumerSubscribe(c.handle, textIn(topic), int32(filter), textIn(expression)))
}

// Unsubscribe ends the subscription to a topic.
func (c *PushConsumer) Unsubscribe(topic string) error {
	defer runtime.KeepAlive(c)
	return takeError(rmqPushConsumerUnsubscribe(c.handle, textIn(topic)))
}

// Start starts to receive. The network is reached in the background.
func (c *PushConsumer) Start() error {
	defer runtime.KeepAlive(c)
	return takeError(rmqPushConsumerStart(c.handle))
}

// Receive waits for a delivery, which is then the caller's to answer. Any number of goroutines may receive. It fails with
// CodeClosed once the consumer or its runtime is closed.
func (c *PushConsumer) Receive(ctx context.Context) (*Delivery, error) {
	defer runtime.KeepAlive(c)
	select {
	case c.polling <- struct{}{}:
		defer func() { <-c.polling }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	returned := make(chan struct{})
	defer close(returned)
	go func() {
		select {
		case <-ctx.Done():
			rmqEventQueueInterrupt(c.queue) // hits this poll, or else the next one, which then looks again
			runtime.KeepAlive(c)
		case <-returned:
		}
	}()
	return c.poll(ctx)
}

func (c *PushConsumer) poll(ctx context.Context) (*Delivery, error) {
	for {
		if c.closed.Load() {
			return nil, readError(int32(CodeClosed), nil)
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		event, code, object := rmqEventQueuePoll(c.queue, int64(WaitForever))
		switch {
		case code == 0 && event != nil && EventType(rmqEventType(event)) == EventDelivery:
			return newDelivery(event), nil
		case code == 0 && event != nil && EventType(rmqEventType(event)) == EventError:
			c.tell(event)
		case code == 0 || Code(code) == CodeInterrupted:
			rmqEventDestroy(event)
			takeError(code, object)
		default:
			return nil, takeError(code, object)
		}
	}
}

// Takes over an owned error event.
func (c *PushConsumer) tell(event *ffiEvent) {
	object := rmqEventError(event)
	err := readError(rmqErrorCode(object), object)
	rmqEventDestroy(event)
	if c.OnError != nil {
		c.OnError(err)
	}
}

// Close ends every Receive, waits for the answers to what was received for at most timeout (0: 3 s), stores offsets and leaves
// the group. CodeCloseTimeout: closed, but deliveries were unanswered.
func (c *PushConsumer) Close(timeout time.Duration) error {
	defer runtime.KeepAlive(c)
	c.closed.Store(true)
	rmqEventQueueInterrupt(c.queue)
	return takeError(rmqPushConsumerClose(c.handle, milliseconds(timeout)))
}
