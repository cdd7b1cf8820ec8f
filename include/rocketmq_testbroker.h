/*
 * rocketmq_testbroker.h: an embedded RocketMQ NameServer and brokers for tests, in the process of the test.
 *
 *   char why[256];
 *   rmq_testbroker_t *broker = rmq_testbroker_start("topic=orders:8", why, sizeof why);
 *   ... point a client at rmq_testbroker_namesrv_addr(broker) ...
 *   rmq_testbroker_command(broker, "fault broker-a SEND_MESSAGE_V2 nth=3 no_answer", NULL, 0, NULL);
 *   rmq_testbroker_destroy(broker);
 *
 * It is a library of its own, librocketmq_testbroker, that shares no symbol with librocketmq_c: both may be loaded into one
 * process. Options, commands, faults and scenario files are the same as those of the executable rmq-testbroker;
 * docs/testbroker.md lists them, and the command "help" does.
 *
 * Names, tags, keys and ids that clients chose stand in a reply as one word each, an empty one as "-". Blanks, control
 * characters, '%' and bytes that are not UTF-8 are written as %XX.
 *
 * All text is UTF-8 and ends with a zero. A function may be called on any thread, and several at once on one broker, except
 * that rmq_testbroker_destroy must be the last call on it. Nothing is ever thrown, no signal disposition is changed, and
 * no environment variable is read.
 */
#ifndef ROCKETMQ_TESTBROKER_H
#define ROCKETMQ_TESTBROKER_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__) && defined(RMQ_TESTBROKER_BUILDING)
#define RMQ_TESTBROKER_API __attribute__((visibility("default")))
#else
#define RMQ_TESTBROKER_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* A running cluster: one NameServer, one or more brokers, their slaves; on one thread of its own, in memory. */
typedef struct rmq_testbroker_s rmq_testbroker_t;

/* What rmq_testbroker_command returns. More may be added. */
enum rmq_testbroker_code_e {
  RMQ_TESTBROKER_OK = 0,
  RMQ_TESTBROKER_ARGUMENT = 1, /* a null pointer where none may be */
  RMQ_TESTBROKER_COMMAND = 2,  /* the command was not understood or could not be done; the reply says why */
  RMQ_TESTBROKER_MEMORY = 3,   /* no memory */
  RMQ_TESTBROKER_FORKED = 4,   /* the broker belongs to the parent process */
  RMQ_TESTBROKER_INTERNAL = 5  /* a mistake of this library */
};

/**
 * Starts a cluster. Every server listens when this returns; it waits for nothing else.
 *
 * @param options     words name=value separated by blanks, tabs or line ends, zero-terminated, at most 64 KiB, such as
 *                    "brokers=2 slaves=1 version=4.9.7 topic=orders:8". A value with blanks stands in '...' or "...". Null or
 *                    empty: one NameServer and broker that behaves like 5.4.0, on a free port of 127.0.0.1, where sends create
 *                    topics. Copied
 * @param error       null, or where a sentence goes that names the word and what was expected. Made empty first; cut to
 *                    error_size - 1 bytes at the end of a character, and zero-terminated, if error_size > 0
 * @param error_size  bytes at `error`
 * @return an owned broker; null when an option is not understood, a port is taken, or a scenario file cannot be read; null
 *         too when the system gives no descriptor, thread or memory
 * @thread any
 * @since 0.1
 */
RMQ_TESTBROKER_API rmq_testbroker_t *rmq_testbroker_start(const char *options, char *error, size_t error_size);

/**
 * The NameServer's address, "127.0.0.1:port", or that of the option host, "[::1]:port" for IPv6. With several brokers it is the first broker's, too, unless the option
 * separate_namesrv says otherwise; the command "servers" lists all addresses.
 *
 * @param broker  null gives an empty text
 * @return zero-terminated text, borrowed until the broker is destroyed; never changes
 * @thread any
 * @since 0.1
 */
RMQ_TESTBROKER_API const char *rmq_testbroker_namesrv_addr(const rmq_testbroker_t *broker);

/**
 * Runs one command and waits until it is done. What a command starts (a crash that lasts 2 s) goes on after this has returned.
 *
 * @param command       one line, zero-terminated, at most 16 KiB. Copied
 * @param reply         null, or where the answer goes: lines of text, or the sentence of a failure. Cut to reply_size - 1 bytes
 *                      at the end of a character, and zero-terminated, if reply_size > 0
 * @param reply_size    bytes at `reply`
 * @param reply_length  null, or set to the length of the whole answer without its zero, at most 4 MiB. A longer answer ends
 *                      with a line of one U+2026, and nothing tells the rest. Being cut is no error: when it is not less
 *                      than reply_size, ask again with a larger reply
 * @return RMQ_TESTBROKER_OK; RMQ_TESTBROKER_COMMAND, and nothing was changed; RMQ_TESTBROKER_ARGUMENT, RMQ_TESTBROKER_MEMORY,
 *         RMQ_TESTBROKER_FORKED, RMQ_TESTBROKER_INTERNAL
 * @thread any; blocks for the time that the command takes on the cluster's thread
 * @since 0.1
 */
RMQ_TESTBROKER_API int32_t rmq_testbroker_command(rmq_testbroker_t *broker, const char *command, char *reply,
                                                  size_t reply_size, size_t *reply_length);

/**
 * Closes every connection and listener, ends the thread, and frees all of it. Clients may be connected: they see their
 * connections closed. In a forked child only the child's copies of the sockets are closed, and the parent's broker goes on.
 * The broker's memory and its other descriptors stay until the child ends or calls exec.
 *
 * @param broker  owned; null is allowed. No other call on it may run or follow
 * @thread any; may serve as a finalizer. Waits for the cluster's thread, which is never busy for long
 * @since 0.1
 */
RMQ_TESTBROKER_API void rmq_testbroker_destroy(rmq_testbroker_t *broker);

#ifdef __cplusplus
}
#endif

#endif
