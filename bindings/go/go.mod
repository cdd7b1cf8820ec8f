module librocketmq.example/rocketmq

go 1.19
