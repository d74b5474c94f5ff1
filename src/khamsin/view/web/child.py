"""What the web app lets a child process work out: JSON on stdout, complaints on stderr.

python -m khamsin.view.web.child picture MODEL_FOLDER [--trust]
python -m khamsin.view.web.child compare STORE_A STORE_B
"""

import json
import sys
from pathlib import Path
from typing import Any

from khamsin.errors import KhamsinError


def compare(a: Path, b: Path) -> dict[str, Any]:
    """Return the paired differences of two scenarios as a page shows them."""
    from khamsin.comparison import compare as compared
    from khamsin.ensemble import open_ensemble
    from khamsin.view import comparison_rows

    first, second = (open_ensemble(store).load() for store in (a, b))
    return comparison_rows.rows([compared(first, second)])[0]


def main(words: list[str]) -> None:
    """Do what is asked, and print it."""
    try:
        if words[:1] == ["picture"]:
            from khamsin.view.web.picture import picture

            found = picture(Path(words[1]), trust="--trust" in words[2:])
        elif words[:1] == ["compare"]:
            found = compare(Path(words[1]), Path(words[2]))
        else:
            raise SystemExit(__doc__)
    except KhamsinError as error:
        print(str(error), file=sys.stderr)
        raise SystemExit(error.exit_code) from None
    json.dump(found, sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main(sys.argv[1:])
