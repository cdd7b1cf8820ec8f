// A test of code that sends, with a broker in the test's own process.
package orders

import (
	"context"
	"errors"
	"testing"

	"librocketmq.example/rocketmqc"
	"librocketmq.example/rocketmqc/testbroker"
)

// What is tested: a function of the application. Gives what the caller may tell its user.
func placeOrder(producer *rocketmqc.Producer, text string) string {
	order, err := rocketmqc.NewMessage("orders")
	if err == nil {
		err = order.SetBody([]byte(text))
	}
	if err == nil {
		_, err = producer.Send(context.Background(), order, rocketmqc.AnyQueue)
	}
	var failure *rocketmqc.Error
	if err == nil {
		return "placed"
	} else if errors.As(err, &failure) && failure.Outcome != rocketmqc.OutcomeNotApplied {
		return "in doubt"
	}
	return "try again"
}

func open(t *testing.T) (*testbroker.Broker, *rocketmqc.Producer) {
	broker, err := testbroker.Start("topic=orders:1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broker.Close)
	runtime, err := rocketmqc.NewRuntime(rocketmqc.Options{"namesrv_addr": broker.NamesrvAddr()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { runtime.Close(0) })
	producer, err := runtime.NewProducer(rocketmqc.Options{"producer_group": "shop"})
	if err != nil {
		t.Fatal(err)
	}
	return broker, producer
}

func TestABrokerThatIsBusyOnceIsNotNoticed(t *testing.T) {
	broker, producer := open(t)
	broker.Command("fault all SEND_MESSAGE_V2 nth=1 error=2")
	if said := placeOrder(producer, "one"); said != "placed" {
		t.Fatal(said)
	}
	if stored, _ := broker.Command("messages orders"); stored != "broker-a 0 0 - - 3\n" {
		t.Fatal(stored)
	}
}

func TestABrokerThatStoresAndSaysNothingLeavesDoubt(t *testing.T) {
	broker, producer := open(t)
	broker.Command("fault all SEND_MESSAGE_V2 first=9 cut")
	if said := placeOrder(producer, "two"); said != "in doubt" {
		t.Fatal(said)
	}
}
