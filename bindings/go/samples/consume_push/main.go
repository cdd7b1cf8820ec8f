// Prints the messages of a topic: consume_push <host:port of a NameServer, or -> <topic> <group> [count]
//
// "-" takes the NameServer from NAMESRV_ADDR. Ends after count messages, or with Ctrl-C.
package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/signal"
	"strconv"

	"librocketmq.example/rocketmqc"
)

func consume(ctx context.Context, nameServers, topic, group string, count int) error {
	runtime, err := rocketmqc.NewRuntime(rocketmqc.Options{"namesrv_addr": nameServers})
	if err != nil {
		return err
	}
	defer runtime.Close(0)
	consumer, err := runtime.NewPushConsumer(rocketmqc.Options{"consumer_group": group, "consume_from_where": "first"})
	if err != nil {
		return err
	}
	if err := consumer.Subscribe(topic, rocketmqc.ExpressionTag, "*"); err != nil {
		return err
	}
	if err := consumer.Start(); err != nil {
		return err
	}
	for seen := 0; seen < count; {
		delivery, err := consumer.Receive(ctx)
		if errors.Is(err, context.Canceled) {
			break
		} else if err != nil {
			return err
		}
		for _, message := range delivery.Messages() {
			fmt.Printf("consumed %s %s\n", message.MessageID, message.Body)
		}
		seen += len(delivery.Messages())
		if err := delivery.Answer(rocketmqc.AnswerSuccess, rocketmqc.DelayByCount); err != nil {
			fmt.Fprintln(os.Stderr, err) // CodeStale: another member has the queue now, and gets them too
		}
	}
	return consumer.Close(0)
}

func main() {
	count := math.MaxInt
	if len(os.Args) == 5 {
		count, _ = strconv.Atoi(os.Args[4])
	}
	if len(os.Args) < 4 || len(os.Args) > 5 || count <= 0 {
		fmt.Fprintln(os.Stderr, "usage: consume_push <host:port of a NameServer, or -> <topic> <group> [count]")
		fmt.Fprintln(os.Stderr, "without RocketMQ, start a broker for trying: rmq-testbroker --port 9876")
		os.Exit(2)
	}
	nameServers := os.Args[1]
	if nameServers == "-" {
		nameServers = os.Getenv("NAMESRV_ADDR")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := consume(ctx, nameServers, os.Args[2], os.Args[3], count); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
