package rocketmqc

import (
	"context"
	"runtime"
	"time"
)

// PushConsumer receives the messages of a group. Its deliveries wait in an event queue of its own until a goroutine receives
// them, so that no more are taken than are being handled.
type PushConsumer struct {
	// OnError is called with what keeps the consumer from working, on a goroutine that receives: one call for each cause, and
	// then rarely (Options "events"). Set it before the first Receive.
	OnError func(*Error)

	handle   *ffiConsumer
	queue    *EventQueue
	isShared bool // the queue is the caller's, who polls it
}

// NewPushConsumer makes a consumer, to be subscribed and started. Close it, or forget it.
func (r *Runtime) NewPushConsumer(settings Settings) (*PushConsumer, error) {
	queue, err := r.NewEventQueue()
	if err != nil {
		return nil, err
	}
	c, err := queue.newPushConsumer(settings, 0)
	if err != nil {
		queue.Close()
	}
	return c, err
}

// NewPushConsumer makes a consumer whose deliveries and errors come to this queue with the token. They are taken with Poll, and
// not with the consumer's Receive.
func (q *EventQueue) NewPushConsumer(settings Settings, token uint64) (*PushConsumer, error) {
	c, err := q.newPushConsumer(settings, token)
	if err == nil {
		c.isShared = true
	}
	return c, err
}

func (q *EventQueue) newPushConsumer(settings Settings, token uint64) (*PushConsumer, error) {
	defer runtime.KeepAlive(q)
	c := &PushConsumer{queue: q}
	err := withConfig(settings, func(config *ffiConfig) error {
		return q.set(func(queue *ffiEventQueue) (code int32, object *ffiError) {
			c.handle, code, object = rmqConsumerNew(q.runtime.core.handle, int32(ConsumerPushConcurrent), config, queue, nil, nil,
				token, nil)
			return code, object
		})
	})
	if err != nil {
		return nil, err
	}
	runtime.SetFinalizer(c, func(c *PushConsumer) { rmqConsumerDestroy(c.handle) })
	return c, nil
}

// Subscribe subscribes to a topic, before or after the start. An empty expression means all messages.
func (c *PushConsumer) Subscribe(topic string, expressionType ExpressionType, expression string) error {
	defer runtime.KeepAlive(c)
	return takeError(rmqConsumerSubscribe(c.handle, textIn(topic), int32(expressionType), textIn(expression)))
}

// Unsubscribe ends the subscription to a topic.
func (c *PushConsumer) Unsubscribe(topic string) error {
	defer runtime.KeepAlive(c)
	return takeError(rmqConsumerUnsubscribe(c.handle, textIn(topic)))
}

// Start starts to receive. The network is reached in the background.
func (c *PushConsumer) Start() error {
	defer runtime.KeepAlive(c)
	return takeError(rmqConsumerStart(c.handle))
}

// Update changes options of the consumer, all or none; docs/options.md says which may change.
func (c *PushConsumer) Update(changes Settings) error {
	defer runtime.KeepAlive(c)
	return withConfig(changes, func(config *ffiConfig) error { return takeError(rmqConsumerUpdate(c.handle, config)) })
}

// Receive waits for a delivery, which is then the caller's to answer. Any number of goroutines may receive. It fails with
// CodeClosed once the consumer or its runtime is closed.
func (c *PushConsumer) Receive(ctx context.Context) (*Delivery, error) {
	defer runtime.KeepAlive(c)
	if c.isShared {
		return nil, readError(int32(CodeWrongMode), nil)
	}
	for {
		views := make([]ffiEventView, 1)
		err := c.queue.waiting(ctx, func(queue *ffiEventQueue) (int32, *ffiError) {
			_, code, object := rmqEventQueuePoll(queue, int64(WaitForever), views)
			return code, object
		})
		if err != nil {
			return nil, err
		}
		if EventType(views[0].event_type) == EventDelivery {
			return newDelivery(views[0].event), nil
		}
		c.queue.tell(views)
		c.tell(views)
		rmqEventDestroyBatch(views)
	}
}

// ReceiveBatch waits for deliveries and fills the batch with as many as there are and fit, in one call into the library: see
// Batch. The batch may hold other events too, such as errors, which OnError is called with.
func (c *PushConsumer) ReceiveBatch(ctx context.Context, batch *Batch) error {
	defer runtime.KeepAlive(c)
	if c.isShared {
		return readError(int32(CodeWrongMode), nil)
	}
	err := c.queue.Poll(ctx, batch)
	c.tell(batch.events[:batch.taken])
	return err
}

// Calls OnError with the errors among the views.
func (c *PushConsumer) tell(views []ffiEventView) {
	for i := range views {
		if EventType(views[i].event_type) == EventError && c.OnError != nil {
			c.OnError(readError(int32(views[i].error_code), views[i].error))
		}
	}
}

// Close ends every Receive, waits for the answers to what was received for at most timeout (0: option close_timeout), stores
// offsets and leaves the group. CodeCloseTimeout: closed, but deliveries were unanswered.
func (c *PushConsumer) Close(timeout time.Duration) error {
	defer runtime.KeepAlive(c)
	if !c.isShared {
		c.queue.stop()
	}
	return takeError(rmqConsumerClose(c.handle, milliseconds(timeout)))
}

// CloseAsync closes without waiting. If it returns nil, done is called once, by the goroutine that receives or polls, which
// goes on until then.
func (c *PushConsumer) CloseAsync(timeout time.Duration, done func(error)) error {
	defer runtime.KeepAlive(c)
	ended := func(err error) {
		if !c.isShared {
			c.queue.stop()
		}
		if done != nil {
			done(err)
		}
	}
	return c.queue.sends.start(ended, func(token uint64) (int32, *ffiError) {
		return rmqConsumerCloseAsync(c.handle, milliseconds(timeout), token, nil)
	})
}
