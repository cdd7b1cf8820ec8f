package rocketmqc

/*
#include <rocketmq_c.h>
*/
import "C"

// Code is an error code of the library; errors.Is(err, rocketmqc.CodeTooLarge) asks for one.
type Code int32

// Error gives the name of the code.
func (c Code) Error() string { return ffiErrorName(int32(c)) }

// Outcome tells what a failed operation did to the server.
type Outcome int32

// What a failed operation did to the server: decides whether sending again can make a duplicate.
const (
	OutcomeNotApplied   Outcome = C.RMQ_OUTCOME_NOT_APPLIED
	OutcomeMaybeApplied Outcome = C.RMQ_OUTCOME_MAYBE_APPLIED
	OutcomeApplied      Outcome = C.RMQ_OUTCOME_APPLIED
)

// SendStatus tells how safe a stored message is.
type SendStatus int32

// The broker has stored the message in every case.
const (
	SendOK                SendStatus = C.RMQ_SEND_OK
	SendFlushDiskTimeout  SendStatus = C.RMQ_SEND_FLUSH_DISK_TIMEOUT
	SendSlaveNotAvailable SendStatus = C.RMQ_SEND_SLAVE_NOT_AVAILABLE
	SendFlushSlaveTimeout SendStatus = C.RMQ_SEND_FLUSH_SLAVE_TIMEOUT
)

// Filter is the language of a subscription's expression.
type Filter int32

// Languages of expressions.
const (
	FilterTag   Filter = C.RMQ_FILTER_TAG
	FilterSQL92 Filter = C.RMQ_FILTER_SQL92
)

// Answer tells what becomes of messages that were received.
type Answer int32

// Answers to a Delivery.
const (
	AnswerSuccess        Answer = C.RMQ_ANSWER_SUCCESS
	AnswerReconsumeLater Answer = C.RMQ_ANSWER_RECONSUME_LATER
	AnswerReturn         Answer = C.RMQ_ANSWER_RETURN // not looked at: offered again, and not counted
)

// Delay tells when messages come again: one of these, or a level from 1 to 18.
type Delay int32

// Delays that are no levels.
const (
	DelayByCount    Delay = C.RMQ_DELAY_BY_COUNT
	DelayDeadLetter Delay = C.RMQ_DELAY_DEAD_LETTER
)

// The codes, in the order and with the meaning of the header.
const (
	CodeArgument             Code = C.RMQ_ERROR_ARGUMENT
	CodeMessageIllegal       Code = C.RMQ_ERROR_MESSAGE_ILLEGAL
	CodeTopicIllegal         Code = C.RMQ_ERROR_TOPIC_ILLEGAL
	CodeTooLarge             Code = C.RMQ_ERROR_TOO_LARGE
	CodeGroupIllegal         Code = C.RMQ_ERROR_GROUP_ILLEGAL
	CodeOptionUnknown        Code = C.RMQ_ERROR_OPTION_UNKNOWN
	CodeOptionValue          Code = C.RMQ_ERROR_OPTION_VALUE
	CodeOptionPlace          Code = C.RMQ_ERROR_OPTION_PLACE
	CodeNotStarted           Code = C.RMQ_ERROR_NOT_STARTED
	CodeAlreadyStarted       Code = C.RMQ_ERROR_ALREADY_STARTED
	CodeClosing              Code = C.RMQ_ERROR_CLOSING
	CodeClosed               Code = C.RMQ_ERROR_CLOSED
	CodeWrongThread          Code = C.RMQ_ERROR_WRONG_THREAD
	CodeForked               Code = C.RMQ_ERROR_FORKED
	CodeAlreadyAnswered      Code = C.RMQ_ERROR_ALREADY_ANSWERED
	CodeStale                Code = C.RMQ_ERROR_STALE
	CodeInProgress           Code = C.RMQ_ERROR_IN_PROGRESS
	CodeHasChildren          Code = C.RMQ_ERROR_HAS_CHILDREN
	CodeStartFailed          Code = C.RMQ_ERROR_START_FAILED
	CodeCloseFailed          Code = C.RMQ_ERROR_CLOSE_FAILED
	CodeInterrupted          Code = C.RMQ_ERROR_INTERRUPTED
	CodeWrongEvent           Code = C.RMQ_ERROR_WRONG_EVENT
	CodeNetwork              Code = C.RMQ_ERROR_NETWORK
	CodeCannotResolve        Code = C.RMQ_ERROR_CANNOT_RESOLVE
	CodeRefused              Code = C.RMQ_ERROR_REFUSED
	CodeUnreachable          Code = C.RMQ_ERROR_UNREACHABLE
	CodeReset                Code = C.RMQ_ERROR_RESET
	CodeTls                  Code = C.RMQ_ERROR_TLS
	CodeTlsCertificate       Code = C.RMQ_ERROR_TLS_CERTIFICATE
	CodeTlsName              Code = C.RMQ_ERROR_TLS_NAME
	CodeTlsVersion           Code = C.RMQ_ERROR_TLS_VERSION
	CodeProxy                Code = C.RMQ_ERROR_PROXY
	CodeConnectTimeout       Code = C.RMQ_ERROR_CONNECT_TIMEOUT
	CodeRequestTimeout       Code = C.RMQ_ERROR_REQUEST_TIMEOUT
	CodeQueueFull            Code = C.RMQ_ERROR_QUEUE_FULL
	CodeCloseTimeout         Code = C.RMQ_ERROR_CLOSE_TIMEOUT
	CodeBadFrame             Code = C.RMQ_ERROR_BAD_FRAME
	CodeBadHeader            Code = C.RMQ_ERROR_BAD_HEADER
	CodeBadBody              Code = C.RMQ_ERROR_BAD_BODY
	CodeUnsupported          Code = C.RMQ_ERROR_UNSUPPORTED
	CodeNoNameserver         Code = C.RMQ_ERROR_NO_NAMESERVER
	CodeNoRoute              Code = C.RMQ_ERROR_NO_ROUTE
	CodeNameserverAnswer     Code = C.RMQ_ERROR_NAMESERVER_ANSWER
	CodeBroker               Code = C.RMQ_ERROR_BROKER
	CodeBrokerBusy           Code = C.RMQ_ERROR_BROKER_BUSY
	CodeBrokerSystem         Code = C.RMQ_ERROR_BROKER_SYSTEM
	CodeNoPermission         Code = C.RMQ_ERROR_NO_PERMISSION
	CodeAuthentication       Code = C.RMQ_ERROR_AUTHENTICATION
	CodeAuthorization        Code = C.RMQ_ERROR_AUTHORIZATION
	CodeTopicMissing         Code = C.RMQ_ERROR_TOPIC_MISSING
	CodeQueueMissing         Code = C.RMQ_ERROR_QUEUE_MISSING
	CodeSubscriptionMissing  Code = C.RMQ_ERROR_SUBSCRIPTION_MISSING
	CodeSubscriptionStale    Code = C.RMQ_ERROR_SUBSCRIPTION_STALE
	CodeGroupMissing         Code = C.RMQ_ERROR_GROUP_MISSING
	CodeFlushTimeout         Code = C.RMQ_ERROR_FLUSH_TIMEOUT
	CodeSlaveTimeout         Code = C.RMQ_ERROR_SLAVE_TIMEOUT
	CodeBrokerMessageIllegal Code = C.RMQ_ERROR_BROKER_MESSAGE_ILLEGAL
	CodeServiceNotAvailable  Code = C.RMQ_ERROR_SERVICE_NOT_AVAILABLE
	CodeBrokerNotAvailable   Code = C.RMQ_ERROR_BROKER_NOT_AVAILABLE
	CodeNotLeader            Code = C.RMQ_ERROR_NOT_LEADER
	CodeServerLeaving        Code = C.RMQ_ERROR_SERVER_LEAVING
	CodeNotFound             Code = C.RMQ_ERROR_NOT_FOUND
	CodePullNotFound         Code = C.RMQ_ERROR_PULL_NOT_FOUND
	CodeOffsetMoved          Code = C.RMQ_ERROR_OFFSET_MOVED
	CodeRetryImmediately     Code = C.RMQ_ERROR_RETRY_IMMEDIATELY
	CodeFilterRejected       Code = C.RMQ_ERROR_FILTER_REJECTED
	CodeOffsetNone           Code = C.RMQ_ERROR_OFFSET_NONE
	CodeOffsetIllegal        Code = C.RMQ_ERROR_OFFSET_ILLEGAL
	CodeOffsetPersist        Code = C.RMQ_ERROR_OFFSET_PERSIST
	CodeOffsetFile           Code = C.RMQ_ERROR_OFFSET_FILE
	CodeTransaction          Code = C.RMQ_ERROR_TRANSACTION
	CodeProducer             Code = C.RMQ_ERROR_PRODUCER
	CodeConsumer             Code = C.RMQ_ERROR_CONSUMER
	CodeSubscribeFailed      Code = C.RMQ_ERROR_SUBSCRIBE_FAILED
	CodeUnsubscribeFailed    Code = C.RMQ_ERROR_UNSUBSCRIBE_FAILED
	CodeSubscriptionTopic    Code = C.RMQ_ERROR_SUBSCRIPTION_TOPIC
	CodeSubscriptionSelector Code = C.RMQ_ERROR_SUBSCRIPTION_SELECTOR
	CodeNotSubscribed        Code = C.RMQ_ERROR_NOT_SUBSCRIBED
	CodeSubscriptionConflict Code = C.RMQ_ERROR_SUBSCRIPTION_CONFLICT
	CodeSubscriptionLimit    Code = C.RMQ_ERROR_SUBSCRIPTION_LIMIT
	CodeSubscriptionData     Code = C.RMQ_ERROR_SUBSCRIPTION_DATA
	CodeRebalance            Code = C.RMQ_ERROR_REBALANCE
	CodeListener             Code = C.RMQ_ERROR_LISTENER
	CodeMemory               Code = C.RMQ_ERROR_MEMORY
	CodeThreads              Code = C.RMQ_ERROR_THREADS
	CodeFile                 Code = C.RMQ_ERROR_FILE
	CodeDescriptors          Code = C.RMQ_ERROR_DESCRIPTORS
	CodeShutdown             Code = C.RMQ_ERROR_SHUTDOWN
	CodeCancelled            Code = C.RMQ_ERROR_CANCELLED
	CodeInternal             Code = C.RMQ_ERROR_INTERNAL
)
