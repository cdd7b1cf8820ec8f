import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageConst;

/** How the fields of an answer are written. */
final class Text {
    private Text() {
    }

    /** Percent-encodes all but printable ASCII, so that a field has no space; null becomes "-", a lone "-" does not. */
    static String encode(String text) {
        if (text == null) {
            return "-";
        }
        if (text.equals("-") || text.isEmpty()) {
            return text.isEmpty() ? "%" : "%2D";
        }
        StringBuilder encoded = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            if (b > ' ' && b < 127 && b != '%') {
                encoded.append((char) b);
            } else {
                encoded.append(String.format("%%%02X", b));
            }
        }
        return encoded.toString();
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException error) {
            throw new IllegalStateException(error);
        }
    }

    /** The properties that a user set: name=value by name, separated by the byte 1; null when there are none. */
    static String userProperties(Message message) {
        Map<String, String> properties = new TreeMap<>();
        if (message.getProperties() != null) {
            properties.putAll(message.getProperties());
        }
        properties.keySet().removeAll(MessageConst.STRING_HASH_SET);
        StringBuilder joined = new StringBuilder();
        for (Map.Entry<String, String> property : properties.entrySet()) {
            joined.append(joined.length() == 0 ? "" : "\u0001").append(property.getKey()).append('=')
                .append(property.getValue());
        }
        return joined.length() == 0 ? null : joined.toString();
    }
}
