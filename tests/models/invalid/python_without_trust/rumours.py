"""A process of one's own; never run by the tests."""

raise SystemExit("this file must not be run")
