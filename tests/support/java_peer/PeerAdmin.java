import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.common.TopicConfig;
import org.apache.rocketmq.tools.admin.DefaultMQAdminExt;

/** What an operator asks and orders. Types that moved between 4.9 and 5.x are left to `var`: one source fits both. */
final class PeerAdmin {
    private static final long ROUTE_MILLIS = 15_000;
    private static final int CONSUMER_NOT_ONLINE = 206;

    private final String nameServer;
    private DefaultMQAdminExt admin;

    PeerAdmin(String nameServer) {
        this.nameServer = nameServer;
    }

    private DefaultMQAdminExt admin() throws MQClientException {
        if (admin == null) {
            admin = new DefaultMQAdminExt(10_000);
            admin.setNamesrvAddr(nameServer);
            admin.setAdminExtGroup("peer_admin");
            admin.start();
        }
        return admin;
    }

    /** Name -> address of each broker's master. */
    private Map<String, String> brokers() throws Exception {
        Map<String, String> addresses = new TreeMap<>();
        for (var entry : admin().examineBrokerClusterInfo().getBrokerAddrTable().entrySet()) {
            addresses.put(entry.getKey(), entry.getValue().getBrokerAddrs().get(0L));
        }
        return addresses;
    }

    /** Creates a topic on every broker, and returns when the NameServer has it on all of them. */
    void createTopic(String topic, int queues) throws Exception {
        Map<String, String> brokers = brokers();
        for (String address : brokers.values()) {
            TopicConfig config = new TopicConfig(topic);
            config.setReadQueueNums(queues);
            config.setWriteQueueNums(queues);
            admin().createAndUpdateTopicConfig(address, config);
        }
        long deadline = System.currentTimeMillis() + ROUTE_MILLIS;
        Set<String> missing = unrouted(topic, queues, brokers.keySet());
        while (!missing.isEmpty()) {
            if (System.currentTimeMillis() > deadline) {
                throw new IllegalStateException("the NameServer does not have " + topic + " on " + missing);
            }
            Thread.sleep(20);
            missing = unrouted(topic, queues, brokers.keySet());
        }
        brokers.forEach((name, address) -> Peer.print("TOPIC", topic, name, address, queues));
    }

    /** Those of the brokers for which the NameServer does not have the topic with so many queues. */
    private Set<String> unrouted(String topic, int queues, Set<String> brokers) throws Exception {
        Set<String> missing = new TreeSet<>(brokers);
        try {
            for (var data : admin().examineTopicRouteInfo(topic).getQueueDatas()) {
                if (data.getReadQueueNums() == queues && data.getWriteQueueNums() == queues) {
                    missing.remove(data.getBrokerName());
                }
            }
        } catch (MQClientException error) {
            return missing;  // no route yet
        }
        return missing;
    }

    void printOffsets(String group, String topic) throws Exception {
        var table = admin().examineConsumeStats(group, topic).getOffsetTable();
        for (var queue : new TreeSet<>(table.keySet())) {
            var offsets = table.get(queue);
            Peer.print("OFFSET", queue.getTopic(), queue.getBrokerName() + ":" + queue.getQueueId(),
                offsets.getConsumerOffset(), offsets.getBrokerOffset());
        }
    }

    /** As an operator does: the group's offsets become those of the first message after that time. */
    void resetOffsets(String topic, String group, long timestamp) throws Exception {
        var offsets = new TreeMap<>(admin().resetOffsetByTimestamp(topic, group, timestamp, true));
        offsets.forEach((queue, offset) ->
            Peer.print("RESET", queue.getTopic(), queue.getBrokerName() + ":" + queue.getQueueId(), offset));
    }

    void printConnections(String group) throws Exception {
        for (var broker : brokers().entrySet()) {
            try {
                var members = admin().examineConsumerConnectionInfo(group, broker.getValue()).getConnectionSet();
                for (var member : members) {
                    Peer.print("CONNECTION", broker.getKey(), member.getClientId(), member.getClientAddr(),
                        member.getLanguage(), member.getVersion());
                }
            } catch (MQBrokerException error) {
                if (error.getResponseCode() != CONSUMER_NOT_ONLINE) {
                    throw error;
                }
            } catch (MQClientException error) {
                if (error.getResponseCode() != CONSUMER_NOT_ONLINE) {
                    throw error;
                }
            }
        }
    }

    void close() {
        if (admin != null) {
            admin.shutdown();
        }
    }
}
