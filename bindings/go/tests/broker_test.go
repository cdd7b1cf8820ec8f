package tests

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
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

// Stores a message in queue 0 of bench_stub by a frame of SEND_MESSAGE in the compact encoding: texts may be any bytes.
func storeRaw(t *testing.T, address, body, properties string) {
	t.Helper()
	var extended, header, frame bytes.Buffer
	put := func(to *bytes.Buffer, values ...any) {
		for _, value := range values {
			check(t, binary.Write(to, binary.BigEndian, value))
		}
	}
	for _, field := range [][2]string{{"producerGroup", "raw"}, {"topic", "bench_stub"}, {"defaultTopic", "TBW102"},
		{"defaultTopicQueueNums", "4"}, {"queueId", "0"}, {"sysFlag", "0"}, {"bornTimestamp", "1700000000000"}, {"flag", "0"},
		{"properties", properties}} {
		put(&extended, int16(len(field[0])), []byte(field[0]), int32(len(field[1])), []byte(field[1]))
	}
	// Code, language, version, opaque, flag, no remark.
	put(&header, int16(10), int8(1), int16(493), int32(1), int32(0), int32(0), int32(extended.Len()), extended.Bytes())
	put(&frame, int32(4+header.Len()+len(body)), int32(header.Len()|1<<24), header.Bytes(), []byte(body))
	connection, err := net.Dial("tcp", address)
	check(t, err)
	defer connection.Close()
	_, err = connection.Write(frame.Bytes())
	check(t, err)
	_, err = io.ReadFull(connection, make([]byte, 8))
	check(t, err)
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
