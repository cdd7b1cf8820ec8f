module librocketmq.example/rocketmqc

go 1.19
