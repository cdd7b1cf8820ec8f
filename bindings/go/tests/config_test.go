// Options: set, read, loaded, copied, and shared by objects.
package tests

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"librocketmq.example/rocketmqc"
)

func checkOption(t *testing.T, config *rocketmqc.Config, name, expected string) {
	t.Helper()
	value, _, err := config.Get(name)
	check(t, err)
	checkEqual(t, name, value, expected)
}

func TestAConfigIsSetReadAndCopied(t *testing.T) {
	config, err := rocketmqc.NewConfig("low_memory")
	check(t, err)
	checkOption(t, config, "pull_batch_size", "16")
	check(t, config.Set("producer_group", "shop"))
	copied, err := config.Copy()
	check(t, err)
	check(t, config.Reset("producer_group"))
	checkOption(t, copied, "producer_group", "shop")
	if value, _, _ := config.Get("producer_group"); value == "shop" {
		t.Fatal("the option is as it was, expected its default")
	}
	if _, _, err := config.Get("no_such_option"); !errors.Is(err, rocketmqc.CodeOptionUnknown) {
		t.Fatalf("%v, expected OPTION_UNKNOWN", err)
	}
	if _, err := rocketmqc.NewConfig("no_such_set"); !errors.Is(err, rocketmqc.CodeOptionValue) {
		t.Fatalf("%v, expected OPTION_VALUE", err)
	}
}

func TestAConfigIsLoaded(t *testing.T) {
	config, err := rocketmqc.NewConfig("")
	check(t, err)
	check(t, config.LoadText("# a comment\nsend_msg_timeout = 2s\nproducer_group = shop\n"))
	checkOption(t, config, "send_msg_timeout", "2000")
	if err := config.LoadText("producer_group = other\nno_such_option = 1"); !errors.Is(err, rocketmqc.CodeOptionUnknown) {
		t.Fatalf("%v, expected OPTION_UNKNOWN", err)
	}
	checkOption(t, config, "producer_group", "shop")
	path := filepath.Join(t.TempDir(), "options")
	check(t, os.WriteFile(path, []byte("producer_group = of_a_file\n"), 0o600))
	check(t, config.LoadFile(path))
	checkOption(t, config, "producer_group", "of_a_file")
	if err := config.LoadFile(path + ".not_there"); !errors.Is(err, rocketmqc.CodeFile) {
		t.Fatalf("%v, expected FILE", err)
	}
	t.Setenv("ROCKETMQ_PRODUCER_GROUP", "of_the_environment")
	check(t, config.LoadEnvironment())
	checkOption(t, config, "producer_group", "of_the_environment")
}

func TestOptionsAreDescribed(t *testing.T) {
	options := make(map[string]rocketmqc.OptionDescription)
	for _, option := range rocketmqc.DescribeOptions() {
		options[option.Name] = option
	}
	timeout := options["send_msg_timeout"]
	checkEqual(t, "Default", timeout.Default, "3000")
	checkEqual(t, "Unit", timeout.Unit, "ms")
	checkEqual(t, "LiveOwners", timeout.LiveOwners, rocketmqc.OwnerProducer)
	checkEqual(t, "Choices", options["run_mode"].Choices, []string{"threaded", "driven"})
	checkEqual(t, "IsCodeOnly", options["run_mode"].IsCodeOnly, true)
}

func TestOneConfigServesAllObjects(t *testing.T) {
	config, err := rocketmqc.NewConfig("")
	check(t, err)
	for name, value := range map[string]string{"namesrv_addr": startBrokerProgram(t), "producer_group": "shop",
		"consumer_group": "billing", "consume_from_where": "first"} {
		check(t, config.Set(name, value))
	}
	r, err := rocketmqc.NewRuntime(config)
	check(t, err)
	producer, err := r.NewProducer(nil) // as the runtime
	check(t, err)
	_, err = producer.SendBlocking(newMessage(t, []byte("x")), rocketmqc.AnyQueue, 0, 0)
	check(t, err)
	consumer, err := r.NewPushConsumer(config)
	check(t, err)
	check(t, consumer.Subscribe("bench_stub", rocketmqc.ExpressionTag, ""))
	check(t, consumer.Start())
	delivery := receive(t, consumer)
	checkEqual(t, "Group", delivery.Group, "billing")
	check(t, delivery.Answer(rocketmqc.AnswerSuccess, rocketmqc.DelayByCount))
	check(t, consumer.Unsubscribe("bench_stub"))
	check(t, consumer.Update(rocketmqc.Options{}))
	if err := consumer.Update(rocketmqc.Options{"consumer_group": "other"}); !errors.Is(err, rocketmqc.CodeOptionValue) {
		t.Fatalf("%v, expected OPTION_VALUE", err)
	}
	check(t, consumer.Close(0))
	check(t, r.Close(0))
}

func TestNumbersHaveNames(t *testing.T) {
	checkEqual(t, "version", rocketmqc.LibraryVersion() >= rocketmqc.VersionVersion, true)
	checkEqual(t, "major and minor", rocketmqc.LibraryVersionText()[:2], "0.")
	checkEqual(t, "code", rocketmqc.CodeTooLarge.Error(), "TOO_LARGE")
	checkEqual(t, "category", rocketmqc.CategoryBroker.String(), "BROKER")
	checkEqual(t, "outcome", rocketmqc.OutcomeMaybeApplied.String(), "MAYBE_APPLIED")
	checkEqual(t, "event", rocketmqc.EventDelivery.String(), "DELIVERY")
	checkEqual(t, "answer", rocketmqc.AnswerSuccess.String(), "SUCCESS")
	checkEqual(t, "status", rocketmqc.SendWritten.String(), "WRITTEN")
	checkEqual(t, "unknown", rocketmqc.NameOf(rocketmqc.NameLogLevel, 77), "UNKNOWN")
	if rocketmqc.SentenceOf(rocketmqc.NameResponseCode, 16) == "" {
		t.Fatal("the sentence of a response code is empty")
	}
}
