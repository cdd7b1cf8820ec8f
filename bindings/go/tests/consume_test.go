// A push consumer in Go against an embedded NameServer and broker.
package tests

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"librocketmq.example/rocketmqc"
)

const receivedCount = 2000

func openAt(t *testing.T, nameServers string) *rocketmqc.Runtime {
	t.Helper()
	runtime, err := rocketmqc.NewRuntime(rocketmqc.Options{"namesrv_addr": nameServers})
	check(t, err)
	return runtime
}

func sendSome(t *testing.T, runtime *rocketmqc.Runtime, count int, body string) {
	t.Helper()
	producer, err := runtime.NewProducer(rocketmqc.Options{"producer_group": "go"})
	check(t, err)
	message := newMessage(t, []byte(body))
	check(t, message.SetTags("a"))
	check(t, message.SetKeys("k"))
	check(t, message.SetProperty("colour", "red"))
	var ended sync.WaitGroup
	ended.Add(count)
	for i := 0; i < count; i++ {
		check(t, producer.SendAsync(message, rocketmqc.AnyQueue, 0, func(_ rocketmqc.Result, err error) {
			if err != nil {
				t.Error(err)
			}
			ended.Done()
		}))
	}
	ended.Wait()
}

func startConsumer(t *testing.T, runtime *rocketmqc.Runtime) *rocketmqc.PushConsumer {
	t.Helper()
	consumer, err := runtime.NewPushConsumer(rocketmqc.Options{"consumer_group": "go_readers", "consume_from_where": "first",
		"consume_message_batch_max_size": "32"})
	check(t, err)
	check(t, consumer.Subscribe("bench_stub", rocketmqc.ExpressionTag, "*"))
	check(t, consumer.Start())
	return consumer
}

func receive(t *testing.T, consumer *rocketmqc.PushConsumer) *rocketmqc.Delivery {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	delivery, err := consumer.Receive(ctx)
	check(t, err)
	return delivery
}

func TestEachMessageIsDeliveredOnce(t *testing.T) {
	r := openAt(t, startBrokerProgram(t))
	sendSome(t, r, receivedCount, "x")
	consumer := startConsumer(t, r)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	type place struct {
		queue  int32
		offset int64
	}
	places := make(map[place]bool)
	var mutex sync.Mutex
	var workers sync.WaitGroup
	for worker := 0; worker < 4; worker++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for {
				delivery, err := consumer.Receive(ctx)
				if err != nil {
					return
				}
				mutex.Lock()
				for _, message := range delivery.Messages() {
					if places[place{message.QueueID, message.QueueOffset}] {
						t.Errorf("queue %d offset %d came twice", message.QueueID, message.QueueOffset)
					}
					places[place{message.QueueID, message.QueueOffset}] = true
				}
				if len(places) == receivedCount {
					cancel() // ends the other workers
				}
				mutex.Unlock()
				if err := delivery.Answer(rocketmqc.AnswerSuccess, rocketmqc.DelayByCount); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	workers.Wait()
	checkEqual(t, "messages", len(places), receivedCount)
	check(t, consumer.Close(0))

	sendSome(t, r, 1, "after all others")
	consumer = startConsumer(t, r)
	delivery := receive(t, consumer)
	checkEqual(t, "messages of the second consumer", len(delivery.Messages()), 1)
	checkEqual(t, "body", string(delivery.Messages()[0].Body), "after all others")
	check(t, delivery.Answer(rocketmqc.AnswerSuccess, rocketmqc.DelayByCount))
	check(t, consumer.Close(0))
	check(t, r.Close(0))
}

func TestTextsOfOtherClientsComeByteForByte(t *testing.T) {
	address := startBrokerProgram(t)
	gbk := "\xb6\xa9\xb5\xa5"
	storeRaw(t, address, "body \xb6", "TAGS\x01"+gbk+"\x02KEYS\x01k \xb6\x02"+gbk+"\x01\xb6\x02")
	r := openAt(t, address)
	consumer := startConsumer(t, r)
	delivery := receive(t, consumer)
	message := delivery.Messages()[0]
	checkEqual(t, "Tags", message.Tags, gbk)
	checkEqual(t, "Keys", message.Keys, "k \xb6")
	checkEqual(t, "property", message.Properties[gbk], "\xb6")
	checkEqual(t, "Body", string(message.Body), "body \xb6")
	check(t, delivery.Answer(rocketmqc.AnswerSuccess, rocketmqc.DelayByCount))
	check(t, r.Close(0))
}

func TestADeliveryShowsAllOfItsMessages(t *testing.T) {
	r := openAt(t, startBrokerProgram(t))
	sendSome(t, r, 1, "a\x00b")
	consumer := startConsumer(t, r)
	delivery := receive(t, consumer)
	message := delivery.Messages()[0]
	checkEqual(t, "Topic", delivery.Topic, "bench_stub")
	checkEqual(t, "QueueID", delivery.QueueID, message.QueueID)
	checkEqual(t, "Body", string(message.Body), "a\x00b")
	checkEqual(t, "Tags", message.Tags, "a")
	checkEqual(t, "Keys", message.Keys, "k")
	checkEqual(t, "colour", message.Properties["colour"], "red")
	checkEqual(t, "ReconsumeTimes", message.ReconsumeTimes, 0)
	if message.MessageID == "" || message.BornHost == "" || time.Since(message.StoreTime) > time.Hour {
		t.Fatalf("a field is wrong: %+v", message)
	}
	check(t, delivery.AnswerEach([]bool{true}, rocketmqc.DelayByCount))
	if err := delivery.Answer(rocketmqc.AnswerReconsumeLater, 1); !errors.Is(err, rocketmqc.CodeAlreadyAnswered) {
		t.Fatalf("%v, expected ALREADY_ANSWERED", err)
	}
	check(t, consumer.Close(0))
	check(t, r.Close(0))
}

// Whoever gives up a delivery without a look has not failed with its messages, and makes no dead letters of them.
func TestADeliveryThatNobodyLookedAtComesAgainUncounted(t *testing.T) {
	r := openAt(t, startBrokerProgram(t))
	sendSome(t, r, 1, "unseen")
	consumer := startConsumer(t, r)
	receive(t, consumer).Close()
	delivery := receive(t, consumer)
	checkEqual(t, "Topic", delivery.Topic, "bench_stub")
	checkEqual(t, "ReconsumeTimes", delivery.Messages()[0].ReconsumeTimes, 0)
	checkEqual(t, "Body", string(delivery.Messages()[0].Body), "unseen")
	check(t, delivery.Answer(rocketmqc.AnswerSuccess, rocketmqc.DelayByCount))
	check(t, consumer.Close(0))
	check(t, r.Close(0))
}

func TestMessagesAreReadableAfterTheAnswer(t *testing.T) {
	r := openAt(t, startBrokerProgram(t))
	sendSome(t, r, 1, "kept")
	consumer := startConsumer(t, r)
	delivery := receive(t, consumer)
	check(t, delivery.Answer(rocketmqc.AnswerSuccess, rocketmqc.DelayByCount))
	delivery.Close()
	checkEqual(t, "Body", string(delivery.Messages()[0].Body), "kept")
	check(t, consumer.Close(0))
	check(t, r.Close(0))
}

func TestAClosedDeliveryTakesNoAnswer(t *testing.T) {
	r := openAt(t, startBrokerProgram(t))
	sendSome(t, r, 1, "given up")
	consumer := startConsumer(t, r)
	delivery := receive(t, consumer)
	delivery.Close()
	delivery.Close()
	checkEqual(t, "messages", len(delivery.Messages()), 0)
	if err := delivery.Answer(rocketmqc.AnswerSuccess, rocketmqc.DelayByCount); !errors.Is(err, rocketmqc.CodeAlreadyAnswered) {
		t.Fatalf("%v, expected ALREADY_ANSWERED", err)
	}
	check(t, consumer.Close(0))
	check(t, r.Close(0))
}

func TestAnAnswerAfterTheCloseIsStale(t *testing.T) {
	r := openAt(t, startBrokerProgram(t))
	sendSome(t, r, 1, "kept")
	consumer := startConsumer(t, r)
	delivery := receive(t, consumer)
	if err := consumer.Close(time.Millisecond); !errors.Is(err, rocketmqc.CodeCloseTimeout) {
		t.Fatalf("%v, expected CLOSE_TIMEOUT", err)
	}
	check(t, r.Close(0))
	if err := delivery.Answer(rocketmqc.AnswerSuccess, rocketmqc.DelayByCount); !errors.Is(err, rocketmqc.CodeStale) {
		t.Fatalf("%v, expected STALE", err)
	}
}

func TestAConsumerSaysWhatKeepsItFromWorking(t *testing.T) {
	consumer, err := openAt(t, startBrokerProgram(t)).NewPushConsumer(rocketmqc.Options{"consumer_group": "go_readers"})
	check(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var told *rocketmqc.Error
	consumer.OnError = func(err *rocketmqc.Error) {
		told = err
		cancel()
	}
	check(t, consumer.Subscribe("misspelt", rocketmqc.ExpressionTag, "*"))
	check(t, consumer.Start())
	if _, err := consumer.Receive(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("want canceled, got %v", err)
	}
	if told.Code != rocketmqc.CodeNoRoute || told.Topic != "misspelt" {
		t.Errorf("want no route of misspelt, got %v", told)
	}
}

func TestACloseEndsWaiting(t *testing.T) {
	r := openAt(t, startBrokerProgram(t))
	consumer := startConsumer(t, r)
	ended := make(chan error, 3)
	for i := 0; i < cap(ended); i++ {
		go func() {
			_, err := consumer.Receive(context.Background())
			ended <- err
		}()
	}
	check(t, consumer.Close(0))
	for i := 0; i < cap(ended); i++ {
		if err := <-ended; !errors.Is(err, rocketmqc.CodeClosed) {
			t.Fatalf("%v, expected CLOSED", err)
		}
	}
	check(t, r.Close(0))
}

func TestSampleConsumes(t *testing.T) {
	address := startBrokerProgram(t)
	r := openAt(t, address)
	sendSome(t, r, 3, "hello")
	program := filepath.Join(t.TempDir(), "consume_push")
	if output, err := exec.Command("go", "build", "-o", program, "../samples/consume_push").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	output, err := exec.Command(program, address, "bench_stub", "readers", "3").Output()
	check(t, err)
	checkEqual(t, "messages", strings.Count(string(output), " hello\n"), 3)

	sendSome(t, r, 1, "again")
	endless := exec.Command(program, address, "bench_stub", "readers")
	stdout, err := endless.StdoutPipe()
	check(t, err)
	check(t, endless.Start())
	t.Cleanup(func() { endless.Process.Kill() })
	line, err := bufio.NewReader(stdout).ReadString('\n')
	check(t, err)
	checkEqual(t, "line", strings.HasSuffix(line, " again\n"), true)
	check(t, endless.Process.Signal(os.Interrupt))
	check(t, endless.Wait())
	check(t, r.Close(0))
}
