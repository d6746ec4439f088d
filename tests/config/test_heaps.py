"""Given threads that each make something, then few heaps hold it; what is free goes back to the system."""

from __future__ import annotations

import subprocess
import sys

# What the C library says of its heaps, after six threads have held memory at the same time.
_HEAPS = """
import ctypes, re, tempfile, threading
from config import heaps

if {few}:
    heaps.few()
library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
gate = threading.Barrier(6)

def work():
    library.malloc(ctypes.c_size_t(10_000))
    gate.wait(60)

threads = [threading.Thread(target=work) for _ in range(6)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
library.fopen.restype = ctypes.c_void_p
with tempfile.NamedTemporaryFile() as told:
    file = ctypes.c_void_p(library.fopen(told.name.encode(), b"w"))
    library.malloc_info(0, file)
    library.fclose(file)
    print(len(re.findall(b"<heap nr", told.read())))
"""
_RUBBISH = """
import ctypes
from config import heaps

def held():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096

library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
blocks = [ctypes.c_void_p(library.malloc(ctypes.c_size_t(10_000))) for _ in range(5_000)]
for block in blocks:
    ctypes.memset(block, 1, 10_000)
keeper = ctypes.c_void_p(library.malloc(ctypes.c_size_t(10_000)))  # above them: the heap cannot shrink
for block in blocks:
    library.free(block)
before = held()
heaps.give_back()
print((before - held()) // 2**20)
"""


def _said(program: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=100
    )
    return int(done.stdout)


def test_threads_share_two_heaps() -> None:
    assert _said(_HEAPS.format(few=True)) <= 2 < _said(_HEAPS.format(few=False))


def test_what_is_free_below_something_kept_is_given_back() -> None:
    assert _said(_RUBBISH) > 30
