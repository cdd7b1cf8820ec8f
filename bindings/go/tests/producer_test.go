// The ways to send, beside those of send_test.go.
package tests

import (
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"librocketmq.example/rocketmqc"
	"librocketmq.example/rocketmqc/testbroker"
)

func openShop(t *testing.T, options string) (*testbroker.Broker, *rocketmqc.Runtime, *rocketmqc.Producer) {
	t.Helper()
	broker, r := startEmbedded(t, options)
	producer, err := r.NewProducer(rocketmqc.Options{"producer_group": "shop", "retry_times_when_send_failed": "0"})
	check(t, err)
	return broker, r, producer
}

// Waits until the broker has so many messages: nobody else tells the end of a one-way send.
func awaitMessages(t *testing.T, broker *testbroker.Broker, count int) string {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); runtime.Gosched() {
		if messages := command(t, broker, "messages orders"); strings.Count(messages, "\n") >= count {
			return messages
		}
	}
	t.Fatalf("fewer than %d messages within a minute", count)
	return ""
}

func TestABlockingSendTellsWhereTheMessageIs(t *testing.T) {
	_, r, producer := openShop(t, "topic=orders:1")
	sent, err := producer.SendBlocking(orderMessage(t, "one"), rocketmqc.AnyQueue, rocketmqc.FlagNoWait, time.Minute)
	check(t, err)
	checkEqual(t, "Status", sent.Status, rocketmqc.SendOK)
	if sent.MessageID == "" || sent.OffsetMessageID == "" || sent.BrokerName != "broker-a" || sent.QueueOffset != 0 {
		t.Fatalf("a field is wrong: %+v", sent)
	}
	sent, err = producer.SendBlocking(orderMessage(t, "two"), rocketmqc.AnyQueue, rocketmqc.FlagOneway, 0)
	check(t, err)
	checkEqual(t, "Status", sent.Status, rocketmqc.SendWritten)
	_, err = producer.SendBlocking(orderMessage(t, "three"), rocketmqc.AnyQueue, rocketmqc.FlagOneway|rocketmqc.FlagSilent, 0)
	if !errors.Is(err, rocketmqc.CodeArgument) {
		t.Fatalf("%v, expected ARGUMENT", err)
	}
	check(t, r.Close(0))
}

func TestOneWaySendsAreFlushed(t *testing.T) {
	broker, r, producer := openShop(t, "topic=orders:1")
	for i := 0; i < 10; i++ {
		check(t, producer.SendOneway(orderMessage(t, "x"), rocketmqc.AnyQueue, 0))
	}
	written := make(chan rocketmqc.Result, 1)
	_, err := producer.SendAsyncWith(orderMessage(t, "x"), rocketmqc.AnyQueue, rocketmqc.FlagOneway, 0,
		func(result rocketmqc.Result, err error) {
			check(t, err)
			written <- result
		})
	check(t, err)
	check(t, producer.Flush(0))
	checkEqual(t, "Status", within(t, "end", written).Status, rocketmqc.SendWritten)
	awaitMessages(t, broker, 11)
	flushed := make(chan error, 1)
	check(t, producer.FlushAsync(0, func(err error) { flushed <- err }))
	check(t, within(t, "end of the flush", flushed))
	closed := make(chan error, 1)
	check(t, producer.CloseAsync(0, func(err error) { closed <- err }))
	check(t, within(t, "end of the close", closed))
	check(t, r.Close(0))
}

func TestManyMessagesGoInOneCall(t *testing.T) {
	broker, r, producer := openShop(t, "topic=orders:1")
	messages := []*rocketmqc.Message{orderMessage(t, "a"), orderMessage(t, "bb"), orderMessage(t, "ccc")}
	ends := make(chan int, 3)
	accepted, err := producer.SendMany(messages, rocketmqc.AnyQueue, 0, 0, func(index int, _ rocketmqc.Result, err error) {
		check(t, err)
		ends <- index
	})
	check(t, err)
	checkEqual(t, "accepted", accepted, 3)
	sum := 0
	for range messages {
		sum += within(t, "end", ends)
	}
	checkEqual(t, "sum of the indexes", sum, 3)
	awaitMessages(t, broker, 3)

	messages[1] = newMessage(t, nil) // without a body
	accepted, err = producer.SendMany(messages, rocketmqc.AnyQueue, 0, 0, func(index int, _ rocketmqc.Result, err error) {
		ends <- index
	})
	checkEqual(t, "accepted", accepted, 1)
	if !errors.Is(err, rocketmqc.CodeMessageIllegal) {
		t.Fatalf("%v, expected MESSAGE_ILLEGAL", err)
	}
	checkEqual(t, "index", within(t, "end", ends), 0)
	check(t, r.Close(0))
}

func TestPackedMessagesBringPartsOfTheirOwn(t *testing.T) {
	broker, r, producer := openShop(t, "topic=orders:1")
	pattern := orderMessage(t, "of the pattern")
	check(t, pattern.SetTags("t"))
	ends := make(chan int, 2)
	accepted, err := producer.SendPackedParts(pattern, rocketmqc.PartBody|rocketmqc.PartKeys,
		[]rocketmqc.PackedMessage{{Body: []byte("one"), Keys: "k1"}, {Body: []byte("three"), Keys: ""}}, rocketmqc.AnyQueue, 0, 0,
		func(index int, _ rocketmqc.Result, err error) {
			check(t, err)
			ends <- index
		})
	check(t, err)
	checkEqual(t, "accepted", accepted, 2)
	within(t, "end", ends)
	within(t, "end", ends)
	checkEqual(t, "messages", awaitMessages(t, broker, 2), "broker-a 0 0 t k1 3\nbroker-a 0 1 t - 5\n")
	check(t, r.Close(0))
}

func TestASendIsCancelledByItsToken(t *testing.T) {
	destination := startBroker(t, neverAnswers)
	r, producer := open(t, nil)
	ended := make(chan error, 1)
	token, err := producer.SendAsyncWith(newMessage(t, []byte("x")), destination, 0, 0,
		func(_ rocketmqc.Result, err error) { ended <- err })
	check(t, err)
	check(t, producer.Cancel(token))
	if err := within(t, "end", ended); !errors.Is(err, rocketmqc.CodeCancelled) {
		t.Fatalf("%v, expected CANCELLED", err)
	}
	check(t, r.Close(0))
}

func TestAProducerIsUpdated(t *testing.T) {
	destination := startBroker(t, neverAnswers)
	r, producer := open(t, nil)
	check(t, producer.Update(rocketmqc.Options{"send_msg_timeout": "20"}))
	_, err := producer.SendBlocking(newMessage(t, []byte("x")), destination, 0, 0)
	var failure *rocketmqc.Error
	if !errors.As(err, &failure) || failure.Limit != 20*time.Millisecond {
		t.Fatalf("%v, expected an error with the new limit", err)
	}
	if err := producer.Update(rocketmqc.Options{"producer_group": "other"}); !errors.Is(err, rocketmqc.CodeOptionValue) {
		t.Fatalf("%v, expected OPTION_VALUE", err)
	}
	r.Close(time.Millisecond)
}

// The body is shared by sends that nobody else refers to, while the collector runs.
func TestPinnedBodiesLiveUntilTheirSendsHaveEnded(t *testing.T) {
	broker, r, producer := openShop(t, "topic=orders:1")
	const count = 50
	ends := make(chan error, count)
	for i := 0; i < count; i++ {
		body := rocketmqc.NewPinnedBody(4000) // too small to be compressed, which copies
		copy(body.Bytes(), "pinned")
		message, err := rocketmqc.NewMessage("orders")
		check(t, err)
		check(t, message.SetBodyPinned(body))
		check(t, producer.SendOneway(message, rocketmqc.AnyQueue, 0))
		check(t, producer.SendAsync(message, rocketmqc.AnyQueue, 0, func(_ rocketmqc.Result, err error) { ends <- err }))
		runtime.GC()
	}
	for i := 0; i < count; i++ {
		check(t, within(t, "end", ends))
	}
	messages := awaitMessages(t, broker, 2*count)
	checkEqual(t, "messages of this size", strings.Count(messages, " 4000\n"), 2*count)
	check(t, r.Close(0))
}
