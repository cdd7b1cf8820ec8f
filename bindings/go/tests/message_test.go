// Messages: their fields, and those that are made of received, kept or stored ones.
package tests

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"testing"

	"librocketmq.example/rocketmqc"
)

func TestAMessageShowsWhatWasSet(t *testing.T) {
	message, err := rocketmqc.NewMessageOf("orders", []byte("body"), "new", "k1 k2")
	check(t, err)
	check(t, message.SetText(rocketmqc.FieldShardingKey, "customer 7"))
	check(t, message.SetNumber(rocketmqc.FieldFlag, -5))
	check(t, message.SetNumber(rocketmqc.FieldDelayLevel, 3))
	check(t, message.SetNumber(rocketmqc.FieldWaitStore, 0))
	check(t, message.SetProperty("colour", "red"))
	check(t, message.SetProperty("shape", "round"))
	check(t, message.RemoveProperty("shape"))
	read := message.Read()
	checkEqual(t, "fields", [4]string{read.Topic, string(read.Body), read.Tags, read.Keys},
		[4]string{"orders", "body", "new", "k1 k2"})
	checkEqual(t, "Flag", read.Flag, -5)
	checkEqual(t, "properties", [2]string{read.Properties["colour"], read.Properties["DELAY"]}, [2]string{"red", "3"})
	if _, isThere := message.Property("shape"); isThere {
		t.Fatal("the property is there, expected none")
	}
	if err := message.SetNumber(rocketmqc.FieldDelayLevel, 256); !errors.Is(err, rocketmqc.CodeArgument) {
		t.Fatalf("%v, expected ARGUMENT", err)
	}
	if err := message.SetProperty("TAGS", "x"); !errors.Is(err, rocketmqc.CodeMessageIllegal) {
		t.Fatalf("%v, expected MESSAGE_ILLEGAL", err)
	}
}

func TestAReceivedMessageIsKeptAndSentOn(t *testing.T) {
	r := openAt(t, startBrokerProgram(t))
	sendSome(t, r, 1, "first")
	consumer := startConsumer(t, r)
	delivery := receive(t, consumer)
	kept, err := delivery.Retain(0)
	check(t, err)
	onward, err := delivery.NewMessage(0, "elsewhere")
	check(t, err)
	if _, err := delivery.Retain(1); !errors.Is(err, rocketmqc.CodeArgument) {
		t.Fatalf("%v, expected ARGUMENT", err)
	}
	check(t, delivery.Answer(rocketmqc.AnswerSuccess, rocketmqc.DelayByCount))
	if _, err := delivery.Retain(0); !errors.Is(err, rocketmqc.CodeAlreadyAnswered) {
		t.Fatalf("%v, expected ALREADY_ANSWERED", err)
	}
	checkEqual(t, "kept", string(kept.Read().Body), "first")
	colour, _ := kept.Property("colour")
	checkEqual(t, "colour", colour, "red")
	if err := kept.SetTags("b"); !errors.Is(err, rocketmqc.CodeArgument) {
		t.Fatalf("%v, expected ARGUMENT", err)
	}
	checkEqual(t, "onward", onward.Read().Topic, "elsewhere")

	again, err := kept.NewMessage("")
	check(t, err)
	check(t, again.SetBody([]byte("second")))
	producer, err := r.NewProducer(rocketmqc.Options{"producer_group": "go"})
	check(t, err)
	_, err = producer.SendBlocking(again, rocketmqc.AnyQueue, 0, 0)
	check(t, err)
	delivery = receive(t, consumer)
	message := delivery.Messages()[0]
	checkEqual(t, "second", [3]string{string(message.Body), message.Tags, message.Properties["colour"]},
		[3]string{"second", "a", "red"})
	check(t, delivery.Answer(rocketmqc.AnswerSuccess, rocketmqc.DelayByCount))
	check(t, consumer.Close(0))
	check(t, r.Close(0))
}

// One message as a broker stores it, magic V1.
func stored(body, properties string) []byte {
	var all bytes.Buffer
	put := func(values ...any) {
		for _, value := range values {
			binary.Write(&all, binary.BigEndian, value)
		}
	}
	put(uint32(0xdaa320a7), crc32.ChecksumIEEE([]byte(body))&0x7fffffff, int32(2), int32(9), int64(5), int64(4096), int32(0))
	put(int64(1700000000000), []byte{127, 0, 0, 1}, int32(1234), int64(1700000000001), []byte{127, 0, 0, 1}, int32(10911))
	put(int32(1), int64(0), int32(len(body)), []byte(body), int8(6), []byte("orders"), int16(len(properties)), []byte(properties))
	return append(binary.BigEndian.AppendUint32(nil, uint32(4+all.Len())), all.Bytes()...)
}

func TestStoredMessagesAreDecoded(t *testing.T) {
	bytes := append(stored("one", "TAGS\x01new\x02"), stored("two", "colour\x01red\x02")...)
	messages, err := rocketmqc.DecodeMessages(bytes)
	check(t, err)
	checkEqual(t, "messages", len(messages), 2)
	first := messages[0]
	checkEqual(t, "texts", [3]string{first.Topic, string(first.Body), first.Tags}, [3]string{"orders", "one", "new"})
	checkEqual(t, "numbers", [5]int64{int64(first.QueueID), int64(first.Flag), first.QueueOffset, first.CommitLogOffset,
		int64(first.ReconsumeTimes)}, [5]int64{2, 9, 5, 4096, 1})
	checkEqual(t, "BornHost", first.BornHost, "127.0.0.1:1234")
	checkEqual(t, "colour", messages[1].Properties["colour"], "red")
	if _, err := rocketmqc.DecodeMessages(bytes[:50]); !errors.Is(err, rocketmqc.CodeBadBody) {
		t.Fatalf("%v, expected BAD_BODY", err)
	}
	messages, err = rocketmqc.DecodeMessages(nil)
	check(t, err)
	checkEqual(t, "messages of nothing", len(messages), 0)
}
