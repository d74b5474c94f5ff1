"""The running mean as a small curve with a band of two standard errors."""

from html import escape

from khamsin.view.numbers import shown
from khamsin.view.web.watching import RunningMean

WIDE, TALL = 420.0, 96.0
LEFT, BELOW = 52.0, 18.0


def curve(found: RunningMean) -> str:
    """Return the curve as SVG."""
    if found.members.size < 3:
        return ""
    low, high = found.mean - 2 * found.error, found.mean + 2 * found.error
    # the first few members scatter widely: the scale is that of the later half
    half = found.members.size // 2
    bottom, top = float(low[half:].min()), float(high[half:].max())
    margin = 0.25 * (top - bottom) or max(abs(top) * 0.05, 1.0)
    bottom, top = bottom - margin, top + margin
    last = float(found.members[-1])

    def x(n: float) -> float:
        return LEFT + (WIDE - LEFT) * n / last

    def y(value: float) -> float:
        inside = min(max(value, bottom), top)
        return (TALL - BELOW) * (1 - (inside - bottom) / (top - bottom))

    def points(values: list[float], members: list[float]) -> list[str]:
        return [f"{x(n):.1f} {y(v):.1f}" for n, v in zip(members, values, strict=True)]

    members = [float(n) for n in found.members]
    upper = points([float(v) for v in high], members)
    lower = points([float(v) for v in low], members)
    line = points([float(v) for v in found.mean], members)
    label = f"Running mean over {last:,.0f} members, with two standard errors"
    return (
        f'<svg class="curve" viewBox="0 -8 {WIDE:.0f} {TALL + 8:.0f}" role="img" '
        f'aria-label="{escape(label)}"><path class="band" d="M{"L".join(upper)}'
        f'L{"L".join(reversed(lower))}Z"/><path class="line" d="M{"L".join(line)}"/>'
        f'<path class="axis" d="M{LEFT:.0f} {TALL - BELOW:.0f}H{WIDE:.0f}"/>'
        f'<text x="{LEFT - 6:.0f}" y="4" text-anchor="end">{shown(top)}</text>'
        f'<text x="{LEFT - 6:.0f}" y="{TALL - BELOW:.0f}" text-anchor="end">{shown(bottom)}</text>'
        f'<text x="{WIDE:.0f}" y="{TALL - 3:.0f}" text-anchor="end">'
        f"{last:,.0f} members</text></svg>"
    )
