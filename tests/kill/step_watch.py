#!/usr/bin/python3 -IS
"""Python for the nodes of the lab: notes every step that is carried out there, and stands still after one of them.

The kill matrix puts it on each node and names it as the interpreter (`watched.ini`), for the modules and for the
programs that Ansible sends. Python tells it when the engine's `_act` returns (`sys.monitoring`): true, when the step is
done or what it waits for has come. So the product knows nothing of it, and what is cut short is exactly what the plan
names as a step, by its id.
"""

from __future__ import annotations

import os
import signal
import site
import sys
from pathlib import Path
from types import CodeType
from typing import Any

#: The engine, as a program names it that is sent to a node.
ENGINE = ".engine.subject"
#: One line for each step done, between tabs its id, its action and its sentence. In memory like the others: none
#: outlives the node's power.
DONE = Path("/run/lab-steps")
#: After which step to stand still: `1 node.power-off:pve3`, the first time that is done. Whoever does takes it away.
ORDER = Path("/run/lab-halt-after")
#: Who stands still: a file named after the process, with the step's id.
HALTED = Path("/run/lab-halted")


def step_done(code: CodeType, offset: int, value: object) -> Any:
    if code.co_name != "_act" or not code.co_filename.endswith(ENGINE):
        return vars(sys)["monitoring"].DISABLE
    if value is not True:
        return None
    step = sys._getframe(1).f_locals["step"]
    with DONE.open("a", encoding="utf-8") as stream:
        stream.write(f"{step.id}\t{type(step.action).__name__}\t{step.why}\n")
    alike = [line.partition("\t")[0] for line in DONE.read_text(encoding="utf-8").splitlines()].count(step.id)
    if ORDER.exists() and ORDER.read_text(encoding="utf-8").strip() == f"{alike} {step.id}":
        ORDER.unlink()
        HALTED.mkdir(exist_ok=True)
        note = HALTED / str(os.getpid())
        note.write_text(step.id, encoding="utf-8")
        os.kill(os.getpid(), signal.SIGSTOP)
        note.unlink()
    return None


def watch() -> None:
    monitoring = vars(sys)["monitoring"]
    monitoring.use_tool_id(monitoring.DEBUGGER_ID, "lab")
    monitoring.register_callback(monitoring.DEBUGGER_ID, monitoring.events.PY_RETURN, step_done)
    monitoring.set_events(monitoring.DEBUGGER_ID, monitoring.events.PY_RETURN)


def reads(arguments: list[str]) -> bool:
    """Whether the program comes on the standard input: Ansible's own do, and so does what `-c` reads from there."""
    if arguments[-2:-1] == ["-c"]:
        return "sys.stdin" in arguments[-1]
    return all(argument.startswith("-") for argument in arguments) and "-c" not in arguments


def main(arguments: list[str]) -> None:
    """As Python does with these arguments, when it is to read its program from the standard input."""
    if not reads(arguments):
        os.execv("/usr/bin/python3", ["/usr/bin/python3", *arguments])
    if "-S" not in arguments:
        site.main()
    program = compile(sys.stdin.buffer.read(), "<stdin>", "exec")
    watch()
    exec(program, {"__name__": "__main__", "__builtins__": __builtins__})


if __name__ == "__main__":
    main(sys.argv[1:])
