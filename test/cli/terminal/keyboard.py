"""Types at a terminal: runs a program, waits for each text and then presses keys. Prints what the program wrote."""

import json
import os
import pty
import select
import sys
import time

steps, program = json.loads(sys.argv[1]), sys.argv[2:]
child, screen = pty.fork()
if child == 0:
    os.execvp(program[0], program)
shown, seen, end = b"", 0, time.time() + 100
while time.time() < end:
    if steps and steps[0][0].encode() in shown[seen:]:
        seen = len(shown)
        os.write(screen, steps.pop(0)[1].encode())
    if select.select([screen], [], [], 0.05)[0]:
        try:
            text = os.read(screen, 65536)
        except OSError:
            break
        if not text:
            break
        shown += text
os.waitpid(child, 0)
sys.stdout.write(shown.decode("utf-8", "replace"))
