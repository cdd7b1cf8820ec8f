"""How the servers are started: bounds for a small machine, everything else as it ships."""
CLUSTER = "DefaultCluster"

# What a broker gets besides its names and addresses; --property overrides.
BROKER_PROPERTIES = {
    "brokerRole": "ASYNC_MASTER",
    "flushDiskType": "ASYNC_FLUSH",
    "autoCreateTopicEnable": "true",
    "autoCreateSubscriptionGroup": "true",
    "enablePropertyFilter": "true",
    # A broker 5.4 forbids it as it ships; 4.9 does not know the word.
    "recallMessageEnable": "true",
    "longPollingEnable": "true",
    "transientStorePoolEnable": "false",
    "fetchNamesrvAddrByAddressServer": "false",
    # Small files: a topic's queue is born with one of each.
    "mappedFileSizeCommitLog": str(64 << 20),
    "mappedFileSizeConsumeQueue": str(20 * 3000),
    "mappedFileSizeTimerLog": str(4 << 20),
    "maxHashSlotNum": "5000",
    "maxIndexNum": "20000",
    # A busy machine is slow, and not ill: do not answer SYSTEM_BUSY because a request waited for a core.
    "waitTimeMillsInSendQueue": "5000",
    "waitTimeMillsInPullQueue": "10000",
    "waitTimeMillsInHeartbeatQueue": "31000",
    "osPageCacheBusyTimeOutMills": "10000",
    "diskMaxUsedSpaceRatio": "95",
    # Each flush walks a wheel of a million slots, which at every second is a third of a core for an idle broker.
    "timerFlushIntervalMs": "30000",
    # The service spins for as long as this after its start.
    "transactionMetricFlushInterval": "300",
    # The shortest that brokers accept: a NameServer that comes back knows them again within 10 s.
    "registerNameServerPeriod": "10000",
}

# 4.9.7 frees its mapped files through reflection.
JVM_OPTIONS = [
    "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-XX:+ExitOnOutOfMemoryError", "-Xss512k",
    "-Djava.net.preferIPv4Stack=true",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-opens=java.base/jdk.internal.ref=ALL-UNNAMED",
]
OPTIONS = {
    "namesrv": ["-Xms32m", "-Xmx128m", "-XX:MaxDirectMemorySize=64m"],
    "broker": ["-Xms128m", "-Xmx384m", "-XX:MaxDirectMemorySize=256m"],
    "peer": ["-Xms32m", "-Xmx256m", "-XX:MaxDirectMemorySize=128m", "-Drocketmq.client.rebalance.waitInterval=2000"],
}
MAIN_CLASSES = {
    "namesrv": "org.apache.rocketmq.namesrv.NamesrvStartup",
    "broker": "org.apache.rocketmq.broker.BrokerStartup",
}

# Warnings only. 4.9's servers want these files in their home, everything else takes one by property.
LOGBACK = """<configuration>
  <appender name="OUT" class="ch.qos.logback.core.{appender}">{file}
    <encoder><pattern>%d{{HH:mm:ss.SSS}} %-5level %t %logger{{0}} - %msg%n</pattern></encoder>
  </appender>
  <root level="WARN"><appender-ref ref="OUT"/></root>
</configuration>
"""
LOGBACK_FILES = ("logback_broker.xml", "logback_namesrv.xml", "logback_tools.xml")


def namesrv_properties(folder, port):
    return {"listenPort": str(port), "kvConfigPath": f"{folder}/kvConfig.json",
            "configStorePath": f"{folder}/namesrv.properties"}


def broker_properties(name, folder, port, namesrv_port, overrides):
    return {
        "brokerClusterName": CLUSTER,
        "brokerName": name,
        "brokerId": "0",
        "brokerIP1": "127.0.0.1",
        "brokerIP2": "127.0.0.1",
        "listenPort": str(port),
        "namesrvAddr": f"127.0.0.1:{namesrv_port}",
        "storePathRootDir": f"{folder}/store",
        "storePathCommitLog": f"{folder}/store/commitlog",
    } | BROKER_PROPERTIES | overrides


def prepare_home(folder, log=None):
    """Makes what java_command's process expects. It logs to the file `log`, or to standard output."""
    for name in ("conf", "tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    text = (LOGBACK.format(appender="FileAppender", file=f"<file>{log}</file>") if log else
            LOGBACK.format(appender="ConsoleAppender", file=""))
    for name in LOGBACK_FILES:
        (folder / "conf" / name).write_text(text)


def java_command(kind, folder, libraries, classes=(), tls=False):
    """The command line up to the main class. `folder` holds all that the process writes."""
    logback = f"file:{folder}/conf/{LOGBACK_FILES[0]}"
    properties = {
        # With TLS a server makes itself a certificate first, which is most of its start.
        "tls.server.mode": "permissive" if tls else "disabled",
        "rmq.logback.configurationFile": logback,
        "logback.configurationFile": logback,
        "rocketmq.client.logRoot": f"{folder}/logs",
        "rocketmq.home.dir": folder,
        "java.io.tmpdir": f"{folder}/tmp",
        "user.home": folder,
    }
    class_path = ":".join([*map(str, classes), f"{libraries}/*"])
    return ["java", *OPTIONS[kind], *JVM_OPTIONS, *(f"-D{name}={value}" for name, value in properties.items()),
            "-cp", class_path]
