package rocketmqc

import (
	"fmt"
	"runtime"
	"time"
)

// PackedMessage is what a message of SendPackedParts may bring of its own.
type PackedMessage struct {
	Body        []byte
	Tags        string // empty: none, as all texts below
	Keys        string
	ShardingKey string
}

// SendPacked sends each body with the topic, tags, keys and properties of pattern, in one call into the library. It tells how
// many were accepted, and the error of the first that was refused; done is called once for each accepted one, as by SendAsync.
func (p *Producer) SendPacked(pattern *Message, bodies [][]byte, destination *Destination, timeout time.Duration,
	done func(index int, result Result, err error)) (int, error) {
	return p.sendPacked(pattern, PartBody, len(bodies), func(pack *packer) {
		for _, body := range bodies {
			pack.body(body)
		}
	}, destination, 0, timeout, done)
}

// SendPackedParts sends messages of which each brings some parts, a sum of MessagePart, and takes all else from pattern;
// otherwise as SendPacked, with flags as SendAsyncWith has them.
func (p *Producer) SendPackedParts(pattern *Message, parts MessagePart, messages []PackedMessage, destination *Destination,
	flags SendFlag, timeout time.Duration, done func(index int, result Result, err error)) (int, error) {
	return p.sendPacked(pattern, parts, len(messages), func(pack *packer) {
		for i := range messages {
			pack.message(parts, &messages[i])
		}
	}, destination, flags, timeout, done)
}

func (p *Producer) sendPacked(pattern *Message, parts MessagePart, count int, fill func(*packer), destination *Destination,
	flags SendFlag, timeout time.Duration, done func(int, Result, error)) (int, error) {
	if count == 0 {
		return 0, nil
	}
	pack := packer{buffer: []byte{}, offsets: make([]uint32, 1, count+1)}
	fill(&pack)
	if err := checkCount(count, uint64(len(pack.buffer))); err != nil {
		return 0, err
	}
	token, flags := p.wait(count, flags, pinnedOf(pattern), done)
	accepted, code, object := rmqProducerSendPacked(p.handle, pattern.handle, int32(parts), pack.buffer, pack.offsets,
		tokensFrom(token, count), count, destination.pointer(), int32(flags), milliseconds(timeout), nil)
	runtime.KeepAlive(p)
	runtime.KeepAlive(pattern)
	runtime.KeepAlive(destination)
	p.refused(token, count-accepted)
	return accepted, takeError(code, object)
}

// Lays parts one after another.
type packer struct {
	buffer  []byte
	offsets []uint32
}

func (p *packer) body(body []byte) {
	p.buffer = append(p.buffer, body...)
	p.offsets = append(p.offsets, uint32(len(p.buffer)))
}

func (p *packer) text(text string) {
	p.buffer = append(p.buffer, text...)
	p.offsets = append(p.offsets, uint32(len(p.buffer)))
}

func (p *packer) message(parts MessagePart, message *PackedMessage) {
	if parts&PartBody != 0 {
		p.body(message.Body)
	}
	if parts&PartTags != 0 {
		p.text(message.Tags)
	}
	if parts&PartKeys != 0 {
		p.text(message.Keys)
	}
	if parts&PartShardingKey != 0 {
		p.text(message.ShardingKey)
	}
}

func tokensFrom(first uint64, count int) []uint64 {
	tokens := make([]uint64, count)
	for i := range tokens {
		tokens[i] = first + uint64(i)
	}
	return tokens
}

// Tells whether tokens and offsets reach as far.
func checkCount(count int, bytes uint64) error {
	if count > packedLimit || bytes > 1<<32-1 {
		return fmt.Errorf("%d messages of %d bytes in one call, expected at most %d of 4 GiB in all", count, bytes, packedLimit)
	}
	return nil
}
