import java.util.TreeSet;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.client.consumer.PullStatus;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** Reads all that brokers have stored of a topic, in no group and without moving an offset. */
final class PeerStore {
    private static final int BATCH = 32;

    private final String nameServer;

    PeerStore(String nameServer) {
        this.nameServer = nameServer;
    }

    void print(String topic) throws Exception {
        DefaultMQPullConsumer reader = new DefaultMQPullConsumer("reader_of_" + topic);
        reader.setNamesrvAddr(nameServer);
        reader.setInstanceName("reader");
        reader.start();
        try {
            for (MessageQueue queue : new TreeSet<>(reader.fetchSubscribeMessageQueues(topic))) {
                printQueue(reader, queue);
            }
        } finally {
            reader.shutdown();
        }
    }

    private static void printQueue(DefaultMQPullConsumer reader, MessageQueue queue) throws Exception {
        long offset = reader.minOffset(queue);
        long end = reader.maxOffset(queue);
        String place = queue.getBrokerName() + ":" + queue.getQueueId();
        while (offset < end) {
            PullResult result = reader.pull(queue, "*", offset, BATCH);
            if (result.getPullStatus() == PullStatus.FOUND) {
                for (MessageExt message : result.getMsgFoundList()) {
                    Peer.print("STORED", message.getKeys(), place, message.getQueueOffset());
                }
            }
            if (result.getNextBeginOffset() <= offset) {
                throw new IllegalStateException("reading " + place + " at " + offset + ": " + result);
            }
            offset = result.getNextBeginOffset();
        }
    }
}
