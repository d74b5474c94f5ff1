"""Readers: published files come in as they are; an oddity is an error with its line, or a count."""

import zipfile
from pathlib import Path

import numpy as np
import pytest

from khamsin.errors import InputError
from khamsin.readers import iso3, read_acled, read_iom, read_monthly, read_ucdp, read_unhcr

DATA = Path(__file__).parent / "data"
SHARED = Path(__file__).parents[2] / "shared" / "data"
UCDP = ["ucdp_25_1_small.csv", "ucdp_18_1_small.csv", "ucdp_candidate_without_header_small.csv"]


def changed(tmp_path, name, *changes, encoding="utf-8"):
    """Write a copy of a file of ours with some texts replaced, each of which must be there once."""
    text = (DATA / name).read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
        text = text.replace(old, new)
    path = tmp_path / name
    path.write_text(text, encoding=encoding)
    return path


@pytest.mark.parametrize("name", UCDP)
def test_ucdp_versions_read_alike(name):
    events = read_ucdp(DATA / name)
    frame = events.frame
    assert len(events) == events.report.rows == events.report.kept == 7
    assert frame["event"].tolist() == list(range(700001, 700008))
    assert frame["deaths"].tolist() == [3, 10, 8, 12, 1, 5, 7]
    assert frame["low"].tolist() == [2, 10, 8, 6, 1, 5, 7]
    assert frame["high"].tolist() == [5, 12, 8, 20, 1, 5, 7]
    assert frame["kind"].tolist()[3:6] == ["one-sided", "state-based", "non-state"]
    assert frame["where"].tolist() == [
        "point", "near", "adm_1", "country", "international", "point", "point",
    ]  # fmt: skip
    assert frame["iso3"].tolist() == ["LBY"] * 6 + ["TUN"]
    assert str(frame["start"][1])[:10] == "2015-01-20"
    assert str(frame["end"][1])[:10] == "2015-01-22"
    assert frame["adm_1"].isna().tolist() == [False, False, False, True, True, False, False]
    assert frame["side_b"][3] == "Civilians"
    without_header = "without_header" in name
    assert events.report.count("without its header line") == without_header
    assert len(events.report.warnings) == without_header
    assert len(events.set_aside) == 0


def test_ucdp_in_a_zip_and_with_a_byte_order_mark(tmp_path):
    plain = read_ucdp(DATA / UCDP[0]).frame
    with zipfile.ZipFile(tmp_path / "ged251-csv.zip", "w") as archive:
        archive.write(DATA / UCDP[0], "GEDEvent_v25_1.csv")
    assert read_ucdp(tmp_path / "ged251-csv.zip").frame.equals(plain)
    marked = changed(tmp_path, UCDP[0], encoding="utf-8-sig")
    assert read_ucdp(marked).frame.equals(plain)
    (tmp_path / "cut.zip").write_bytes((tmp_path / "ged251-csv.zip").read_bytes()[:200])
    with pytest.raises(InputError, match="damaged archive"):
        read_ucdp(tmp_path / "cut.zip")
    with zipfile.ZipFile(tmp_path / "none.zip", "w") as archive:
        archive.writestr("readme.txt", "nothing")
    with pytest.raises(InputError, match="holds 0 CSV files"):
        read_ucdp(tmp_path / "none.zip")


def test_ucdp_in_another_encoding_is_noted(tmp_path):
    path = tmp_path / "latin.csv"
    text = (DATA / UCDP[0]).read_text(encoding="utf-8").replace("Kufra town", "Kufrà town")
    path.write_text(text, encoding="latin-1")
    events = read_ucdp(path)
    assert len(events) == 7
    assert events.report.count("Latin-1") == 1


def test_ucdp_choice_of_countries_and_kinds():
    assert read_ucdp(DATA / UCDP[0], countries=["TN"]).frame["event"].tolist() == [700007]
    assert len(read_ucdp(DATA / UCDP[0], countries=["LBY", "Tunisia"])) == 7
    assert len(read_ucdp(DATA / UCDP[0], kinds=["state-based"])) == 5
    with pytest.raises(InputError, match="no such country: Atlantis"):
        read_ucdp(DATA / UCDP[0], countries=["Atlantis"])
    with pytest.raises(InputError, match="no kind of violence 'battle'"):
        read_ucdp(DATA / UCDP[0], kinds=["battle"])


# What is changed in the file, on which line it must be found (a field of the first event has a line
# break), and what is said.
FAULTS = [
    (("2015-01-20 00:00:00.000", "2015-01-32 00:00:00.000"), 4, "no such day as start"),
    (("2015-01-20 00:00:00.000", "20 Jan"), 4, "no such day as start"),
    (("2015-01-22 00:00:00.000", "2015-01-12 00:00:00.000"), 4, "ends before it starts"),
    (("2015-01-20 00:00:00.000", "0215-01-20 00:00:00.000"), 4, "an impossible date"),
    ((",4,4,1,1,10,12,10,", ",4,-4,1,1,10,12,10,"), 4, "deaths_b is negative: -4"),
    ((",4,4,1,1,10,12,10,", ",4,4,1,1,ten,12,10,"), 4, "deaths is no number: 'ten'"),
    ((",4,4,1,1,10,12,10,", ",4,4,1,1,,12,10,"), 4, "number of deaths is missing"),
    ((",4,4,1,1,10,12,10,", ",4,4,1,1,10.5,12,10,"), 4, "deaths is no whole number: 10.5"),
    (("31.2,16.6,", "131.2,16.6,"), 4, "coordinates off the globe"),
    (("700002,", ","), 4, "no id"),
    (("700003,", "700002,"), 5, "event 700002 is there before, with other content"),
    ((",6,Libya,", ",9,Libya,"), 6, "where_prec is 9, not one of 1 to 7"),
    (("Kufra town", "Kufra, town"), 8, None),
]


@pytest.mark.parametrize(("change", "line", "said"), FAULTS)
def test_ucdp_faults_name_their_line(tmp_path, change, line, said):
    path = changed(tmp_path, UCDP[0], change)
    with pytest.raises(InputError) as fault:
        read_ucdp(path)
    first = str(fault.value).splitlines()[0]
    assert first.startswith(f"{path}:{line}: ")
    if said:
        assert said in first
    else:
        assert "(the row has 50 fields, the header 49)" in first


def test_all_faults_are_told_at_once_or_set_aside(tmp_path):
    changes = [c for c, _, said in (FAULTS[4], FAULTS[8], FAULTS[11])]
    path = changed(tmp_path, UCDP[0], *changes)
    with pytest.raises(InputError) as fault:
        read_ucdp(path)
    assert len(str(fault.value).splitlines()) == 3
    events = read_ucdp(path, strict=False)
    assert len(events) == 5
    assert events.set_aside["event"].tolist() == [700002, 700004]
    assert "deaths_b is negative" in events.set_aside["reason"].iloc[0]
    assert events.report.count("set aside") == 2
    assert (events.report.rows, events.report.kept) == (7, 5)


def test_many_faults_are_counted(tmp_path):
    lines = (DATA / UCDP[1]).read_text().split("\n70")
    body = "\n".join(
        [lines[0], *(f"7{k:05d}" + lines[2][4:].replace(",10,12", ",-1,12") for k in range(40))]
    )
    (tmp_path / "bad.csv").write_text(body + "\n")
    with pytest.raises(InputError, match="and 30 more faults"):
        read_ucdp(tmp_path / "bad.csv")


def test_ucdp_oddities_are_counted(tmp_path):
    row = (DATA / UCDP[0]).read_text().splitlines()[-1]
    path = changed(
        tmp_path,
        UCDP[0],
        (row, f"{row}\n{row}"),  # repeated word for word
        (",4,4,1,1,10,12,10,", ",4,4,1,1,10,9,11,"),  # low above best above high
        (",0,5,0,0,5,5,5,", ",0,4,0,0,5,5,5,"),  # parts that do not add up
        (
            "2015-02-28 00:00:00.000",
            "2015-02-01 00:00:00.000",
        ),  # known to the month, dated to a day
    )
    events = read_ucdp(path)
    report = events.report
    assert (report.rows, report.kept) == (8, 7)
    assert report.count("repeated word for word") == 1
    assert report.count("low above best") == report.count("high below best") == 1
    assert events.frame.loc[1, ["low", "deaths", "high"]].tolist() == [10, 10, 10]
    assert report.count("do not add up") == 1
    assert report.count("spread over it") == 1
    assert [str(events.frame[c][2])[:10] for c in ("start", "end")] == ["2015-02-01", "2015-02-28"]
    assert "1 rows repeated word for word, one kept (700007)" in str(report)
    assert report.to_dict()["warnings"][0]["count"] == 1


@pytest.mark.parametrize(
    ("precision", "first", "last"),
    [
        (3, "2014-12-31", "2015-01-06"),
        (4, "2015-01-01", "2015-01-31"),
        (5, "2015-01-01", "2015-12-31"),
    ],
)
def test_ucdp_one_day_for_a_week_a_month_a_year_is_widened(tmp_path, precision, first, last):
    path = changed(tmp_path, UCDP[1], (",1,1,2015-01-03,", f",1,{precision},2015-01-03,"))
    frame = read_ucdp(path).frame
    assert [str(frame[c][0])[:10] for c in ("start", "end")] == [first, last]


def test_ucdp_columns(tmp_path):
    text = (DATA / UCDP[1]).read_text()
    (tmp_path / "a.csv").write_text(text.replace(",best,", ",bets,", 1))
    with pytest.raises(
        InputError, match=r"a\.csv:1: column best is missing\. Is it the column bets\?"
    ):
        read_ucdp(tmp_path / "a.csv")
    (tmp_path / "b.csv").write_text(text.replace(",region,", ",mood,", 1))
    events = read_ucdp(tmp_path / "b.csv")
    assert "1 unknown columns, not read (mood)" in str(events.report)
    (tmp_path / "c.csv").write_text(text.replace(",low,best,", ",best,best,", 1))
    with pytest.raises(InputError, match="column best is there 2 times"):
        read_ucdp(tmp_path / "c.csv")
    (tmp_path / "d.csv").write_text(
        text.replace(",best,", ",best_est,", 1).replace("\nid,", "\nID,")
    )
    assert len(read_ucdp(tmp_path / "d.csv")) == 7
    (tmp_path / "e.csv").write_text(text.replace(",", ";"))
    with pytest.raises(InputError, match="not separated by ','"):
        read_ucdp(tmp_path / "e.csv")
    (tmp_path / "f.csv").write_text("")
    with pytest.raises(InputError, match="the file is empty"):
        read_ucdp(tmp_path / "f.csv")
    (tmp_path / "g.csv").write_text(text.splitlines()[0] + "\n")
    with pytest.raises(InputError, match="a header but no rows"):
        read_ucdp(tmp_path / "g.csv")
    with pytest.raises(InputError, match="no such file"):
        read_ucdp(tmp_path / "h.csv")


def test_ucdp_cut_off_in_the_middle_of_a_row_is_a_fault(tmp_path):
    text = (DATA / UCDP[1]).read_text()
    (tmp_path / "cut.csv").write_text(text[: text.rindex(",2015-03-07")])
    with pytest.raises(InputError, match=r"no such day|is the file cut off"):
        read_ucdp(tmp_path / "cut.csv")


def test_ucdp_country_without_a_code_and_lost_coordinates(tmp_path):
    path = changed(
        tmp_path,
        UCDP[1],
        ("Kufra district,,24.2,23.3,", "Kufra district,,,,"),
        ("Tunisia,616,", "Atlantis,9999,"),
    )
    events = read_ucdp(path)
    assert events.report.count("country without a code") == 1
    assert events.report.count("without coordinates") == 1
    assert events.frame["where"][5] == "country"
    by_number = changed(tmp_path, UCDP[1], ("Tunisia,616,", "Tunis,616,"))
    assert read_ucdp(by_number).frame["iso3"][6] == "TUN"


def test_ucdp_as_published(tmp_path):
    source = SHARED / "ucdp_ged191_syria_201601_201911.parquet"
    if not source.is_file():
        pytest.skip("no ../shared with the published events")
    pd = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    published = pd.read_parquet(source)
    published.to_csv(tmp_path / "ged191.csv", index=False)
    events = read_ucdp(tmp_path / "ged191.csv")
    assert len(events) == 16_566
    assert events.frame["deaths"].sum() == published["best"].sum()
    assert events.report.count("low above best") == 30
    assert events.report.count("high below best") == 71
    assert events.frame["iso3"].unique().tolist() == ["SYR"]
    assert events.frame["where"].value_counts()["country"] == 254
    days = (events.frame["end"] - events.frame["start"]).dt.days
    assert days.max() == 365  # the summary of a year stays spread over the year


@pytest.mark.parametrize("name", ["acled_2023_small.csv", "acled_2019_small.csv"])
def test_acled_versions_read_alike(name):
    events = read_acled(DATA / name)
    frame = events.frame
    assert frame["event"].tolist() == ["LBY100", "LBY101", "LBY102", "LBY103"]
    assert frame["deaths"].tolist() == [3, 7, 10, 0]
    assert frame["low"].isna().all()
    assert [str(t)[:10] for t in frame["start"]] == [
        "2015-01-03",
        "2015-01-11",
        "2015-02-01",
        "2015-03-01",
    ]
    assert [str(t)[:10] for t in frame["end"]] == [
        "2015-01-03",
        "2015-01-17",
        "2015-02-28",
        "2015-03-01",
    ]
    assert frame["where"].tolist() == ["point", "near", "adm_1", "point"]
    assert frame["iso3"].tolist() == ["LBY"] * 4
    assert not events.report.warnings
    battles = read_acled(DATA / name, kinds=["Battles"], countries=["Libya"])
    assert battles.frame["event"].tolist() == ["LBY100", "LBY101"]


def test_acled_faults(tmp_path):
    name = "acled_2023_small.csv"
    for change, line, said in (
        (("14 January 2015", "14 Brumaire 2015"), 3, "no such day"),
        (('tests",7,', 'tests",-7,'), 3, "deaths is negative"),
        (("16.6,2,", "16.6,5,"), 3, "geo_precision is 5"),
        (("LBY101", "LBY100"), 3, "event LBY100 is there before"),
    ):
        path = changed(tmp_path, name, change)
        with pytest.raises(InputError) as fault:
            read_acled(path)
        assert str(fault.value).startswith(f"{path}:{line}: ")
        assert said in str(fault.value)
    text = (DATA / name).read_text().replace("event, for", "event for").replace(",", ";")
    (tmp_path / "semicolon.csv").write_text(text)
    assert len(read_acled(tmp_path / "semicolon.csv", separator=";")) == 4


def test_unhcr():
    found = read_unhcr(DATA / "unhcr_small.csv")
    assert [str(t)[:7] for t in found.data["time"].values] == [
        "2015-01",
        "2015-02",
        "2015-03",
        "2015-04",
    ]
    np.testing.assert_array_equal(found.data["italy_all"], [100, 150, np.nan, 200])
    np.testing.assert_array_equal(found.data["malta_all"], [0, np.nan, np.nan, 3])
    assert found.data["italy_all"].attrs["units"] == "person"
    assert found.report.count("gap in italy_all") == 1
    assert found.report.count("gap in malta_all") == 2


def test_iom():
    found = read_iom(DATA / "iom_small.csv")
    assert found.data["series"].values.tolist() == ["Central", "Western"]
    np.testing.assert_array_equal(found.data["dead"], [[5, 1], [0, 2]])
    one = read_iom(DATA / "iom_small.csv", route="Western")
    np.testing.assert_array_equal(one.data["total_dead_missing"], [1, 4])
    assert one.report.kept == 2
    assert one.data["incidents"].attrs["units"] == "incident"
    with pytest.raises(InputError, match=r"Migration\.Route 'Eastern'; there are Central, Western"):
        read_iom(DATA / "iom_small.csv", route="Eastern")


def test_plain_csv_by_day(tmp_path):
    days = np.arange("2015-01-01", "2015-03-01", dtype="datetime64[D]")
    rows = [f"{day},{k}" for k, day in enumerate(days) if str(day) != "2015-02-10"]
    (tmp_path / "daily.csv").write_text("day,number\n" + "\n".join(rows) + "\n")
    found = read_monthly(tmp_path / "daily.csv", time="day", values=["number"], daily=True)
    np.testing.assert_array_equal(found.data["number"], [sum(range(31)), np.nan])
    assert found.report.count("days missing") == 1


def test_plain_csv_faults(tmp_path):
    def read(text, **options):
        path = tmp_path / "series.csv"
        path.write_text("month,value,kind\n" + text)
        return read_monthly(path, time="month", values=["value"], **options)

    only = {"kind": "a"}
    found = read("2015-01,1,a\n2015-01,MIS,b\n2015-03,3,a\n", only=only)
    np.testing.assert_array_equal(found.data["value"], [1, np.nan, 3])
    cases = [
        ("2015-01,1,a\n2015-13,2,a\n", {}, ":3: no such month or day: '2015-13'"),
        ("2015,1,a\n", {}, ":2: no such month"),
        ("2015-01,1,a\n2015-01,2,a\n", {}, ":3: 2015-01 is there before"),
        ("2015-01,MIS,a\n", {}, ":2: value is no number: 'MIS'"),
        ("2015-01,-1,a\n", {}, ":2: value is negative"),
        ("2015-01,inf,a\n", {}, ":2: value is no number"),
        ("2015-01,1,b\n", {"only": only}, "no row with kind 'a'"),
        ("2015-01,1,a\n", {"by": "month"}, "not all different"),
        ("2015-01,1,a\n", {"by": "colour"}, ":1: column colour is missing"),
    ]
    for text, options, said in cases:
        with pytest.raises(InputError) as fault:
            read(text, **options)
        assert said in str(fault.value)
    assert read("2015-01,-1,a\n", negative=True).data["value"].item() == -1
    assert str(read("Mar 2015,1,a\n").data["time"].values[0])[:7] == "2015-03"
    two = read("2015-01,1,a\n2015-01,2,b\n", by="kind").data["value"]
    assert two.dims == ("time", "series")


def test_countries():
    for name in ("LY", "lby", "Libya", 620):
        assert iso3(name) == "LBY"
    assert iso3("DR Congo (Zaire)") == iso3("Congo, DRC") == iso3(490) == "COD"
    assert iso3("Yemen (North Yemen)") == iso3("Yemen") == "YEM"
    assert iso3("NA") == "NAM"
    assert iso3("Atlantis") == iso3(None) == iso3(float("nan")) == ""


def test_columns_in_another_order_read_alike(tmp_path):
    pd = pytest.importorskip("pandas")
    table = pd.read_csv(DATA / UCDP[0], dtype=str, keep_default_na=False)
    table[sorted(table.columns)].to_csv(tmp_path / "turned.csv", index=False)
    events = read_ucdp(tmp_path / "turned.csv")
    assert events.frame.equals(read_ucdp(DATA / UCDP[0]).frame)
    assert not events.report.warnings


def test_names_that_look_like_numbers_stay_names(tmp_path):
    path = changed(
        tmp_path, UCDP[1], ("Medenine governorate,,33.14", "Medenine governorate,007,33.14")
    )
    assert read_ucdp(path).frame["adm_2"][6] == "007"
