// Package rocketmqc sends messages to Apache RocketMQ, and receives them, through librocketmq_c.
//
// One goroutine per Runtime takes all events, up to 256 in one call into the library, and finds what belongs to each by its
// token. Who wants to take events on a goroutine of their own makes an EventQueue. The library never calls into Go.
package rocketmqc

import (
	"context"
	"runtime"
	"sync"
	"time"
)

// Runtime is a loop with its connections. Producers and consumers are made on it.
type Runtime struct{ core *core }

// What the polling goroutine needs. It never refers to the Runtime, so that a forgotten one can be collected.
type core struct {
	handle  *ffiRuntime
	driven  bool
	sends   *sendTable
	hooks   hooks
	drained chan struct{} // closed once the last event was taken
	living  context.Context
	end     context.CancelFunc // of living, with the last event
	step    sync.Once
	stepped chan struct{} // of a driven runtime: closed with the first step

	mutex    sync.Mutex
	stranded []*sendTable // of queues that were given up: their messages stay until the runtime has ended
}

const eventsPerPoll = 256

// NewRuntime makes and starts a runtime. Close it, or forget it: pending sends then end at once with CodeShutdown.
func NewRuntime(settings Settings, hooks ...Hook) (*Runtime, error) {
	c := &core{sends: newSendTable(), drained: make(chan struct{})}
	for _, hook := range hooks {
		hook(&c.hooks)
	}
	err := withConfig(settings, func(config *ffiConfig) (err error) {
		var code int32
		var object *ffiError
		c.handle, code, object = rmqRuntimeNew(config, 0, nil)
		return takeError(code, object)
	})
	if err != nil {
		return nil, err
	}
	c.living, c.end = context.WithCancel(context.Background())
	if err := c.start(); err != nil {
		c.end()
		rmqRuntimeDestroy(c.handle)
		return nil, err
	}
	go c.takeEvents()
	r := &Runtime{c}
	runtime.SetFinalizer(r, func(r *Runtime) { go r.core.abandon() })
	return r, nil
}

func (c *core) start() error {
	if err := c.hooks.ask(c.handle); err != nil {
		return err
	}
	view, _ := rmqRuntimeView(c.handle)
	if c.driven = view.is_driven != 0; !c.driven {
		return takeError(rmqRuntimeStart(c.handle))
	}
	// The thread that starts counts as the driving one until another steps. So it is kept from all other goroutines, which may wait.
	c.stepped = make(chan struct{})
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		started <- takeError(rmqRuntimeStart(c.handle))
		select {
		case <-c.stepped:
		case <-c.living.Done():
		}
	}()
	return <-started
}

func (c *core) stepOnce() error {
	err := takeError(rmqRuntimeStep(c.handle))
	if c.driven {
		c.step.Do(func() { close(c.stepped) })
	}
	return err
}

// RuntimeView shows a runtime as it is now.
type RuntimeView struct {
	Threads   int // 0 when driven
	IsDriven  bool
	IsRunning bool   // between the start and the beginning of the close
	ClientID  string // what brokers know its members by
}

// View shows the runtime.
func (r *Runtime) View() RuntimeView {
	defer runtime.KeepAlive(r)
	view, _ := rmqRuntimeView(r.core.handle)
	return RuntimeView{int(view.threads), view.is_driven != 0, view.is_running != 0, goText(view.client_id, view.client_id_bytes)}
}

// Update changes options of the runtime itself, all or none; docs/options.md says which may change.
func (r *Runtime) Update(changes Settings) error {
	defer runtime.KeepAlive(r)
	return withConfig(changes, func(config *ffiConfig) error { return takeError(rmqRuntimeUpdate(r.core.handle, config)) })
}

// Dropped tells how many log lines were dropped because the runtime's own goroutine did not take them in time.
func (r *Runtime) Dropped() uint64 {
	defer runtime.KeepAlive(r)
	return rmqEventQueueDropped(rmqRuntimeEventQueue(r.core.handle))
}

// Close lets pending sends end for at most timeout (0: option close_timeout), ends the rest with CodeShutdown, and returns when
// every `done` function has returned. Not to be called from one. On the driving thread it only starts closing, and gives
// CodeInProgress.
func (r *Runtime) Close(timeout time.Duration) error {
	defer runtime.KeepAlive(r)
	code, object := rmqRuntimeClose(r.core.handle, milliseconds(timeout))
	if Code(code) != CodeInProgress {
		<-r.core.drained
	}
	return takeError(code, object)
}

// CloseAsync closes without waiting. If it returns nil, done is called once, after all other `done` functions of the runtime.
func (r *Runtime) CloseAsync(timeout time.Duration, done func(error)) error {
	defer runtime.KeepAlive(r)
	return r.core.sends.start(done, func(token uint64) (int32, *ffiError) {
		return rmqRuntimeCloseAsync(r.core.handle, milliseconds(timeout), token, nil)
	})
}

// FD is the descriptor to watch for reading in run mode "driven"; -1 in another one. It belongs to the library.
func (r *Runtime) FD() int {
	defer runtime.KeepAlive(r)
	return int(rmqRuntimeFD(r.core.handle))
}

// StepTimeout tells for how long the driving thread may sleep on FD; negative: until the descriptor is readable. It is 0 when
// there is no descriptor any more: the next Step tells the end.
func (r *Runtime) StepTimeout() time.Duration {
	if r.FD() < 0 {
		return 0
	}
	defer runtime.KeepAlive(r)
	return time.Duration(rmqRuntimeTimeoutMS(r.core.handle)) * time.Millisecond
}

// Step does all work of a driven runtime that is ready. The goroutine that steps holds its thread with runtime.LockOSThread, and
// makes no call that waits for the runtime. CodeClosed: the runtime has ended.
func (r *Runtime) Step() error {
	defer runtime.KeepAlive(r)
	return r.core.stepOnce()
}

func (c *core) takeEvents() {
	defer close(c.drained)
	defer c.end()
	queue := rmqRuntimeEventQueue(c.handle)
	views := newEventViews(eventsPerPoll)
	defer freeViews(views)
	ends := make([]sendEnd, 0, eventsPerPoll)
	for {
		count, code, object := rmqEventQueuePoll(queue, int64(WaitForever), views)
		if count > 0 {
			ends = c.sends.match(views[:count], ends[:0])
			told := c.hooks.match(c.living, views[:count])
			rmqEventDestroyBatch(views[:count])
			for _, tell := range told {
				tell()
			}
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

// Keeps what the pending sends of a queue refer to: their events have nowhere to go any more.
func (c *core) strand(sends *sendTable) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.stranded = append(c.stranded, sends)
}

// Ends a runtime that nobody refers to. It may be destroyed only when the poll on its queue has returned for good.
func (c *core) abandon() {
	const atOnceMS = 1
	takeError(rmqRuntimeCloseAsync(c.handle, atOnceMS, 0, nil))
	if c.driven {
		c.driveToTheEnd()
	}
	<-c.drained
	rmqRuntimeDestroy(c.handle)
}

func (c *core) driveToTheEnd() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for c.stepOnce() == nil {
		select {
		case <-c.drained:
			return
		case <-time.After(time.Millisecond):
		}
	}
}

// Rounds up, so that a limit never becomes 0, which means "the default".
func milliseconds(d time.Duration) int64 {
	return int64((d + time.Millisecond - 1) / time.Millisecond)
}
