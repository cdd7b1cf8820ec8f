import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageAccessor;

/** Sends messages that a seed determines: one byte, binary, and large and compressible in turn. */
final class PeerProducer {
    private static final int COMPRESS_OVER_BYTES = 4096;

    private final String nameServer;
    private final Map<String, DefaultMQProducer> byCompression = new HashMap<>();

    PeerProducer(String nameServer) {
        this.nameServer = nameServer;
    }

    void send(String topic, int count, String compression, int seed) throws Exception {
        DefaultMQProducer producer = producer(compression);
        for (int i = 0; i < count; i++) {
            Message message = message(topic, seed, i);
            byte[] body = message.getBody();  // a send that compresses puts this one back
            SendResult result = producer.send(message, 10_000);
            if (result.getSendStatus() != SendStatus.SEND_OK) {
                throw new IllegalStateException("message " + i + ": " + result);
            }
            Peer.print("SENT", result.getMsgId(), Text.sha256(body), message.getKeys(), message.getTags(), body.length,
                Text.userProperties(message));
        }
    }

    /** A message of one byte with a timer. The property goes in by hand: 4.9's client has no word for it. */
    void sendTimed(String topic, long delayMs, String keys) throws Exception {
        Message message = new Message(topic, "timed", keys, new byte[] {'t'});
        MessageAccessor.putProperty(message, "TIMER_DELAY_MS", Long.toString(delayMs));
        SendResult result = producer("none").send(message, 10_000);
        Object handle = null;
        try {
            handle = SendResult.class.getMethod("getRecallHandle").invoke(result);
        } catch (NoSuchMethodException e) {
            // 4.9
        }
        Peer.print("TIMED", result.getMsgId(), handle);
    }

    void recall(String topic, String handle) throws Exception {
        DefaultMQProducer producer = producer("none");
        Object id = DefaultMQProducer.class.getMethod("recallMessage", String.class, String.class)
            .invoke(producer, topic, handle);
        Peer.print("RECALLED", id);
    }

    private DefaultMQProducer producer(String compression) throws Exception {
        DefaultMQProducer producer = byCompression.get(compression);
        if (producer == null) {
            // The one way to choose the type that 4.9 and 5.x have in common; read when the producer is made.
            boolean compresses = !compression.equals("none");
            System.setProperty("rocketmq.message.compressType", compresses ? compression.toUpperCase() : "ZLIB");
            producer = new DefaultMQProducer("peer_producer_" + compression);
            producer.setNamesrvAddr(nameServer);
            producer.setCompressMsgBodyOverHowmuch(compresses ? COMPRESS_OVER_BYTES : Integer.MAX_VALUE);
            producer.start();
            byCompression.put(compression, producer);
        }
        return producer;
    }

    private static Message message(String topic, int seed, int index) {
        Random random = new Random(seed * 1_000_003L + index);
        String keys = "schlüssel-" + seed + "-" + index + " 键-" + index;
        Message message = new Message(topic, "täg" + index % 2, keys, body(random, index));
        message.putUserProperty("farbe", "grün " + index);
        message.putUserProperty("颜色", "绿=色");
        return message;
    }

    private static byte[] body(Random random, int index) {
        byte[] bytes = new byte[index % 3 == 0 ? 1 : 2 + random.nextInt(3000)];
        random.nextBytes(bytes);
        if (index % 3 < 2) {
            return bytes;
        }
        String line = "line " + random.nextInt() + " of a text that compresses well, größer als nötig\n";
        return line.repeat(100 + random.nextInt(400)).getBytes(StandardCharsets.UTF_8);
    }

    void close() {
        byCompression.values().forEach(DefaultMQProducer::shutdown);
    }
}
