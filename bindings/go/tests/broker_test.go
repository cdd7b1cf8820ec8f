package tests

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"librocketmq.example/rocketmqc"
)

const neverAnswers = "SEND_MESSAGE_V2 first=1000000 no_answer"

// Gives a destination on a broker of the test's own.
func startBroker(t *testing.T, faults ...string) *rocketmqc.Destination {
	t.Helper()
	destination, err := rocketmqc.NewDestination(startBrokerProgram(t, faults...), "", 0)
	check(t, err)
	return destination
}

// Starts a broker with the topic bench_stub and the faults, ends it with the test, and gives its address.
func startBrokerProgram(t *testing.T, faults ...string) string {
	t.Helper()
	program := os.Getenv("RMQ_TESTBROKER")
	if program == "" {
		t.Fatal("set RMQ_TESTBROKER to the rmq-testbroker program")
	}
	arguments := []string{"--port", "0", "--topic", "bench_stub:4", "--until-stdin-closes"}
	for _, fault := range faults {
		arguments = append(arguments, "--fault", fault)
	}
	broker := exec.Command(program, arguments...)
	stdin, err := broker.StdinPipe()
	check(t, err)
	stdout, err := broker.StdoutPipe()
	check(t, err)
	check(t, broker.Start())
	t.Cleanup(func() {
		stdin.Close()
		broker.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	check(t, err)
	return strings.TrimPrefix(strings.TrimSpace(line), "LISTENING ")
}

func open(t *testing.T, options rocketmqc.Options) (*rocketmqc.Runtime, *rocketmqc.Producer) {
	t.Helper()
	runtime, err := rocketmqc.NewRuntime(nil)
	check(t, err)
	chosen := rocketmqc.Options{"producer_group": "go"}
	for name, value := range options {
		chosen[name] = value
	}
	producer, err := runtime.NewProducer(chosen)
	check(t, err)
	return runtime, producer
}

func newMessage(t *testing.T, body []byte) *rocketmqc.Message {
	t.Helper()
	message, err := rocketmqc.NewMessage("bench_stub")
	check(t, err)
	if body != nil {
		check(t, message.SetBody(body))
	}
	return message
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func checkEqual(t *testing.T, what string, actual, expected any) {
	t.Helper()
	if fmt.Sprint(actual) != fmt.Sprint(expected) {
		t.Fatalf("%s: %v, expected %v", what, actual, expected)
	}
}
