"""`python -m slasim`"""

from __future__ import annotations

import sys

from slasim.cli import main

if __name__ == "__main__":
    sys.exit(main())
