/*
 * rocketmq_c.h: the C ABI of librocketmq_c, a client of Apache RocketMQ 4.9 to 5.4.
 *
 * CONVENTIONS. What is said here holds for every function and is not repeated below.
 *
 * Names. Functions are rmq_<noun>_<verb>, types rmq_<noun>_t, constants RMQ_<GROUP>_<NAME>. Handles are opaque.
 *
 * Ownership words.
 *   owned            yours; give it up with the one rmq_<noun>_destroy of its type
 *   borrowed until X readable until X happens; copy it to keep it
 *   copied           the library has its own copy when the call returns
 *   pinned until X   no copy is made; keep it alive and unchanged until X
 * Inputs are copied unless a line says otherwise. Every rmq_<noun>_destroy accepts null and may serve as a finalizer as it is,
 * in any order, on any thread. It never waits for the network; rmq_event_queue_destroy and rmq_runtime_destroy wait for functions of
 * yours that the library is calling at that moment. Nothing of the library is ever given to free().
 *
 * Text and bytes. In: pointer and length; the length SIZE_MAX means "zero-terminated"; a null pointer means absent, a length of
 * zero means empty, which is not absent. Text that you give is checked: it is UTF-8 without zero bytes. Bodies are any bytes.
 * Out: pointer and length, the text also zero-terminated (bodies are not). Text that comes from the network (topics, tags, keys,
 * property names and values, ids, remarks) is bytes. It is usually UTF-8, but other clients write what they like; no byte is changed.
 *
 * Numbers. Fixed width; sizes in memory are size_t; booleans are int32_t, 0 or 1; constants are enumerators and travel as int32_t.
 * Enumerations grow. Destroy an event of a type that you do not know. Judge a code that you do not know by its category. No
 * new type of event comes to a program that did not ask for it.
 * Durations are in milliseconds (_ms), points in time milliseconds since 1970 UTC (_timestamp_ms).
 *
 * Time limits. timeout_ms: 0 means the default of the option named at the function, negative is refused. A deadline counts from
 * the call, on the monotonic clock, and includes everything: waiting for room, names, connecting, retries. In poll calls 0
 * means "do not wait" and RMQ_WAIT_FOREVER no limit.
 *
 * Errors. A function that can fail returns an int32_t: RMQ_OK or an RMQ_ERROR_ code, and the code is what counts. If `error` is not
 * null, *error is set to null on success. On failure it is set to an owned error object, or to null when memory is exhausted.
 * Out parameters are set to null or 0 on failure. Any function may return RMQ_ERROR_ARGUMENT (null handle, text that is not UTF-8,
 * number out of range), RMQ_ERROR_MEMORY, RMQ_ERROR_INTERNAL, and RMQ_ERROR_FORKED when the handle belongs to the parent process.
 *
 * Events. Every accepted asynchronous operation yields exactly one event on the event queue of its handle. The event carries the
 * token and user_data of the call. A call that returned an error yields none. An event is owned by whoever took it, and owns all
 * that it shows. It lives until it is destroyed, whatever happens to its queue, producer and runtime. Operations never finish
 * inside the call that started them.
 *
 * Three ways to drive a runtime (option run_mode, and how its event queues are read):
 *   threaded + poll       one library thread; you take events with rmq_event_queue_poll
 *   threaded + callbacks  the same, plus threads of an event queue that call your function with each event
 *   driven                no library thread at all: you watch rmq_runtime_fd and rmq_runtime_timeout_ms, and call rmq_runtime_step
 *
 * Threads. Every handle may be used from any thread at any time, with one exception. A config or a message being built belongs to
 * one thread at a time. An event may be read on any number of threads; its first answer counts, and who destroys it is alone.
 * Destroying a handle while another thread is inside a call on it is an error of the caller, with one exception. An event queue,
 * and its runtime too, may be destroyed while threads wait in a poll of the queue; they return RMQ_ERROR_CLOSED. Your code runs on
 * library threads only as an event callback or as a wake-up function. A callback runs on a thread of its queue, and no lock is
 * held. A wake-up function may only signal. A call marked "blocks" may do the library's work on its own thread while it waits. A
 * wake-up function of any queue of the runtime may then run inside the call. Hold no lock in such a call that the function takes.
 * Calls marked "blocks" return RMQ_ERROR_WRONG_THREAD at once on the thread that drives a driven runtime, and in a wake-up
 * function.
 *
 * Life. new, start, close, destroy. Destroying without closing drops what is pending: each operation still yields its event.
 * After fork(), the child can only destroy what it inherited. That sends nothing and disturbs nothing of the parent's;
 * rmq_runtime_destroy closes the child's copies of the sockets.
 *
 * Views. Structs named rmq_<noun>_view_t are filled by the library and only grow at their end. Every call that fills views takes
 * view_size, the sizeof your compiler knows, as the stride. It fills all of it and no more: fields that the library does not know
 * are zero. What a view points to is borrowed until the event (or message, or error) is destroyed.
 *
 * Versions. A released function keeps its meaning and signature. @since gives the first version.
 */
#ifndef ROCKETMQ_C_H
#define ROCKETMQ_C_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__) && defined(RMQ_BUILDING)
#define RMQ_API __attribute__((visibility("default")))
#else
#define RMQ_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------------- handles */

typedef struct rmq_error_s rmq_error_t;
typedef struct rmq_config_s rmq_config_t;
typedef struct rmq_runtime_s rmq_runtime_t;
typedef struct rmq_event_queue_s rmq_event_queue_t;
typedef struct rmq_event_s rmq_event_t;
typedef struct rmq_message_s rmq_message_t;
typedef struct rmq_message_list_s rmq_message_list_t;
typedef struct rmq_destination_s rmq_destination_t;
typedef struct rmq_producer_s rmq_producer_t;
typedef struct rmq_consumer_s rmq_consumer_t;
typedef struct rmq_subscription_s rmq_subscription_t; /* nothing makes one yet */
typedef struct rmq_offset_store_s rmq_offset_store_t; /* nothing makes one yet */

/* ---------------------------------------------------------------- version */

/* The version of this header. Compare it with rmq_version, that of the library. */
enum rmq_version_e {
  RMQ_VERSION_MAJOR = 0,
  RMQ_VERSION_MINOR = 2,
  RMQ_VERSION_PATCH = 0,
  RMQ_VERSION = 2000 /* as rmq_version gives it */
};

/**
 * Tells the version of the library that is loaded.
 *
 * @return major * 1000000 + minor * 1000 + patch
 * @since 0.1
 */
RMQ_API int32_t rmq_version(void);

/** Tells the version as text, for example "0.2.0"; never null, valid while the library is loaded. @since 0.1 */
RMQ_API const char *rmq_version_text(void);

/* Groups of numbers that have names. */
enum rmq_name_group_e {
  RMQ_NAME_ERROR = 1,        /* RMQ_OK and RMQ_ERROR_ */
  RMQ_NAME_CATEGORY = 2,     /* RMQ_CATEGORY_ */
  RMQ_NAME_OUTCOME = 3,      /* RMQ_OUTCOME_ */
  RMQ_NAME_SERVER_ROLE = 4,  /* RMQ_SERVER_ */
  RMQ_NAME_EVENT_TYPE = 5,   /* RMQ_EVENT_ */
  RMQ_NAME_ANSWER = 6,       /* RMQ_ANSWER_ */
  RMQ_NAME_SEND_STATUS = 7,  /* RMQ_SEND_ */
  RMQ_NAME_LOG_LEVEL = 8,    /* RMQ_LOG_ */
  RMQ_NAME_RESPONSE_CODE = 9 /* what servers answer: response_code of an error */
};

/**
 * Names a number, for example "TOO_LARGE" for RMQ_ERROR_TOO_LARGE.
 *
 * @param group  RMQ_NAME_
 * @param value  a number of that group
 * @return zero-terminated; "UNKNOWN" for a number that the library does not know. Valid while the library is loaded
 * @since 0.2
 */
RMQ_API const char *rmq_name(int32_t group, int32_t value);

/** Describes a number in one sentence; otherwise as rmq_name. @since 0.2 */
RMQ_API const char *rmq_sentence(int32_t group, int32_t value);

/* ---------------------------------------------------------------- errors */

/* What went wrong. */
enum rmq_error_code_e {
  RMQ_OK = 0,
  RMQ_ERROR_ARGUMENT = 100,         /* an argument is missing, out of range or malformed */
  RMQ_ERROR_MESSAGE_ILLEGAL = 101,  /* the message breaks a rule of RocketMQ */
  RMQ_ERROR_TOPIC_ILLEGAL = 102,    /* the topic is empty, too long or has characters that RocketMQ forbids */
  RMQ_ERROR_TOO_LARGE = 103,        /* the message or frame is larger than its limit */
  RMQ_ERROR_GROUP_ILLEGAL = 104,    /* the group is empty, too long, reserved or has characters that RocketMQ forbids */
  RMQ_ERROR_OPTION_UNKNOWN = 120,   /* no option has this name */
  RMQ_ERROR_OPTION_VALUE = 121,     /* the value does not fit the option */
  RMQ_ERROR_OPTION_PLACE = 122,     /* the option belongs to another kind of object and would have no effect */
  RMQ_ERROR_NOT_IMPLEMENTED = 123,  /* this version of the library cannot do this yet */
  RMQ_ERROR_NOT_STARTED = 140,      /* the object has not been started */
  RMQ_ERROR_ALREADY_STARTED = 141,  /* the object has been started before */
  RMQ_ERROR_CLOSING = 142,          /* the object is closing and accepts nothing new */
  RMQ_ERROR_CLOSED = 143,           /* the object is closed */
  RMQ_ERROR_WRONG_THREAD = 144,     /* a blocking call was made on the thread that would have to serve it */
  RMQ_ERROR_FORKED = 145,           /* the object belongs to the parent process */
  RMQ_ERROR_ALREADY_ANSWERED = 146, /* the event has been answered before */
  RMQ_ERROR_STALE = 147,            /* what the event asks about is no longer held here, so the answer moves nothing */
  RMQ_ERROR_IN_PROGRESS = 148,      /* the operation was started and goes on in the background */
  RMQ_ERROR_START_FAILED = 150,     /* the object could not be started */
  RMQ_ERROR_INTERRUPTED = 152,      /* the wait was ended by an interrupt call */
  RMQ_ERROR_WRONG_EVENT = 153,      /* this kind of event has no such part or takes no such answer */
  RMQ_ERROR_WRONG_MODE = 154,       /* the run mode, or the way in which the queue is read, has no such call */
  RMQ_ERROR_GROUP_TAKEN = 155,      /* the group has a member on this runtime already */
  RMQ_ERROR_NETWORK = 200,          /* a network operation failed */
  RMQ_ERROR_CANNOT_RESOLVE = 201,   /* the host name could not be resolved */
  RMQ_ERROR_REFUSED = 202,          /* the peer refused the connection */
  RMQ_ERROR_UNREACHABLE = 203,      /* no route leads to the peer */
  RMQ_ERROR_RESET = 204,            /* the connection was cut */
  RMQ_ERROR_TLS = 205,              /* the TLS handshake or a TLS record failed */
  RMQ_ERROR_TLS_CERTIFICATE = 206,  /* the peer's certificate could not be verified */
  RMQ_ERROR_TLS_NAME = 207,         /* the peer's certificate is for another name */
  RMQ_ERROR_TLS_VERSION = 208,      /* the peer offers no TLS version that is allowed here */
  RMQ_ERROR_PROXY = 209,            /* the proxy refused or failed */
  RMQ_ERROR_CONNECT_TIMEOUT = 220,  /* no connection was made in time */
  RMQ_ERROR_REQUEST_TIMEOUT = 221,  /* no answer came in time */
  RMQ_ERROR_QUEUE_FULL = 222,       /* a bound on what may be in flight was reached, and stayed so until the deadline */
  RMQ_ERROR_CLOSE_TIMEOUT = 223,    /* closing did not finish in time */
  RMQ_ERROR_BAD_FRAME = 240,        /* the peer sent bytes that are no frame */
  RMQ_ERROR_BAD_HEADER = 241,       /* the peer sent a header that cannot be read */
  RMQ_ERROR_BAD_BODY = 242,         /* the peer sent a body that cannot be read */
  RMQ_ERROR_UNSUPPORTED = 243,      /* the server does not know this request */
  RMQ_ERROR_NO_NAMESERVER = 260,    /* no NameServer could be reached */
  RMQ_ERROR_NO_ROUTE = 261,         /* the NameServer knows no route for the topic */
  RMQ_ERROR_NAMESERVER_ANSWER = 262,      /* the NameServer's answer cannot be used */
  RMQ_ERROR_ROUTE_UNKNOWN = 263,          /* the route of the topic is not known yet */
  RMQ_ERROR_BROKER = 300,                 /* the broker answered with a code that has no name of its own here */
  RMQ_ERROR_BROKER_BUSY = 301,            /* the broker is overloaded or rejects work */
  RMQ_ERROR_BROKER_SYSTEM = 302,          /* the broker met an internal error */
  RMQ_ERROR_NO_PERMISSION = 303,          /* the topic, group or feature does not allow this */
  RMQ_ERROR_AUTHENTICATION = 304,         /* the credentials are missing or wrong */
  RMQ_ERROR_AUTHORIZATION = 305,          /* the credentials do not allow this */
  RMQ_ERROR_TOPIC_MISSING = 306,          /* the broker does not know the topic */
  RMQ_ERROR_QUEUE_MISSING = 307,          /* the broker does not know the queue */
  RMQ_ERROR_SUBSCRIPTION_MISSING = 308,   /* the broker does not know the subscription */
  RMQ_ERROR_SUBSCRIPTION_STALE = 309,     /* the broker holds an older subscription */
  RMQ_ERROR_GROUP_MISSING = 310,          /* the broker does not know the group */
  RMQ_ERROR_FLUSH_TIMEOUT = 311,          /* the message is stored but not flushed to disk in time */
  RMQ_ERROR_SLAVE_TIMEOUT = 312,          /* the message is stored but not replicated in time */
  RMQ_ERROR_BROKER_MESSAGE_ILLEGAL = 313, /* the broker rejects the message */
  RMQ_ERROR_SERVICE_NOT_AVAILABLE = 314,  /* the broker cannot store messages now */
  RMQ_ERROR_BROKER_NOT_AVAILABLE = 315,   /* no broker can take this request now */
  RMQ_ERROR_NOT_LEADER = 316,             /* the queue has moved to another broker */
  RMQ_ERROR_SERVER_LEAVING = 317,         /* the server is shutting down and took nothing */
  RMQ_ERROR_NOT_FOUND = 318,              /* the broker has nothing under this key, id or offset */
  RMQ_ERROR_CONSUMER_OFFLINE = 319,       /* the broker has no connection to this consumer */
  RMQ_ERROR_PULL_NOT_FOUND = 340,         /* the queue has no new message */
  RMQ_ERROR_OFFSET_MOVED = 341,           /* the offset lies outside the queue */
  RMQ_ERROR_RETRY_IMMEDIATELY = 342,      /* no message matched; ask again from the next offset */
  RMQ_ERROR_FILTER_REJECTED = 343,        /* the broker rejects the filter expression */
  RMQ_ERROR_OFFSET_NONE = 360,            /* no offset is stored */
  RMQ_ERROR_OFFSET_ILLEGAL = 361,         /* the offset is negative or otherwise impossible */
  RMQ_ERROR_OFFSET_PERSIST = 362,         /* offsets could not be persisted */
  RMQ_ERROR_OFFSET_FILE = 363,            /* the offset file is damaged */
  RMQ_ERROR_TRANSACTION = 380,            /* the transaction failed */
  RMQ_ERROR_PRODUCER = 390,               /* the producer failed */
  RMQ_ERROR_CONSUMER = 395,               /* the consumer failed */
  RMQ_ERROR_SUBSCRIBE_FAILED = 400,       /* the subscription could not be made */
  RMQ_ERROR_UNSUBSCRIBE_FAILED = 401,     /* the subscription could not be ended */
  RMQ_ERROR_SUBSCRIPTION_TOPIC = 402,     /* the topic of the subscription is invalid */
  RMQ_ERROR_SUBSCRIPTION_SELECTOR = 403,  /* the filter expression is invalid */
  RMQ_ERROR_NOT_SUBSCRIBED = 404,         /* the topic is not subscribed */
  RMQ_ERROR_SUBSCRIPTION_CONFLICT = 405,  /* the subscription contradicts another one of the group */
  RMQ_ERROR_SUBSCRIPTION_LIMIT = 406,     /* too many subscriptions */
  RMQ_ERROR_SUBSCRIPTION_DATA = 407,      /* the subscription data cannot be read */
  RMQ_ERROR_REBALANCE = 420,              /* the queues could not be divided */
  RMQ_ERROR_LISTENER = 430,               /* the listener failed */
  RMQ_ERROR_MEMORY = 440,                 /* memory is exhausted */
  RMQ_ERROR_THREADS = 441,                /* no thread could be made */
  RMQ_ERROR_FILE = 442,                   /* a file could not be read or written */
  RMQ_ERROR_DESCRIPTORS = 443,            /* no descriptor could be made */
  RMQ_ERROR_SHUTDOWN = 460,               /* the object was closed before the operation finished */
  RMQ_ERROR_CANCELLED = 461,              /* the operation was cancelled */
  RMQ_ERROR_INTERNAL = 499,               /* the library broke one of its own rules; please report it */
};

/* The family of an error code. */
enum rmq_category_e {
  RMQ_CATEGORY_NONE = 0,
  RMQ_CATEGORY_ARGUMENT = 1,
  RMQ_CATEGORY_CONFIGURATION = 2,
  RMQ_CATEGORY_STATE = 3,
  RMQ_CATEGORY_NETWORK = 4,
  RMQ_CATEGORY_TIMEOUT = 5,
  RMQ_CATEGORY_PROTOCOL = 6,
  RMQ_CATEGORY_NAMESERVER = 7,
  RMQ_CATEGORY_BROKER = 8,
  RMQ_CATEGORY_PULL = 9,
  RMQ_CATEGORY_OFFSET = 10,
  RMQ_CATEGORY_TRANSACTION = 11,
  RMQ_CATEGORY_PRODUCER = 12,
  RMQ_CATEGORY_CONSUMER = 13,
  RMQ_CATEGORY_SUBSCRIPTION = 14,
  RMQ_CATEGORY_REBALANCE = 15,
  RMQ_CATEGORY_LISTENER = 16,
  RMQ_CATEGORY_RESOURCE = 17,
  RMQ_CATEGORY_SHUTDOWN = 18,
  RMQ_CATEGORY_INTERNAL = 19
};

/*
 * What a failed operation did to the server: decides whether sending again can make a duplicate. NOT_APPLIED is said only where
 * nothing was written, or where the server's answer proves that it had not begun. Everything else is MAYBE_APPLIED: no answer
 * came, or one that brokers also give after they have stored a message, such as 1 (SYSTEM_ERROR).
 */
enum rmq_outcome_e {
  RMQ_OUTCOME_NOT_APPLIED = 0,
  RMQ_OUTCOME_MAYBE_APPLIED = 1,
  RMQ_OUTCOME_APPLIED = 2
};

/* Who answered. */
enum rmq_server_role_e {
  RMQ_SERVER_NONE = 0,
  RMQ_SERVER_NAMESERVER = 1,
  RMQ_SERVER_BROKER = 2,
  RMQ_SERVER_PROXY = 3
};

typedef struct rmq_error_view_s {
  int32_t code;          /* RMQ_ERROR_ */
  int32_t category;      /* RMQ_CATEGORY_ */
  int32_t outcome;       /* RMQ_OUTCOME_ */
  int32_t retriable;     /* 1: the same call may succeed later without any change by you */
  int32_t server_role;   /* RMQ_SERVER_ */
  int32_t response_code; /* the server's own code; -1 when no server answered */
  int32_t queue_id;      /* -1 when no queue is concerned */
  int32_t reserved;
  const char *name; /* as in RMQ_ERROR_<name> */
  size_t name_bytes;
  const char *message; /* what was tried, on what, and what happened */
  size_t message_bytes;
  const char *hint; /* what to try; null when absent, as all texts below */
  size_t hint_bytes;
  const char *remark; /* the server's words */
  size_t remark_bytes;
  const char *address; /* host:port of the server */
  size_t address_bytes;
  const char *topic;
  size_t topic_bytes;
  const char *broker_name;
  size_t broker_name_bytes;
  const char *group;
  size_t group_bytes;
  const char *client_id;
  size_t client_id_bytes;
  const char *message_id; /* of a send: the unique id of its message; since 0.1 */
  size_t message_id_bytes;
  /* Of RMQ_EVENT_ERROR: how often it happened since the last event of this cause, 1 or more. Of a close or flush that ran out of
   * time: what was left. Else 0 */
  int64_t count;
  int64_t elapsed_ms; /* of a send or another request: how long it went on, all attempts together; -1 when unknown */
  int64_t limit_ms;   /* what its time limit was; -1 when unknown */
} rmq_error_view_t;

/**
 * Reads all parts of an error at once.
 *
 * @param error      null gives RMQ_OK without texts
 * @param view       filled up to view_size bytes; its texts are borrowed until the error is destroyed
 * @return RMQ_OK or RMQ_ERROR_ARGUMENT
 * @thread any; errors never change
 * @since 0.1
 */
RMQ_API int32_t rmq_error_view(const rmq_error_t *error, rmq_error_view_t *view, size_t view_size);

/** Tells the code of an error; RMQ_OK for null. @since 0.1 */
RMQ_API int32_t rmq_error_code(const rmq_error_t *error);

/** Tells what happened, zero-terminated; "" for null. Borrowed until the error is destroyed. @since 0.1 */
RMQ_API const char *rmq_error_message(const rmq_error_t *error);

/**
 * Keeps an error that an event lends.
 *
 * @return an owned error (the same or another pointer); null for null or when memory is exhausted
 * @since 0.1
 */
RMQ_API rmq_error_t *rmq_error_retain(const rmq_error_t *error);

/** Gives up an owned error. @since 0.1 */
RMQ_API void rmq_error_destroy(rmq_error_t *error);

/* ---------------------------------------------------------------- config */

/* Which kinds of objects take an option; a sum of these. */
enum rmq_option_owner_e {
  RMQ_OWNER_RUNTIME = 1,
  RMQ_OWNER_PRODUCER = 2,
  RMQ_OWNER_CONSUMER = 4,
  RMQ_OWNER_STORE = 8,
  RMQ_OWNER_ADMIN = 16
};

typedef struct rmq_option_view_s {
  const char *name;
  size_t name_bytes;
  const char *kind; /* "boolean", "integer", "duration", "size", "text", "secret", "choice", ... */
  size_t kind_bytes;
  const char *unit; /* "ms", "bytes", "MiB"; null when it has none */
  size_t unit_bytes;
  const char *default_value; /* null: not set */
  size_t default_value_bytes;
  const char *sentence;
  size_t sentence_bytes;
  const char *choices; /* words separated by "|"; null unless a choice */
  size_t choices_bytes;
  int64_t minimum;
  int64_t maximum;
  int32_t owners; /* sum of RMQ_OWNER_ */
  int32_t is_secret;
  int32_t live_owners;  /* those of them whose rmq_<x>_update takes it */
  int32_t is_code_only; /* 1: no file and no environment sets it, because a program is written for its value */
} rmq_option_view_t;

/**
 * Makes a set of options, all at their defaults.
 *
 * @param predefined  text; null or "default", "high_throughput", "low_latency", "low_memory"
 * @param config      set to an owned config
 * @return RMQ_OK; RMQ_ERROR_OPTION_VALUE for another predefined name
 * @since 0.1
 */
RMQ_API int32_t rmq_config_new(const char *predefined, size_t predefined_bytes, rmq_config_t **config,
                               rmq_error_t **error);

/** Makes an independent copy; owned. Null when `config` is null or memory is exhausted. @since 0.1 */
RMQ_API rmq_config_t *rmq_config_copy(const rmq_config_t *config);

/** Gives up a config. Objects made with it keep their own copy. @since 0.1 */
RMQ_API void rmq_config_destroy(rmq_config_t *config);

/**
 * Sets one option. All options, with units, ranges and defaults: docs/options.md, or rmq_config_describe.
 *
 * @param value  text: durations in ms or with suffix ms, s, m; blanks and line ends around it are taken off; null takes the option
 *               back to its default in docs/options.md, whatever `predefined` says
 * @return RMQ_OK; RMQ_ERROR_OPTION_UNKNOWN (with a suggestion), RMQ_ERROR_OPTION_VALUE (with what was expected, or because the
 *         option or this value of it has no effect in this version)
 * @since 0.1
 */
RMQ_API int32_t rmq_config_set(rmq_config_t *config, const char *name, size_t name_bytes, const char *value,
                               size_t value_bytes, rmq_error_t **error);

/**
 * Reads one option as text. Secrets read as "***".
 *
 * @param value        set to text borrowed until the config is changed or destroyed; null when not set and without default
 * @param value_bytes  its length; may be null
 * @since 0.1
 */
RMQ_API int32_t rmq_config_get(const rmq_config_t *config, const char *name, size_t name_bytes, const char **value,
                               size_t *value_bytes, rmq_error_t **error);

/**
 * Describes the option at a place of the table, for documentation and for bindings.
 *
 * @param index  from 0
 * @return RMQ_OK; RMQ_ERROR_ARGUMENT past the last option
 * @since 0.1
 */
RMQ_API int32_t rmq_config_describe(size_t index, rmq_option_view_t *view, size_t view_size);

/* What kind of source rmq_config_load reads. */
enum rmq_load_source_e {
  RMQ_LOAD_TEXT = 1,       /* lines "name = value"; comments start with # or ! */
  RMQ_LOAD_FILE = 2,       /* the path of a file of such lines */
  RMQ_LOAD_ENVIRONMENT = 3 /* ROCKETMQ_<NAME IN CAPITALS> for each option, and NAMESRV_ADDR for namesrv_addr */
};

/**
 * Sets many options in one call, all of them or none.
 *
 * Nothing reads the environment unless this is called. Unknown ROCKETMQ_ variables are left alone. Options and values that have
 * no effect in this version are taken from files and from the environment. The runtime that starts with them says so in one log
 * event of RMQ_LOG_WARN. A text counts as code: such options are refused.
 *
 * @param source  RMQ_LOAD_
 * @param text    RMQ_LOAD_TEXT: the lines, at most 1 MiB; RMQ_LOAD_FILE: the path, at most 4,096 bytes; RMQ_LOAD_ENVIRONMENT: null
 * @return RMQ_OK; RMQ_ERROR_OPTION_UNKNOWN, RMQ_ERROR_OPTION_VALUE, naming the line or the variable; RMQ_ERROR_FILE
 * @since 0.2
 */
RMQ_API int32_t rmq_config_load(rmq_config_t *config, int32_t source, const char *text, size_t text_bytes,
                                rmq_error_t **error);

/* ---------------------------------------------------------------- runtime */

/* Time limits of poll calls that are no durations. */
enum rmq_wait_e {
  RMQ_WAIT_FOREVER = -1
};

/**
 * Makes a runtime: the loop, its connections and its default event queue. Producers and consumers are made on it; two
 * runtimes share nothing but code.
 *
 * @param config   its options, and those of producers and consumers, which take them when they are made with a null config or
 *                 with this one; null: all defaults
 * @param token    of its log events, questions and error events, and so is user_data
 * @param runtime  set to an owned runtime
 * @return RMQ_OK; RMQ_ERROR_OPTION_VALUE, RMQ_ERROR_FILE, RMQ_ERROR_TLS (certificates that cannot be read), RMQ_ERROR_DESCRIPTORS
 * @since 0.2
 */
RMQ_API int32_t rmq_runtime_new(const rmq_config_t *config, uint64_t token, void *user_data, rmq_runtime_t **runtime,
                                rmq_error_t **error);

/**
 * Starts the runtime. Does not touch the network. After a failure nothing of it runs, and it may be tried again.
 *
 * @return RMQ_OK; RMQ_ERROR_ALREADY_STARTED, RMQ_ERROR_CLOSED; RMQ_ERROR_THREADS, RMQ_ERROR_DESCRIPTORS, RMQ_ERROR_MEMORY when
 *         there are too few; RMQ_ERROR_START_FAILED when the kernel or a sandbox refuses a system call that is needed
 * @thread in run mode "driven" the caller is the driving thread until another one calls rmq_runtime_step
 * @since 0.1
 */
RMQ_API int32_t rmq_runtime_start(rmq_runtime_t *runtime, rmq_error_t **error);

/**
 * Closes the runtime and whatever was made on it. Nothing new is accepted, and pending operations may finish until the time limit.
 * The rest fails with RMQ_ERROR_SHUTDOWN; then connections close and library threads end. Events stay on their queues.
 *
 * Legal from everywhere, twice too. From an event callback, and on the driving thread, closing starts and the call returns
 * RMQ_ERROR_IN_PROGRESS. A runtime that was never started closes at once.
 *
 * After RMQ_OK no function of yours is called any more, so that you may free what callbacks use and unload their code. Callbacks
 * that have not ended 5 s after the time limit are left to themselves, on their threads, and the call says so.
 * rmq_event_queue_set_callback tells how to wait for them.
 *
 * @param timeout_ms  0: option close_timeout
 * @return RMQ_OK when closed (again); RMQ_ERROR_CLOSE_TIMEOUT: closed, but operations were cut short, the message tells how many; or
 *         closed, but callbacks are still running, which the message says
 * @thread blocks
 * @since 0.1
 */
RMQ_API int32_t rmq_runtime_close(rmq_runtime_t *runtime, int64_t timeout_ms, rmq_error_t **error);

/**
 * Closes as rmq_runtime_close does, without waiting.
 *
 * @completion RMQ_EVENT_CLOSED on the default event queue, the last event of this runtime; with RMQ_ERROR_CLOSE_TIMEOUT when
 *             operations were cut short
 * @return RMQ_OK; RMQ_ERROR_CLOSED when it is closed already, RMQ_ERROR_CLOSING when an asynchronous close is under way
 * @since 0.1
 */
RMQ_API int32_t rmq_runtime_close_async(rmq_runtime_t *runtime, int64_t timeout_ms, uint64_t token, void *user_data,
                                        rmq_error_t **error);

/**
 * Gives up the runtime. Its memory goes when everything made on it is destroyed too, in any order. A runtime that was not closed is
 * closed behind the scenes, without draining. Consumers write the offsets of answered messages and leave their groups, as far as
 * their connections take that at once. Close it first if you are about to unload the library. Threads that wait in a poll of one of
 * its queues return with RMQ_ERROR_CLOSED.
 *
 * The default event queue goes with the runtime, as rmq_event_queue_destroy says. Other queues keep their events, wake-up functions
 * and callbacks until they are destroyed themselves.
 *
 * @thread any; on the loop's own thread, inside a wake-up function, which must not call this, the runtime is closed and its memory lost
 * @since 0.1
 */
RMQ_API void rmq_runtime_destroy(rmq_runtime_t *runtime);

/**
 * Changes options of a runtime, before or after its start: all that are set in `changes`, or none. docs/options.md says which
 * options may change.
 *
 * @param changes  options of the runtime itself; those of its producers and consumers are changed by their own calls
 * @return RMQ_OK; RMQ_ERROR_OPTION_VALUE for an option that may not change
 * @since 0.2
 */
RMQ_API int32_t rmq_runtime_update(rmq_runtime_t *runtime, const rmq_config_t *changes, rmq_error_t **error);

typedef struct rmq_runtime_view_s {
  /* Now; 0 when driven. Threads that the runtime makes for a while and ends again are left out. Up to 16 of these look up
   * names. Up to two decode large messages and give their memory back; they end after ten seconds without work. All end at
   * close, but a look-up that hangs, which ends when the system gives it up. */
  int32_t threads;
  int32_t is_driven;
  int32_t is_running; /* 1 between start and the beginning of the close */
  int32_t reserved;
  const char *client_id; /* what brokers know its members by */
  size_t client_id_bytes;
} rmq_runtime_view_t;

/**
 * Shows a runtime.
 *
 * @param view  its texts are borrowed until the runtime is destroyed
 * @return RMQ_OK; RMQ_ERROR_ARGUMENT; RMQ_ERROR_FORKED
 * @since 0.2
 */
RMQ_API int32_t rmq_runtime_view(const rmq_runtime_t *runtime, rmq_runtime_view_t *view, size_t view_size);

/** Gives the runtime's default event queue, borrowed until the runtime is destroyed; null for null. @since 0.1 */
RMQ_API rmq_event_queue_t *rmq_runtime_event_queue(rmq_runtime_t *runtime);

/**
 * Chooses the queue for one kind of event of the runtime itself. Log events and questions are off until this is called.
 *
 * @param event_type  RMQ_EVENT_LOG or RMQ_EVENT_RESOLVE
 * @param queue       of the same runtime; null: off again
 * @return RMQ_OK; RMQ_ERROR_ALREADY_STARTED after start, RMQ_ERROR_ARGUMENT for another kind of event
 * @since 0.1
 */
RMQ_API int32_t rmq_runtime_set_event_queue(rmq_runtime_t *runtime, int32_t event_type, rmq_event_queue_t *queue,
                                            rmq_error_t **error);

/**
 * Gives the descriptor to watch for reading in run mode "driven". It belongs to the library: do not read or close it. It may stay
 * the same for the life of the runtime. It tells nothing of events that wait already: after each step, poll until a poll gives
 * fewer events than it could take.
 *
 * @return the descriptor; -1 when the runtime is not driven, not started or closed
 * @since 0.1
 */
RMQ_API int32_t rmq_runtime_fd(const rmq_runtime_t *runtime);

/**
 * Tells for how long the driving thread may sleep on rmq_runtime_fd.
 *
 * @return milliseconds, rounded up; -1: until the descriptor is readable; 0: step now. That is also the answer when the runtime is
 *         not started or closed, which the step then says. -1 when the runtime is not driven
 * @thread the driving thread
 * @since 0.1
 */
RMQ_API int64_t rmq_runtime_timeout_ms(rmq_runtime_t *runtime);

/**
 * Does all work that is ready, without waiting, and returns. Never lets SIGPIPE out.
 *
 * Reading names of hosts (not addresses) may block here, because there is no library thread to do it on: use addresses, or answer
 * RMQ_EVENT_RESOLVE. Compression and TLS run here too. Received messages that are compressed, or more than 256 KiB in one answer,
 * are decoded here in pieces, one in a step. A piece is 1 MiB, or one message if that is larger. Set decompress_max_bytes to what
 * one step may decompress. Memory of large messages is given back here too, one block in a step.
 *
 * @return RMQ_OK; RMQ_ERROR_WRONG_THREAD inside a step; RMQ_ERROR_WRONG_MODE when the runtime is not driven; RMQ_ERROR_NOT_STARTED,
 *         RMQ_ERROR_CLOSED
 * @thread makes the caller the driving thread; one thread at a time
 * @since 0.1
 */
RMQ_API int32_t rmq_runtime_step(rmq_runtime_t *runtime, rmq_error_t **error);

/* ---------------------------------------------------------------- event queues */

/**
 * Makes another event queue on the runtime.
 *
 * @param queue  set to an owned event queue
 * @return RMQ_OK; RMQ_ERROR_CLOSED when the runtime is closed
 * @since 0.1
 */
RMQ_API int32_t rmq_event_queue_new(rmq_runtime_t *runtime, rmq_event_queue_t **queue, rmq_error_t **error);

/**
 * Gives up an event queue. Events on it are destroyed, and so are those that still come: each operation counts as taken.
 * Deliveries on it are withdrawn: their messages come to the next member of the group. A consumer without its queue pulls nothing.
 * The default queue of a runtime cannot be given up: for it the call does nothing.
 *
 * When this returns, the wake-up function or callback of the queue neither runs nor will run, so that you may free its `user_data`.
 * It waits for calls that are under way, so do not hold a lock that they take; inside such a function it does not wait.
 *
 * @since 0.1
 */
RMQ_API void rmq_event_queue_destroy(rmq_event_queue_t *queue);

/**
 * Gives a descriptor that is readable while a poll of this queue would return without waiting. Then events are on the queue, an
 * interrupt is pending, or the runtime is closed. It belongs to the library, is non-blocking and close-on-exec, and is never to be
 * read or closed by you. Stop watching it before you destroy the queue (for the default queue: the runtime), which closes it then
 * or later.
 *
 * A watcher that tells of changes only (edge-triggered: nginx, Go's netpoller, tokio's AsyncFd) must poll until a poll gives
 * fewer events than it could take. Once the runtime is closed the descriptor stays readable: stop watching it at RMQ_ERROR_CLOSED.
 *
 * @return the descriptor; -1 when the system has none left, a wake-up function or callback is set, or the queue is null
 * @since 0.1
 */
RMQ_API int32_t rmq_event_queue_fd(rmq_event_queue_t *queue);

typedef void (*rmq_wakeup_fn)(void *user_data);

/**
 * Calls `wakeup` instead of making the descriptor readable. The calls come whenever events come, and after each poll that left
 * events behind. They also come at an interrupt that no waiting thread takes, and when the runtime is closed. If one of these is
 * the case already, the function is called inside this call. It may be called without need: a poll then gives no event.
 *
 * When this returns, the former function neither runs nor will run, so that you may free its `user_data`. The same holds when
 * rmq_event_queue_destroy, or for the default queue rmq_runtime_destroy, returns. All three wait for calls of the function that are
 * under way: do not hold a lock that it takes. Inside the function itself they do not wait for these calls.
 *
 * @param wakeup     called from any thread, also inside calls of yours, with no lock of the library held; may only signal, and
 *                   must not call this library. Null: off
 * @param user_data  given to each call of `wakeup`
 * @return RMQ_OK; RMQ_ERROR_ARGUMENT when a callback is set
 * @since 0.1
 */
RMQ_API int32_t rmq_event_queue_set_wakeup(rmq_event_queue_t *queue, rmq_wakeup_fn wakeup, void *user_data,
                                           rmq_error_t **error);

/* All of an event that a sender or a callback looks at first. Texts are null where they do not apply. */
typedef struct rmq_event_view_s {
  uint64_t token;           /* of the call, or of the handle: see RMQ_EVENT_ */
  int64_t offset;           /* of a sent message, or of the first one of a delivery, in its queue; -1 otherwise */
  rmq_event_t *event;       /* owned by whoever took it; null once it is destroyed by rmq_event_destroy_batch */
  void *user_data;          /* as token */
  const rmq_error_t *error; /* null on success */
  int32_t event_type;       /* RMQ_EVENT_ */
  int32_t error_code;       /* RMQ_OK or RMQ_ERROR_ */
  int32_t outcome;          /* RMQ_OUTCOME_ */
  int32_t status;           /* of RMQ_EVENT_SEND: RMQ_SEND_; otherwise -1 */
  int32_t queue_id;         /* as offset */
  int32_t count; /* of a delivery or a check: its messages. Of RMQ_EVENT_CLOSED and RMQ_EVENT_FLUSHED: what was left. Of
                    RMQ_EVENT_RESULT: its queues. Else 0 */
  const char *message_id; /* of RMQ_EVENT_SEND, failed or not, and of a check: the unique id of the message */
  size_t message_id_bytes;
  const char *error_message; /* null on success */
  size_t error_message_bytes;
  const char *broker_name; /* of a sent message or a delivery */
  size_t broker_name_bytes;
  const char *offset_message_id; /* of a sent message: where the broker stored it */
  size_t offset_message_id_bytes;
  const char *
      topic; /* of RMQ_EVENT_SEND, failed or not, and of a check; of a delivery the topic of its queue, see rmq_delivery_view_t */
  size_t topic_bytes;
  int32_t wants_answer; /* 1: a question, a delivery or a transaction, whose default answer is taken when none comes */
  int32_t messages_shown; /* by rmq_event_queue_poll_messages; otherwise 0, as first_message */
  int64_t first_message;  /* the index of the first of these in its array */
} rmq_event_view_t;

/* One number for each way to answer. More of them come with the events that want them. */
enum rmq_answer_e {
  RMQ_ANSWER_NONE = 0, /* nothing is said: the event gets its default answer */
  RMQ_ANSWER_RECONSUME_LATER =
      1,                   /* delivery: its messages are to come again later; the default. Value: the delay level */
  RMQ_ANSWER_SUCCESS = 2,  /* delivery: its messages are consumed */
  RMQ_ANSWER_RETURN = 3,   /* delivery: its messages were not looked at. They are offered again, and not counted */
  RMQ_ANSWER_COMMIT = 5,   /* transaction: consumers get its message */
  RMQ_ANSWER_ROLLBACK = 6, /* transaction: nobody gets its message */
  RMQ_ANSWER_UNKNOWN = 7   /* transaction: not known yet, the broker asks later; the default */
};

/* What a callback returns when it keeps its event. */
enum rmq_keep_e {
  RMQ_EVENT_KEEP =
      -1 /* of a callback, and no answer: the event is yours now. Answer it if it wants that, and destroy it */
};

/**
 * @param event      borrowed until the callback returns; event->event is owned by you if the callback returns RMQ_EVENT_KEEP
 * @return RMQ_EVENT_KEEP, or RMQ_ANSWER_: the answer as rmq_event_answer gives it with value 0, after which the library destroys
 *         the event. RMQ_ANSWER_NONE also goes with an event that the callback has answered itself. A number that is no
 *         answer to the event counts as RMQ_ANSWER_NONE
 */
typedef int32_t (*rmq_event_fn)(rmq_event_view_t *event, void *user_data);

/**
 * Has threads of its own take the events of this queue and call `callback` with each, holding no lock. With one thread, events come
 * in the order of the queue. May be called before or after the start; before the start the threads begin with it.
 *
 * Null takes the callback away. When the call returns, the callback neither runs nor will run, so that
 * you may free its `user_data`. The call waits for calls of the callback that are under way, so do not hold a lock that they take.
 * Inside a callback of this runtime it does not wait, and the callback may still run on other threads. Events that are left stay on
 * the queue, which can be polled from then on.
 *
 * @param callback   any function of this library may be called from it. Must not throw or unwind. Null: off
 * @param user_data  given to each call of `callback`
 * @param threads    1 to 256; 0: option dispatcher_threads
 * @return RMQ_OK; for a callback that is not null: RMQ_ERROR_ARGUMENT when a wake-up function or callback is set already;
 *         RMQ_ERROR_WRONG_MODE when the runtime is driven; RMQ_ERROR_CLOSED; RMQ_ERROR_THREADS
 * @since 0.2
 */
RMQ_API int32_t rmq_event_queue_set_callback(rmq_event_queue_t *queue, rmq_event_fn callback, void *user_data,
                                             int32_t threads, rmq_error_t **error);

/**
 * Takes up to `count_max` events and shows them, in one call. Taking gives their room back to their producers. A host that sends
 * and polls on one thread sets queue_full_policy to "error". With "block" a send at the bound could only wait for the thread that
 * is waiting.
 *
 * @param timeout_ms  0: do not wait; RMQ_WAIT_FOREVER: no limit
 * @param views       count_max elements of view_size bytes; the events in them are owned
 * @param view_size   sizeof(rmq_event_view_t); the members up to `count` must fit
 * @param count       set to the number of events taken; 0 when none came in time
 * @return RMQ_OK also when none came; RMQ_ERROR_INTERRUPTED by rmq_event_queue_interrupt; RMQ_ERROR_CLOSED when the runtime is
 *         closed and the queue empty, which is how a thread that takes events ends; RMQ_ERROR_WRONG_THREAD when waiting on the
 *         driving thread; RMQ_ERROR_WRONG_MODE when a callback is set
 * @thread any number of threads may poll one queue; blocks unless timeout_ms is 0
 * @since 0.2
 */
RMQ_API int32_t rmq_event_queue_poll(rmq_event_queue_t *queue, int64_t timeout_ms, rmq_event_view_t *views,
                                     size_t view_size, size_t count_max, size_t *count, rmq_error_t **error);

/**
 * Ends the wait of every thread that waits in a poll of this queue: that poll returns RMQ_ERROR_INTERRUPTED. If none waits, the
 * next poll that finds no event does, whatever its time limit; several interrupts before that poll count as one.
 *
 * The function may be called in a signal handler: it takes no lock, allocates nothing, and leaves errno as it was. If a wake-up
 * function is set, it is called on the same thread, and must be fit for a signal handler too. For a queue with a callback
 * the call does nothing. examples/c/consume.c ends at Ctrl-C in this way.
 *
 * @thread any, and any signal handler
 * @since 0.1
 */
RMQ_API void rmq_event_queue_interrupt(rmq_event_queue_t *queue);

/** Tells how many events are on the queue now. @since 0.1 */
RMQ_API size_t rmq_event_queue_length(const rmq_event_queue_t *queue);

/**
 * Tells how many log events were dropped because the queue had too many of them (option event_queue_capacity). The number
 * includes background errors that became no event because 32 of their handle were waiting. It also includes transaction checks that
 * found 2,000 or 64 MiB of them unanswered; the broker asks again.
 *
 * @since 0.1
 */
RMQ_API uint64_t rmq_event_queue_dropped(const rmq_event_queue_t *queue);

/* ---------------------------------------------------------------- events */

/* What an event tells. */
enum rmq_event_type_e {
  RMQ_EVENT_SEND = 1, /* a send has ended: rmq_event_send_result, or the error. Token of the call. Of a transaction: run
                            it, then rmq_event_answer */
  RMQ_EVENT_CLOSED = 2,   /* the closing that you asked for is over. Token of the call */
  RMQ_EVENT_FLUSHED = 3,  /* all that was accepted before the flush has ended. Token of the call */
  RMQ_EVENT_LOG = 4,      /* a log line: rmq_event_log. Token of the runtime */
  RMQ_EVENT_RESOLVE = 5,  /* a question: the addresses of a host? rmq_event_text, rmq_event_answer_text. Leaves its
                            queue when nobody waits for the answer any more */
  RMQ_EVENT_DELIVERY = 6, /* messages for a consumer: rmq_event_messages, rmq_event_answer */
  RMQ_EVENT_RESULT =
      7, /* a call that asks servers has ended: rmq_event_text, rmq_event_queues, or the error; the call tells
                             which. Token of the call */
  RMQ_EVENT_ERROR = 8, /* something goes wrong in the background: see `error`. The library tries again by itself.
                             Comes to those who asked (option events) and to consumers that set no such option */
  /* A broker asks how a transaction of the producer's group ends: rmq_event_messages shows its message, rmq_event_answer.
   * Comes to producers with the option transaction_topics, and to those that have sent with RMQ_FLAG_TRANSACTION. Leaves its queue when the
   * transaction has ended, and after transaction_check_timeout. Of messages to an address: when the topic's route names the broker.
   * Token of the producer */
  RMQ_EVENT_TRANSACTION_CHECK = 12
};

/* How safe a sent message is. The broker has stored it in every case but RMQ_SEND_NONE and RMQ_SEND_WRITTEN. */
enum rmq_send_status_e {
  RMQ_SEND_NONE = -1, /* no send, or a failed one */
  RMQ_SEND_OK = 0,
  RMQ_SEND_FLUSH_DISK_TIMEOUT = 10,  /* stored, not yet flushed to disk */
  RMQ_SEND_SLAVE_NOT_AVAILABLE = 11, /* stored, not yet replicated */
  RMQ_SEND_FLUSH_SLAVE_TIMEOUT = 12, /* stored, not yet replicated */
  RMQ_SEND_WRITTEN = 100             /* one-way: every byte is with the kernel, nothing more is known */
};

/**
 * Shows an event as rmq_event_queue_poll does.
 *
 * @param view  its event member is set to `event`, which stays owned by its owner
 * @since 0.1
 */
RMQ_API int32_t rmq_event_view(rmq_event_t *event, rmq_event_view_t *view, size_t view_size);

typedef struct rmq_send_result_view_s {
  int32_t status;   /* RMQ_SEND_ */
  int32_t queue_id; /* -1 when unknown */
  int64_t queue_offset;
  const char *message_id; /* the unique id that consumers see */
  size_t message_id_bytes;
  const char *offset_message_id; /* where the broker stored it; null when absent, as all texts below */
  size_t offset_message_id_bytes;
  const char *broker_name;
  size_t broker_name_bytes;
  const char *transaction_id;
  size_t transaction_id_bytes;
  const char *region_id;
  size_t region_id_bytes;
  const char *recall_handle;
  size_t recall_handle_bytes;
  int32_t trace_on;
  int32_t reserved;
} rmq_send_result_view_t;

/**
 * Shows the result of a send that succeeded.
 *
 * @return RMQ_OK; RMQ_ERROR_WRONG_EVENT for another kind of event or a failed send
 * @since 0.1
 */
RMQ_API int32_t rmq_event_send_result(const rmq_event_t *event, rmq_send_result_view_t *view, size_t view_size);

/* How much is logged, and how serious a line is. */
enum rmq_log_level_e {
  RMQ_LOG_OFF = 0,
  RMQ_LOG_ERROR = 1,
  RMQ_LOG_WARN = 2,
  RMQ_LOG_INFO = 3,
  RMQ_LOG_DEBUG = 4
};

typedef struct rmq_log_view_s {
  int32_t level;  /* RMQ_LOG_ */
  int32_t status; /* RMQ_OK or RMQ_ERROR_ */
  int64_t timestamp_ms;
  int64_t execution_time_us; /* of the operation; -1 when it has none */
  const char *operation;     /* a stable word such as "connect" or "send" */
  size_t operation_bytes;
  const char *client_id;
  size_t client_id_bytes;
  const char *error; /* null when there is none */
  size_t error_bytes;
  const char *line; /* the whole: "event=connect address=... status=..." */
  size_t line_bytes;
} rmq_log_view_t;

/** Shows a log event. RMQ_ERROR_WRONG_EVENT for another kind. @since 0.1 */
RMQ_API int32_t rmq_event_log(const rmq_event_t *event, rmq_log_view_t *view, size_t view_size);

/**
 * Gives the text of a question (for RMQ_EVENT_RESOLVE the host name), or of the result of a call that succeeded (RMQ_EVENT_RESULT).
 *
 * @return zero-terminated text borrowed until the event is destroyed, empty when the result has none; null for other events
 * @since 0.1
 */
RMQ_API const char *rmq_event_text(const rmq_event_t *event, size_t *text_bytes);

/* One queue of a topic, as RocketMQ's MessageQueue, and what is told of it. */
typedef struct rmq_queue_view_s {
  const char *topic;
  size_t topic_bytes;
  const char *broker_name;
  size_t broker_name_bytes;
  int64_t offset;       /* -1 when nothing is told, as timestamp_ms */
  int64_t timestamp_ms; /* since 1970 UTC */
  int32_t queue_id;
  int32_t error_code; /* RMQ_OK, or why nothing is told of this queue */
} rmq_queue_view_t;

/**
 * Shows queues of a result, in the order of brokers' names and numbers.
 *
 * @param first      index of the first queue to show
 * @param views      filled with what is borrowed until the event is destroyed
 * @param count_max  elements in views
 * @return the number of views filled; 0 for events without queues. `count` of the event's view tells how many there are
 * @thread any number of threads at once
 * @since 0.2
 */
RMQ_API size_t rmq_event_queues(const rmq_event_t *event, size_t first, rmq_queue_view_t *views, size_t view_size,
                                size_t count_max);

/**
 * Answers a question with text. A question that is destroyed unanswered, or not answered within connect_timeout, gets its default
 * answer (RMQ_EVENT_RESOLVE: the name cannot be resolved).
 *
 * @param text  RMQ_EVENT_RESOLVE: IP addresses without port, separated by ";"; null or empty: the name cannot be resolved
 * @return RMQ_OK; RMQ_ERROR_ALREADY_ANSWERED, RMQ_ERROR_STALE (the default answer was taken), RMQ_ERROR_WRONG_EVENT,
 *         RMQ_ERROR_ARGUMENT (not an address; the question stays open)
 * @since 0.1
 */
RMQ_API int32_t rmq_event_answer_text(rmq_event_t *event, const char *text, size_t text_bytes, rmq_error_t **error);

/** Gives up an event and everything it shows. @since 0.1 */
RMQ_API void rmq_event_destroy(rmq_event_t *event);

/**
 * Gives up the events of `count` views in one call and sets their event members to null, so that a second call does nothing.
 * Views with a null event are skipped. A view_size that does not hold the members up to `count` does nothing.
 *
 * @since 0.1
 */
RMQ_API void rmq_event_destroy_batch(rmq_event_view_t *views, size_t view_size, size_t count);

/* ---------------------------------------------------------------- messages */

/**
 * Makes a message to be sent. A message may be sent any number of times, also while an earlier send is pending.
 *
 * @param topic    text, 1 to 127 of the characters a-z A-Z 0-9 _ - % |
 * @param body     as rmq_message_set_body; null: set it later
 * @param tags     as RMQ_FIELD_TAGS
 * @param keys     as RMQ_FIELD_KEYS
 * @param message  set to an owned message
 * @return RMQ_OK; RMQ_ERROR_TOPIC_ILLEGAL; as rmq_message_set_text
 * @since 0.2
 */
RMQ_API int32_t rmq_message_new(const char *topic, size_t topic_bytes, const void *body, size_t body_bytes,
                                const char *tags, size_t tags_bytes, const char *keys, size_t keys_bytes,
                                rmq_message_t **message, rmq_error_t **error);

/**
 * Makes a message to be sent from one that was received: its body, tags, keys, sharding key, priority, flag and the properties of
 * its sender.
 * What RocketMQ itself has put there (ids, counts of deliveries, delays, transactions) is left out.
 *
 * @param source   any message
 * @param topic    as rmq_message_new; null: that of `source`
 * @param message  set to an owned message
 * @return as rmq_message_new; RMQ_ERROR_MESSAGE_ILLEGAL when `source` could not be read (its error_code is not RMQ_OK)
 * @since 0.2
 */
RMQ_API int32_t rmq_message_new_from(const rmq_message_t *source, const char *topic, size_t topic_bytes,
                                     rmq_message_t **message, rmq_error_t **error);

/** Gives up a message. Pending sends are not affected. @since 0.1 */
RMQ_API void rmq_message_destroy(rmq_message_t *message);

/**
 * Keeps a message that an event or list lends. The new message lives on its own, and never holds the memory of its neighbours. It
 * costs no more than a small multiple of what it shows.
 *
 * @return an owned message (another pointer); null for null or when memory is exhausted
 * @since 0.1
 */
RMQ_API rmq_message_t *rmq_message_retain(const rmq_message_t *message);

/**
 * Sets the body: 1 byte to max_message_size (checked when sent). Replaces an earlier one.
 *
 * @return RMQ_OK; RMQ_ERROR_ARGUMENT for a received message, as all setters below
 * @since 0.1
 */
RMQ_API int32_t rmq_message_set_body(rmq_message_t *message, const void *body, size_t body_bytes, rmq_error_t **error);

/**
 * Sets the body without a copy.
 *
 * @param body  pinned until the message is destroyed and every send of it has ended. A blocking send ends with its return, an
 *              asynchronous one when its event was taken, a one-way send when a flush succeeded. The library does not read the body
 *              later, whatever the peer does
 * @since 0.1
 */
RMQ_API int32_t rmq_message_set_body_pinned(rmq_message_t *message, const void *body, size_t body_bytes,
                                            rmq_error_t **error);

/* The fields of a message that have a name of their own. */
enum rmq_message_field_e {
  /* Texts: rmq_message_set_text. */
  RMQ_FIELD_TAGS = 1,         /* the tag that consumers filter by: without "|", and without a blank at its ends */
  RMQ_FIELD_KEYS = 2,         /* the keys to find the message by, separated by spaces */
  RMQ_FIELD_SHARDING_KEY = 3, /* the ordering key that consumers and brokers 5.x see */
  /* Numbers: rmq_message_set_number. */
  RMQ_FIELD_FLAG = 101,        /* travels with the message for your own use: any int32_t */
  RMQ_FIELD_DELAY_LEVEL = 102, /* 0 (none) to 255, see RMQ_DELAY_ */
  RMQ_FIELD_WAIT_STORE =
      103, /* 1: the broker's answer waits for flush and replication as configured there; 0: not. Default 1 */
  /* A timer of the broker's (5.x; 4.9 ignores it and delivers at once): so many milliseconds after the broker took the message. 0
   * (none) to ten years; brokers refuse more than their timerMaxDelaySec (3 days) and round up to whole seconds. A message has a
   * delay level, a delay or a time of delivery: the setter of a second one is refused. */
  RMQ_FIELD_DELAY_MS = 104,
  RMQ_FIELD_DELIVER_AT_MS =
      105, /* the same, at this time by the broker's clock, in _timestamp_ms; in the past: at once */
  /* -1 (none), or 0 upwards. Brokers 5.4 and newer put the message into the queue of this number, or the last one when there are
   * fewer. Consumers of the pop kind may read higher ones first. These brokers drop the priority of a message with a delay or a
   * sharding key. Older brokers take no notice of it. Received messages show it as the property "_SYS_MSG_PRIORITY_". */
  RMQ_FIELD_PRIORITY = 106
};

/**
 * Sets a field of text.
 *
 * @param field  RMQ_FIELD_, one of the texts
 * @param text   null: takes it away
 * @return RMQ_OK; RMQ_ERROR_MESSAGE_ILLEGAL (also for a blank text, and for the bytes 1 and 2, which separate properties);
 *         RMQ_ERROR_TOO_LARGE when all properties together would pass what brokers take: 32,767 bytes. They and the send need 128
 *         of these, and for a delayed message the length of the topic and 32, or 192 with a timer; RMQ_ERROR_ARGUMENT for another
 *         field
 * @since 0.2
 */
RMQ_API int32_t rmq_message_set_text(rmq_message_t *message, int32_t field, const char *text, size_t text_bytes,
                                     rmq_error_t **error);

/**
 * Sets a field that is a number.
 *
 * @param field   RMQ_FIELD_, one of the numbers
 * @param number  in the range of the field
 * @return RMQ_OK; RMQ_ERROR_ARGUMENT for another field and for a number out of range; RMQ_ERROR_MESSAGE_ILLEGAL for a second kind
 *         of delay; RMQ_ERROR_TOO_LARGE as rmq_message_set_text
 * @since 0.2
 */
RMQ_API int32_t rmq_message_set_number(rmq_message_t *message, int32_t field, int64_t number, rmq_error_t **error);

/**
 * Sets a property of yours. Blank names, empty values, the bytes 1 and 2, and RocketMQ's own names are refused. Returns as
 * rmq_message_set_text.
 *
 * @param value  null takes the property away
 * @since 0.1
 */
RMQ_API int32_t rmq_message_set_property(rmq_message_t *message, const char *name, size_t name_bytes, const char *value,
                                         size_t value_bytes, rmq_error_t **error);

typedef struct rmq_message_view_s {
  int64_t queue_offset;
  int64_t commit_log_offset;
  int64_t born_timestamp_ms;
  int64_t store_timestamp_ms;
  int64_t prepared_transaction_offset;
  int32_t queue_id;
  int32_t flag;
  int32_t sys_flag; /* as stored */
  int32_t reconsume_times;
  int32_t property_count;
  /* RMQ_OK, or why the message could not be read. body is then what was stored: the body as it came; or, when nothing else could
   * be read (message_id is null), the whole message. Answer it like any other: the group's offset does not pass it before. */
  int32_t error_code;
  int32_t store_size;           /* bytes of the message as stored; 0 for one that is being built */
  int32_t body_crc;             /* as stored */
  const rmq_message_t *message; /* borrowed: for rmq_message_retain and rmq_message_property */
  const rmq_error_t *error;     /* null when error_code is RMQ_OK */
  const char *topic;
  size_t topic_bytes;
  const void *body; /* decompressed; null when there is none. Not zero-terminated */
  size_t body_bytes;
  const char *tags; /* null when absent, as all texts below */
  size_t tags_bytes;
  const char *keys;
  size_t keys_bytes;
  const char *message_id; /* the sender's unique id, or else the offset message id */
  size_t message_id_bytes;
  const char *offset_message_id;
  size_t offset_message_id_bytes;
  const char *born_host; /* ip:port of the sender */
  size_t born_host_bytes;
  const char *store_host; /* ip:port of the broker */
  size_t store_host_bytes;
  const char *broker_name; /* of the broker that it was pulled from; null for a message that was built or decoded */
  size_t broker_name_bytes;
  /* All properties in RocketMQ's own form, as stored: name, byte 1, value, byte 2, and so on. Not zero-terminated; null when there
   * are none. */
  const char *properties;
  size_t properties_bytes;
} rmq_message_view_t;

/** Shows all fields of a message at once; for one that is being built, those that are set. @since 0.1 */
RMQ_API int32_t rmq_message_view(const rmq_message_t *message, rmq_message_view_t *view, size_t view_size);

/**
 * Finds a property by name.
 *
 * @return zero-terminated text, borrowed until the message is changed or destroyed; null when absent
 * @since 0.1
 */
RMQ_API const char *rmq_message_property(const rmq_message_t *message, const char *name, size_t name_bytes,
                                         size_t *value_bytes);

typedef struct rmq_property_view_s {
  const char *name;
  size_t name_bytes;
  const char *value;
  size_t value_bytes;
} rmq_property_view_t;

/**
 * Shows properties of a message, in their order.
 *
 * @param first      index of the first property to show
 * @param views      filled with what is borrowed until the message is changed or destroyed
 * @param count_max  elements in views
 * @return the number of views filled; 0 for null
 * @since 0.2
 */
RMQ_API size_t rmq_message_properties(const rmq_message_t *message, size_t first, rmq_property_view_t *views,
                                      size_t view_size, size_t count_max);

/**
 * Reads messages as brokers store them (the body of a pull answer; magic V1 and V2, inner batches unwrapped).
 *
 * A message whose body cannot be decompressed or fails its CRC stays in the list and carries the error.
 *
 * @param bytes  messages one after another, at most 16 MiB
 * @param list   set to an owned list; on failure null
 * @return RMQ_OK; RMQ_ERROR_BAD_BODY with the position of the first bytes that are no message
 * @since 0.1
 */
RMQ_API int32_t rmq_message_list_decode(const void *bytes, size_t bytes_size, rmq_message_list_t **list,
                                        rmq_error_t **error);

/** Tells the number of messages; 0 for null. @since 0.1 */
RMQ_API size_t rmq_message_list_count(const rmq_message_list_t *list);

/**
 * Shows messages of a list.
 *
 * @param first      index of the first message to show
 * @param count_max  elements in views
 * @return the number of views filled
 * @thread any number of threads at once
 * @since 0.1
 */
RMQ_API size_t rmq_message_list_views(const rmq_message_list_t *list, size_t first, rmq_message_view_t *views,
                                      size_t view_size, size_t count_max);

/** Gives up a list and the messages in it; retained ones live on. @since 0.1 */
RMQ_API void rmq_message_list_destroy(rmq_message_list_t *list);

/* ---------------------------------------------------------------- destinations */

/**
 * Names one queue of one broker, by the broker's address or by its name. May be used for any number of sends, on any runtime.
 * Sends to a named queue are not tried again elsewhere.
 *
 * @param address      text "host:port" or "[ipv6]:port"; null: the master of broker_name in the route of the message's topic
 * @param broker_name  text, the broker's name as the NameServer has it; with an address null when not known (the proxy and static
 *                     topics need it)
 * @param queue_id     0 to 65535; -1: any queue of the broker, by turns (with an address the broker chooses)
 * @param destination  set to an owned destination
 * @return RMQ_OK; RMQ_ERROR_ARGUMENT
 * @since 0.1
 */
RMQ_API int32_t rmq_destination_new(const char *address, size_t address_bytes, const char *broker_name,
                                    size_t broker_name_bytes, int32_t queue_id, rmq_destination_t **destination,
                                    rmq_error_t **error);

/* How a destination chooses a queue among those of the message's topic. They are numbered in RocketMQ's order: the queues that may
 * be written to, of brokers that have a master, by broker name and queue id. With an order configuration of the topic
 * (NameServer) they are those that it names, in its order, even while one of the brokers is away. So all processes number
 * alike that have the same route. */
enum rmq_selector_e {
  RMQ_SELECTOR_ROUND_ROBIN =
      1,                   /* by turns from a random one on, as without a destination; tried again on other brokers */
  RMQ_SELECTOR_RANDOM = 2, /* any, by chance; tried again on other brokers */
  /* By the message's sharding key, which it must have: queue number h modulo the count of queues. h is FNV-1a of 64 bits over
   * the bytes of the key, mixed as MurmurHash3 mixes its 64-bit results. This will not change. */
  RMQ_SELECTOR_HASH_OF_SHARDING_KEY = 3,
  /* The same, with h as Java's SelectMessageQueueByHash has it: the absolute value of String.hashCode. */
  RMQ_SELECTOR_JAVA_HASH_OF_SHARDING_KEY = 4,
  /* The same, with h as the former C++ client and its C interface have it on Linux (SendMessageOrderlyByShardingKey):
   * std::hash<std::string> of 64-bit libstdc++. */
  RMQ_SELECTOR_CPP_HASH_OF_SHARDING_KEY = 5,
  /* By turns in the first room of option machine_room that has queues, of brokers named "room@name". Tried again on other
   * brokers of that room only. */
  RMQ_SELECTOR_MACHINE_ROOM = 6,
  RMQ_SELECTOR_CALLBACK = 7 /* a function of yours chooses */
};

/**
 * Chooses the queue for one message. Called once for each message, inside the sending call and on its thread, with no lock of the
 * library held. It may take its time, which counts for the send's time limit. It may call any function: it may send, to the same
 * destination too. It may close the producer, after which its own send is refused. It must not destroy the producer or the message.
 *
 * @param message    the message; borrowed until the function returns
 * @param queues     all queues, numbered as rmq_selector_e says; borrowed until the function returns
 * @param view_size  from one queue to the next, in bytes: sizeof(rmq_queue_view_t) of the library, which may be larger than yours
 * @param count      at least 1
 * @return the index of a queue, 0 to count - 1; with anything else the send is refused with RMQ_ERROR_ARGUMENT
 */
typedef int64_t (*rmq_select_fn)(const rmq_message_view_t *message, const rmq_queue_view_t *queues, size_t view_size,
                                 size_t count, void *user_data);

/**
 * Makes a destination that chooses a queue for each message. May be used for any number of sends, on any runtime.
 *
 * A queue that was chosen by the sharding key or by a function is the only one that the message is sent to. A built-in selector
 * waits for a route that is not known yet, in the background. A function needs the route on the calling thread: there a
 * blocking send waits for it. An asynchronous one does so with queue_full_policy "block" only, and never with
 * RMQ_FLAG_NO_WAIT, in a callback or on the driving thread. Otherwise it is refused with RMQ_ERROR_ROUTE_UNKNOWN, and the route
 * is asked for. The route stays known while the topic is sent to at least once an hour.
 *
 * @param selector   RMQ_SELECTOR_
 * @param select     with RMQ_SELECTOR_CALLBACK the function; null with all others
 * @param user_data  given to each call of `select`; pinned until the destination is destroyed and the last call of `select` returned
 * @param destination  set to an owned destination
 * @return RMQ_OK; RMQ_ERROR_ARGUMENT
 * @since 0.2
 */
RMQ_API int32_t rmq_destination_new_selected(int32_t selector, rmq_select_fn select, void *user_data,
                                             rmq_destination_t **destination, rmq_error_t **error);

/** Gives up a destination. Pending sends are not affected. @since 0.1 */
RMQ_API void rmq_destination_destroy(rmq_destination_t *destination);

/* ---------------------------------------------------------------- producer */

/**
 * Makes a producer.
 *
 * @param config    options of the producer (producer_group, send_msg_timeout, max_inflight, queue_full_policy, ...);
 *                  null: the runtime's config. It may hold options of other objects too, if the runtime has them with the same value
 * @param queue     where its events go, of the same runtime; null: the default queue
 * @param token     of its error events, and so is user_data
 * @param producer  set to an owned producer
 * @return RMQ_OK; RMQ_ERROR_GROUP_ILLEGAL, RMQ_ERROR_OPTION_VALUE, RMQ_ERROR_OPTION_PLACE, RMQ_ERROR_CLOSED
 * @since 0.2
 */
RMQ_API int32_t rmq_producer_new(rmq_runtime_t *runtime, const rmq_config_t *config, rmq_event_queue_t *queue,
                                 uint64_t token, void *user_data, rmq_producer_t **producer, rmq_error_t **error);

/* How to send: 0, or a sum of these. */
enum rmq_send_flag_e {
  /* Without asking for an answer: the message may be lost without anyone knowing, and is never tried again. The send ends with
   * RMQ_SEND_WRITTEN and the outcome "maybe applied" when every byte is with the kernel, or with an error. */
  RMQ_FLAG_ONEWAY = 1,
  /* With RMQ_FLAG_ONEWAY: an asynchronous send yields no event. It counts as pending until its bytes are with the kernel. */
  RMQ_FLAG_SILENT = 2,
  /* Never waits for room: RMQ_ERROR_QUEUE_FULL at once at one of the bounds (max_inflight and its like). */
  RMQ_FLAG_NO_WAIT = 4,
  /* The half of a transaction: the broker keeps the message back. An event with the status RMQ_SEND_OK wants an answer. Run the
   * local transaction, then give rmq_event_answer COMMIT, ROLLBACK or UNKNOWN, now or later, from any thread. A callback may return
   * it. Without an answer, and when it is lost, the broker asks later: RMQ_EVENT_TRANSACTION_CHECK. A message that was stored with
   * another status is rolled back at once, and the event wants no answer. Neither a delayed message
   * (RMQ_ERROR_MESSAGE_ILLEGAL) nor RMQ_FLAG_ONEWAY or RMQ_FLAG_ORDERED goes with it. In sends of many each message is a transaction of its own.
   * Since 0.2 */
  RMQ_FLAG_TRANSACTION = 8,
  /* Keeps order: the producer's ordered sends to one queue are stored in the order in which they were accepted. This holds
   * through lost connections, restarts of brokers and retries. One at a time is at its broker. It is tried again at the same
   * queue until its time limit, whatever the options say about retries. Those behind it wait, and each has its own time limit from
   * the call on. One that ends with an error is left out, and the next one goes on. If its outcome is "maybe applied", it may still
   * turn up later. A lost answer may leave a message twice in its queue, the first copy in its place.
   * When the queues of the topic change, the ordered sends that were tried at the old ones end first. Then the others go, by the
   * new queues. Needs a destination that fixes the queue: a queue id, a sharding key or a function. Not with RMQ_FLAG_ONEWAY. */
  RMQ_FLAG_ORDERED = 16
};

/** Changes options of a producer as rmq_runtime_update does. Later calls obey them; pending sends do not. @since 0.2 */
RMQ_API int32_t rmq_producer_update(rmq_producer_t *producer, const rmq_config_t *changes, rmq_error_t **error);

/** Starts a producer. Its runtime must be started. Does not touch the network. @since 0.1 */
RMQ_API int32_t rmq_producer_start(rmq_producer_t *producer, rmq_error_t **error);

/**
 * Sends a message and waits for the broker's answer.
 *
 * @param destination  where to; null: any queue of the topic's route, by turns. Such a send is tried again on other brokers, as
 *                     retry_times_when_send_failed says; a topic that does not exist is created where brokers allow it
 * @param flags        RMQ_FLAG_; RMQ_FLAG_SILENT is refused
 * @param timeout_ms   of all attempts together, the look-up of the route included; 0: option send_msg_timeout. A send whose bytes
 *                     a broker still takes when the time is over may end up to one request_timeout later
 * @param event        set to an owned RMQ_EVENT_SEND event that no queue shows (rmq_event_send_result), on failure to null; null if
 *                     not wanted. RMQ_FLAG_TRANSACTION needs it: rmq_event_answer
 * @return RMQ_OK when stored; otherwise the error of the last attempt, whose outcome tells whether any of the attempts may have
 *         stored it all the same; RMQ_ERROR_NO_ROUTE or RMQ_ERROR_NO_NAMESERVER when no route was to be had
 * @thread blocks
 * @since 0.2
 */
RMQ_API int32_t rmq_producer_send(rmq_producer_t *producer, const rmq_message_t *message,
                                  const rmq_destination_t *destination, int32_t flags, int64_t timeout_ms,
                                  rmq_event_t **event, rmq_error_t **error);

/**
 * Sends a message; the result comes as an event.
 *
 * Sends to one queue that a destination names, from one thread, are written in the order of the calls. What has no route yet
 * waits for it, until its time limit.
 *
 * @param message      copied (a pinned body stays pinned)
 * @param destination  as rmq_producer_send; option retry_times_when_send_async_failed, if set, tells the retries
 * @param flags        RMQ_FLAG_
 * @param timeout_ms   as rmq_producer_send
 * @return RMQ_OK once accepted; RMQ_ERROR_MESSAGE_ILLEGAL, RMQ_ERROR_TOO_LARGE, RMQ_ERROR_NOT_STARTED, RMQ_ERROR_CLOSING,
 *         RMQ_ERROR_CLOSED; RMQ_ERROR_QUEUE_FULL when max_inflight sends or max_inflight_bytes are pending or not yet taken as
 *         events: at once with queue_full_policy "error", at the deadline with "block". The runtime may bound all its producers
 *         together (runtime_max_inflight, runtime_max_inflight_bytes); the message says which bound was reached, and how far
 * @completion RMQ_EVENT_SEND: success, or an error with its outcome; with the message's unique id in either case
 * @thread any; with queue_full_policy "block" it waits for room. The driving thread and callbacks never wait: only they could
 *         make room
 * @since 0.2
 */
RMQ_API int32_t rmq_producer_send_async(rmq_producer_t *producer, const rmq_message_t *message,
                                        const rmq_destination_t *destination, int32_t flags, int64_t timeout_ms,
                                        uint64_t token, void *user_data, rmq_error_t **error);

/**
 * Sends many messages asynchronously in one call, each with an event of its own.
 *
 * @param messages  `count` messages
 * @param tokens    `count` tokens; null: 0, 1, 2 and so on
 * @param accepted  set to the number of messages accepted. Messages are accepted in order until one is refused; `*error` is about
 *                  that one. It and all later ones yield no event
 * @return RMQ_OK when all were accepted; otherwise as rmq_producer_send_async for the message that was refused
 * @since 0.2
 */
RMQ_API int32_t rmq_producer_send_many(rmq_producer_t *producer, const rmq_message_t *const *messages,
                                       const uint64_t *tokens, size_t count, const rmq_destination_t *destination,
                                       int32_t flags, int64_t timeout_ms, void *user_data, size_t *accepted,
                                       rmq_error_t **error);

/* What each message of rmq_producer_send_packed brings of its own: a sum of these. */
enum rmq_message_part_e {
  RMQ_PART_BODY = 1,
  RMQ_PART_TAGS = 2,
  RMQ_PART_KEYS = 4,
  RMQ_PART_SHARDING_KEY = 8
};

/**
 * Sends many messages whose parts lie in one buffer. All else comes from `pattern`: its topic, properties, and the parts that
 * the messages do not bring.
 *
 * @param parts     RMQ_PART_; with RMQ_PART_BODY the body of `pattern` is not looked at
 * @param buffer    the parts, message by message; of one message in the order of the numbers of RMQ_PART_
 * @param offsets   count * (number of parts) + 1 ascending offsets; a part is from its offset up to the next one. A text of
 *                  length zero stands for none
 * @param tokens    `count` tokens; null: 0, 1, 2 and so on
 * @param accepted  as rmq_producer_send_many
 * @since 0.2
 */
RMQ_API int32_t rmq_producer_send_packed(rmq_producer_t *producer, const rmq_message_t *pattern, int32_t parts,
                                         const void *buffer, const uint32_t *offsets, const uint64_t *tokens,
                                         size_t count, const rmq_destination_t *destination, int32_t flags,
                                         int64_t timeout_ms, void *user_data, size_t *accepted, rmq_error_t **error);

/**
 * Cancels the pending sends that have this token. Each still yields its one event: RMQ_ERROR_CANCELLED, or what it got to first.
 *
 * @return RMQ_OK, also when there is none
 * @since 0.1
 */
RMQ_API int32_t rmq_producer_cancel(rmq_producer_t *producer, uint64_t token, rmq_error_t **error);

/**
 * Waits until every send that was accepted before has ended (one-way: is with the kernel). The
 * events of those sends are on the queue then.
 *
 * @param timeout_ms  0: option send_msg_timeout
 * @return RMQ_OK; RMQ_ERROR_REQUEST_TIMEOUT: the error's `count` tells how many are left
 * @thread blocks
 * @since 0.1
 */
RMQ_API int32_t rmq_producer_flush(rmq_producer_t *producer, int64_t timeout_ms, rmq_error_t **error);

/** Flushes as rmq_producer_flush does, without waiting. @completion RMQ_EVENT_FLUSHED with its `count` @since 0.1 */
RMQ_API int32_t rmq_producer_flush_async(rmq_producer_t *producer, int64_t timeout_ms, uint64_t token, void *user_data,
                                         rmq_error_t **error);

/**
 * Asks which queues of a topic take messages: those that sends without a destination go to. A topic that does not exist yet has
 * none, even if a send would create it.
 *
 * This is a call that asks servers. The other ones have the same last five parameters, which mean the same.
 *
 * @param topic       text, as rmq_message_new
 * @param timeout_ms  0: option request_timeout
 * @param token       of the event, and so is user_data; not used by a call that blocks
 * @param event       null: the call returns at once, and RMQ_EVENT_RESULT comes on the queue of the handle. Else the call blocks and
 *                    sets it to an owned RMQ_EVENT_RESULT that no queue shows, on failure to null
 * @return null `event`: RMQ_OK once accepted; RMQ_ERROR_QUEUE_FULL when 1,024 such calls of the handle are pending or not yet taken
 *         as events. Else RMQ_OK when it has ended well, or the error that its event would have. Either way: RMQ_ERROR_TOPIC_ILLEGAL,
 *         RMQ_ERROR_NOT_STARTED, RMQ_ERROR_CLOSING, RMQ_ERROR_CLOSED
 * @completion RMQ_EVENT_RESULT with rmq_event_queues and their `count`; or RMQ_ERROR_NO_ROUTE (no such topic, or no queue that can be
 *         written to), RMQ_ERROR_NO_NAMESERVER at the time limit, RMQ_ERROR_SHUTDOWN (the producer was closed before)
 * @thread any; blocks unless `event` is null
 * @since 0.2
 */
RMQ_API int32_t rmq_producer_queues(rmq_producer_t *producer, const char *topic, size_t topic_bytes, int64_t timeout_ms,
                                    uint64_t token, void *user_data, rmq_event_t **event, rmq_error_t **error);

/**
 * Takes back a message with a timer before its time (brokers 5.4 and newer that allow it: recallMessageEnable=true). No consumer
 * gets the message then. To recall it again does no harm. A broker does not look whether it has such a message.
 *
 * The other parameters are as of rmq_producer_queues.
 *
 * @param topic          text, the topic that the message was sent to
 * @param recall_handle  text, as rmq_send_result_view_t shows it for a message with RMQ_FIELD_DELAY_MS or RMQ_FIELD_DELIVER_AT_MS.
 *                       Any producer may recall by it
 * @return as rmq_producer_queues; RMQ_ERROR_ARGUMENT when the handle cannot be read or is of another topic
 * @completion RMQ_EVENT_RESULT, whose text is the message's unique id. Or an error: RMQ_ERROR_NO_PERMISSION (the broker does not
 *         allow it), RMQ_ERROR_BROKER with response code 604 (too late), RMQ_ERROR_UNSUPPORTED (an older broker).
 *         RMQ_ERROR_BROKER_NOT_AVAILABLE and RMQ_ERROR_SERVICE_NOT_AVAILABLE may pass. Its outcome tells whether the message
 *         may be recalled all the same
 * @thread any; blocks unless `event` is null
 * @since 0.2
 */
RMQ_API int32_t rmq_producer_recall(rmq_producer_t *producer, const char *topic, size_t topic_bytes,
                                    const char *recall_handle, size_t recall_handle_bytes, int64_t timeout_ms,
                                    uint64_t token, void *user_data, rmq_event_t **event, rmq_error_t **error);

/**
 * Closes the producer: nothing new is accepted, what is pending may end until the time limit, the rest fails with
 * RMQ_ERROR_SHUTDOWN. Legal from everywhere, twice too; in an event callback and on the driving thread it starts closing and
 * returns RMQ_ERROR_IN_PROGRESS.
 *
 * @param timeout_ms  0: option close_timeout
 * @return RMQ_OK; RMQ_ERROR_CLOSE_TIMEOUT: closed, but sends were cut short; the error's `count` tells how many
 * @thread blocks
 * @since 0.1
 */
RMQ_API int32_t rmq_producer_close(rmq_producer_t *producer, int64_t timeout_ms, rmq_error_t **error);

/** Closes as rmq_producer_close does, without waiting. @completion RMQ_EVENT_CLOSED, the producer's last event @since 0.1 */
RMQ_API int32_t rmq_producer_close_async(rmq_producer_t *producer, int64_t timeout_ms, uint64_t token, void *user_data,
                                         rmq_error_t **error);

/** Gives up the producer. Pending sends end with RMQ_ERROR_SHUTDOWN, each with its event. @since 0.1 */
RMQ_API void rmq_producer_destroy(rmq_producer_t *producer);

/* ---------------------------------------------------------------- deliveries */

typedef struct rmq_delivery_view_s {
  const char
      *topic; /* of the queue; for messages that come again that is %RETRY%group, and the messages show their own */
  size_t topic_bytes;
  const char *broker_name;
  size_t broker_name_bytes;
  const char *group;
  size_t group_bytes;
  int64_t first_queue_offset;
  uint64_t epoch; /* grows each time that the consumer gains a queue */
  int32_t queue_id;
  int32_t message_count;
} rmq_delivery_view_t;

/** Shows where the messages of a delivery come from. RMQ_ERROR_WRONG_EVENT for another kind of event. @since 0.1 */
RMQ_API int32_t rmq_event_delivery(const rmq_event_t *event, rmq_delivery_view_t *view, size_t view_size);

/**
 * Shows messages of a delivery, in the order of their queue, or the one of a transaction check.
 *
 * @param first      index of the first message to show
 * @param views      filled with what is borrowed until the event is destroyed
 * @param count_max  elements in views
 * @return the number of views filled; 0 for another kind of event
 * @thread any number of threads at once
 * @since 0.1
 */
RMQ_API size_t rmq_event_messages(const rmq_event_t *event, size_t first, rmq_message_view_t *views, size_t view_size,
                                  size_t count_max);

/**
 * Takes events as rmq_event_queue_poll does, and shows the messages of deliveries with them, one after another in one array. An
 * event tells by first_message and messages_shown which of them are its own. What does not fit is for rmq_event_messages: `count` of
 * the event is larger than messages_shown then. With room for consume_message_batch_max_size messages for each event all fits.
 *
 * A host that drops such a batch has not looked at all of it. So a delivery of which only this call has shown messages is
 * answered with RMQ_ANSWER_RETURN when it is destroyed unanswered.
 *
 * @param messages            filled with what is borrowed until its event is destroyed
 * @param message_view_size   sizeof(rmq_message_view_t)
 * @param message_count_max   elements in messages
 * @param message_count       set to the number of messages shown
 * @since 0.2
 */
RMQ_API int32_t rmq_event_queue_poll_messages(rmq_event_queue_t *queue, int64_t timeout_ms, rmq_event_view_t *views,
                                              size_t view_size, size_t count_max, size_t *count,
                                              rmq_message_view_t *messages, size_t message_view_size,
                                              size_t message_count_max, size_t *message_count, rmq_error_t **error);

/*
 * When messages come again: one of these, or a level from 1 to 255 as the broker's messageDelayLevel has them. Brokers have 18
 * levels unless they are told otherwise, and take their highest one for a higher number.
 */
enum rmq_delay_level_e {
  RMQ_DELAY_BY_COUNT = 0,    /* the longer, the more often the message came: 10 s, 30 s, 1 m, 2 m, ... */
  RMQ_DELAY_DEAD_LETTER = -1 /* not again: to the dead-letter topic %DLQ%group */
};

/**
 * Answers a delivery as a whole, or a transaction, once.
 *
 * A delivery that is not answered within consume_timeout of being taken is answered with
 * RMQ_ANSWER_RECONSUME_LATER. So is one that is destroyed unanswered after its messages were shown by rmq_event_messages, or to an
 * event callback. A delivery that is destroyed before its messages were shown is answered with RMQ_ANSWER_RETURN. So a host that
 * fails, or drops a batch, makes no dead letters of messages that nobody saw. Until the answer the messages count against the
 * pull_threshold_ options, and the group's offset stays before them.
 *
 * RMQ_ANSWER_RETURN puts the messages back at the end of the event queue, as a new event. The first return since another answer for
 * their queue does so at once. Later returns wait, first 10 ms, and each time twice as long up to a second. While the consumer closes
 * the messages stay with the brokers, and the next member of the group gets them.
 *
 * A transaction is asked about by the RMQ_EVENT_SEND of its half message, and by each RMQ_EVENT_TRANSACTION_CHECK. COMMIT and ROLLBACK
 * end it, whichever event they answer. UNKNOWN, and destroying the event unanswered, leave it to the broker. The broker asks some
 * member of the producer's group later: 15 times by default, and then rolls back. RMQ_OK says that the answer is on its way. No broker
 * confirms it; when it is lost, the broker asks again, and the producer answers as you did. It remembers its last 16,384 transactions.
 * A broker 5.x may also ask about a transaction that ended within the last seconds, and then commit it twice, as with other clients.
 * Answers are taken until the producer is closed. Its close waits for those that were given, not for those that are missing.
 *
 * The event stays yours: destroy it afterwards, or before you need its messages no more.
 *
 * @param answer  delivery: RMQ_ANSWER_SUCCESS, RMQ_ANSWER_RECONSUME_LATER or RMQ_ANSWER_RETURN; transaction: RMQ_ANSWER_COMMIT,
 *                RMQ_ANSWER_ROLLBACK or RMQ_ANSWER_UNKNOWN
 * @param value   with RMQ_ANSWER_RECONSUME_LATER: RMQ_DELAY_; otherwise 0
 * @return RMQ_OK; RMQ_ERROR_ALREADY_ANSWERED; RMQ_ERROR_STALE when the queue is no longer this consumer's (another member will get
 *         the messages) or consume_timeout has passed; a stale answer is counted and moves nothing. Of a transaction: when it has
 *         ended by another event, the producer is closed, or transaction_check_timeout has passed since the broker asked;
 *         RMQ_ERROR_WRONG_EVENT;
 *         RMQ_ERROR_ARGUMENT, and the event stays open
 * @thread any, also after the queue, consumer and runtime are gone
 * @since 0.2
 */
RMQ_API int32_t rmq_event_answer(rmq_event_t *event, int32_t answer, int64_t value, rmq_error_t **error);

/**
 * Answers a delivery message by message, once; otherwise as rmq_event_answer.
 *
 * @param consumed        bit i % 8 of byte i / 8 is 1 when message i is consumed, 0 when it is to come again
 * @param consumed_bytes  at least one bit for each message
 * @param value           of those that come again: the delay level, as rmq_event_answer takes it
 * @since 0.2
 */
RMQ_API int32_t rmq_event_answer_each(rmq_event_t *event, const uint8_t *consumed, size_t consumed_bytes, int64_t value,
                                      rmq_error_t **error);

/**
 * Answers many events, each as rmq_event_answer does with value 0. An event that refuses its answer keeps none of the others from
 * theirs. The events stay yours.
 *
 * @param views      of a poll; those with a null event are skipped. An answer is for all messages of a delivery, also for those
 *                   that found no room in rmq_event_queue_poll_messages
 * @param view_size  as rmq_event_queue_poll
 * @param answers    `count` numbers: RMQ_ANSWER_; RMQ_ANSWER_NONE leaves an event unanswered
 * @return RMQ_OK when all answers were taken; otherwise as rmq_event_answer for the first one that was refused
 * @thread any
 * @since 0.2
 */
RMQ_API int32_t rmq_event_answer_batch(const rmq_event_view_t *views, size_t view_size, size_t count,
                                       const int32_t *answers, rmq_error_t **error);

/* ---------------------------------------------------------------- consumer */

/* The language of a subscription's expression. */
enum rmq_expression_type_e {
  RMQ_EXPRESSION_TAG = 0, /* "*", or tags separated by "||"; blanks around a tag do not count */
  RMQ_EXPRESSION_SQL92 =
      1 /* a condition on properties, such as "a > 5 AND b = 'x'"; brokers want enablePropertyFilter */
};

/* How a consumer gets its messages. */
enum rmq_consumer_kind_e {
  RMQ_CONSUMER_PUSH_CONCURRENT = 1 /* messages come by themselves, those of one queue side by side */
};

/**
 * Makes a consumer: a member of a group that shares the queues of its topics with the other members. It pulls ahead within the
 * bounds of the pull_threshold_ options. It hands the messages over as RMQ_EVENT_DELIVERY events, each to be answered once.
 *
 * What keeps the consumer from working comes to the same queue as RMQ_EVENT_ERROR. Such errors are: a topic without a route, a
 * missing permission, a filter that the broker rejects. Servers that are away, refused heartbeats and unreadable messages are
 * errors too. One event stands for all queues with the same cause. It comes at once, and again as long as the cause goes on.
 * The pauses between begin at 2 s and double up to 10 minutes. No more than 32 events wait (rmq_event_queue_dropped). Option
 * events = none turns them off.
 *
 * @param kind       RMQ_CONSUMER_
 * @param config     options of the consumer (consumer_group, consume_from_where, pull_threshold_for_queue, ...); null: the runtime's
 *                   config. It may hold options of other objects too, as for rmq_producer_new
 * @param queue      where its events go, of the same runtime; null: the default queue
 * @param subscription  null in this version, and so is store
 * @param token      of all its deliveries and error events
 * @param user_data  of all its deliveries and error events
 * @param consumer   set to an owned consumer
 * @return RMQ_OK; RMQ_ERROR_GROUP_ILLEGAL, RMQ_ERROR_OPTION_VALUE, RMQ_ERROR_OPTION_PLACE, RMQ_ERROR_CLOSED
 * @since 0.2
 */
RMQ_API int32_t rmq_consumer_new(rmq_runtime_t *runtime, int32_t kind, const rmq_config_t *config,
                                 rmq_event_queue_t *queue, rmq_subscription_t *subscription, rmq_offset_store_t *store,
                                 uint64_t token, void *user_data, rmq_consumer_t **consumer, rmq_error_t **error);

/**
 * Subscribes to a topic, before or after start. A second subscription to a topic replaces the first. All members of a group must
 * subscribe to the same.
 *
 * @param topic            text, 1 to 127 of the characters a-z A-Z 0-9 _ - % |
 * @param expression_type  RMQ_EXPRESSION_
 * @param expression       text; with RMQ_EXPRESSION_TAG null or empty: all messages. Brokers are asked in the background whether they
 *                         can filter by an SQL92 expression; one that cannot is told as RMQ_EVENT_ERROR with
 *                         RMQ_ERROR_FILTER_REJECTED
 * @return RMQ_OK; RMQ_ERROR_SUBSCRIPTION_TOPIC; RMQ_ERROR_SUBSCRIPTION_SELECTOR (also for an expression that no message can match:
 *         no tag at all, "*" beside tags, a blank or a single "|" inside a tag; and for an SQL92 expression that is null, empty or
 *         blank); RMQ_ERROR_SUBSCRIPTION_LIMIT (option max_subscriptions); RMQ_ERROR_CLOSING; RMQ_ERROR_CLOSED
 * @since 0.2
 */
RMQ_API int32_t rmq_consumer_subscribe(rmq_consumer_t *consumer, const char *topic, size_t topic_bytes,
                                       int32_t expression_type, const char *expression, size_t expression_bytes,
                                       rmq_error_t **error);

/**
 * Ends the subscription to a topic. Deliveries that were not taken yet are withdrawn; answers to the others are stale.
 *
 * @return RMQ_OK; RMQ_ERROR_NOT_SUBSCRIBED
 * @since 0.2
 */
RMQ_API int32_t rmq_consumer_unsubscribe(rmq_consumer_t *consumer, const char *topic, size_t topic_bytes,
                                         rmq_error_t **error);

/**
 * Starts a consumer. Its runtime must be started. Does not wait for the network. A topic that does not exist yet, and brokers that
 * cannot be reached, are tried again for as long as the consumer lives. RMQ_EVENT_ERROR and log
 * events tell of them.
 *
 * @return RMQ_OK; RMQ_ERROR_ALREADY_STARTED; RMQ_ERROR_GROUP_TAKEN when its group has a member on this runtime already;
 *         RMQ_ERROR_NOT_IMPLEMENTED when a file or the environment gave an option a value that is not there yet;
 *         RMQ_ERROR_NOT_STARTED (the runtime), RMQ_ERROR_CLOSED
 * @since 0.2
 */
RMQ_API int32_t rmq_consumer_start(rmq_consumer_t *consumer, rmq_error_t **error);

/** Changes options of a consumer as rmq_runtime_update does. @since 0.2 */
RMQ_API int32_t rmq_consumer_update(rmq_consumer_t *consumer, const rmq_config_t *changes, rmq_error_t **error);

/**
 * Closes the consumer. Deliveries that nobody has taken are withdrawn, and the answers to the others are waited for until the time
 * limit. Then the offsets are stored, and the consumer leaves its group, so that other members go on at once. Legal from
 * everywhere, twice too; in an event callback and on the driving thread it starts closing and returns RMQ_ERROR_IN_PROGRESS.
 *
 * @param timeout_ms  0: option close_timeout
 * @return RMQ_OK; RMQ_ERROR_CLOSE_TIMEOUT: closed, but deliveries were unanswered, the message tells how many. Their messages
 *         come again to the group
 * @thread blocks
 * @since 0.2
 */
RMQ_API int32_t rmq_consumer_close(rmq_consumer_t *consumer, int64_t timeout_ms, rmq_error_t **error);

/** Closes as rmq_consumer_close does, without waiting. @completion RMQ_EVENT_CLOSED, its last event @since 0.2 */
RMQ_API int32_t rmq_consumer_close_async(rmq_consumer_t *consumer, int64_t timeout_ms, uint64_t token, void *user_data,
                                         rmq_error_t **error);

/** Gives up the consumer, closing it without waiting for answers. Deliveries that you hold stay readable. @since 0.2 */
RMQ_API void rmq_consumer_destroy(rmq_consumer_t *consumer);

#ifdef __cplusplus
}
#endif

#endif
