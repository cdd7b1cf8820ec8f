package tests

import (
	"context"
	"strings"
	"testing"
	"time"

	"librocketmq.example/rocketmqc"
)

func TestATransactionEndsAsTheLocalOneDid(t *testing.T) {
	broker, r := startEmbedded(t, "topic=orders:1 transaction_timeout=1ms transaction_interval=50ms")
	queue, err := r.NewEventQueue()
	check(t, err)
	defer queue.Close()
	producer, err := queue.NewProducer(rocketmqc.Options{"producer_group": "shop"})
	check(t, err)
	for _, answer := range []rocketmqc.Answer{rocketmqc.AnswerCommit, rocketmqc.AnswerRollback, rocketmqc.AnswerUnknown} {
		result, err := producer.SendTransaction(orderMessage(t, "one"), rocketmqc.AnyQueue, 0,
			func(rocketmqc.Result) rocketmqc.Answer { return answer })
		check(t, err)
		checkEqual(t, "status", result.Status, rocketmqc.SendOK)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	batch := rocketmqc.NewBatch(1, 1)
	defer batch.Close()
	check(t, queue.Poll(ctx, batch))
	checkEqual(t, "type", batch.Event(0).Type(), rocketmqc.EventTransactionCheck)
	checkEqual(t, "body", string(batch.Event(0).Message(0).Body()), "one")
	check(t, batch.Event(0).Answer(rocketmqc.AnswerCommit))
	for len(strings.Fields(command(t, broker, "messages orders"))) != 12 && ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
	check(t, ctx.Err())
}
