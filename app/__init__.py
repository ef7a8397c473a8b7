"""The web app: one page a file; widgets in, dataclasses out, no logic of its own."""

import fewshot  # noqa: F401  # it lets Ctrl-C end the imports of a command
