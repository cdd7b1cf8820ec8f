package rocketmqc

import (
	"context"
	"strings"
	"time"
)

// Hook asks for events of a runtime itself: OnLog, OnError, OnResolve.
type Hook func(*hooks)

type hooks struct {
	log     func(LogLine)
	fail    func(*Error)
	resolve func(ctx context.Context, host string) ([]string, error)
}

// LogLine is one line of the log.
type LogLine struct {
	Level     LogLevel
	Status    Code // CodeOK, or what failed
	Time      time.Time
	Took      time.Duration // the time of the operation; -1 when it has none
	Operation string        // a stable word such as "connect" or "send"
	ClientID  string
	Error     string // empty when there is none
	Line      string // the whole: "event=connect address=... status=..."
}

// OnLog has log called with each line that the option log_level lets through, on the goroutine that takes the runtime's events:
// it must not wait.
func OnLog(log func(LogLine)) Hook { return func(h *hooks) { h.log = log } }

// OnError has fail called with what goes wrong in the background of the runtime and its producers, if their option events is
// "error". It must not wait.
func OnError(fail func(*Error)) Hook { return func(h *hooks) { h.fail = fail } }

// OnResolve has resolve look up the names of hosts, each on a goroutine of its own. net.DefaultResolver.LookupHost fits. The
// context ends with the runtime; an error, or an answer after connect_timeout, means that the name has no address.
func OnResolve(resolve func(ctx context.Context, host string) ([]string, error)) Hook {
	return func(h *hooks) { h.resolve = resolve }
}

// Turns on what was asked for, before the start.
func (h *hooks) ask(runtime *ffiRuntime) error {
	queue := rmqRuntimeEventQueue(runtime)
	if h.log != nil {
		if err := takeError(rmqRuntimeSetEventQueue(runtime, int32(EventLog), queue)); err != nil {
			return err
		}
	}
	if h.resolve != nil {
		return takeError(rmqRuntimeSetEventQueue(runtime, int32(EventResolve), queue))
	}
	return nil
}

// Copies what the events tell, and gives what is to be called with it. Questions are taken out of their views.
func (h *hooks) match(living context.Context, views []ffiEventView) (told []func()) {
	for i := range views {
		view := &views[i]
		switch EventType(view.event_type) {
		case EventLog:
			line := readLog(view.event)
			told = append(told, func() { h.log(line) })
		case EventError:
			if h.fail != nil {
				failure := readError(int32(view.error_code), view.error)
				told = append(told, func() { h.fail(failure) })
			}
		case EventResolve:
			question := view.event
			view.event = nil
			told = append(told, func() { go h.answer(living, question) })
		}
	}
	return told
}

func readLog(event *ffiEvent) LogLine {
	view, _ := rmqEventLog(event)
	took := time.Duration(view.execution_time_us) * time.Microsecond
	if view.execution_time_us < 0 {
		took = -1
	}
	return LogLine{
		Level:     LogLevel(view.level),
		Status:    Code(view.status),
		Time:      time.UnixMilli(int64(view.timestamp_ms)),
		Took:      took,
		Operation: goText(view.operation, view.operation_bytes),
		ClientID:  goText(view.client_id, view.client_id_bytes),
		Error:     goText(view.error, view.error_bytes),
		Line:      goText(view.line, view.line_bytes),
	}
}

// Takes over an owned question. One that is destroyed unanswered says that the name has no address.
func (h *hooks) answer(living context.Context, question *ffiEvent) {
	defer rmqEventDestroy(question)
	if addresses, err := h.resolve(living, rmqEventText(question).String()); err == nil {
		takeError(rmqEventAnswerText(question, optionalTextIn(strings.Join(addresses, ";"))))
	}
}
