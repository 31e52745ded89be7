"""Warm kernels: a notebook gets a fresh process, forked from a parent that has imported the libraries and done nothing else.

``ready`` is what the parent imports, ``fork`` starts a kernel from it, ``provisioner`` offers that to Jupyter (JupyterLab, nbval,
nbclient), ``engine`` to papermill.
"""

PROVISIONER = "dxlib-warm"  # the entry point of `dxlib.warm.provisioner`
