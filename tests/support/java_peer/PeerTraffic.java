import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyContext;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/**
 * The Java side of a comparison under faults: a sender that waits for each answer, one that does not, and two members of
 * a group. Each is an instance with connections of its own and may have its own NameServer address. All options are
 * those that Java has by default. Times are those of System.nanoTime(), on Linux the monotonic clock of all processes.
 */
final class PeerTraffic {
    private static final int MEMBERS = 2;
    private static final int START_ATTEMPTS = 10;
    private static final String FILL = "x".repeat(100);

    private record Sent(String key, String kind, long begin, long end, SendResult result, Throwable error) {
    }

    private record Delivered(int member, String key, long at, String queue, long offset, boolean isWhole) {
    }

    private final List<Sent> sent = new ArrayList<>();
    private final List<Delivered> delivered = new ArrayList<>();
    private final List<DefaultMQProducer> producers = new ArrayList<>();
    private final List<DefaultMQPushConsumer> members = new ArrayList<>();
    private String topic;
    private volatile int rate;
    private volatile boolean isOver;

    /** The peer shortens this interval for tests of other things; must run before any client class is loaded. */
    private static void takeJavaDefaults() {
        System.setProperty("rocketmq.client.rebalance.waitInterval", "20000");
    }

    /** `nameServers`: of the single sender, the sender of many, and the two members. `rate`: of each sender, a second. */
    void start(String topicName, String group, int messagesPerSecond, List<String> nameServers) throws Exception {
        if (topic != null) {
            throw new IllegalStateException("this peer makes traffic already");
        }
        takeJavaDefaults();
        topic = topicName;
        rate = messagesPerSecond;
        DefaultMQProducer single = startProducer("single", nameServers.get(0));
        DefaultMQProducer many = startProducer("many", nameServers.get(1));
        for (int i = 0; i < MEMBERS; i++) {
            startMember(i, group, nameServers.get(2 + i));
        }
        new Thread(() -> paced("single", (message, key) -> sendOne(single, message, key))).start();
        new Thread(() -> paced("many", (message, key) -> sendWithoutWaiting(many, message, key))).start();
    }

    /** A start fails when its first request takes over 3 s, as the first of a process may on a busy machine. */
    private void startMember(int index, String group, String nameServer) throws Exception {
        for (int attempt = 1; ; attempt++) {
            DefaultMQPushConsumer member = makeMember(index, group, nameServer, "member" + index + "-" + attempt);
            try {
                member.start();
                members.add(member);
                return;
            } catch (MQClientException | IllegalStateException error) {
                member.shutdown();
                if (attempt == START_ATTEMPTS) {
                    throw error;
                }
            }
        }
    }

    private DefaultMQPushConsumer makeMember(int index, String group, String nameServer, String instance)
        throws MQClientException {
        DefaultMQPushConsumer member = new DefaultMQPushConsumer(group);
        member.setNamesrvAddr(nameServer);
        member.setInstanceName(instance);
        member.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        member.subscribe(topic, "*");
        member.registerMessageListener((MessageListenerConcurrently) (messages, context) ->
            onMessages(index, messages, context));
        return member;
    }

    private DefaultMQProducer startProducer(String kind, String nameServer) throws Exception {
        DefaultMQProducer producer = new DefaultMQProducer("traffic_" + kind + "_of_" + topic);
        producer.setNamesrvAddr(nameServer);
        producer.setInstanceName(kind);
        producer.start();
        producers.add(producer);
        return producer;
    }

    private interface Send {
        void run(Message message, String key);
    }

    /** Sends at the rate. What a slow send has missed is not made up for. */
    private void paced(String kind, Send send) {
        long due = System.nanoTime();
        for (long i = 0; !isOver; i++) {
            int perSecond = rate;
            due = Math.max(due + 1_000_000_000L / Math.max(perSecond, 50), System.nanoTime());
            LockSupport.parkNanos(due - System.nanoTime());
            if (perSecond > 0) {
                String key = "java-" + kind + "-" + i;
                Message message = new Message(topic, "", key, body(key));
                send.run(message, key);
            }
        }
    }

    private static byte[] body(String key) {
        return (key + FILL).getBytes(StandardCharsets.UTF_8);
    }

    private void sendOne(DefaultMQProducer producer, Message message, String key) {
        long begin = System.nanoTime();
        try {
            note(key, "single", begin, producer.send(message), null);
        } catch (Exception error) {
            note(key, "single", begin, null, error);
        }
    }

    private void sendWithoutWaiting(DefaultMQProducer producer, Message message, String key) {
        long begin = System.nanoTime();
        try {
            producer.send(message, new SendCallback() {
                @Override
                public void onSuccess(SendResult result) {
                    note(key, "many", begin, result, null);
                }

                @Override
                public void onException(Throwable error) {
                    note(key, "many", begin, null, error);
                }
            });
        } catch (Exception error) {
            note(key, "many", begin, null, error);
        }
    }

    private void note(String key, String kind, long begin, SendResult result, Throwable error) {
        synchronized (sent) {
            sent.add(new Sent(key, kind, begin, System.nanoTime(), result, error));
        }
    }

    private ConsumeConcurrentlyStatus onMessages(int member, List<MessageExt> messages,
                                                 ConsumeConcurrentlyContext context) {
        long now = System.nanoTime();
        synchronized (delivered) {
            for (MessageExt message : messages) {
                MessageQueue queue = context.getMessageQueue();
                String place = queue.getBrokerName() + ":" + queue.getQueueId();
                boolean isWhole = Arrays.equals(message.getBody(), body(message.getKeys()));
                delivered.add(new Delivered(member, message.getKeys(), now,
                    queue.getTopic().equals(topic) ? place : "retry-" + place, message.getQueueOffset(), isWhole));
            }
        }
        return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
    }

    void setRate(int messagesPerSecond) {
        rate = messagesPerSecond;
    }

    /** Prints what has happened since it was asked last. */
    void printNews() {
        List<Sent> sends;
        synchronized (sent) {
            sends = new ArrayList<>(sent);
            sent.clear();
        }
        for (Sent send : sends) {
            String queue = send.result == null ? null
                : send.result.getMessageQueue().getBrokerName() + ":" + send.result.getMessageQueue().getQueueId();
            Peer.print("SEND", send.key, send.kind, send.begin, send.end, send.result == null ? "failed" : "stored", queue,
                send.result == null ? -1 : send.result.getQueueOffset(),
                send.error == null ? null : String.valueOf(send.error.getMessage()).lines().findFirst().orElse(""));
        }
        List<Delivered> deliveries;
        synchronized (delivered) {
            deliveries = new ArrayList<>(delivered);
            delivered.clear();
        }
        for (Delivered one : deliveries) {
            Peer.print("DELIVERED", one.member, one.key, one.at, one.queue, one.offset, one.isWhole ? "whole" : "damaged");
        }
    }

    void close() {
        isOver = true;
        members.forEach(DefaultMQPushConsumer::shutdown);
        producers.forEach(DefaultMQProducer::shutdown);
    }
}
