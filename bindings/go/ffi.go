// The header as Go sees it, and nothing more: each function below is one call of the C function it is named after.
// Failing calls give the code and an owned error object.

package rocketmqc

/*
#cgo pkg-config: rocketmq_c
#include <rocketmq_c.h>
#include <stdlib.h>
*/
import "C"

import "unsafe"

type (
	ffiError       = C.rmq_error_t
	ffiErrorView   = C.rmq_error_view_t
	ffiConfig      = C.rmq_config_t
	ffiRuntime     = C.rmq_runtime_t
	ffiEventQueue  = C.rmq_event_queue_t
	ffiEventView   = C.rmq_event_view_t
	ffiMessage     = C.rmq_message_t
	ffiDestination = C.rmq_destination_t
	ffiProducer    = C.rmq_producer_t
	ffiEvent       = C.rmq_event_t
	ffiConsumer    = C.rmq_push_consumer_t
	ffiMessageView = C.rmq_message_view_t
	ffiDelivery    = C.rmq_delivery_view_t
)

const (
	ffiWaitForever   = C.RMQ_WAIT_FOREVER
	ffiEventSend     = C.RMQ_EVENT_SEND
	ffiEventDelivery = C.RMQ_EVENT_DELIVERY
	ffiEventError    = C.RMQ_EVENT_ERROR
)

// What a zero-length text or body points to: a null pointer would mean that it is absent.
var ffiNothing [1]byte

func ffiText(s string) (*C.char, C.size_t) {
	if s == "" {
		return (*C.char)(unsafe.Pointer(&ffiNothing[0])), 0
	}
	return (*C.char)(*(*unsafe.Pointer)(unsafe.Pointer(&s))), C.size_t(len(s))
}

func ffiOptionalText(s string) (*C.char, C.size_t) {
	if s == "" {
		return nil, 0
	}
	return ffiText(s)
}

func ffiBytes(b []byte) unsafe.Pointer {
	if len(b) == 0 {
		return unsafe.Pointer(&ffiNothing[0])
	}
	return unsafe.Pointer(&b[0])
}

func goText(text *C.char, bytes C.size_t) string { return C.GoStringN(text, C.int(bytes)) }

func goBytes(data unsafe.Pointer, bytes C.size_t) []byte { return C.GoBytes(data, C.int(bytes)) }

func ffiErrorName(code int32) string     { return C.GoString(C.rmq_error_name(C.int32_t(code))) }
func ffiErrorSentence(code int32) string { return C.GoString(C.rmq_error_sentence(C.int32_t(code))) }

func ffiErrorRead(err *ffiError) (view ffiErrorView) {
	C.rmq_error_view(err, &view, C.size_t(unsafe.Sizeof(view)))
	return view
}

func ffiErrorDestroy(err *ffiError) { C.rmq_error_destroy(err) }

func ffiConfigNew() (config *ffiConfig, code int32, err *ffiError) {
	code = int32(C.rmq_config_new(nil, 0, &config, &err))
	return
}

func ffiConfigSet(config *ffiConfig, name, value string) (code int32, err *ffiError) {
	n, nBytes := ffiText(name)
	v, vBytes := ffiText(value)
	code = int32(C.rmq_config_set(config, n, nBytes, v, vBytes, &err))
	return
}

func ffiConfigDestroy(config *ffiConfig) { C.rmq_config_destroy(config) }

func ffiRuntimeNew(config *ffiConfig) (runtime *ffiRuntime, code int32, err *ffiError) {
	code = int32(C.rmq_runtime_new(config, &runtime, &err))
	return
}

func ffiRuntimeStart(runtime *ffiRuntime) (code int32, err *ffiError) {
	code = int32(C.rmq_runtime_start(runtime, &err))
	return
}

func ffiRuntimeClose(runtime *ffiRuntime, timeoutMS int64) (code int32, err *ffiError) {
	code = int32(C.rmq_runtime_close(runtime, C.int64_t(timeoutMS), &err))
	return
}

func ffiRuntimeCloseAsync(runtime *ffiRuntime, timeoutMS int64, token uint64) int32 {
	return int32(C.rmq_runtime_close_async(runtime, C.int64_t(timeoutMS), C.uint64_t(token), nil, nil))
}

func ffiRuntimeDestroy(runtime *ffiRuntime) { C.rmq_runtime_destroy(runtime) }

func ffiRuntimeEventQueue(runtime *ffiRuntime) *ffiEventQueue {
	return C.rmq_runtime_event_queue(runtime)
}

// Views live in C memory, because they hold pointers that the library writes.
func ffiViewsNew(count int) []ffiEventView {
	memory := C.calloc(C.size_t(count), C.size_t(unsafe.Sizeof(ffiEventView{})))
	return unsafe.Slice((*ffiEventView)(memory), count)
}

func ffiViewsFree(views []ffiEventView) { C.free(unsafe.Pointer(&views[0])) }

func ffiEventQueuePollBatch(queue *ffiEventQueue, timeoutMS int64, views []ffiEventView) (count int, code int32) {
	var taken C.size_t
	code = int32(C.rmq_event_queue_poll_batch(queue, C.int64_t(timeoutMS), &views[0],
		C.size_t(unsafe.Sizeof(views[0])), C.size_t(len(views)), &taken, nil))
	return int(taken), code
}

func ffiEventDestroyBatch(views []ffiEventView) {
	C.rmq_event_destroy_batch(&views[0], C.size_t(unsafe.Sizeof(views[0])), C.size_t(len(views)))
}

func ffiMessageNew(topic string) (message *ffiMessage, code int32, err *ffiError) {
	t, tBytes := ffiText(topic)
	code = int32(C.rmq_message_new(t, tBytes, &message, &err))
	return
}

func ffiMessageDestroy(message *ffiMessage) { C.rmq_message_destroy(message) }

func ffiMessageSetBody(message *ffiMessage, body []byte) (code int32, err *ffiError) {
	code = int32(C.rmq_message_set_body(message, ffiBytes(body), C.size_t(len(body)), &err))
	return
}

func ffiMessageSetTags(message *ffiMessage, tags string) (code int32, err *ffiError) {
	t, tBytes := ffiOptionalText(tags)
	code = int32(C.rmq_message_set_tags(message, t, tBytes, &err))
	return
}

func ffiMessageSetKeys(message *ffiMessage, keys string) (code int32, err *ffiError) {
	k, kBytes := ffiOptionalText(keys)
	code = int32(C.rmq_message_set_keys(message, k, kBytes, &err))
	return
}

func ffiMessageSetProperty(message *ffiMessage, name, value string) (code int32, err *ffiError) {
	n, nBytes := ffiText(name)
	v, vBytes := ffiText(value)
	code = int32(C.rmq_message_set_property(message, n, nBytes, v, vBytes, &err))
	return
}

func ffiDestinationNew(address, brokerName string, queueID int32) (destination *ffiDestination, code int32, err *ffiError) {
	a, aBytes := ffiOptionalText(address)
	b, bBytes := ffiOptionalText(brokerName)
	code = int32(C.rmq_destination_new(a, aBytes, b, bBytes, C.int32_t(queueID), &destination, &err))
	return
}

func ffiDestinationDestroy(destination *ffiDestination) { C.rmq_destination_destroy(destination) }

func ffiProducerNew(runtime *ffiRuntime, config *ffiConfig) (producer *ffiProducer, code int32, err *ffiError) {
	code = int32(C.rmq_producer_new(runtime, config, nil, &producer, &err))
	return
}

func ffiProducerStart(producer *ffiProducer) (code int32, err *ffiError) {
	code = int32(C.rmq_producer_start(producer, &err))
	return
}

func ffiProducerSendAsync(producer *ffiProducer, message *ffiMessage, destination *ffiDestination, timeoutMS int64,
	token uint64) (code int32, err *ffiError) {
	code = int32(C.rmq_producer_send_async(producer, message, destination, C.int64_t(timeoutMS), C.uint64_t(token), nil,
		&err))
	return
}

func ffiProducerSendPacked(producer *ffiProducer, pattern *ffiMessage, buffer []byte, offsets []uint32,
	firstToken uint64, destination *ffiDestination, timeoutMS int64) (accepted int, code int32, err *ffiError) {
	var count C.size_t
	code = int32(C.rmq_producer_send_packed(producer, pattern, ffiBytes(buffer), (*C.uint32_t)(&offsets[0]),
		C.uint64_t(firstToken), C.size_t(len(offsets)-1), destination, C.int64_t(timeoutMS), nil, &count, &err))
	return int(count), code, err
}

func ffiProducerCancel(producer *ffiProducer, token uint64) {
	C.rmq_producer_cancel(producer, C.uint64_t(token), nil)
}

func ffiProducerClose(producer *ffiProducer, timeoutMS int64) (code int32, err *ffiError) {
	code = int32(C.rmq_producer_close(producer, C.int64_t(timeoutMS), &err))
	return
}

func ffiProducerDestroy(producer *ffiProducer) { C.rmq_producer_destroy(producer) }

func ffiEventQueueNew(runtime *ffiRuntime) (queue *ffiEventQueue, code int32, err *ffiError) {
	code = int32(C.rmq_event_queue_new(runtime, &queue, &err))
	return
}

func ffiEventQueueDestroy(queue *ffiEventQueue) { C.rmq_event_queue_destroy(queue) }

func ffiEventQueueInterrupt(queue *ffiEventQueue) { C.rmq_event_queue_interrupt(queue) }

func ffiEventQueuePoll(queue *ffiEventQueue, timeoutMS int64) (event *ffiEvent, code int32, err *ffiError) {
	code = int32(C.rmq_event_queue_poll(queue, C.int64_t(timeoutMS), &event, &err))
	return
}

func ffiEventType(event *ffiEvent) int32 { return int32(C.rmq_event_type(event)) }

// The code and the borrowed error of an event.
func ffiEventErrorRead(event *ffiEvent) (int32, *ffiError) {
	object := C.rmq_event_error(event)
	return int32(C.rmq_error_code(object)), (*ffiError)(object)
}

func ffiEventDestroy(event *ffiEvent) { C.rmq_event_destroy(event) }

func ffiDeliveryRead(event *ffiEvent) (view ffiDelivery) {
	C.rmq_event_delivery(event, &view, C.size_t(unsafe.Sizeof(view)))
	return view
}

// Views lie in Go memory: the library only writes them, and what they point to is its own.
func ffiEventMessages(event *ffiEvent, views []ffiMessageView) []ffiMessageView {
	if len(views) == 0 {
		return views
	}
	count := C.rmq_event_messages(event, 0, &views[0], C.size_t(unsafe.Sizeof(views[0])), C.size_t(len(views)))
	return views[:count]
}

func ffiEventAnswer(event *ffiEvent, answer, delayLevel int32) (code int32, err *ffiError) {
	code = int32(C.rmq_event_answer(event, C.int32_t(answer), C.int32_t(delayLevel), &err))
	return
}

func ffiEventAnswerEach(event *ffiEvent, bits []byte, delayLevel int32) (code int32, err *ffiError) {
	code = int32(C.rmq_event_answer_each(event, (*C.uint8_t)(ffiBytes(bits)), C.size_t(len(bits)), C.int32_t(delayLevel),
		&err))
	return
}

// Gives name and value of the property at index.
func ffiMessagePropertyAt(view *ffiMessageView, index int) (string, string) {
	var name, value *C.char
	var nameBytes, valueBytes C.size_t
	C.rmq_message_property_at(view.message, C.size_t(index), &name, &nameBytes, &value, &valueBytes)
	return goText(name, nameBytes), goText(value, valueBytes)
}

func ffiPushConsumerNew(runtime *ffiRuntime, config *ffiConfig, queue *ffiEventQueue) (consumer *ffiConsumer, code int32,
	err *ffiError) {
	code = int32(C.rmq_push_consumer_new(runtime, config, queue, 0, nil, &consumer, &err))
	return
}

func ffiPushConsumerSubscribe(consumer *ffiConsumer, topic string, filter int32, expression string) (code int32,
	err *ffiError) {
	t, tBytes := ffiText(topic)
	e, eBytes := ffiText(expression)
	code = int32(C.rmq_push_consumer_subscribe(consumer, t, tBytes, C.int32_t(filter), e, eBytes, &err))
	return
}

func ffiPushConsumerUnsubscribe(consumer *ffiConsumer, topic string) (code int32, err *ffiError) {
	t, tBytes := ffiText(topic)
	code = int32(C.rmq_push_consumer_unsubscribe(consumer, t, tBytes, &err))
	return
}

func ffiPushConsumerStart(consumer *ffiConsumer) (code int32, err *ffiError) {
	code = int32(C.rmq_push_consumer_start(consumer, &err))
	return
}

func ffiPushConsumerClose(consumer *ffiConsumer, timeoutMS int64) (code int32, err *ffiError) {
	code = int32(C.rmq_push_consumer_close(consumer, C.int64_t(timeoutMS), &err))
	return
}

func ffiPushConsumerDestroy(consumer *ffiConsumer) { C.rmq_push_consumer_destroy(consumer) }
