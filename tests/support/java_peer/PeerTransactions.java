import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.client.producer.TransactionSendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/** Sends half messages, ends them as it is told, and answers the checks of brokers. */
final class PeerTransactions {
    private static final int HEARTBEAT_MS = 1000;

    private final String nameServer;
    private final Map<String, TransactionMQProducer> byGroup = new HashMap<>();
    private final ConcurrentLinkedQueue<String> checked = new ConcurrentLinkedQueue<>();
    private volatile LocalTransactionState verdict = LocalTransactionState.UNKNOW;

    PeerTransactions(String nameServer) {
        this.nameServer = nameServer;
    }

    /** What checks are answered from now on. */
    void answer(String word) {
        verdict = state(word);
    }

    void send(String topic, String group, int count, String word) throws Exception {
        TransactionMQProducer producer = producer(group);
        for (int i = 0; i < count; i++) {
            byte[] body = ("java half " + i).getBytes(StandardCharsets.UTF_8);
            Message message = new Message(topic, "java", "key-" + i, body);
            TransactionSendResult result = producer.sendMessageInTransaction(message, state(word));
            Peer.print("SENT", result.getMsgId(), new String(body, StandardCharsets.UTF_8));
        }
    }

    void printChecked() {
        for (String id = checked.poll(); id != null; id = checked.poll()) {
            Peer.print("CHECKED", id);
        }
    }

    void leave(String group) {
        TransactionMQProducer producer = byGroup.remove(group);
        if (producer != null) {
            producer.shutdown();
        }
    }

    private TransactionMQProducer producer(String group) throws Exception {
        TransactionMQProducer producer = byGroup.get(group);
        if (producer == null) {
            producer = new TransactionMQProducer(group);
            producer.setNamesrvAddr(nameServer);
            producer.setHeartbeatBrokerInterval(HEARTBEAT_MS);
            producer.setTransactionListener(new TransactionListener() {
                @Override
                public LocalTransactionState executeLocalTransaction(Message message, Object state) {
                    return (LocalTransactionState) state;
                }

                @Override
                public LocalTransactionState checkLocalTransaction(MessageExt message) {
                    checked.add(message.getTransactionId());
                    return verdict;
                }
            });
            producer.start();
            byGroup.put(group, producer);
        }
        return producer;
    }

    private static LocalTransactionState state(String word) {
        return switch (word) {
            case "commit" -> LocalTransactionState.COMMIT_MESSAGE;
            case "rollback" -> LocalTransactionState.ROLLBACK_MESSAGE;
            case "unknown" -> LocalTransactionState.UNKNOW;
            default -> throw new IllegalArgumentException("no state '" + word + "'");
        };
    }

    void close() {
        byGroup.values().forEach(TransactionMQProducer::shutdown);
    }
}
