"""A process that saves people until it is killed: ``python -m tests.writer STORE FIRST COUNT``."""

import sys

from fewshot.store.students import Store
from tests.people import CONSENT, make_person

if __name__ == "__main__":
    store = Store(sys.argv[1])
    for number in range(int(sys.argv[2]), int(sys.argv[2]) + int(sys.argv[3])):
        store.add(make_person(number), CONSENT)
        print(number, flush=True)
    store.close()
