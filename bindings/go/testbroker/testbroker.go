// Package testbroker runs a NameServer and brokers in this process, for tests.
//
//	broker, err := testbroker.Start("topic=orders:8")
//	defer broker.Close()
//	runtime, err := rocketmqc.NewRuntime(rocketmqc.Options{"namesrv_addr": broker.NamesrvAddr()})
//	_, err = broker.Command("fault all SEND_MESSAGE_V2 nth=1 no_answer")
//
// Options and commands are those of docs/testbroker.md.
package testbroker

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
)

const (
	errorBytes = 4096
	replyBytes = 64 * 1024
)

// A Broker is a running cluster. It may be used by several goroutines.
type Broker struct {
	mutex       sync.RWMutex // held for writing by Close: nothing may be called after it, nor beside it
	handle      *ffiTestbroker
	namesrvAddr string
}

// Start starts a cluster; every server listens when it returns.
func Start(options string) (*Broker, error) {
	why := make([]byte, errorBytes)
	handle := rmqTestbrokerStart(options, why)
	if handle == nil {
		return nil, errors.New(upToZero(why))
	}
	return &Broker{handle: handle, namesrvAddr: rmqTestbrokerNamesrvAddr(handle)}, nil
}

// A text of C in room that is larger.
func upToZero(room []byte) string {
	text, _, _ := bytes.Cut(room, []byte{0})
	return string(text)
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
	for size := replyBytes; ; {
		reply := make([]byte, size)
		length, code := rmqTestbrokerCommand(b.handle, line, reply)
		if ffiCode(code) == ffiCodeOK && length >= size {
			size = length + replyBytes // only commands that change nothing answer so much
			continue
		}
		answer := upToZero(reply)
		if ffiCode(code) == ffiCodeOK {
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
	rmqTestbrokerDestroy(b.handle)
	b.handle = nil
}
