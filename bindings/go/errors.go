package rocketmqc

import (
	"fmt"
	"time"
)

// Error is a failure with all that the library knows of it. Empty texts and -1 mean "not concerned".
type Error struct {
	Code         Code
	Category     Category
	Outcome      Outcome
	Retriable    bool       // the same call may succeed later without any change
	ServerRole   ServerRole // who answered
	ResponseCode int32      // the server's own code
	QueueID      int32
	Name         string
	Message      string // what was tried, on what, and what happened
	Hint         string
	Remark       string // the server's words
	Address      string
	Topic        string
	BrokerName   string
	Group        string
	ClientID     string
	MessageID    string        // of a send: the unique id of its message
	Count        int64         // of a background error: how often it happened since it was told last; of a close: what was left
	Elapsed      time.Duration // how long the operation went on, all attempts together; -1 when unknown
	Limit        time.Duration // what its time limit was; -1 when unknown

	cause error // why a context ended the operation
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %s", e.Name, e.Message) }

// Is tells whether target is the code of the error.
func (e *Error) Is(target error) bool {
	code, ok := target.(Code)
	return ok && code == e.Code
}

// Unwrap gives the error of the context that ended the operation, if one did.
func (e *Error) Unwrap() error { return e.cause }

// Reads a borrowed error object; there is none when memory is exhausted.
func readError(code int32, object *ffiError) *Error {
	if object == nil {
		return &Error{Code: Code(code), Name: NameOf(NameError, code), Message: SentenceOf(NameError, code)}
	}
	view, _ := rmqErrorView(object)
	return &Error{
		Code:         Code(view.code),
		Category:     Category(view.category),
		Outcome:      Outcome(view.outcome),
		Retriable:    view.retriable != 0,
		ServerRole:   ServerRole(view.server_role),
		ResponseCode: int32(view.response_code),
		QueueID:      int32(view.queue_id),
		Name:         goText(view.name, view.name_bytes),
		Message:      goText(view.message, view.message_bytes),
		Hint:         goText(view.hint, view.hint_bytes),
		Remark:       goText(view.remark, view.remark_bytes),
		Address:      goText(view.address, view.address_bytes),
		Topic:        goText(view.topic, view.topic_bytes),
		BrokerName:   goText(view.broker_name, view.broker_name_bytes),
		Group:        goText(view.group, view.group_bytes),
		ClientID:     goText(view.client_id, view.client_id_bytes),
		MessageID:    goText(view.message_id, view.message_id_bytes),
		Count:        int64(view.count),
		Elapsed:      durationOrUnknown(int64(view.elapsed_ms)),
		Limit:        durationOrUnknown(int64(view.limit_ms)),
	}
}

func durationOrUnknown(ms int64) time.Duration {
	if ms < 0 {
		return -1
	}
	return time.Duration(ms) * time.Millisecond
}

// Turns the end of a C call into a Go error, and gives up the error object.
func takeError(code int32, object *ffiError) error {
	if code == 0 {
		return nil
	}
	err := readError(code, object)
	rmqErrorDestroy(object)
	return err
}
