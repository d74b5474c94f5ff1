"""Cut the basemaps that khamsin ships from Natural Earth: borders and coasts, no more.

    python scripts/basemap.py

Needs npm, once, to fetch two packages: `world-atlas` (Natural Earth as TopoJSON; the data are in
the public domain, the packaging is ISC) and `i18n-iso-countries` (names and codes, MIT).
Writes into src/khamsin/view/static/:

- basemap-region.json: North Africa, the Sahel, the Mediterranean and the Middle East, from the
  scale 1:10 million, thinned to about 700 metres;
- basemap-world.json: the world, from 1:50 million, thinned to about five kilometres.

Users need none of this: the files are in the package.
"""

import json
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from khamsin.view.geometry import area, thin

STATIC = Path(__file__).parents[1] / "src" / "khamsin" / "view" / "static"
ATLAS, CODES = "world-atlas@2.0.2", "i18n-iso-countries@7.14.0"

# Natural Earth gives these no code: its own short names, and ours in Arabic.
WITHOUT_CODE = {"N. Cyprus": "شمال قبرص", "Somaliland": "أرض الصومال", "Kosovo": "كوسوفو"}
SHORT_ARABIC = {"LY": "ليبيا", "SY": "سوريا", "IR": "إيران", "RU": "روسيا", "PS": "فلسطين"}


def main() -> None:
    """Fetch, cut, thin, write, and say how large it came out."""
    with tempfile.TemporaryDirectory() as folder:
        atlas, codes = fetch(ATLAS, Path(folder)), fetch(CODES, Path(folder))
        names = country_names(codes)
        cuts = (
            # name, source, box (west, south, east, north), tolerance and smallest island in degrees
            ("region", "countries-10m.json", (-13.0, 3.0, 53.0, 47.0), 0.006, 2e-4, 0.002),
            ("world", "countries-50m.json", (-180.0, -90.0, 180.0, 90.0), 0.045, 0.01, 0.01),
        )
        for name, source, box, tolerance, island, grid in cuts:
            topology = json.loads((atlas / source).read_text(encoding="utf-8"))
            text = json.dumps(
                cut(topology, names, box, tolerance, island, grid),
                ensure_ascii=False,
                separators=(",", ":"),
            )
            path = STATIC / f"basemap-{name}.json"
            path.write_text(text + "\n", encoding="utf-8")
            print(f"{path.name}: {len(text.encode()) / 1000:.0f} kB")


def fetch(package: str, folder: Path) -> Path:
    """Download an npm package and unpack it."""
    done = subprocess.run(
        ["npm", "pack", package, "--silent"],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    archive = folder / done.stdout.split()[-1]
    target = folder / archive.stem
    with tarfile.open(archive) as tar:
        tar.extractall(target, filter="data")
    return target / "package"


def country_names(package: Path) -> dict[str, dict[str, str]]:
    """Two-letter code and Arabic name by the three-digit code that the atlas uses."""
    arabic = json.loads((package / "langs" / "ar.json").read_text(encoding="utf-8"))["countries"]
    codes = json.loads((package / "codes.json").read_text(encoding="utf-8"))
    found = {}
    for two, _, number, *_ in codes:
        name = arabic.get(two, "")
        name = SHORT_ARABIC.get(two) or (name if isinstance(name, str) else name[0])
        found[number] = {"code": two, "ar": name}
    return found


def cut(
    topology: dict[str, Any],
    names: dict[str, dict[str, str]],
    box: tuple[float, float, float, float],
    tolerance: float,
    island: float,
    grid: float,
) -> dict[str, Any]:
    """Keep the countries that touch `box`, thin their lines, drop tiny islands, renumber the arcs.

    Arcs that leave the box are kept, but coarse outside it: the topology stays whole, so that two
    neighbours never come apart along their border.
    """
    scale, origin = (np.array(topology["transform"][k]) for k in ("scale", "translate"))
    arcs = [np.cumsum(np.array(arc), axis=0) * scale + origin for arc in topology["arcs"]]
    west, south, east, north = box

    def ring(numbers: list[int]) -> np.ndarray:
        parts = [arcs[n] if n >= 0 else arcs[~n][::-1] for n in numbers]
        return np.concatenate([part[:-1] for part in parts])

    def wanted(numbers: list[int]) -> bool:
        points = ring(numbers)
        (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
        touches = x1 > west and x0 < east and y1 > south and y0 < north
        return bool(touches and abs(area(points)) > island)

    countries, used = [], set()
    for geometry in topology["objects"]["countries"]["geometries"]:
        polygons = geometry.get("arcs", [])
        if geometry["type"] == "Polygon":
            polygons = [polygons]
        polygons = [[r for r in rings if wanted(r)] for rings in polygons]
        polygons = [rings for rings in polygons if rings]
        if not polygons:
            continue
        used |= {n if n >= 0 else ~n for rings in polygons for r in rings for n in r}
        name = geometry["properties"]["name"]
        known = names.get(geometry.get("id"), {"code": "", "ar": WITHOUT_CODE.get(name, name)})
        countries.append({"name": name, **known, "polygons": polygons})

    order = {old: new for new, old in enumerate(sorted(used))}
    kept = []
    for old in order:
        line = arcs[old]
        outside = (line < [west, south]).any(axis=1) | (line > [east, north]).any(axis=1)
        factor = np.where(outside, 0.02, 1.0)
        line = thin(line, tolerance, factor)
        whole = np.rint((line - [west, south]) / grid).astype(int)
        steps = np.diff(whole, axis=0, prepend=np.zeros((1, 2), int))
        keep = (steps != 0).any(axis=1)
        keep[0] = True
        kept.append(steps[keep].ravel().tolist())
    for country in countries:
        country["polygons"] = [
            [[order[n] if n >= 0 else ~order[~n] for n in r] for r in rings]
            for rings in country["polygons"]
        ]
    return {
        "about": "Natural Earth (public domain), from the npm package "
        f"{ATLAS}; Arabic names from {CODES} (MIT); made by scripts/basemap.py",
        "box": list(box),
        "origin": [west, south],
        "grid": grid,
        "countries": sorted(countries, key=lambda c: c["name"]),
        "arcs": kept,
    }


if __name__ == "__main__":
    main()
