// Package testbroker runs a NameServer and brokers in this process, for tests.
//
//	broker, err := testbroker.Start("topic=orders:8")
//	defer broker.Close()
//	runtime, err := rocketmqc.NewRuntime(rocketmqc.Options{"namesrv_addr": broker.NamesrvAddr()})
//	_, err = broker.Command("fault all SEND_MESSAGE_V2 nth=1 no_answer")
//
// Options and commands are those of docs/testbroker.md.
package testbroker

/*
#cgo pkg-config: rocketmq_testbroker
#include <rocketmq_testbroker.h>
#include <stdlib.h>
*/
import "C"

import (
	"errors"
	"fmt"
	"sync"
	"unsafe"
)

const (
	errorBytes = 4096
	replyBytes = 64 * 1024
)

// A Broker is a running cluster. It may be used by several goroutines.
type Broker struct {
	mutex       sync.RWMutex // held for writing by Close: nothing may be called after it, nor beside it
	handle      *C.rmq_testbroker_t
	namesrvAddr string
}

// Start starts a cluster; every server listens when it returns.
func Start(options string) (*Broker, error) {
	text := C.CString(options)
	defer C.free(unsafe.Pointer(text))
	var why [errorBytes]C.char
	handle := C.rmq_testbroker_start(text, &why[0], errorBytes)
	if handle == nil {
		return nil, errors.New(C.GoString(&why[0]))
	}
	return &Broker{handle: handle, namesrvAddr: C.GoString(C.rmq_testbroker_namesrv_addr(handle))}, nil
}

// NamesrvAddr is the value for the option namesrv_addr.
func (b *Broker) NamesrvAddr() string { return b.namesrvAddr }

// Command runs one command, waits until it is done, and gives its answer.
func (b *Broker) Command(line string) (string, error) {
	b.mutex.RLock()
	defer b.mutex.RUnlock()
	if b.handle == nil {
		return "", errors.New("the broker was closed")
	}
	text := C.CString(line)
	defer C.free(unsafe.Pointer(text))
	for size := C.size_t(replyBytes); ; {
		reply := make([]C.char, size)
		var length C.size_t
		code := C.rmq_testbroker_command(b.handle, text, &reply[0], size, &length)
		if code == C.RMQ_TESTBROKER_OK && length >= size {
			size = length + replyBytes // only commands that change nothing answer so much
			continue
		}
		answer := C.GoString(&reply[0])
		if code == C.RMQ_TESTBROKER_OK {
			return answer, nil
		}
		if answer == "" {
			answer = fmt.Sprintf("the command failed with code %d", code)
		}
		return "", errors.New(answer)
	}
}

// Close closes every connection and ends the broker's thread. It may be called twice.
func (b *Broker) Close() {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	C.rmq_testbroker_destroy(b.handle)
	b.handle = nil
}
