"""An object store for tests: moto's server of S3, started on a free port of this machine."""

import hashlib
import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


@contextmanager
def object_store() -> Iterator[str]:
    """Serve an empty bucket; yield its URL. Processes that are started meanwhile see it too."""
    pytest.importorskip("s3fs", reason="s3fs is not installed")
    server_of = pytest.importorskip("moto.server", reason="moto[server] is not installed")
    import fsspec

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server: Any = server_of.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    address = "http://{}:{}".format(*server.get_host_and_port())
    known = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "FSSPEC_S3_ENDPOINT_URL": address,  # read when a process starts
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in known.items():
            patch.setenv(name, value)
        patch.setitem(fsspec.config.conf, "s3", {"endpoint_url": address})
        bucket = f"runs-{uuid.uuid4().hex[:8]}"
        fsspec.filesystem("s3", skip_instance_cache=True).mkdir(bucket)
        try:
            yield f"s3://{bucket}"
        finally:
            server.stop()


def objects(url: str) -> dict[str, str]:
    """Every object below a URL with the hash of its bytes, as `test_run.tree` has files."""
    import fsspec

    fs = fsspec.filesystem("s3", skip_instance_cache=True, use_listings_cache=False)
    root = url.removeprefix("s3://")
    found = {str(Path(p).relative_to(root)): fs.cat_file(p) for p in fs.find(root)}
    return {n: hashlib.sha256(data).hexdigest() for n, data in found.items() if n != ".lock"}
