"""What the episodic loss brings over plain cross-entropy, with three seeds each.

    python -m experiments.losses.measure --data fer2013.zip

Trains nine small encoders that differ in the loss and the seed alone, and measures each on PublicTest by nearest generic
prototype, by few-shot episodes with support from Training, and on people it never saw (research data under SHARED_DIR).
Rows are kept in results.json beside this file as they come; what is there is not measured again.
"""

from __future__ import annotations

from pathlib import Path

from experiments.small_runs import compare, options

LOSSES = {
    "cross-entropy alone": ["loss=proxy"],
    "episodic alone": ["loss=episodic"],
    "episodic and cross-entropy": ["loss=episodic_proxy"],
}

if __name__ == "__main__":
    compare(options(__doc__).parse_args(), Path(__file__).parent / "results.json", LOSSES)
