// The embedded broker in the process of a test, as a user's test would have it.
package tests

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"librocketmq.example/rocketmqc"
	"librocketmq.example/rocketmqc/testbroker"
)

func startEmbedded(t *testing.T, options string) (*testbroker.Broker, *rocketmqc.Runtime) {
	t.Helper()
	broker, err := testbroker.Start(options)
	check(t, err)
	t.Cleanup(broker.Close)
	return broker, openAt(t, broker.NamesrvAddr())
}

func command(t *testing.T, broker *testbroker.Broker, line string) string {
	t.Helper()
	answer, err := broker.Command(line)
	check(t, err)
	return answer
}

func orderMessage(t *testing.T, body string) *rocketmqc.Message {
	t.Helper()
	message, err := rocketmqc.NewMessage("orders")
	check(t, err)
	check(t, message.SetBody([]byte(body)))
	return message
}

func TestAMessageGoesThroughABrokerOfThisProcess(t *testing.T) {
	broker, r := startEmbedded(t, "")
	command(t, broker, "topic put orders 2")
	producer, err := r.NewProducer(rocketmqc.Options{"producer_group": "shop"})
	check(t, err)
	message := orderMessage(t, "one")
	check(t, message.SetTags("new"))
	check(t, message.SetKeys("k1"))
	sent, err := producer.Send(context.Background(), message, rocketmqc.AnyQueue)
	check(t, err)
	line := fmt.Sprintf("broker-a %d 0 new k1 3", sent.QueueID)
	checkEqual(t, "messages", strings.TrimSpace(command(t, broker, "messages orders")), line)

	consumer, err := r.NewPushConsumer(rocketmqc.Options{"consumer_group": "billing", "consume_from_where": "first"})
	check(t, err)
	check(t, consumer.Subscribe("orders", rocketmqc.ExpressionTag, "*"))
	check(t, consumer.Start())
	delivery := receive(t, consumer)
	checkEqual(t, "body", string(delivery.Messages()[0].Body), "one")
	check(t, delivery.Answer(rocketmqc.AnswerSuccess, rocketmqc.DelayByCount))
	check(t, consumer.Close(0))
	if offsets := command(t, broker, "offsets billing"); !strings.Contains(offsets, fmt.Sprintf("orders %d 1", sent.QueueID)) {
		t.Fatalf("the stored offsets are\n%s", offsets)
	}
	check(t, r.Close(0))
}

func TestOrderedSendsWithOneKeyShareAQueueInTheirOrder(t *testing.T) {
	broker, r := startEmbedded(t, "topic=orders:8")
	producer, err := r.NewProducer(rocketmqc.Options{"producer_group": "shop"})
	check(t, err)
	command(t, broker, "fault all SEND_MESSAGE_V2 nth=2 error=2")
	byKey, err := rocketmqc.NewSelectedDestination(rocketmqc.SelectorHashOfShardingKey)
	check(t, err)
	var ended sync.WaitGroup
	for _, key := range []string{"k1", "k2", "k3", "k4"} {
		message := orderMessage(t, "x")
		check(t, message.SetKeys(key))
		check(t, message.SetText(rocketmqc.FieldShardingKey, "one"))
		ended.Add(1)
		_, err := producer.SendAsyncWith(message, byKey, rocketmqc.FlagOrdered, 0, func(_ rocketmqc.Result, err error) {
			if err != nil {
				t.Error(err)
			}
			ended.Done()
		})
		check(t, err)
	}
	ended.Wait()
	var keys []string
	for _, line := range strings.Split(strings.TrimSpace(command(t, broker, "messages orders")), "\n") {
		keys = append(keys, strings.Fields(line)[4])
	}
	checkEqual(t, "keys", strings.Join(keys, " "), "k1 k2 k3 k4")
	if _, err := producer.Send(context.Background(), orderMessage(t, "x"), byKey); !errors.Is(err, rocketmqc.CodeMessageIllegal) {
		t.Fatalf("%v, expected MESSAGE_ILLEGAL", err)
	}
	check(t, r.Close(0))
}

func TestAFaultIsWhatTheClientSees(t *testing.T) {
	broker, r := startEmbedded(t, "topic=orders:2")
	producer, err := r.NewProducer(rocketmqc.Options{"producer_group": "shop", "retry_times_when_send_failed": "0"})
	check(t, err)
	command(t, broker, "fault all SEND_MESSAGE_V2 nth=1 error=2")
	_, err = producer.Send(context.Background(), orderMessage(t, "one"), rocketmqc.AnyQueue)
	if !errors.Is(err, rocketmqc.CodeBrokerBusy) {
		t.Fatalf("%v, expected BROKER_BUSY", err)
	}
	checkEqual(t, "messages", command(t, broker, "messages orders"), "")
	_, err = producer.Send(context.Background(), orderMessage(t, "two"), rocketmqc.AnyQueue)
	check(t, err)
	check(t, r.Close(0))
}

func TestWhatTheBrokerDoesNotUnderstandIsNamed(t *testing.T) {
	if _, err := testbroker.Start("no_such_option=1"); err == nil || !strings.Contains(err.Error(), "no_such_option") {
		t.Fatalf("%v, expected it to name the option", err)
	}
	broker, err := testbroker.Start("")
	check(t, err)
	if _, err := broker.Command("no_such_command"); err == nil || !strings.Contains(err.Error(), "no_such_command") {
		t.Fatalf("%v, expected it to name the command", err)
	}
	broker.Close()
	broker.Close()
	if _, err := broker.Command("stats"); err == nil {
		t.Fatal("a closed broker took a command")
	}
}

func TestATimerMessageIsRecalled(t *testing.T) {
	_, r := startEmbedded(t, "topic=orders:2 recall=true")
	producer, err := r.NewProducer(rocketmqc.Options{"producer_group": "shop"})
	check(t, err)
	message := orderMessage(t, "later")
	check(t, message.SetNumber(rocketmqc.FieldDelayMS, 3_600_000))
	sent, err := producer.SendBlocking(message, rocketmqc.AnyQueue, 0, 0)
	check(t, err)
	id, err := producer.Recall("orders", sent.RecallHandle, 0)
	check(t, err)
	checkEqual(t, "id of what was recalled", id, sent.MessageID)
	queues, err := producer.Queues("orders", 0)
	check(t, err)
	checkEqual(t, "queues", len(queues), 2)
	checkEqual(t, "the second queue", queues[1], rocketmqc.Queue{Topic: "orders", BrokerName: "broker-a", QueueID: 1})
	if _, err = producer.Queues("none", 0); !errors.Is(err, rocketmqc.CodeNoRoute) {
		t.Errorf("queues of a missing topic: %v", err)
	}
}
