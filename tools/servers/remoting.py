"""Just enough of the remoting protocol to ask a NameServer for its brokers, and a broker to make itself known."""
import json
import re
import socket
import struct

UPDATE_BROKER_CONFIG = 25
GET_BROKER_CLUSTER_INFO = 106


def read_exactly(connection, count):
    parts = []
    while count > 0:
        part = connection.recv(min(count, 65536))
        if not part:
            raise OSError("the server closed the connection")
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def ask(port, code, body=b"", timeout=2.0):
    """Sends a request without fields. Returns (response code, body); OSError when there is no answer."""
    header = json.dumps({"code": code, "flag": 0, "language": "PYTHON", "opaque": 1, "version": 0}).encode()
    with socket.create_connection(("127.0.0.1", port), timeout) as connection:
        connection.settimeout(timeout)
        connection.sendall(struct.pack(">II", len(header) + len(body) + 4, len(header)) + header + body)
        total, header_bytes = struct.unpack(">II", read_exactly(connection, 8))
        if total > 16 << 20 or header_bytes > total - 4:
            raise OSError("the server sent no frame")
        answer = json.loads(read_exactly(connection, header_bytes))
        return answer["code"], read_exactly(connection, total - 4 - header_bytes)


def registered_brokers(port):
    """Returns broker name -> address of its master, as the NameServer has them."""
    code, body = ask(port, GET_BROKER_CLUSTER_INFO)
    if code != 0:
        raise OSError(f"the NameServer answered {code}")
    # Java's serializer leaves the numeric broker ids without quotes.
    table = json.loads(re.sub(r"([{,])(\d+):", r'\1"\2":', body.decode()))
    return {name: data["brokerAddrs"].get("0") for name, data in table["brokerAddrTable"].items()}


def register_now(port, permission):
    """Has a broker register at once. There is no request for just that; setting its permission does it on the side."""
    ask(port, UPDATE_BROKER_CONFIG, f"brokerPermission={permission}".encode())


def is_listening(port):
    try:
        with socket.create_connection(("127.0.0.1", port), 1.0):
            return True
    except OSError:
        return False
