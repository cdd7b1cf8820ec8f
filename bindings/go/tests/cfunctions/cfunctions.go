// Package cfunctions has C functions for the tests of callbacks: test files themselves cannot use cgo.
package cfunctions

/*
#cgo pkg-config: rocketmq_c
#include <rocketmq_c.h>
#include <semaphore.h>

static sem_t calls;

static int32_t on_event(rmq_event_view_t *event, void *user_data) {
  if (event->event_type == RMQ_EVENT_DELIVERY) sem_post(user_data);
  return RMQ_ANSWER_SUCCESS;
}

static void on_wakeup(void *user_data) { sem_post(user_data); }

static void start(void) { sem_init(&calls, 0, 0); }
static void *counter(void) { return &calls; }
static void *event_function(void) { return (void *)on_event; }
static void *wakeup_function(void) { return (void *)on_wakeup; }
static void await(void) { while (sem_wait(&calls) != 0) {} }
*/
import "C"

import "unsafe"

// Start sets the number of calls to zero, and gives the user_data for both functions.
func Start() unsafe.Pointer {
	C.start()
	return C.counter()
}

// OnEvent counts deliveries and answers them with success.
func OnEvent() unsafe.Pointer { return C.event_function() }

// OnWakeup counts its calls.
func OnWakeup() unsafe.Pointer { return C.wakeup_function() }

// Await waits for one call that was not waited for yet.
func Await() { C.await() }
