package rocketmqc

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"
)

// Producer sends messages, from any number of goroutines.
type Producer struct {
	handle  *ffiProducer
	runtime *Runtime
}

// NewProducer makes and starts a producer. Close it, or forget it: pending sends then end with CodeShutdown.
func (r *Runtime) NewProducer(options Options) (*Producer, error) {
	defer runtime.KeepAlive(r)
	config, err := newConfig(options)
	if err != nil {
		return nil, err
	}
	defer rmqConfigDestroy(config)
	handle, code, object := rmqProducerNew(r.core.handle, config, nil)
	if code != 0 {
		return nil, takeError(code, object)
	}
	p := &Producer{handle, r}
	runtime.SetFinalizer(p, func(p *Producer) { rmqProducerDestroy(p.handle) })
	return p, takeError(rmqProducerStart(handle))
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
	token, err := p.send(message, destination, timeout, func(_ int, result Result, err error) {
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
	takeError(rmqProducerCancel(p.handle, token))
	runtime.KeepAlive(p)
	end := <-ended
	var failure *Error
	if errors.As(end.err, &failure) {
		failure.cause = ctx.Err()
	}
	return end.result, end.err
}

// SendAsync sends a message. If it returns nil, done is called once, on the goroutine that takes the events of the runtime: it
// must not wait. A timeout of 0 is the option send_msg_timeout.
func (p *Producer) SendAsync(message *Message, destination *Destination, timeout time.Duration,
	done func(Result, error)) error {
	_, err := p.send(message, destination, timeout, func(_ int, result Result, err error) { done(result, err) })
	return err
}

func (p *Producer) send(message *Message, destination *Destination, timeout time.Duration,
	done func(int, Result, error)) (uint64, error) {
	sends := &p.runtime.core.sends
	token := sends.add(1, done)
	code, object := rmqProducerSendAsync(p.handle, message.handle, destination.pointer(), milliseconds(timeout), token, nil)
	runtime.KeepAlive(p)
	runtime.KeepAlive(message)
	runtime.KeepAlive(destination)
	if code != 0 {
		sends.remove(token, 1)
	}
	return token, takeError(code, object)
}

// SendPacked sends each body with the topic, tags, keys and properties of pattern, in one call into the library. It tells how
// many were accepted, and the error of the first that was refused; done is called once for each accepted one, as by SendAsync.
func (p *Producer) SendPacked(pattern *Message, bodies [][]byte, destination *Destination, timeout time.Duration,
	done func(index int, result Result, err error)) (int, error) {
	if len(bodies) == 0 {
		return 0, nil
	}
	buffer, offsets, err := pack(bodies)
	if err != nil {
		return 0, err
	}
	sends := &p.runtime.core.sends
	token := sends.add(len(bodies), done)
	accepted, code, object := rmqProducerSendPacked(p.handle, pattern.handle, buffer, offsets, token, len(bodies),
		destination.pointer(), milliseconds(timeout), nil)
	runtime.KeepAlive(p)
	runtime.KeepAlive(pattern)
	runtime.KeepAlive(destination)
	if accepted < len(bodies) {
		sends.remove(token, len(bodies)-accepted)
	}
	return accepted, takeError(code, object)
}

// Lays bodies one after another.
func pack(bodies [][]byte) ([]byte, []uint32, error) {
	bytes := 0
	for _, body := range bodies {
		bytes += len(body)
	}
	if len(bodies) > packedLimit || uint64(bytes) > 1<<32-1 {
		return nil, nil, fmt.Errorf("%d bodies of %d bytes in one call, expected at most %d of 4 GiB in all",
			len(bodies), bytes, packedLimit)
	}
	buffer := make([]byte, 0, bytes)
	offsets := make([]uint32, 1, len(bodies)+1)
	for _, body := range bodies {
		buffer = append(buffer, body...)
		offsets = append(offsets, uint32(len(buffer)))
	}
	return buffer, offsets, nil
}

// Close lets pending sends end for at most timeout (0: send_msg_timeout); the rest ends with CodeShutdown, and the error is
// then CodeCloseTimeout.
func (p *Producer) Close(timeout time.Duration) error {
	defer runtime.KeepAlive(p)
	return takeError(rmqProducerClose(p.handle, milliseconds(timeout)))
}
