"""Start a kernel as a fork of the warm parent: the fork server of Python's own ``multiprocessing``."""

from __future__ import annotations

import atexit
import contextlib
import gc
import logging
import multiprocessing
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import psutil

PARENT = "dxlib.warm.parent"  # the module that the fork server preloads

_ANSWERING = 5.0  # seconds that the last answer of a kernel may take
_NOBODY_KNOWS = 255  # what multiprocessing says of a process whose fork server has died

_lock = threading.Lock()
_running: set[Kernel] = set()
_ours: int | None = None  # process id of the fork server started here
_server: int | None = None  # process id of the one that this process came from, where that is used


def available() -> bool:
    """Whether kernels are forked here: on Linux. Elsewhere libraries of the system do not survive a fork, or there is none.

    The environment variable ``DXLIB_WARM=0`` turns it off.
    """
    return sys.platform == "linux" and os.environ.get("DXLIB_WARM") != "0"


def warm_up() -> None:
    """Start the parent, so that it is ready when the first kernel is asked for. Returns at once."""
    global _ours
    if not available() or _shares_parent():
        return
    from multiprocessing import forkserver

    server: Any = forkserver._forkserver
    if server._forkserver_pid not in (None, _ours) and not multiprocessing.active_children():
        server._stop()  # it was started for other work, and has imported something else
    multiprocessing.get_context("forkserver").set_forkserver_preload([PARENT])
    with _without_main():
        server.ensure_running()
    _ours = server._forkserver_pid


def _shares_parent() -> bool:
    """In a process that the fork server made itself: use that server, though ``multiprocessing`` would start another one."""
    global _server
    from multiprocessing import forkserver

    server: Any = forkserver._forkserver
    if multiprocessing.parent_process() is None or sys.version_info >= (3, 14):  # there it has a key that nobody else knows
        return False
    if "ensure_running" in vars(server) and os.getppid() != _server:  # it has died
        del server.ensure_running
        server._forkserver_address = None
    if not server._forkserver_address or server._forkserver_pid is not None:
        return False
    _server = os.getppid()
    server.ensure_running = lambda: None
    return True


@contextlib.contextmanager
def _without_main() -> Iterator[None]:
    """Keeps ``multiprocessing`` from running the program of this process (``jupyter-lab``) once more in each child."""
    main = sys.modules["__main__"]
    with _lock:
        before = getattr(main, "__spec__", None)
        main.__spec__ = ModuleSpec("dxlib.__main__", None)
        try:
            yield
        finally:
            main.__spec__ = before


class Kernel:
    """A forked kernel, with as much of `subprocess.Popen` as Jupyter asks for."""

    stdin = stdout = stderr = None

    def __init__(self, process: BaseProcess) -> None:
        self._process = process
        self.pid = process.pid or 0
        _running.add(self)

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        code = self._process.exitcode
        if code == _NOBODY_KNOWS and psutil.pid_exists(self.pid):  # the fork server died, the kernel did not
            return None
        if code is not None:
            _running.discard(self)
        return code

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for its end, and say the exit code."""
        self._process.join(timeout)
        deadline = time.monotonic() + (timeout or 0)
        while self.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        return self.poll()

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


def _end_all() -> None:
    """``multiprocessing`` waits at the end for its children; a kernel that nobody stopped would wait for a message."""
    for kernel in tuple(_running):
        kernel.kill()


def start(command: Sequence[str], cwd: str | None, environment: Mapping[str, str]) -> Kernel:
    """Start the kernel of a command line as a fork.

    Args:
        command: as Jupyter would run it: ``python -m ipykernel_launcher -f FILE …``.
        cwd: its folder; None for that of this process.
        environment: its environment variables.

    Raises:
        OSError: the parent cannot be started.
    """
    warm_up()
    context = multiprocessing.get_context("forkserver")
    process = context.Process(
        target=_be_kernel, args=(list(command), cwd or str(Path.cwd()), dict(environment)), name="MainProcess"
    )
    with _without_main():
        process.start()
    if not _running:
        atexit.unregister(_end_all)
        atexit.register(_end_all)
    return Kernel(process)


def _be_kernel(command: list[str], cwd: str, environment: dict[str, str]) -> None:
    """In the child: become the kernel."""
    os.setsid()
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    if why := _unfit(environment):
        _tell(f"this kernel starts cold: {why}")
        os.execve(command[0], command, environment)
    import numpy

    from dxlib.warm import parent

    sys.path[:] = parent.PATH
    numpy.random.seed()  # else chance is the same in all copies; the standard library's sees to itself
    from ipykernel import kernelapp

    _end_with_client()
    arguments = command[command.index("ipykernel_launcher") + 1 :]
    launcher = find_spec("ipykernel_launcher")
    sys.argv = [launcher.origin if launcher and launcher.origin else "", *arguments]
    # 1: somebody else sees to its end. ipykernel would watch its parent, which is the fork server of all.
    kernelapp.launch_new_instance(argv=[*arguments, "--IPKernelApp.parent_handle=1"])
    _end_in_order()


def _tell(message: str) -> None:
    from dxlib import log

    log.begin_as_asked()
    log.event("message", logging.WARNING, message=message)
    log.say(f"dxlib: {message}", err=True)


def _end_in_order() -> None:
    """What an interpreter does at its end, and a fork does not: call what is registered, and close files that are open."""
    from ipykernel.kernelapp import IPKernelApp
    from IPython.core.interactiveshell import InteractiveShell

    control: Any = IPKernelApp.instance().control_thread
    if control:  # it still answers the request to end: were what it answers through closed meanwhile, it would wait for ever
        control.join(_ANSWERING)
    atexit._run_exitfuncs()
    shell: Any = InteractiveShell.instance()
    shell.displayhook.flush()
    shell.user_ns.clear()
    gc.collect()


def _end_with_client() -> None:
    """In a child: end when the process that asked for it has ended, also when that was killed. Its parent is the fork server."""
    client = multiprocessing.parent_process()

    def wait() -> None:
        if client is not None:
            client.join()
            os._exit(1)

    threading.Thread(target=wait, name="dxlib-client", daemon=True).start()


def _be_renderer(key: bytes, ready: Connection) -> None:
    """In the child: become the renderer."""
    from dxlib.charts.renderer import serve

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _end_with_client()
    serve(key, ready)


@cache
def renderer() -> str | None:
    """The address of a renderer for the charts of all kernels started from here; None where it does not start."""
    warm_up()
    context = multiprocessing.get_context("forkserver")
    here, there = context.Pipe(duplex=False)
    with _without_main():
        context.Process(target=_be_renderer, args=(secrets.token_bytes(16), there), name="renderer", daemon=True).start()
    there.close()
    try:
        return str(here.recv())
    except EOFError:
        return None


def _unfit(environment: Mapping[str, str]) -> str | None:
    """Why the copy must not be used."""
    from dxlib.warm import parent, ready

    if parent.UNFIT:
        return f"the parent has computed ({', '.join(parent.UNFIT)})"
    if ready.edition() != parent.EDITION:
        return "files of dxlib were edited since the parent read them"
    if {name: value for name, value in environment.items() if name.startswith("PYTHON")} != parent.PYTHON:
        return "PYTHON… variables of the environment differ from the parent's"
    return None
