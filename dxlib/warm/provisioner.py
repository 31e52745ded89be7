"""Warm kernels for everything that starts kernels through Jupyter: ``JUPYTER_DEFAULT_PROVISIONER_NAME=dxlib-warm``."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from dxlib.charts.renderer import ADDRESS
from dxlib.warm import fork

_LAUNCHER = "ipykernel_launcher"
_log = logging.getLogger("dxlib")
_told = False


def _tell_once(message: str) -> None:
    global _told
    if not _told:
        _told = True
        _log.warning(message)


class WarmProvisioner(LocalProvisioner):
    """Starts the Python kernels of this environment as forks of a warm parent, all others as Jupyter itself does."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start a kernel."""
        if not fork.available():
            _tell_once("kernels cannot be forked here, and start cold")
        if not fork.available() or not _is_ours(cmd):
            return await super().launch_kernel(cmd, **kwargs)
        environment = {**(kwargs.get("env") or os.environ)}
        if address := fork.renderer():
            environment[ADDRESS] = address
        kernel: Any = fork.start(cmd, kwargs.get("cwd"), environment)  # as much of a Popen as Jupyter uses
        self.process, self.pid, self.pgid = kernel, kernel.pid, kernel.pid
        self.cwd = Path(kwargs.get("cwd") or Path.cwd())
        return self.connection_info


def _is_ours(command: list[str]) -> bool:
    """Whether a command starts ipykernel in the environment that dxlib is in."""
    return Path(command[0]).absolute() == Path(sys.executable).absolute() and _LAUNCHER in command
