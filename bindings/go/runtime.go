// Package rocketmqc sends messages to Apache RocketMQ, and receives them, through librocketmq_c.
//
// One goroutine per Runtime takes all events, up to 256 in one call into the library, and finds what belongs to each by its
// token. The library never calls into Go.
package rocketmqc

import (
	"runtime"
	"time"
)

// Options are names and values of docs/options.md.
type Options map[string]string

// Runtime is a loop with its connections. Producers are made on it.
type Runtime struct{ core *core }

// What the polling goroutine needs. It never refers to the Runtime, so that a forgotten one can be collected.
type core struct {
	handle  *ffiRuntime
	sends   sendTable
	drained chan struct{} // closed once the last event was taken
}

const eventsPerPoll = 256

// NewRuntime makes and starts a runtime. Close it, or forget it: pending sends then end at once with CodeShutdown.
func NewRuntime(options Options) (*Runtime, error) {
	config, err := newConfig(options)
	if err != nil {
		return nil, err
	}
	defer rmqConfigDestroy(config)
	handle, code, object := rmqRuntimeNew(config)
	if code != 0 {
		return nil, takeError(code, object)
	}
	if code, object := rmqRuntimeStart(handle); code != 0 {
		rmqRuntimeDestroy(handle)
		return nil, takeError(code, object)
	}
	c := &core{handle: handle, drained: make(chan struct{})}
	c.sends.calls = make(map[uint64]*sendCall)
	go c.takeEvents()
	r := &Runtime{c}
	runtime.SetFinalizer(r, func(r *Runtime) { go r.core.abandon() })
	return r, nil
}

// Close lets pending sends end for at most timeout (0: 3 s), ends the rest with CodeShutdown, and returns when every `done`
// function has returned. Not to be called from one.
func (r *Runtime) Close(timeout time.Duration) error {
	defer runtime.KeepAlive(r)
	err := takeError(rmqRuntimeClose(r.core.handle, milliseconds(timeout)))
	<-r.core.drained
	return err
}

func (c *core) takeEvents() {
	defer close(c.drained)
	queue := rmqRuntimeEventQueue(c.handle)
	views := newEventViews(eventsPerPoll)
	defer freeEventViews(views)
	ends := make([]sendEnd, 0, eventsPerPoll)
	for {
		count, code, object := rmqEventQueuePollBatch(queue, int64(WaitForever), views)
		if count > 0 {
			ends = c.sends.match(views[:count], ends[:0])
			rmqEventDestroyBatch(views[:count])
			for i := range ends {
				ends[i].tell()
				ends[i] = sendEnd{}
			}
		}
		if code != 0 {
			rmqErrorDestroy(object)
			if Code(code) != CodeMemory {
				return // CodeClosed: nothing will ever come
			}
		}
	}
}

// Ends a runtime that nobody refers to. It may be destroyed only when the poll on its queue has returned for good.
func (c *core) abandon() {
	const atOnceMS = 1
	takeError(rmqRuntimeCloseAsync(c.handle, atOnceMS, 0, nil))
	<-c.drained
	rmqRuntimeDestroy(c.handle)
}

func newConfig(options Options) (*ffiConfig, error) {
	config, code, object := rmqConfigNew(ffiText{})
	if code != 0 {
		return nil, takeError(code, object)
	}
	for name, value := range options {
		if code, object := rmqConfigSet(config, textIn(name), textIn(value)); code != 0 {
			rmqConfigDestroy(config)
			return nil, takeError(code, object)
		}
	}
	return config, nil
}

// Rounds up, so that a limit never becomes 0, which means "the default".
func milliseconds(d time.Duration) int64 {
	return int64((d + time.Millisecond - 1) / time.Millisecond)
}
