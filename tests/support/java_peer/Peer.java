import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The official Java client as a line-driven program: `Peer <NameServer address>`. Each command is a line of words on
 * standard input; its answer is any number of result lines, and then OK or ERROR and what happened. What consumers
 * receive comes in between, as lines that begin with GOT. The list of commands is in README.md. Fields are
 * percent-encoded, absent ones are "-".
 */
public final class Peer {
    private static final PrintStream OUT =
        new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);

    private final PeerProducer producer;
    private final PeerConsumers consumers;
    private final PeerAdmin admin;
    private final PeerStore store;
    private final PeerTransactions transactions;
    private final PeerTraffic traffic = new PeerTraffic();

    private Peer(String nameServer) {
        producer = new PeerProducer(nameServer);
        consumers = new PeerConsumers(nameServer);
        admin = new PeerAdmin(nameServer);
        store = new PeerStore(nameServer);
        transactions = new PeerTransactions(nameServer);
    }

    /** Prints one line, whole, whichever thread comes. */
    static void print(String kind, Object... fields) {
        StringBuilder line = new StringBuilder(kind);
        for (Object field : fields) {
            line.append(' ').append(Text.encode(field == null ? null : field.toString()));
        }
        printLine(line.toString());
    }

    private static void printLine(String line) {
        synchronized (OUT) {
            OUT.println(line);
            OUT.flush();
        }
    }

    private void run(String command, List<String> words) throws Exception {
        switch (command) {
            case "send" ->
                producer.send(word(words, 0), number(words, 1), word(words, 2, "zlib"), number(words, 3, "1"));
            case "send-timed" -> producer.sendTimed(word(words, 0), number(words, 1), word(words, 2));
            case "recall" -> producer.recall(word(words, 0), word(words, 1));
            case "consume" -> consumers.start(word(words, 0), word(words, 1), word(words, 2, "*"));
            case "leave" -> consumers.close(word(words, 0));
            case "queues" -> consumers.printQueues(word(words, 0));
            case "fail-next" -> consumers.failNext(number(words, 0));
            case "topic" -> admin.createTopic(word(words, 0), number(words, 1));
            case "offset" -> {
                consumers.commit(word(words, 0));
                admin.printOffsets(word(words, 0), word(words, 1));
            }
            case "reset" -> admin.resetOffsets(word(words, 0), word(words, 1), Long.parseLong(word(words, 2)));
            case "connection" -> admin.printConnections(word(words, 0));
            case "store" -> store.print(word(words, 0));
            case "transact" ->
                transactions.send(word(words, 0), word(words, 1), number(words, 2), word(words, 3));
            case "transact-verdict" -> transactions.answer(word(words, 0));
            case "transact-checked" -> transactions.printChecked();
            case "transact-leave" -> transactions.leave(word(words, 0));
            case "traffic" ->
                traffic.start(word(words, 0), word(words, 1), number(words, 2), words.subList(3, words.size()));
            case "traffic-rate" -> traffic.setRate(number(words, 0));
            case "traffic-news" -> traffic.printNews();
            default -> throw new IllegalArgumentException("no command '" + command + "'");
        }
    }

    private static String word(List<String> words, int index) {
        if (index >= words.size()) {
            throw new IllegalArgumentException("word " + (index + 1) + " after the command is missing");
        }
        return words.get(index);
    }

    private static String word(List<String> words, int index, String otherwise) {
        return index < words.size() ? words.get(index) : otherwise;
    }

    private static int number(List<String> words, int index) {
        return Integer.parseInt(word(words, index));
    }

    private static int number(List<String> words, int index, String otherwise) {
        return Integer.parseInt(word(words, index, otherwise));
    }

    public static void main(String[] arguments) throws Exception {
        Peer peer = new Peer(arguments[0]);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            List<String> words = List.of(line.trim().split("\\s+"));
            if (words.get(0).equals("quit")) {
                break;
            }
            try {
                peer.run(words.get(0), words.subList(1, words.size()));
                print("OK");
            } catch (Exception | Error error) {
                printLine("ERROR " + String.valueOf(error).replaceAll("\\s+", " "));
            }
        }
        peer.traffic.close();
        peer.consumers.closeAll();
        peer.producer.close();
        peer.transactions.close();
        peer.admin.close();
        print("OK");
        System.exit(0);  // the client's threads would go on
    }
}
