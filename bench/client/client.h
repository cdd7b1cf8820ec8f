/* The runtime, producer and consumer of a run, with the options that its settings ask for. */
#ifndef RMQ_BENCH_CLIENT_H
#define RMQ_BENCH_CLIENT_H

#include <rocketmq_c.h>

/* Ends the process with the error's words. */
void insist(int32_t code, const char* what, rmq_error_t* error);
/* Says the first few errors. */
void tell(const char* what, rmq_error_t* error);

/* `callback` is for the default event queue where the door is a callback; it may be null. */
void start_runtime(rmq_event_fn callback);
void start_producer(void);
void start_consumer(void);

rmq_event_queue_t* events(void);
rmq_message_t* make_message(const char* body, size_t bytes);
/* 16 letters at random: zlib about halves it. */
char* make_body(size_t bytes);

/* Blocks; RMQ_OK when stored. */
int32_t send_waiting(const char* body, size_t bytes);
/* Flags as of rmq_producer_send_async; RMQ_OK when accepted. */
int32_t send_without_waiting(const char* body, size_t bytes, int32_t flags);
/* Until a broker has taken a message, which opens connections and finds the route. */
void send_first(void);

/* Driven: waits for what the runtime has to do, so long at most, and steps. Else nothing. */
void step_if_driven(int64_t wait_ms_max);
/* How long a poll may wait: not at all when driven. */
int64_t poll_ms(int64_t otherwise);

#endif
