// Sends one message: go run hello.go [host:port of a NameServer].
package main

import (
	"context"
	"fmt"
	"os"

	"librocketmq.example/rocketmqc"
)

func insist[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return value
}

func main() {
	servers := append(os.Args[1:], "127.0.0.1:9876")[0]
	runtime := insist(rocketmqc.NewRuntime(rocketmqc.Options{"namesrv_addr": servers}))
	producer := insist(runtime.NewProducer(rocketmqc.Options{"producer_group": "hello"}))
	message := insist(rocketmqc.NewMessage("orders"))
	insist(0, message.SetBody([]byte("hello")))
	insist(producer.Send(context.Background(), message, rocketmqc.AnyQueue))
	fmt.Println("stored")
	insist(0, runtime.Close(0))
}
