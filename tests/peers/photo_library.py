"""Vendors' photo decoders for tests: tiny libraries of ours, compiled on the spot. None of them decodes."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

_HEAD = """
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#define SIZE (102 * 126 * 3)
"""
BODIES = {
    # Each pixel says where it stands in the buffer: column, row, and 0x66 as the header's width.
    "good": """int unpack(char *wlt, char *bgr, int save) {
        printf("licensed to nobody\\n"); fflush(stdout);
        if (memcmp(wlt, "WLf", 3) || save) return -1;
        for (int i = 0; i < SIZE / 3; i++) {
            bgr[3 * i] = i % 102; bgr[3 * i + 1] = i / 102; bgr[3 * i + 2] = wlt[2];
        }
        return 1; }""",
    "picture": """int unpack(char *wlt, char *bgr, int save) {
        FILE *f = fopen("PICTURE", "rb"); if (!f) return 0;
        int n = fread(bgr, 1, SIZE, f); fclose(f); return n == SIZE; }""",
    "crashing": "int unpack(char *wlt, char *bgr, int save) { return *(volatile int *)0; }",
    "hanging": "int unpack(char *wlt, char *bgr, int save) { for (;;) sleep(1); }",
    "forking": "int unpack(char *wlt, char *bgr, int save) { if (!fork()) sleep(30); _exit(0); }",
    "unlicensed": "int unpack(char *wlt, char *bgr, int save) { return -12; }",
    "refusing": "int unpack(char *wlt, char *bgr, int save) { return 0; }",
    "littering": """int unpack(char *wlt, char *bgr, int save) {
        FILE *f = fopen("zp.bmp", "wb"); fwrite(wlt, 1, 1024, f); fclose(f);
        memset(bgr, 0x55, SIZE); return 1; }""",
    "bmp": """int _Unpack(char *wlt, int n, char *bmp, int *length) {
        static const unsigned char head[26] = {'B', 'M', 0, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0,
            102, 0, 0, 0, 126, 0, 0, 0};
        if (n != 1024) return -1;
        memcpy(bmp, head, 26); *length = 54 + 308 * 126; return 1; }""",
    "no bmp": """int _Unpack(char *wlt, int n, char *bmp, int *length) {
        strcpy(bmp, "BMsomething"); *length = 11; return 1; }""",
    "mute": "int _Unpack(char *wlt, int n, char *bmp, int *length) { return 1; }",
    "wild": "int _Unpack(char *wlt, int n, char *bmp, int *length) { *length = 2000000000; return 1; }",
}


def compiled(name: str, folder: Path, picture: Path | None = None) -> Path:
    """The library called `name`; `picture` is a file of BGR bytes that `picture` gives back.

    RuntimeError naming the package when there is no compiler.
    """
    if shutil.which("gcc") is None:
        raise RuntimeError("gcc is missing: package gcc")
    source = folder / f"{name.replace(' ', '-')}.c"
    source.write_text(_HEAD + BODIES[name].replace("PICTURE", str(picture)), encoding="utf-8")
    library = source.with_suffix(".so")
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, source], check=True, capture_output=True)
    return library
