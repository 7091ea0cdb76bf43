"""CPython's own SharedMemory and ShareableList, driven by lines of JSON: each line is a list of commands, each answer the list of what they gave."""

import json
import struct
import sys
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import ShareableList, SharedMemory

# The tracker would unlink, at our exit, what we merely attached to (gh-82300), and it is a second process. The tests unlink what they make.
resource_tracker.register = lambda *_: None
resource_tracker.unregister = lambda *_: None

kept = {}


def decoded(item):
    kind, text = item
    if kind == "int":
        return int(text)
    if kind == "float":
        return struct.unpack(">d", bytes.fromhex(text))[0]
    if kind == "bool":
        return text == "true"
    if kind == "bytes":
        return bytes.fromhex(text)
    if kind == "object":
        return object()
    return text if kind == "str" else None


def encoded(value):
    if value is None:
        return ["none", ""]
    if isinstance(value, bool):
        return ["bool", "true" if value else "false"]
    if isinstance(value, int):
        return ["int", str(value)]
    if isinstance(value, float):
        return ["float", struct.pack(">d", value).hex()]
    if isinstance(value, bytes):
        return ["bytes", value.hex()]
    return ["str", value]


def shm_of(thing):
    return thing.shm if isinstance(thing, ShareableList) else thing


def item_of(shareable, index):
    try:
        return encoded(shareable[index])
    except Exception as error:
        return ["error", type(error).__name__]


class Commands:
    def memory(self, key, name=None, create=False, size=0):
        kept[key] = SharedMemory(name, create, size)
        return {"name": kept[key].name, "size": kept[key].size}

    def list(self, key, name=None, items=None):
        sequence = None if items is None else [decoded(item) for item in items]
        kept[key] = ShareableList(sequence, name=name)
        return {"name": kept[key].shm.name, "size": kept[key].shm.size}

    def read(self, key, at=0, length=None):
        buf = shm_of(kept[key]).buf
        return bytes(buf[at : len(buf) if length is None else at + length]).hex()

    def write(self, key, at, hex):
        data = bytes.fromhex(hex)
        shm_of(kept[key]).buf[at : at + len(data)] = data

    def items(self, key):
        return [item_of(kept[key], index) for index in range(len(kept[key]))]

    def get(self, key, index):
        return encoded(kept[key][index])

    def set(self, key, index, item):
        kept[key][index] = decoded(item)

    def increment(self, key, index, times):
        for _ in range(times):
            kept[key][index] += 1

    def about(self, key):
        return {"length": len(kept[key]), "format": kept[key].format}

    def index(self, key, item):
        return kept[key].index(decoded(item))

    def count(self, key, item):
        return kept[key].count(decoded(item))

    def close(self, key):
        shm_of(kept[key]).close()

    def unlink(self, key):
        shm_of(kept[key]).unlink()

    def forget(self, key):
        shm_of(kept.pop(key)).close()

    def version(self):
        return list(sys.version_info[:3])


def answer(command):
    name, arguments = command
    try:
        return {"value": getattr(Commands(), name)(**arguments)}
    except Exception as error:
        return {"error": type(error).__name__, "errno": getattr(error, "errno", None), "message": str(error)}


for line in sys.stdin:
    sys.stdout.write(json.dumps([answer(command) for command in json.loads(line)]) + "\n")
    sys.stdout.flush()
