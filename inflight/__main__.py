"""``python -m inflight`` is the command ``inflight``."""

from experiments.__main__ import main

if __name__ == "__main__":
    main()
