import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.common.TopicConfig;
import org.apache.rocketmq.tools.admin.DefaultMQAdminExt;

/**
 * What an operator asks and orders. Types that moved between 4.9 and 5.x are left to `var`, so that one source fits both.
 */
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
        for (Set<String> known = routed(topic, queues); !known.containsAll(brokers.keySet()); known = routed(topic, queues)) {
            if (System.currentTimeMillis() > deadline) {
                throw new IllegalStateException("the NameServer has " + topic + " on " + known + " only, not on " + brokers.keySet());
            }
            Thread.sleep(20);
        }
        brokers.forEach((name, address) -> Peer.print("TOPIC", topic, name, address, queues));
    }

    private Set<String> routed(String topic, int queues) throws Exception {
        Set<String> names = new HashSet<>();
        try {
            for (var data : admin().examineTopicRouteInfo(topic).getQueueDatas()) {
                if (data.getReadQueueNums() == queues && data.getWriteQueueNums() == queues) {
                    names.add(data.getBrokerName());
                }
            }
        } catch (MQClientException error) {
            names.clear();  // no route yet
        }
        return names;
    }

    void printOffsets(String group, String topic) throws Exception {
        var table = admin().examineConsumeStats(group, topic).getOffsetTable();
        table.keySet().stream().sorted().forEach(queue -> Peer.print("OFFSET", queue.getTopic(),
            queue.getBrokerName() + ":" + queue.getQueueId(), table.get(queue).getConsumerOffset(), table.get(queue).getBrokerOffset()));
    }

    void printConnections(String group) throws Exception {
        for (var broker : brokers().entrySet()) {
            try {
                for (var connection : admin().examineConsumerConnectionInfo(group, broker.getValue()).getConnectionSet()) {
                    Peer.print("CONNECTION", broker.getKey(), connection.getClientId(), connection.getClientAddr(),
                        connection.getLanguage(), connection.getVersion());
                }
            } catch (MQBrokerException | MQClientException error) {
                int code = error instanceof MQBrokerException broken ? broken.getResponseCode() : ((MQClientException) error).getResponseCode();
                if (code != CONSUMER_NOT_ONLINE) {
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
