// Sends from Go against an embedded broker, and what a binding must get right around them.
package tests

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"librocketmq.example/rocketmqc"
)

func messageCount() int {
	if count, err := strconv.Atoi(os.Getenv("RMQ_TEST_COUNT")); err == nil {
		return count
	}
	return 100000
}

// Counts the ends of each message. At most `window` are pending.
type account struct {
	seen   []atomic.Int32
	failed atomic.Int32
	first  atomic.Value // the first error
	ended  sync.WaitGroup
	window chan struct{}
	wall   time.Time
	cpu    time.Duration
}

func newAccount(count, window int) *account {
	a := &account{seen: make([]atomic.Int32, count), window: make(chan struct{}, window), wall: time.Now(), cpu: cpuTime()}
	a.ended.Add(count)
	return a
}

func (a *account) end(index int, err error) {
	a.seen[index].Add(1)
	if err != nil && a.failed.Add(1) == 1 {
		a.first.Store(err)
	}
	<-a.window
	a.ended.Done()
}

func (a *account) check(t *testing.T, failed int) {
	t.Helper()
	a.ended.Wait()
	wall, cpu := time.Since(a.wall), cpuTime()-a.cpu
	for index := range a.seen {
		if seen := a.seen[index].Load(); seen != 1 {
			t.Fatalf("message %d ended %d times", index, seen)
		}
	}
	if a.failed.Load() != int32(failed) {
		t.Fatalf("failed sends: %d, expected %d; the first: %v", a.failed.Load(), failed, a.first.Load())
	}
	count := float64(len(a.seen))
	t.Logf("%.0f messages/s, %.2f us CPU per message", count/wall.Seconds(), float64(cpu.Microseconds())/count)
}

func cpuTime() time.Duration {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func TestSingleSendsEndOnceEach(t *testing.T) {
	destination := startBroker(t)
	r, producer := open(t, nil)
	message := newMessage(t, nil)
	a := newAccount(messageCount(), 4096)
	body := []byte("0123456789abcdef")
	for i := range a.seen {
		i := i
		a.window <- struct{}{}
		check(t, message.SetBody(body))
		check(t, producer.SendAsync(message, destination, 0, func(_ rocketmqc.Result, err error) { a.end(i, err) }))
	}
	a.check(t, 0)
	check(t, producer.Close(0)) // so that it is not forgotten while its sends are under way
	check(t, r.Close(0))
}

func TestPackedSendsEndOnceEach(t *testing.T) {
	destination := startBroker(t)
	r, producer := open(t, nil)
	pattern := newMessage(t, nil)
	a := newAccount(messageCount(), 4096)
	bodies := make([][]byte, 256)
	for i := range bodies {
		bodies[i] = []byte("0123456789abcdef")
	}
	for first := 0; first < len(a.seen); first += len(bodies) {
		first := first
		if left := len(a.seen) - first; left < len(bodies) {
			bodies = bodies[:left]
		}
		for range bodies {
			a.window <- struct{}{}
		}
		accepted, err := producer.SendPacked(pattern, bodies, destination, 0,
			func(index int, _ rocketmqc.Result, err error) { a.end(first+index, err) })
		check(t, err)
		checkEqual(t, "accepted", accepted, len(bodies))
	}
	a.check(t, 0)
	check(t, producer.Close(0)) // so that it is not forgotten while its sends are under way
	check(t, r.Close(0))
}

func TestManyGoroutinesWaitForTheirSends(t *testing.T) {
	destination := startBroker(t)
	r, producer := open(t, nil)
	var group sync.WaitGroup
	ids := sync.Map{}
	for worker := 0; worker < 64; worker++ {
		group.Add(1)
		message := newMessage(t, []byte("x"))
		go func() {
			defer group.Done()
			for i := 0; i < 50; i++ {
				result, err := producer.Send(context.Background(), message, destination)
				if err != nil {
					t.Error(err)
					return
				}
				if _, twice := ids.LoadOrStore(result.MessageID, true); twice {
					t.Errorf("the id %s was given twice", result.MessageID)
				}
			}
		}()
	}
	group.Wait()
	check(t, r.Close(0))
}

func TestRefusedCallsTellTheirError(t *testing.T) {
	_, err := rocketmqc.NewRuntime(rocketmqc.Options{"no_such_option": "1"})
	if !errors.Is(err, rocketmqc.CodeOptionUnknown) {
		t.Fatalf("%v, expected OPTION_UNKNOWN", err)
	}
	destination := startBroker(t)
	r, producer := open(t, nil)
	err = producer.SendAsync(newMessage(t, nil), destination, 0, func(rocketmqc.Result, error) { t.Error("an event came") })
	if !errors.Is(err, rocketmqc.CodeMessageIllegal) {
		t.Fatalf("%v, expected MESSAGE_ILLEGAL", err)
	}
	accepted, err := producer.SendPacked(newMessage(t, nil), [][]byte{[]byte("a"), []byte("b"), {}, []byte("c")}, destination, 0,
		func(int, rocketmqc.Result, error) {})
	checkEqual(t, "accepted", accepted, 2)
	if !errors.Is(err, rocketmqc.CodeMessageIllegal) {
		t.Fatalf("%v, expected MESSAGE_ILLEGAL", err)
	}
	check(t, r.Close(0))
}

func TestFailedSendsTellWhatTheBrokerSaid(t *testing.T) {
	destination := startBroker(t, "SEND_MESSAGE_V2 first=1000 error=16")
	r, producer := open(t, nil)
	_, err := producer.Send(context.Background(), newMessage(t, []byte("x")), destination)
	var failure *rocketmqc.Error
	if !errors.As(err, &failure) {
		t.Fatalf("%v, expected an *Error", err)
	}
	checkEqual(t, "Code", failure.Code, rocketmqc.CodeNoPermission)
	checkEqual(t, "Name", failure.Name, "NO_PERMISSION")
	checkEqual(t, "Outcome", failure.Outcome, rocketmqc.OutcomeNotApplied)
	checkEqual(t, "Retriable", failure.Retriable, false)
	checkEqual(t, "ResponseCode", failure.ResponseCode, 16)
	checkEqual(t, "QueueID", failure.QueueID, 0)
	checkEqual(t, "Group", failure.Group, "go")
	if failure.Address == "" || failure.ClientID == "" || failure.Message == "" {
		t.Fatalf("a field is empty: %+v", failure)
	}
	check(t, r.Close(0))
}

func TestBodiesAreAnyBytesUpToTheLimit(t *testing.T) {
	const limit = 64 * 1024
	destination := startBroker(t)
	r, producer := open(t, rocketmqc.Options{"max_message_size": strconv.Itoa(limit)})
	for _, body := range [][]byte{{0}, []byte("a\x00b\x00"), make([]byte, limit)} {
		_, err := producer.Send(context.Background(), newMessage(t, body), destination)
		check(t, err)
	}
	_, err := producer.Send(context.Background(), newMessage(t, make([]byte, limit+1)), destination)
	if !errors.Is(err, rocketmqc.CodeTooLarge) {
		t.Fatalf("%v, expected TOO_LARGE", err)
	}
	check(t, r.Close(0))
}

func TestContextCancelsASend(t *testing.T) {
	destination := startBroker(t, neverAnswers)
	r, producer := open(t, nil)
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(10*time.Millisecond, cancel)
	_, err := producer.Send(ctx, newMessage(t, []byte("x")), destination)
	if !errors.Is(err, rocketmqc.CodeCancelled) || !errors.Is(err, context.Canceled) {
		t.Fatalf("%v, expected CANCELLED", err)
	}
	ctx, cancel = context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err = producer.Send(ctx, newMessage(t, []byte("x")), destination); err == nil {
		t.Fatal("the send has no error, expected one of the deadline")
	}
	check(t, r.Close(0))
}

func sendAll(t *testing.T, producer *rocketmqc.Producer, destination *rocketmqc.Destination, a *account) {
	t.Helper()
	message := newMessage(t, []byte("x"))
	for i := range a.seen {
		i := i
		a.window <- struct{}{}
		check(t, producer.SendAsync(message, destination, 0, func(_ rocketmqc.Result, err error) {
			if !errors.Is(err, rocketmqc.CodeShutdown) {
				t.Errorf("message %d: %v, expected SHUTDOWN", i, err)
			}
			a.end(i, err)
		}))
	}
}

func TestCloseEndsPendingSends(t *testing.T) {
	destination := startBroker(t, neverAnswers)
	r, producer := open(t, nil)
	a := newAccount(1000, 1000)
	sendAll(t, producer, destination, a)
	if err := producer.Close(time.Millisecond); !errors.Is(err, rocketmqc.CodeCloseTimeout) {
		t.Fatalf("%v, expected CLOSE_TIMEOUT", err)
	}
	a.check(t, 1000)
	err := producer.SendAsync(newMessage(t, []byte("x")), destination, 0, func(rocketmqc.Result, error) {})
	if !errors.Is(err, rocketmqc.CodeClosed) {
		t.Fatalf("%v, expected CLOSED", err)
	}
	r.Close(0)
	err = producer.SendAsync(newMessage(t, []byte("x")), destination, 0, func(rocketmqc.Result, error) {})
	if !errors.Is(err, rocketmqc.CodeClosed) {
		t.Fatalf("%v, expected CLOSED", err)
	}
}

func collectUntil(t *testing.T, ended *sync.WaitGroup) {
	t.Helper()
	done := make(chan struct{})
	go func() { ended.Wait(); close(done) }()
	deadline := time.After(20 * time.Second)
	for {
		runtime.GC() // a finalizer may need more than one
		select {
		case <-done:
			return
		case <-deadline:
			t.Fatal("not all sends ended within 20 s of garbage collections")
		default:
			runtime.Gosched()
		}
	}
}

func TestForgottenProducersEndTheirSends(t *testing.T) {
	destination := startBroker(t, neverAnswers)
	r, err := rocketmqc.NewRuntime(nil)
	check(t, err)
	a := newAccount(1000, 1000)
	func() {
		producer, err := r.NewProducer(rocketmqc.Options{"producer_group": "go"})
		check(t, err)
		sendAll(t, producer, destination, a)
	}()
	collectUntil(t, &a.ended)
	a.check(t, 1000)
	r.Close(0)
}

func TestForgottenRuntimesEndTheirSends(t *testing.T) {
	destination := startBroker(t, neverAnswers)
	a := newAccount(1000, 1000)
	func() {
		_, producer := open(t, nil)
		sendAll(t, producer, destination, a)
	}()
	collectUntil(t, &a.ended)
	a.check(t, 1000)
}

func TestSampleSendsOne(t *testing.T) {
	sample := exec.Command("go", "run", "../samples/send_one", startBrokerProgram(t), "bench_stub", "hello")
	output, err := sample.CombinedOutput()
	if err != nil || !strings.Contains(string(output), " is at offset 0 of queue ") {
		t.Fatalf("%v: %s", err, output)
	}
}
