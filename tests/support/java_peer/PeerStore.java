import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.client.consumer.PullStatus;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.exception.RemotingException;

/** Reads all that brokers have stored of a topic, in no group and without moving an offset. */
final class PeerStore {
    private static final int BATCH = 32;
    private static final int TRIES_MAX = 5;
    private static final long PAUSE_MS = 300;

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
            for (MessageQueue queue : new TreeSet<>(ask(() -> reader.fetchSubscribeMessageQueues(topic)))) {
                printQueue(reader, queue);
            }
        } finally {
            reader.shutdown();
        }
    }

    private static void printQueue(DefaultMQPullConsumer reader, MessageQueue queue) throws Exception {
        long offset = ask(() -> reader.minOffset(queue));
        long end = ask(() -> reader.maxOffset(queue));
        String place = queue.getBrokerName() + ":" + queue.getQueueId();
        while (offset < end) {
            long from = offset;
            PullResult result = ask(() -> reader.pull(queue, "*", from, BATCH));
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

    /** Reading changes nothing, so a lost connection is no reason to give up. The official client does not ask again by itself. */
    private static <T> T ask(Callable<T> question) throws Exception {
        for (int tries = 1; ; ++tries) {
            try {
                return question.call();
            } catch (RemotingException error) {
                if (tries == TRIES_MAX) {
                    throw error;
                }
            }
            Thread.sleep(PAUSE_MS);
        }
    }
}
