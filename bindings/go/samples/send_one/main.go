// Sends one message and prints where it went: send_one <host:port of a NameServer, or -> <topic> <text>
//
// "-" takes the NameServer from NAMESRV_ADDR.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"librocketmq.example/rocketmqc"
)

func sendOne(nameServers, topic, text string) error {
	runtime, err := rocketmqc.NewRuntime(rocketmqc.Options{"namesrv_addr": nameServers})
	if err != nil {
		return err
	}
	defer runtime.Close(0)
	producer, err := runtime.NewProducer(rocketmqc.Options{"producer_group": "send_one"})
	if err != nil {
		return err
	}
	message, err := rocketmqc.NewMessage(topic)
	if err != nil {
		return err
	}
	if err := message.SetBody([]byte(text)); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	sent, err := producer.Send(ctx, message, rocketmqc.AnyQueue)
	if err != nil {
		return err
	}
	fmt.Printf("%s is at offset %d of queue %d of %s\n", sent.MessageID, sent.QueueOffset, sent.QueueID, sent.BrokerName)
	return nil
}

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: send_one <host:port of a NameServer, or -> <topic> <text>")
		fmt.Fprintln(os.Stderr, "without RocketMQ, start a broker for trying: rmq-testbroker --port 9876")
		os.Exit(2)
	}
	nameServers := os.Args[1]
	if nameServers == "-" {
		nameServers = os.Getenv("NAMESRV_ADDR")
	}
	if err := sendOne(nameServers, os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
