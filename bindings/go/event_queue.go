package rocketmqc

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"
)

// EventQueue is a queue of events that you poll yourself, beside the one that the runtime's goroutine reads. Producers and
// consumers are made on it. Their `done` functions are called by Poll, on the goroutine that polls.
type EventQueue struct {
	sends   *sendTable
	runtime *Runtime
	polling chan struct{} // holds a value while a goroutine is in the library's poll: one thread waits, however many poll
	ended   atomic.Bool   // nothing is to be polled any more
	wanted  atomic.Bool   // a call of Interrupt is still to be told

	mutex  sync.RWMutex // held for writing while the handle goes; polls have `polling` instead
	handle *ffiEventQueue
}

// NewEventQueue makes an event queue. Close it, or forget it.
func (r *Runtime) NewEventQueue() (*EventQueue, error) {
	defer runtime.KeepAlive(r)
	handle, code, object := rmqEventQueueNew(r.core.handle)
	if code != 0 {
		return nil, takeError(code, object)
	}
	q := &EventQueue{sends: newSendTable(), runtime: r, polling: make(chan struct{}, 1), handle: handle}
	runtime.SetFinalizer(q, (*EventQueue).destroy)
	return q, nil
}

// Close gives up the queue and the events on it: `done` functions that were not called by then are never called. Deliveries on it
// come to the next member of the group. Polls that wait fail with CodeClosed.
func (q *EventQueue) Close() {
	defer runtime.KeepAlive(q)
	q.stop()
	q.polling <- struct{}{} // the last poll has returned; later ones see that the queue has ended
	defer func() { <-q.polling }()
	q.mutex.Lock()
	defer q.mutex.Unlock()
	q.destroy()
}

func (q *EventQueue) destroy() {
	rmqEventQueueDestroy(q.handle)
	q.handle = nil
	q.runtime.core.strand(q.sends)
}

// Ends every poll, and all that follow.
func (q *EventQueue) stop() {
	q.ended.Store(true)
	q.wake()
}

func (q *EventQueue) wake() {
	q.use(func(handle *ffiEventQueue) { rmqEventQueueInterrupt(handle) })
}

func (q *EventQueue) use(call func(*ffiEventQueue)) {
	defer runtime.KeepAlive(q)
	q.mutex.RLock()
	defer q.mutex.RUnlock()
	if q.handle != nil {
		call(q.handle)
	}
}

// Poll waits for events and fills the batch with them, in one call into the library; what the batch held before is released. It
// calls the `done` functions of operations that have ended. It fails with CodeInterrupted after Interrupt, with CodeClosed once
// the queue or its runtime is closed, and with the error of ctx. Any number of goroutines may poll, each with a batch of its
// own.
func (q *EventQueue) Poll(ctx context.Context, batch *Batch) error {
	return q.fill(ctx, int64(WaitForever), batch)
}

// TryPoll polls without waiting. No error and an empty batch: there was no event.
func (q *EventQueue) TryPoll(batch *Batch) error {
	return q.fill(context.Background(), 0, batch)
}

func (q *EventQueue) fill(ctx context.Context, timeoutMS int64, batch *Batch) error {
	err := q.waiting(ctx, func(handle *ffiEventQueue) (int32, *ffiError) { return batch.fill(handle, timeoutMS) })
	q.tell(batch.events[:batch.taken])
	return err
}

// Calls the `done` functions of those whose events are among the views.
func (q *EventQueue) tell(views []ffiEventView) {
	ends := q.sends.match(views, nil)
	for i := range ends {
		ends[i].tell()
	}
}

// Runs poll, which waits in the library, on one goroutine at a time, and ends it with ctx.
func (q *EventQueue) waiting(ctx context.Context, poll func(*ffiEventQueue) (int32, *ffiError)) error {
	defer runtime.KeepAlive(q)
	select {
	case q.polling <- struct{}{}:
		defer func() { <-q.polling }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if ctx.Done() != nil {
		returned := make(chan struct{})
		defer close(returned)
		go func() {
			select {
			case <-ctx.Done():
				q.wake() // hits this poll, or else the next one, which then looks again
			case <-returned:
			}
		}()
	}
	for {
		if q.ended.Load() {
			return readError(int32(CodeClosed), nil)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		code, object := poll(q.handle)
		if Code(code) != CodeInterrupted || q.wanted.Swap(false) {
			return takeError(code, object)
		}
		rmqErrorDestroy(object)
	}
}

// Interrupt ends the Poll that waits, or else the next one that finds no event.
func (q *EventQueue) Interrupt() {
	q.wanted.Store(true)
	q.wake()
}

// Length tells how many events are on the queue now.
func (q *EventQueue) Length() (length int) {
	q.use(func(handle *ffiEventQueue) { length = rmqEventQueueLength(handle) })
	return length
}

// Dropped tells how many events were dropped because too many of their kind were waiting.
func (q *EventQueue) Dropped() (dropped uint64) {
	q.use(func(handle *ffiEventQueue) { dropped = rmqEventQueueDropped(handle) })
	return dropped
}

// FD is a descriptor that is readable while a poll would not wait, for event loops that are not Go's. It belongs to the library:
// never read or close it, and stop watching it before Close. -1: there is none.
func (q *EventQueue) FD() int {
	fd := int32(-1)
	q.use(func(handle *ffiEventQueue) { fd = rmqEventQueueFD(handle) })
	return int(fd)
}

// SetCallback has threads of the library call a C function with each event, instead of polls. callback is a pointer to a
// function of the type rmq_event_fn that a package with cgo has; nil takes it away. Operations with a `done` function want a
// poll.
func (q *EventQueue) SetCallback(callback, userData unsafe.Pointer, threads int) error {
	return q.set(func(handle *ffiEventQueue) (int32, *ffiError) {
		return rmqEventQueueSetCallback(handle, ffiEventFn(callback), userData, int32(threads))
	})
}

// SetWakeup has the library call a C function when there are events, instead of making FD readable. wakeup is a pointer to a
// function of the type rmq_wakeup_fn that a package with cgo has; nil takes it away. It may only signal.
func (q *EventQueue) SetWakeup(wakeup, userData unsafe.Pointer) error {
	return q.set(func(handle *ffiEventQueue) (int32, *ffiError) {
		return rmqEventQueueSetWakeup(handle, ffiWakeupFn(wakeup), userData)
	})
}

func (q *EventQueue) set(call func(*ffiEventQueue) (int32, *ffiError)) error {
	err := error(readError(int32(CodeClosed), nil))
	q.use(func(handle *ffiEventQueue) { err = takeError(call(handle)) })
	return err
}
