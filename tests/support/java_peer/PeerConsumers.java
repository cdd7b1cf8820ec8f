import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyContext;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** Push consumers, one per group, that print what they receive. */
final class PeerConsumers {
    private final String nameServer;
    private final Map<String, DefaultMQPushConsumer> byGroup = new TreeMap<>();
    private final AtomicInteger failuresLeft = new AtomicInteger();

    PeerConsumers(String nameServer) {
        this.nameServer = nameServer;
    }

    void start(String topic, String group, String expression) throws Exception {
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(group);
        consumer.setNamesrvAddr(nameServer);
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.setPollNameServerInterval(1000);
        consumer.setConsumeThreadMin(2);
        consumer.setConsumeThreadMax(2);
        consumer.subscribe(topic, expression);
        consumer.registerMessageListener((MessageListenerConcurrently) this::onMessages);
        if (byGroup.putIfAbsent(group, consumer) != null) {
            throw new IllegalStateException("this peer is in group " + group + " already");
        }
        consumer.start();
    }

    private ConsumeConcurrentlyStatus onMessages(List<MessageExt> messages, ConsumeConcurrentlyContext context) {
        boolean fails = failuresLeft.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
        MessageQueue queue = context.getMessageQueue();
        for (MessageExt message : messages) {
            byte[] body = message.getBody();
            Peer.print("GOT", message.getMsgId(), queue.getBrokerName() + ":" + queue.getQueueId(), Text.sha256(body),
                message.getKeys(), message.getTags(), message.getReconsumeTimes(), body.length,
                Text.userProperties(message), message.getStoreSize(), fails ? "failed" : "consumed");
        }
        return fails ? ConsumeConcurrentlyStatus.RECONSUME_LATER : ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
    }

    void failNext(int count) {
        failuresLeft.set(count);
    }

    void printQueues(String group) {
        find(group).getDefaultMQPushConsumerImpl().getRebalanceImpl().getProcessQueueTable().keySet().stream()
            .filter(queue -> !queue.getTopic().startsWith("%RETRY%")).sorted()
            .forEach(queue -> Peer.print("QUEUE", queue.getTopic(), queue.getBrokerName() + ":" + queue.getQueueId()));
    }

    /** Sends the offsets of a group to the brokers now; nothing when this peer is not in it. */
    void commit(String group) {
        DefaultMQPushConsumer consumer = byGroup.get(group);
        if (consumer != null) {
            consumer.getDefaultMQPushConsumerImpl().persistConsumerOffset();
        }
    }

    private DefaultMQPushConsumer find(String group) {
        DefaultMQPushConsumer consumer = byGroup.get(group);
        if (consumer == null) {
            throw new IllegalStateException("this peer is not in group " + group);
        }
        return consumer;
    }

    void close(String group) {
        find(group).shutdown();
        byGroup.remove(group);
    }

    void closeAll() {
        byGroup.values().forEach(DefaultMQPushConsumer::shutdown);
    }
}
