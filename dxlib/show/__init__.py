"""What the reports show, one module a notebook: each method gives a piece that Jupyter displays."""
