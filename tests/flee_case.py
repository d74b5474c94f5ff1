"""A case of Flee of our own: two towns with fighting, a hub, a town, two camps; invented."""

from datetime import date, timedelta
from pathlib import Path

DAYS = 60

FILES = {
    "input_csv/sim_period.csv": f"StartDate,2020-01-01\nLength,{DAYS}\n",
    "input_csv/locations.csv": """\
#name,region,country,latitude,longitude,location_type,conflict_date,population,spare
East,E,Home,10.0,20.0,conflict_zone,0,50000,x
West,W,Home,10.0,18.0,conflict_zone,20,20000,x
Alba,N,Away,11.0,20.0,camp,,4000,
Bora,N,Away,11.0,18.0,camp,,8000,
""",
    "input_csv/routes.csv": """\
#name1,name2,distance,forced_redirection
East,Alba,120,0
East,West,210,
West,Bora,90,1
Alba,Bora,230,2
""",
    "input_csv/closures.csv": """\
#closure_type,name1,name2,closure_start,closure_end
location,Bora,,0,10
""",
    "input_csv/registration_corrections.csv": "Alba,2020-01-21,normalize\n",
    "source_data/data_layout.csv": "total,refugees.csv\nAlba,alba.csv\nBora,bora.csv\n",
    "source_data/refugees.csv": "2020-01-01,100\n2020-03-01,9000\n",
    "source_data/alba.csv": "2020-01-01,200\n2020-01-11,2000\n2020-01-21,1500\n2020-03-01,3000\n",
    "source_data/bora.csv": "2020-01-01,0\n2020-01-11,0\n2020-02-01,2500\n2020-03-01,4000\n",
    "source_data/notes.txt": "not a table\n",
}


def write_case(folder: Path, **changed: str) -> Path:
    """Write the case; a keyword such as `routes` (or `alba`) replaces that file, "" leaves it
    out."""
    conflicts = ["#Day,East,West,Alba,Bora"]
    conflicts += [f"{d},1,{int(d >= 20)},0,0" for d in range(DAYS)]
    files = {**FILES, "input_csv/conflicts.csv": "\n".join(conflicts) + "\n"}
    for name, text in files.items():
        text = changed.get(Path(name).stem, text)
        if text:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return folder


def day(n: int) -> date:
    """Return day n of the case."""
    return date(2020, 1, 1) + timedelta(days=n)
