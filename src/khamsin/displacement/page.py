"""The page of scores, docs/displacement.md, written by the command that made them."""

from khamsin.displacement.benchmarks import BENCHMARKS
from khamsin.displacement.form import ALL_DAYS, FORM, Form
from khamsin.displacement.scoring import OURS, Row, as_table

EMULATED = "rules of Flee, leak-free"  # a forecast of ours, not of Flee

HEAD = """\
# Displacement: cases of Flee, by counts

Flee (Suleimenova, Bell, Groen 2017) moves every displaced person as an agent. `khamsin import flee`
reads the same files, and moves people in counts: those who are alike are shared out over roads by
binomial and multinomial draws. What a run costs hangs on roads and classes in use, hardly on people
(`python -m benchmarks people_10x people_100x`).

{agreement}Two of Flee's habits are emulated and can be taken back
(`rules=corrected`): a whole new day's distance on each road, and roads marked for redirection that
count twice. Ours differ in more: every camp draws over all ways that lead nearer to it, one that
has just opened draws more, attractions are fitted, registered people stay.

    khamsin import flee CASES/mali2012 -o mali2012
    khamsin run ./mali2012 --answer rules=flee --members 100
    khamsin displacement score {cases} --members {members} \\
        --flee CASES --forms docs/displacement-forms.json -o docs/displacement.md

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
capacity, which is no model at all, shows what that is worth. **Leak-free**: only counts that bear a
date in the first third of the days are looked at, no capacity and no total. (The counts of the days
between two counts are a line to the second one; that line too is known only once the second is.) A
camp is carried on from its last count at its last rate up to the first day of the forecast, which
starts from there; the total is a forecast. The benchmarks start from the same numbers and share out
our total; the capacity that is known is the greatest count so far. Scored on the other two thirds.

What is fitted, and on what. On the first third alone: the attractions of the camps, and how fast
the trend of flight fades, weighed by how forecasts from three earlier days would have done
(`trend`). **The form of the rules is chosen for each case by all but the days it is scored on**
(`python -m scripts.displacement_forms`, written before it was run): by forecasts inside the first
third of the case itself, from half, two thirds and five sixths of it, and by the scored days of the
other three. There are 96: attractions fitted to the last 60 days or to all, half believed after 7
days or after 30, camps that open draw more or not; the trend may be shrunk towards nobody more, as
much as the three earlier days say, or not; each member's camps are its own or half way to the
shares that were known last; the forecast is the mean of the members, the median, or the coherent
median, whose camps add up to the median of the total.

{forms}
### What was looked at, and what was changed then

This is the third look at the scored days; each protocol was scored once.

1. One form for all cases, chosen inside the first thirds alone (the last 60 days, 30, new camps
   draw more, the mean; a trend that learns from other cases as well was tried there and gained
   nothing). It came to 0.324 for mali2012, 0.139 for tigray2020, 0.258 for burundi2015 and 0.294
   for ssudan2013, and won burundi2015 alone; inside the first thirds it had 0.92 of the error of
   persistence. An earlier form, chosen by the scored days themselves, had won tigray2020 as well:
   that was luck or selection.
2. A form for each case as described above, out of 16: no shrunk trend, no shares half way, no
   coherent median, no trial from five sixths, none void. 0.311, 0.116, 0.268 and 0.305 in the same
   order: burundi2015 alone again, mali2012 behind the shares of the last known day (0.296) and
   tigray2020 behind persistence (0.112).
3. After that a fault was mended: medians of camps added up to less than the median of their total,
   which the benchmarks get. So the coherent median; and, because intervals held far too little and
   totals ran too high in one case and too low in another, the two answers that any textbook of
   forecasting has, the shrunk trend and the combination with no change. Both scored lists had been
   seen when these were thought of; which of them is used was not chosen by them. Inside the first
   thirds none of the three was better on the whole: half way to the last shares does much for
   mali2012 and harm elsewhere, a shrunk trend helps tigray2020 alone, the coherent median is as
   good as the plain one. A trial is void where our rules have most of those counted elsewhere: in
   burundi2015 until day 91, when everybody is in Bujumbura behind a closed road.
   What came of it stands below: no case more is won, ssudan2013 is nearer than before, tigray2020
   and burundi2015 are farther, and mali2012 has the form it had. So choosing among forms by other
   days gains nothing that lasts, and there was no fourth look.

What decides is the total. After the first third people all but stopped coming in tigray2020 (a
sixteenth of the pace of the 60 days before) and came at a fifth of it in ssudan2013, where that
nobody moves is hard to beat; in mali2012 they came faster for seven weeks. In ssudan2013 the
carrying on of camps up to the first day was also 7 % too high. Two cases (burundi2015, ssudan2013)
are foretold better by Flee's own rules, told as little as ours.

Changed for a fault before the first look: people under way on the day of the forecast had been
counted in a camp already and came on top; a camp that was cut off and is reached again was taken
for a new one. What is not clean: newness, and the priors of reach and fear, were set by people who
had seen scores of earlier forms. Given to all although nobody could have known: conflicts and
closures of the case, and corrections of counts by later registrations. The forecast of everything
but our rules is the mean of its members.

## Verdict
"""


def page(rows: list[Row], members: int, forms: dict[str, Form]) -> str:
    """Write the page: how to read it, a verdict by counting, and all tables."""
    cases = dict.fromkeys(row.case for row in rows)
    head = HEAD.format(
        members=members,
        agreement=_agreement(rows, members),
        cases=" ".join(cases),
        forms="".join(_form(case, forms.get(case, FORM)) for case in cases),
    )
    return f"{head}\n{verdict(rows)}\n## Tables\n\n{as_table(rows)}"


def _form(case: str, form: Form) -> str:
    days = "all days" if form.days >= ALL_DAYS else f"the last {form.days} days"
    new = "new camps draw more" if form.newness else "new camps draw as others do"
    trend = "a shrunk trend" if form.shrunk else "the trend as it was"
    shares = f"{form.anchor:g} of the last shares" if form.anchor else "its own shares"
    return f"- {case}: {days}, {form.evidence:g}, {new}; {trend}, {shares}, the {form.point}.\n"


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
    won, skilled, shared = 0, 0, 0
    cases = list(dict.fromkeys(row.case for row in rows))
    for case in cases:
        free = {r.forecast: r for r in rows if r.case == case and r.half == "leak-free"}
        ours = free[OURS]
        better = [r.forecast for r in free.values() if r.normal < ours.normal]
        won += not set(better) - {EMULATED}
        skilled += ours.skill > 0
        shared += all(ours.rescaled < free[name].rescaled for name in BENCHMARKS)
        what = "below all" if not better else f"not below: {', '.join(better)}"
        lines.append(f"- {case}: normal {ours.normal:.3f}, {what}; CRPS skill {ours.skill:+.2f}.")
    lines.append(
        "\nOur rules, leak-free, are below Flee itself and every benchmark in "
        f"{won} of {len(cases)} cases, and better\nthan persistence by CRPS in {skilled}. "
        f"({EMULATED} are a forecast of ours, told the same\nand with the same trend.) "
        "By shares alone (*rescaled*, the total given) they are below every\nbenchmark in "
        f"{shared} of {len(cases)}; that is no part of the target."
    )
    return "\n".join(lines) + "\n"
