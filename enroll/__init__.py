"""Journey 2: photos of a student become a person in the gallery."""

import fewshot  # noqa: F401  # it lets Ctrl-C end the imports of a command
