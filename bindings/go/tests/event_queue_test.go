// Event queues of one's own.
package tests

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"librocketmq.example/rocketmqc"
	"librocketmq.example/rocketmqc/tests/cfunctions"
)

func newQueue(t *testing.T, r *rocketmqc.Runtime) *rocketmqc.EventQueue {
	t.Helper()
	queue, err := r.NewEventQueue()
	check(t, err)
	return queue
}

func poll(t *testing.T, queue *rocketmqc.EventQueue, batch *rocketmqc.Batch) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	check(t, queue.Poll(ctx, batch))
}

// Consumers on one queue, told apart by their tokens, and a producer whose results come by the same poll.
func TestAQueueServesAProducerAndConsumers(t *testing.T) {
	r := openAt(t, startBrokerProgram(t))
	queue := newQueue(t, r)
	producer, err := queue.NewProducer(rocketmqc.Options{"producer_group": "go"})
	check(t, err)
	sent := 0
	check(t, producer.SendAsync(newMessage(t, []byte("x")), rocketmqc.AnyQueue, 0, func(_ rocketmqc.Result, err error) {
		check(t, err)
		sent++
	}))
	tokens := map[uint64]string{11: "one", 12: "two"}
	for token, group := range tokens {
		consumer, err := queue.NewPushConsumer(rocketmqc.Options{"consumer_group": group, "consume_from_where": "first"}, token)
		check(t, err)
		check(t, consumer.Subscribe("bench_stub", rocketmqc.ExpressionTag, ""))
		check(t, consumer.Start())
		if _, err := consumer.Receive(context.Background()); !errors.Is(err, rocketmqc.CodeWrongMode) {
			t.Fatalf("%v, expected WRONG_MODE", err)
		}
		defer consumer.Close(0)
	}
	batch := rocketmqc.NewBatch(8, 8)
	defer batch.Close()
	for sent == 0 || len(tokens) > 0 {
		poll(t, queue, batch)
		for i := 0; i < batch.Len(); i++ {
			if event := batch.Event(i); event.Type() == rocketmqc.EventDelivery {
				delete(tokens, event.Token())
			}
		}
		check(t, batch.Answer(rocketmqc.AnswerSuccess))
	}
	checkEqual(t, "ends of the send", sent, 1)
	checkEqual(t, "Dropped", queue.Dropped(), 0)
}

func TestAConsumerClosesWithoutWaiting(t *testing.T) {
	r := openAt(t, startBrokerProgram(t))
	consumer := startConsumer(t, r)
	var told error = errors.New("done was not called")
	check(t, consumer.CloseAsync(0, func(err error) { told = err }))
	if _, err := consumer.Receive(context.Background()); !errors.Is(err, rocketmqc.CodeClosed) {
		t.Fatalf("%v, expected CLOSED", err)
	}
	check(t, told)
	check(t, r.Close(0))
}

func TestAnInterruptEndsAPoll(t *testing.T) {
	r, err := rocketmqc.NewRuntime(nil)
	check(t, err)
	queue, batch := newQueue(t, r), rocketmqc.NewBatch(1, 0)
	check(t, queue.TryPoll(batch))
	checkEqual(t, "events and Length", [2]int{batch.Len(), queue.Length()}, [2]int{0, 0})
	queue.Interrupt()
	if err := queue.Poll(context.Background(), batch); !errors.Is(err, rocketmqc.CodeInterrupted) {
		t.Fatalf("%v, expected INTERRUPTED", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(time.Millisecond, cancel)
	if err := queue.Poll(ctx, batch); !errors.Is(err, context.Canceled) {
		t.Fatalf("%v, expected the end of the context", err)
	}
	check(t, r.Close(0))
	if err := queue.Poll(context.Background(), batch); !errors.Is(err, rocketmqc.CodeClosed) {
		t.Fatalf("%v, expected CLOSED", err)
	}
}

func TestAQueueIsClosedWhileGoroutinesPollIt(t *testing.T) {
	r, err := rocketmqc.NewRuntime(nil)
	check(t, err)
	queue := newQueue(t, r)
	if queue.FD() < 0 {
		t.Fatal("the queue has no descriptor")
	}
	var ended sync.WaitGroup
	for i := 0; i < 4; i++ {
		ended.Add(1)
		go func() {
			defer ended.Done()
			if err := queue.Poll(context.Background(), rocketmqc.NewBatch(1, 0)); !errors.Is(err, rocketmqc.CodeClosed) {
				t.Errorf("%v, expected CLOSED", err)
			}
		}()
	}
	queue.Close()
	queue.Close()
	ended.Wait()
	checkEqual(t, "FD", queue.FD(), -1)
	if _, err := queue.NewProducer(nil); !errors.Is(err, rocketmqc.CodeClosed) {
		t.Fatalf("%v, expected CLOSED", err)
	}
	check(t, r.Close(0))
}

func TestACallbackInCTakesTheEvents(t *testing.T) {
	r := openAt(t, startBrokerProgram(t))
	sendSome(t, r, 3, "x")
	queue := newQueue(t, r)
	check(t, queue.SetCallback(cfunctions.OnEvent(), cfunctions.Start(), 1))
	consumer, err := queue.NewPushConsumer(rocketmqc.Options{"consumer_group": "c", "consume_from_where": "first"}, 0)
	check(t, err)
	check(t, consumer.Subscribe("bench_stub", rocketmqc.ExpressionTag, ""))
	check(t, consumer.Start())
	for i := 0; i < 3; i++ {
		cfunctions.Await()
	}
	if err := queue.TryPoll(rocketmqc.NewBatch(1, 1)); !errors.Is(err, rocketmqc.CodeWrongMode) {
		t.Fatalf("%v, expected WRONG_MODE", err)
	}
	check(t, consumer.Close(0))
	check(t, queue.SetCallback(nil, nil, 0))
	check(t, r.Close(0))
}

func TestAWakeupInCTellsOfEvents(t *testing.T) {
	r := openAt(t, startBrokerProgram(t))
	queue := newQueue(t, r)
	producer, err := queue.NewProducer(rocketmqc.Options{"producer_group": "go"})
	check(t, err)
	check(t, queue.SetWakeup(cfunctions.OnWakeup(), cfunctions.Start()))
	checkEqual(t, "FD", queue.FD(), -1)
	ended := false
	check(t, producer.SendAsync(newMessage(t, []byte("x")), rocketmqc.AnyQueue, 0, func(_ rocketmqc.Result, err error) {
		check(t, err)
		ended = true
	}))
	for batch := rocketmqc.NewBatch(1, 0); !ended; {
		cfunctions.Await()
		check(t, queue.TryPoll(batch))
	}
	check(t, queue.SetWakeup(nil, nil))
	check(t, r.Close(0))
}
