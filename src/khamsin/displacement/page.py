"""The page of scores, docs/displacement.md, written by the command that made them."""

from khamsin.displacement.scoring import Row, as_table

HEAD = """\
# Displacement: cases of Flee, by counts

Flee (Suleimenova, Bell, Groen 2017) moves every displaced person as an agent. `khamsin import flee`
reads the same files, and moves people in counts: those who are alike are shared out over roads by
binomial and multinomial draws. What a run costs hangs on roads and on classes of people in use; it
grows far slower than the people, but it does grow (`python -m benchmarks people_10x people_100x`).

{agreement}Two of Flee's habits are emulated and can be taken back
(`rules=corrected`): a whole new day's distance on each road, and roads marked for redirection that
count twice. Ours differ in more: all ways to all camps are weighed at once (recursive logit), a
camp that has just opened draws more, attractions are fitted, registered people stay.

    khamsin import flee CASES/mali2012 -o mali2012
    khamsin run ./mali2012 --answer rules=flee --members 100
    khamsin displacement score {cases} --members {members} --flee CASES -o docs/displacement.md

This page is written by the last command, {members} members, seed as given. Cases and Flee's own
output are not part of the project: their conflict files derive from ACLED, which may not be passed
on.

## How to read it

*normal* is the averaged relative difference to compare: the sum over camps of |forecast -
registered| over the registered people, averaged over days (2 is the worst there is). *total
error* is Flee's column of that name, whose denominator holds the total of day 0 twice; *rescaled*
first scales the forecast to the registered total. CRPS has the denominator of *normal*; skill is
against persistence; the last columns are the share of counts inside the central 50 % and 90 %
intervals.

Each case stands here twice. **As in Flee**: the capacity of a camp is the maximum of the very
series that is to be foretold, and the model is handed the true total of each day. The split by
capacity, which is no model at all, shows what that is worth. **Leak-free**: after the first third
of the days no count, capacity or total is looked at; camps start from their last registered
count; the total is a forecast. The benchmarks are told as much: capacities as seen so far, and
our total. Scored on the other two thirds.

What this does not show: the rules of ours and the priors of the total's trend were chosen with
these cases at hand, by people who had seen how they went on. Changed after their scores on the
test days had been seen: the half-life of the trend (60, then 15, then 25 days), its window, the
newness of camps, the shrinkage of attractions, the chance of staying in a camp, and the sum over
roads. A case won below is therefore no clean result out of sample. Only the attractions of camps
are fitted, and those on the first third alone. The conflicts and closures of the case are given
in both halves.

## Verdict
"""


def page(rows: list[Row], members: int) -> str:
    """Write the page: how to read it, a verdict by counting, and all tables."""
    cases = dict.fromkeys(row.case for row in rows)
    head = HEAD.format(members=members, agreement=_agreement(rows, members), cases=" ".join(cases))
    return f"{head}\n{verdict(rows)}\n## Tables\n\n{as_table(rows)}"


def _agreement(rows: list[Row], members: int) -> str:
    """Say how far Flee's rules in counts are from Flee, where its own output was at hand."""
    found = {
        row.case: row.from_flee
        for row in rows
        if row.from_flee is not None and row.forecast == "rules of Flee, emulated"
    }
    if not found:
        return ""
    each = ", ".join(f"{case} {100 * share:.1f} %" for case, share in found.items())
    return (
        "By Flee's own rules the mean of our camps is as far from the mean of Flee's runs as\n"
        f"this (mean over days of the sum of differences over the total, {members} members):\n"
        f"{each}.\n"
    )


def verdict(rows: list[Row]) -> str:
    """Say, case by case, what our rules beat leak-free and what they do not."""
    lines = []
    won = 0
    cases = list(dict.fromkeys(row.case for row in rows))
    for case in cases:
        free = {r.forecast: r for r in rows if r.case == case and r.half == "leak-free"}
        ours = free["our rules, fitted"]
        better = [r.forecast for r in free.values() if r.normal < ours.normal]
        won += not better
        what = "below all" if not better else f"not below: {', '.join(better)}"
        lines.append(f"- {case}: normal {ours.normal:.3f}, {what}; CRPS skill {ours.skill:+.2f}.")
    lines.append(
        f"\nOur rules, leak-free, are below Flee's rules and every benchmark in {won} of "
        f"{len(cases)} cases."
    )
    return "\n".join(lines) + "\n"
