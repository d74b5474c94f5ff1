"""How fast khamsin is, against what: `python -m benchmarks [NAME ...]`, or `make bench` for all."""
