"""`python -m khamsin`: the command line, for where no script `khamsin` is on the path."""

from khamsin.cli import main

if __name__ == "__main__":
    main()
