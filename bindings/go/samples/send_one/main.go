// Sends one message and prints where it went: send_one <host:port of a broker> <topic> <text>
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"librocketmq.example/rocketmq"
)

func sendOne(address, topic, text string) error {
	runtime, err := rocketmq.NewRuntime(nil)
	if err != nil {
		return err
	}
	defer runtime.Close(0)
	producer, err := runtime.NewProducer(rocketmq.Options{"producer_group": "send_one"})
	if err != nil {
		return err
	}
	message, err := rocketmq.NewMessage(topic)
	if err != nil {
		return err
	}
	if err := message.SetBody([]byte(text)); err != nil {
		return err
	}
	destination, err := rocketmq.NewDestination(address, "", rocketmq.BrokerChooses)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	result, err := producer.Send(ctx, message, destination)
	if err != nil {
		return err
	}
	fmt.Printf("%s is at offset %d of queue %d\n", result.MessageID, result.QueueOffset, result.QueueID)
	return nil
}

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: send_one <host:port> <topic> <text>")
		os.Exit(2)
	}
	if err := sendOne(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
