// The batch path: many deliveries in one call, and what a call into the library costs is shared by their messages.
package tests

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"librocketmq.example/rocketmqc"
)

const crossingsPerMessageMax = 1.0 / 16

func startBatchConsumer(t *testing.T, r *rocketmqc.Runtime) *rocketmqc.PushConsumer {
	t.Helper()
	consumer, err := r.NewPushConsumer(rocketmqc.Options{"consumer_group": "go_batches", "consume_from_where": "first",
		"consume_message_batch_max_size": "256", "pull_batch_size": "256"})
	check(t, err)
	check(t, consumer.Subscribe("bench_stub", rocketmqc.ExpressionTag, "*"))
	check(t, consumer.Start())
	return consumer
}

func receiveBatch(t *testing.T, consumer *rocketmqc.PushConsumer, batch *rocketmqc.Batch) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	check(t, consumer.ReceiveBatch(ctx, batch))
}

func TestCrossings(t *testing.T) {
	r := openAt(t, startBrokerProgram(t))
	sendSome(t, r, 4*receivedCount, "0123456789abcdef")
	consumer := startBatchConsumer(t, r)
	batch := rocketmqc.NewBatch(16, 16*256)
	defer batch.Close()
	seen, bytes, batches := 0, 0, 0
	before, start := runtime.NumCgoCall(), time.Now()
	for seen < 4*receivedCount {
		receiveBatch(t, consumer, batch)
		batches++
		for i := 0; i < batch.MessageCount(); i++ {
			bytes += len(batch.Message(i).Body())
		}
		seen += batch.MessageCount()
		check(t, batch.Answer(rocketmqc.AnswerSuccess))
		batch.Release()
	}
	crossings := runtime.NumCgoCall() - before
	checkEqual(t, "bytes", bytes, 16*seen)
	perMessage := float64(crossings) / float64(seen)
	t.Logf("%d messages in %d batches and %s: %d calls into the library, %.4f per message", seen, batches, time.Since(start),
		crossings, perMessage)
	if perMessage > crossingsPerMessageMax {
		t.Errorf("%.4f calls into the library per message, expected at most %.4f", perMessage, crossingsPerMessageMax)
	}
	check(t, consumer.Close(0))
	check(t, r.Close(0))
}

func TestABatchShowsItsDeliveries(t *testing.T) {
	r := openAt(t, startBrokerProgram(t))
	sendSome(t, r, 1, "a\x00b")
	consumer := startBatchConsumer(t, r)
	batch := rocketmqc.NewBatch(4, 16)
	receiveBatch(t, consumer, batch)
	checkEqual(t, "events", batch.Len(), 1)
	event := batch.Event(0)
	checkEqual(t, "Type", event.Type(), rocketmqc.EventDelivery)
	checkEqual(t, "Topic", event.Topic(), "bench_stub")
	checkEqual(t, "Count and Shown", [2]int{event.Count(), event.Shown()}, [2]int{1, 1})
	message := event.Message(0)
	checkEqual(t, "QueueID", event.QueueID(), message.QueueID())
	checkEqual(t, "Offset", event.Offset(), message.QueueOffset())
	checkEqual(t, "Body", string(message.Body()), "a\x00b")
	checkEqual(t, "Tags", message.Tags(), "a")
	colour, isThere := message.Property("colour")
	checkEqual(t, "colour", [2]any{colour, isThere}, [2]any{"red", true})
	_, isThere = message.Property("shape")
	checkEqual(t, "shape", isThere, false)
	copied := message.Copy()
	check(t, batch.Answer(rocketmqc.AnswerSuccess))
	if err := batch.Answer(rocketmqc.AnswerSuccess); !errors.Is(err, rocketmqc.CodeAlreadyAnswered) {
		t.Fatalf("%v, expected ALREADY_ANSWERED", err)
	}
	batch.Close()
	checkEqual(t, "copied colour", copied.Properties["colour"], "red")
	checkEqual(t, "copied body", string(copied.Body), "a\x00b")
	if copied.StoreSize == 0 || copied.BodyCRC == 0 || copied.StoreHost == "" || copied.BrokerName == "" {
		t.Fatalf("a field is empty: %+v", copied)
	}
	check(t, consumer.Close(0))
	check(t, r.Close(0))
}

func TestABatchThatIsReturnedComesAgainUncounted(t *testing.T) {
	r := openAt(t, startBrokerProgram(t))
	sendSome(t, r, 1, "again")
	consumer := startBatchConsumer(t, r)
	batch := rocketmqc.NewBatch(4, 16)
	defer batch.Close()
	receiveBatch(t, consumer, batch)
	check(t, batch.AnswerEach(func(event rocketmqc.Event) rocketmqc.Answer { return rocketmqc.AnswerReturn }))
	receiveBatch(t, consumer, batch)
	checkEqual(t, "ReconsumeTimes", batch.Message(0).ReconsumeTimes(), 0)
	delivery := batch.Event(0).Take()
	check(t, batch.Answer(rocketmqc.AnswerReconsumeLater)) // which no delivery is left for
	batch.Release()
	checkEqual(t, "Body", string(delivery.Messages()[0].Body), "again")
	checkEqual(t, "Group", delivery.Group, "go_batches")
	check(t, delivery.Answer(rocketmqc.AnswerSuccess, rocketmqc.DelayByCount))
	check(t, consumer.Close(0))
	check(t, r.Close(0))
}

func TestWhatDoesNotFitIntoABatchIsInTheDelivery(t *testing.T) {
	r := openAt(t, startBrokerProgram(t))
	sendSome(t, r, 40, "x")
	consumer := startBatchConsumer(t, r)
	batch := rocketmqc.NewBatch(1, 3)
	defer batch.Close()
	for seen := 0; seen < 40; {
		receiveBatch(t, consumer, batch)
		event := batch.Event(0)
		if event.Shown() > 3 || event.Shown() > event.Count() {
			t.Fatalf("%d of %d messages are shown, expected at most 3", event.Shown(), event.Count())
		}
		delivery := event.Take()
		seen += len(delivery.Messages())
		checkEqual(t, "messages of the delivery", len(delivery.Messages()), event.Count())
		check(t, delivery.Answer(rocketmqc.AnswerSuccess, rocketmqc.DelayByCount))
	}
	check(t, consumer.Close(0))
	check(t, r.Close(0))
}
