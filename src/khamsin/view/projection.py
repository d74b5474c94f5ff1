"""From degrees to pixels: a frame of the world, and the projection that fits it into a rectangle.

Frames are drawn in Mercator, which keeps the shapes that people know; frames wider than half the
world in plate carree.  Longitudes are unrolled around the middle of the frame, so that a model of
the Pacific is not torn at the date line.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from khamsin.view.geometry import Box, Points

# Mercator beyond this latitude is more stretch than map.
HIGHEST = 78.0
EARTH_KM_PER_DEGREE = 111.195


@dataclass(frozen=True)
class Projection:
    """A frame (west, south, east, north, in degrees) drawn into a rectangle of pixels."""

    frame: Box
    rect: Box  # left, top, right, bottom

    @property
    def mercator(self) -> bool:
        """Whether the frame is narrow enough for Mercator."""
        return self.frame[2] - self.frame[0] <= 180

    @property
    def pixels_per_degree(self) -> float:
        """Pixels for a degree of longitude."""
        return (self.rect[2] - self.rect[0]) / (self.frame[2] - self.frame[0])

    def __call__(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> Points:
        """Pixels (point, 2) of places given in degrees."""
        west, _, east, north = self.frame
        middle = (west + east) / 2
        x = np.asarray(lon, dtype=np.float64)
        x = middle + (x - middle + 180) % 360 - 180
        return np.stack(
            [
                self.rect[0] + (x - west) * self.pixels_per_degree,
                self.rect[1]
                + (_up(north, self.mercator) - _up(lat, self.mercator)) * self.pixels_per_degree,
            ],
            axis=-1,
        )

    def raw(self, lon: Points, lat: Points) -> Points:
        """As a call, but longitudes are taken as they are: for rings that must not be torn."""
        return np.stack(
            [
                self.rect[0] + (lon - self.frame[0]) * self.pixels_per_degree,
                self.rect[1]
                + (_up(self.frame[3], self.mercator) - _up(lat, self.mercator))
                * self.pixels_per_degree,
            ],
            axis=-1,
        )

    def km_per_pixel(self) -> float:
        """Ground distance of a pixel in the middle of the frame."""
        if self.mercator:
            y = (_up(self.frame[1], True) + _up(self.frame[3], True)) / 2
            latitude = math.degrees(math.atan(math.sinh(math.radians(float(y)))))
        else:
            latitude = (self.frame[1] + self.frame[3]) / 2
        return EARTH_KM_PER_DEGREE * math.cos(math.radians(latitude)) / self.pixels_per_degree


def fit(frame: Box, width: float, height: float) -> Box:
    """Widen a frame until it has the shape of a rectangle of `width` by `height` pixels."""
    west, south, east, north = frame
    mercator = east - west <= 180
    low, high = float(_up(south, mercator)), float(_up(north, mercator))
    across, up = max(east - west, 1e-6), max(high - low, 1e-6)
    if across / up < width / height:
        more = up * width / height - across
        west, east = west - more / 2, east + more / 2
    else:
        more = across * height / width - up
        low, high = low - more / 2, high + more / 2
    if east - west > 180 and mercator:  # it grew out of Mercator: fit again
        return fit((west, south, east, north), width, height)
    return west, float(_down(low, mercator)), east, float(_down(high, mercator))


def unrolled(lon: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Longitudes shifted by whole turns so that they span as little as possible."""
    if len(lon) < 2:
        return lon
    turned = np.sort(lon % 360)
    gaps = np.diff(np.append(turned, turned[0] + 360))
    first = turned[(int(gaps.argmax()) + 1) % len(turned)]
    shifted = (lon - first) % 360 + first
    # the middle of the span decides which turn of the globe it is written in
    middle = (shifted.min() + shifted.max()) / 2
    return np.asarray(shifted - 360 * np.round(middle / 360), dtype=np.float64)


def nice_length(longest: float) -> float:
    """The largest of 1, 2, 5 times a power of ten that is not above `longest`."""
    power = 10 ** math.floor(math.log10(longest))
    return float(max(step * power for step in (1, 2, 5) if step * power <= longest))


def _up(lat: npt.ArrayLike, mercator: bool) -> Points:
    """Latitude in degrees as a height in degrees of longitude."""
    y = np.asarray(lat, dtype=np.float64)
    if not mercator:
        return y
    y = np.clip(y, -HIGHEST, HIGHEST)
    return np.asarray(np.degrees(np.arcsinh(np.tan(np.radians(y)))), dtype=np.float64)


def _down(height: float, mercator: bool) -> float:
    """The latitude at a height: the inverse of `_up`."""
    if not mercator:
        return height
    return math.degrees(math.atan(math.sinh(math.radians(height))))
