"""The papermill engine ``dxlib``: the stock engine on warm kernels, with limits, without needless waits and saves."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from queue import Empty
from typing import Any

import psutil
from jupyter_client.client import KernelClient
from jupyter_client.manager import KernelManager
from jupyter_core.utils import ensure_async, run_sync
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, NotebookExecutionManager
from papermill.log import logger
from traitlets import Float, Instance

from dxlib.errors import ReportError
from dxlib.warm import PROVISIONER

_LOOK = 0.25  # s between two looks at a kernel's memory
_SOON = 0.05  # s within which the second channel answers after the first, once it is connected
_LEAVE = 5.0  # s that a kernel has to end by itself


class _Watch(threading.Thread):
    """Ends a kernel that takes too long or too much; ``broken`` says which limit it was."""

    def __init__(self, pid: int, max_seconds: float, max_memory: float) -> None:
        super().__init__(name="dxlib-watch", daemon=True)
        self._pid, self._seconds, self._megabytes = pid, max_seconds, max_memory
        self._over = threading.Event()
        self.broken: ReportError | None = None

    def run(self) -> None:
        """Look at it until it is over."""
        started = time.monotonic()
        while not self._over.wait(_LOOK):
            with contextlib.suppress(psutil.Error):  # it ended
                self.broken = self._look(time.monotonic() - started)
            if self.broken:
                self._end()
                return

    def stop(self) -> None:
        """Nothing to look at any more."""
        self._over.set()

    def _family(self) -> list[psutil.Process]:
        kernel = psutil.Process(self._pid)
        return [*kernel.children(recursive=True), kernel]

    def _look(self, seconds: float) -> ReportError | None:
        if self._seconds and seconds > self._seconds:
            return ReportError(
                f"the notebook runs for more than {self._seconds:g} s",
                code="report-time",
                hint="give it more with --max-seconds, or find the slow cell in JupyterLab; the last good report is untouched",
            )
        if self._megabytes and sum(process.memory_info().rss for process in self._family()) > self._megabytes * 1e6:
            return ReportError(
                f"the notebook takes more than {self._megabytes:g} MB of memory",
                code="report-memory",
                hint="give it more with --max-memory, or find the large cell in JupyterLab; the last good report is untouched",
            )
        return None

    def _end(self) -> None:
        with contextlib.suppress(psutil.Error):
            for process in self._family():
                with contextlib.suppress(psutil.Error):
                    process.kill()


async def _wait_until_ready(client: KernelClient, manager: KernelManager, timeout: float) -> None:
    """Ask the kernel who it is until both channels have answered.

    Jupyter's own way then listens for 0.2 s whether more comes; here the last message of the answer is waited for.
    """
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        asked = client.kernel_info()
        with contextlib.suppress(Empty):
            reply = await ensure_async(client.shell_channel.get_msg(timeout=1))
            while not _ends_answer(await ensure_async(client.iopub_channel.get_msg(timeout=_SOON)), asked):
                pass
            client._handle_kernel_info_reply(reply)
            return
        if not await ensure_async(manager.is_alive()):
            raise RuntimeError("Kernel died before replying to kernel_info")
    raise RuntimeError(f"Kernel didn't respond in {timeout:g} seconds")


def _ends_answer(message: dict[str, Any], asked: str) -> bool:
    content = message["content"]
    return bool(message["parent_header"].get("msg_id") == asked and content.get("execution_state") == "idle")


class WarmClient(PapermillNotebookClient):  # type: ignore[misc]
    """Runs the cells; everything that is not about starting, watching and ending the kernel is papermill's."""

    max_seconds = Float(0.0)
    max_memory = Float(0.0)
    _watch = Instance(_Watch, allow_none=True)

    def create_kernel_manager(self) -> KernelManager:
        """A manager whose kernels are warm, unless their own description says how they are started."""
        manager: KernelManager = super().create_kernel_manager()
        spec: Any = manager.kernel_spec
        spec.metadata = {"kernel_provisioner": {"provisioner_name": PROVISIONER}, **spec.metadata}
        return manager

    async def async_start_new_kernel_client(self) -> KernelClient:
        """Connect to the kernel, and begin to watch it."""
        manager: Any = self.km
        client: KernelClient = manager.client()
        self.kc = client
        try:
            client.start_channels()
            await _wait_until_ready(client, manager, self.startup_timeout)
        except Exception:
            await self._async_cleanup_kernel()
            raise
        client.allow_stdin = False
        self._watch = _Watch(manager.provisioner.pid, self.max_seconds, self.max_memory)
        self._watch.start()
        return client

    start_new_kernel_client = run_sync(async_start_new_kernel_client)

    async def _async_cleanup_kernel(self) -> None:
        """Let the kernel end by itself, and go on the moment it has ended."""
        if self._watch:
            self._watch.stop()
        manager: Any = self.km
        process = getattr(getattr(manager, "provisioner", None), "process", None)
        if process is not None and await ensure_async(manager.is_alive()):
            await ensure_async(manager.request_shutdown())
            with contextlib.suppress(Exception):  # it did not end in time; Jupyter sees to it below
                await asyncio.to_thread(process.wait, _LEAVE)
        await super()._async_cleanup_kernel()

    _cleanup_kernel = run_sync(_async_cleanup_kernel)

    @property
    def broken(self) -> ReportError | None:
        """The limit that the notebook broke."""
        return self._watch.broken if self._watch else None


class WarmEngine(NBClientEngine):  # type: ignore[misc]
    """``papermill --engine dxlib``: a fresh process for every notebook, forked from one that has imported the libraries.

    Where kernels cannot be forked they start as ever; all else is the same.
    """

    @classmethod
    def execute_notebook(cls, nb: Any, kernel_name: str, output_path: str | None = None, **kwargs: Any) -> Any:
        """As papermill's, but nothing is saved after each cell: papermill writes the notebook once more at the end."""
        return super().execute_notebook(nb, kernel_name, None, **kwargs)

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        log_output: bool = False,
        stdout_file: Any = None,
        stderr_file: Any = None,
        start_timeout: int = 60,
        execution_timeout: int | None = None,
        max_seconds: float = 0.0,
        max_memory: float = 0.0,
        **kwargs: Any,
    ) -> Any:
        """Run the cells.

        Args:
            nb_man: papermill's record of the run, with the notebook.
            kernel_name: which kernel.
            log_output: whether outputs also go to the log.
            stdout_file: where they also go.
            stderr_file: where errors also go.
            start_timeout: seconds that the kernel has to start.
            execution_timeout: seconds for a cell; None for any time.
            max_seconds: seconds for all cells together; 0 for any time.
            max_memory: memory of the kernel and what it starts (10^6 bytes); 0 for any.
            kwargs: options of nbclient.

        Raises:
            ReportError: a limit was broken (``report-time``, ``report-memory``).
        """
        for name in ("input_path", "startup_timeout"):
            kwargs.pop(name, None)
        timeout = execution_timeout or kwargs.pop("timeout", None)
        client = WarmClient(
            nb_man,
            **{
                **kwargs,
                "timeout": timeout,
                "startup_timeout": start_timeout,
                "kernel_name": kernel_name,
                "log": logger,
                "log_output": log_output,
                "stdout_file": stdout_file,
                "stderr_file": stderr_file,
                "max_seconds": float(max_seconds),
                "max_memory": float(max_memory),
            },
        )
        try:
            return client.execute()
        except Exception as error:
            if client.broken:
                raise client.broken from error
            raise
