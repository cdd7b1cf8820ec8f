// A runtime: what it shows, tells and asks, and how it is driven and closed.
package tests

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"librocketmq.example/rocketmqc"
)

func sendOne(t *testing.T, r *rocketmqc.Runtime) {
	t.Helper()
	producer, err := r.NewProducer(rocketmqc.Options{"producer_group": "go"})
	check(t, err)
	_, err = producer.Send(context.Background(), newMessage(t, []byte("x")), rocketmqc.AnyQueue)
	check(t, err)
}

func within[T any](t *testing.T, what string, channel <-chan T) T {
	t.Helper()
	select {
	case value := <-channel:
		return value
	case <-time.After(time.Minute):
		t.Fatalf("no %s within a minute", what)
		panic("unreachable")
	}
}

func TestARuntimeShowsItself(t *testing.T) {
	r, err := rocketmqc.NewRuntime(nil)
	check(t, err)
	view := r.View()
	if view.ClientID == "" || !view.IsRunning || view.IsDriven || view.Threads < 1 {
		t.Fatalf("%+v, expected a running runtime with a thread", view)
	}
	checkEqual(t, "FD", r.FD(), -1)
	if err := r.Step(); !errors.Is(err, rocketmqc.CodeWrongMode) {
		t.Fatalf("%v, expected WRONG_MODE", err)
	}
	check(t, r.Close(0))
	checkEqual(t, "IsRunning", r.View().IsRunning, false)
}

func TestARuntimeLogs(t *testing.T) {
	lines := make(chan rocketmqc.LogLine, 1)
	r, err := rocketmqc.NewRuntime(rocketmqc.Options{"namesrv_addr": startBrokerProgram(t)},
		rocketmqc.OnLog(func(line rocketmqc.LogLine) {
			select {
			case lines <- line:
			default:
			}
		}))
	check(t, err)
	check(t, r.Update(rocketmqc.Options{"log_level": "debug"}))
	sendOne(t, r)
	line := within(t, "log line", lines)
	if line.Level == rocketmqc.LogOff || line.Operation == "" || !strings.HasPrefix(line.Line, "event=") ||
		time.Since(line.Time) > time.Hour {
		t.Fatalf("a field is wrong: %+v", line)
	}
	checkEqual(t, "ClientID", line.ClientID, r.View().ClientID)
	checkEqual(t, "Dropped", r.Dropped(), 0)
	if err := r.Update(rocketmqc.Options{"run_mode": "driven"}); !errors.Is(err, rocketmqc.CodeOptionValue) {
		t.Fatalf("%v, expected OPTION_VALUE", err)
	}
	check(t, r.Close(0))
}

func TestARuntimeTellsErrorsOfTheBackground(t *testing.T) {
	failures := make(chan *rocketmqc.Error, 64)
	r, err := rocketmqc.NewRuntime(rocketmqc.Options{"namesrv_addr": "127.0.0.1:1", "events": "error"},
		rocketmqc.OnError(func(err *rocketmqc.Error) { failures <- err }))
	check(t, err)
	producer, err := r.NewProducer(rocketmqc.Options{"producer_group": "go", "events": "error", "send_msg_timeout": "100"})
	check(t, err)
	if _, err := producer.Send(context.Background(), newMessage(t, []byte("x")), rocketmqc.AnyQueue); err == nil {
		t.Fatal("the send has no error")
	}
	if failure := within(t, "error", failures); failure.Count < 1 || failure.Message == "" {
		t.Fatalf("a field is wrong: %+v", failure)
	}
	check(t, r.Close(0))
}

func TestARuntimeAsksForAddresses(t *testing.T) {
	address, port, _ := strings.Cut(startBrokerProgram(t), ":")
	hosts := make(chan string, 16)
	r, err := rocketmqc.NewRuntime(rocketmqc.Options{"namesrv_addr": "names.test:" + port},
		rocketmqc.OnResolve(func(_ context.Context, host string) ([]string, error) {
			hosts <- host
			return []string{address}, nil
		}))
	check(t, err)
	sendOne(t, r)
	checkEqual(t, "host", within(t, "question", hosts), "names.test")
	check(t, r.Close(0))
}

func TestANameWithoutAnAddressFailsTheSend(t *testing.T) {
	r, err := rocketmqc.NewRuntime(rocketmqc.Options{"namesrv_addr": "names.test:1"},
		rocketmqc.OnResolve(func(context.Context, string) ([]string, error) { return nil, errors.New("not here") }))
	check(t, err)
	producer, err := r.NewProducer(rocketmqc.Options{"producer_group": "go", "send_msg_timeout": "100"})
	check(t, err)
	_, err = producer.Send(context.Background(), newMessage(t, []byte("x")), rocketmqc.AnyQueue)
	if err == nil {
		t.Fatal("the send has no error")
	}
	check(t, r.Close(0))
}

// Steps until the runtime has ended, and sleeps in between as it says.
func drive(t *testing.T, r *rocketmqc.Runtime) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	watcher, err := syscall.EpollCreate1(0)
	check(t, err)
	defer syscall.Close(watcher)
	check(t, syscall.EpollCtl(watcher, syscall.EPOLL_CTL_ADD, r.FD(), &syscall.EpollEvent{Events: syscall.EPOLLIN}))
	for r.Step() == nil {
		milliseconds := -1
		if timeout := r.StepTimeout(); timeout >= 0 {
			milliseconds = int(timeout / time.Millisecond)
		}
		syscall.EpollWait(watcher, make([]syscall.EpollEvent, 1), milliseconds)
	}
}

func TestARuntimeIsDriven(t *testing.T) {
	r, err := rocketmqc.NewRuntime(rocketmqc.Options{"namesrv_addr": startBrokerProgram(t), "run_mode": "driven"})
	check(t, err)
	checkEqual(t, "IsDriven and Threads", [2]any{r.View().IsDriven, r.View().Threads}, [2]any{true, 0})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		drive(t, r)
	}()
	sendOne(t, r)
	closed := make(chan error, 1)
	check(t, r.CloseAsync(0, func(err error) { closed <- err }))
	check(t, within(t, "end of the close", closed))
	within(t, "end of the driving", ended)
	check(t, r.Close(0))
}

func TestADrivenRuntimeThatIsForgottenEnds(t *testing.T) {
	ended := make(chan error, 1)
	func() {
		r, err := rocketmqc.NewRuntime(rocketmqc.Options{"run_mode": "driven"})
		check(t, err)
		producer, err := r.NewProducer(rocketmqc.Options{"producer_group": "go"})
		check(t, err)
		check(t, producer.SendAsync(newMessage(t, []byte("x")), rocketmqc.AnyQueue, 0, func(_ rocketmqc.Result, err error) {
			ended <- err
		}))
	}()
	deadline := time.After(time.Minute)
	for {
		runtime.GC()
		select {
		case err := <-ended:
			if !errors.Is(err, rocketmqc.CodeShutdown) {
				t.Fatalf("%v, expected SHUTDOWN", err)
			}
			return
		case <-deadline:
			t.Fatal("the send did not end")
		default:
			runtime.Gosched()
		}
	}
}
