"""A workbench of fictional municipalities whose plans are texts, to measure a build and to try the workbench at national size.

The texts are in the layouts of `layouts`; the decisions (themes, facets, topics) are those of this workbench. The same arguments
give the same files.

    python bench/plans.py /tmp/nation --municipalities 1788
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from generate import ROOT, fictional_code
from layouts import LAYOUTS, Goal, Printed, Sheet

from dxlib.decisions import FACET_COLUMNS, MUNICIPALITY_COLUMNS, Decisions, Entry, read_decisions
from dxlib.project import Project
from dxlib.romaji import place_name

FIRST_YEAR = 2024
SMALLEST, MOST, LARGEST = 15_000, 18_000, 40_000  # bytes of a plan's text; most municipalities are small
_COPIED = ("clues.toml", "facet_values.toml", "reference_items.toml", "themes.toml", "topics.csv")
_EMPTY = ("actuals.csv", "corrections.csv", "reference_value.csv")  # only their header
_PLAIN_NAME = re.compile(r"[^\d\s、。()（）「」【】《》・…%/:：,※]{4,24}")
_UNITS = {"percent": "%", "hours": "時間", "days": "日", "count": "件"}
# The parts of fictional names, each with its kana.
_FRONT = (
    *(
        "霧きり",
        "霞かすみ",
        "雫しずく",
        "澪みお",
        "楓かえで",
        "茜あかね",
        "藍あい",
        "翠みどり",
        "蒼あお",
        "桐こぎり",
        "椿つばき",
        "葵あおい",
        "萩はぎ",
    ),
    *(
        "菫すみれ",
        "梢こずえ",
        "朧おぼろ",
        "暁あかつき",
        "渚なぎさ",
        "汐しお",
        "灯あかり",
        "琴こと",
        "鈴すず",
        "錦にしき",
        "紬つむぎ",
        "鶯うぐいす",
    ),
    *("燕つばめ", "蛍ほたる"),
)
_MIDDLE = (" ", "ヶが", "乃の")
_BACK = (
    *(
        "瀬せ",
        "峰みね",
        "浜はま",
        "沢さわ",
        "台だい",
        "窪くぼ",
        "淵ふち",
        "渡わたり",
        "岬みさき",
        "畑はた",
        "堤つつみ",
        "里さと",
        "坂さか",
        "谷たに",
    ),
    *("橋はし", "塚つか", "森もり", "泉いずみ", "丘おか", "原はら", "野の", "浦うら", "江え"),
)
_KINDS = (("市", "し"), ("町", "ちょう"), ("村", "むら"))


@dataclass(frozen=True, slots=True)
class City:
    """A municipality that does not exist."""

    code: str
    name: str
    kana: str
    romaji: str

    @property
    def folder(self) -> str:
        """Its folder under ``data/raw``."""
        return f"{self.code}-{re.sub('[^a-z0-9]', '', self.romaji.lower())}"


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan's text and what it says.

    Attributes:
        document_id: as the build will call it.
        layout: one of `layouts.LAYOUTS`.
        goals: what is printed, by indicator id.
    """

    city: City
    document_id: str
    layout: str
    text: str
    goals: dict[str, Goal]

    def with_line(self, line: str) -> Plan:
        """The same plan with one more line at its end."""
        return replace(self, text=f"{self.text}{line}\n")


def cities(number: int) -> Iterator[City]:
    """The first so many fictional municipalities; their names differ."""
    parts = ((front, middle, back) for back in _BACK for middle in _MIDDLE for front in _FRONT)
    for place, chosen in zip(range(1, number + 1), parts, strict=False):
        kind, kind_kana = _KINDS[place % len(_KINDS)]
        name = "".join(part[0] for part in chosen).replace(" ", "") + kind
        kana = "".join(part[1:] for part in chosen) + kind_kana
        yield City(fictional_code(place), name, kana, place_name(kana, name))


def definitions(decisions: Decisions) -> list[Entry]:
    """The decided indicators that any layout can print: each plain name once, none with a municipality in it."""
    cities_named = [entry["name"] for entry in decisions.municipalities]
    found: dict[str, Entry] = {}
    for entry in decisions.indicator_facets:
        name = entry["indicator"]
        is_plain = _PLAIN_NAME.fullmatch(name) and not any(city in name for city in cities_named)
        if is_plain and entry["unit"] in (*_UNITS, "fraction"):
            found.setdefault(name, entry)
    return list(found.values())


def _amounts(entry: Entry, rng: Random, values: int) -> list[float]:
    """Amounts on the way from now to the target."""
    is_share = entry["unit"] in ("percent", "fraction")
    low, span = (
        (rng.randint(50, 400) / 10, rng.randint(50, 500) / 10) if is_share else (rng.randint(10, 3000), rng.randint(20, 4000))
    )
    steps = [low + span * place / max(values - 1, 1) for place in range(values)]
    if entry["better"] == "lower":
        steps.reverse()
    return [round(step, 1 if is_share else 0) for step in steps]


def _goal(definition: int, entry: Entry, layout: str, rng: Random) -> Goal:
    years: list[tuple[str, int | None, int | None]]
    last = FIRST_YEAR + 3
    is_past = layout == "review" and rng.random() < 0.5
    if layout == "yearly":
        years = [("baseline", FIRST_YEAR - 1, None), *(("target", year, None) for year in range(FIRST_YEAR, last + 1))]
    elif layout == "review":
        years = [("target", None, year) for year in (1, 2, 3)]
        if is_past:
            years = [("target", FIRST_YEAR - 1, None), ("actual", FIRST_YEAR - 1, None)]
    else:
        years = [("baseline", FIRST_YEAR - 1, None), ("target", last, None)]
    unit = _UNITS.get(entry["unit"])
    if unit == "件" and re.search("者|人|員", entry["indicator"]):
        unit = "人"
    whole = rng.randint(20, 200)
    values = []
    for (role, year, relative), amount in zip(years, _amounts(entry, rng, len(years)), strict=True):
        if role == "baseline" and layout != "yearly" and rng.random() < 0.05:
            values.append(
                Printed(role, None, None, None if layout == "form" else year)
            )  # a form prints the year beside the value
        elif entry["unit"] == "fraction":
            values.append(Printed(role, None, None, year, (min(whole, round(whole * amount / 100)), whole), relative))
        else:
            values.append(Printed(role, amount, unit, year, None, relative))
    is_met = is_past and (values[1].value or 0) >= (values[0].value or 0)
    return Goal(definition, entry["indicator"], tuple(values), is_met)


def plan_of(city: City, number: int, known: Sequence[Entry], seed: int = 0) -> Plan:
    """The plan of a municipality; the layouts take turns.

    Args:
        city: whose it is.
        number: of the municipality, from 1.
        known: what `definitions` gave.
        seed: another seed gives other texts.
    """
    rng = Random(f"{seed}/{number}")
    layout = list(LAYOUTS)[number % len(LAYOUTS)]
    size = int(rng.triangular(SMALLEST, LARGEST, MOST))
    sheet = Sheet(city.name, rng, FIRST_YEAR)
    sheet.write(f"# {city.name}DX推進計画", "", "第1章 計画の策定にあたって", "", sheet.prose(5, numbers=True), "")
    goals = [_goal(place, known[place], layout, rng) for place in rng.sample(range(len(known)), min(size // 1_400, len(known)))]
    body = Sheet(city.name, rng, FIRST_YEAR)
    LAYOUTS[layout](body, goals)
    left = size - sum(len(line.encode()) + 1 for line in body.lines)
    while left > 0:
        line = sheet.prose(rng.randint(2, 5), numbers=True)
        sheet.write(line, "")
        left -= len(line.encode()) + 2
    sheet.write("第2章 施策の展開", "", *body.lines, "第3章 推進体制", "", sheet.prose(3), "")
    document_id = f"{city.folder}/dx-plan"
    goals_by_id = {f"{document_id}/{place}": goal for place, goal in body.goals.items()}
    return Plan(city, document_id, layout, "\n".join(sheet.lines), goals_by_id)


def _origin(plan: Plan, digest: str) -> str:
    title = f"{plan.city.name}DX推進計画"
    parts = [
        f'title = "{title}"\nmunicipality_code = "{plan.city.code}"\nproducer = "{plan.city.name}"\nedition = "adopted"\n'
        f'published = "{FIRST_YEAR}-03"\nsha256 = "{digest}"\nrights = "synthetic"\n'
        'note = "A synthetic plan of the bench; nothing in it is real."\n',
        f'[[plans]]\nkey = "plan"\ntitle = "{title}"\nscope = "plan"\n'
        f"first_fiscal_year = {FIRST_YEAR}\nlast_fiscal_year = {FIRST_YEAR + 3}\n",
    ]
    if plan.layout == "review":
        years = f"first_fiscal_year = {FIRST_YEAR - 4}\nlast_fiscal_year = {FIRST_YEAR - 1}\n"
        parts.append(f'[[plans]]\nkey = "last"\ntitle = "{title}（前期）"\nscope = "review"\n{years}')
    return "\n".join(parts)


def write_plan(raw: Path, plan: Plan) -> Path:
    """Write a plan's text and its origin under ``data/raw``.

    Returns:
        The text's path.
    """
    path = raw / f"{plan.document_id}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    content = plan.text.encode()
    path.write_bytes(content)
    path.with_suffix(".toml").write_text(_origin(plan, hashlib.sha256(content).hexdigest()), encoding="utf-8")
    return path


def write_workbench(root: Path, municipalities: int = 1788, seed: int = 0) -> list[Plan]:
    """Write a whole workbench folder, ready for `dxlib build`.

    Args:
        root: the folder; it must not exist yet.
        municipalities: how many, one plan each.
        seed: another seed gives other texts.

    Returns:
        What was written, in the order of the codes.
    """
    home, project = Project(ROOT), Project(root)
    decisions = read_decisions(home)
    known = definitions(decisions)
    plans = [plan_of(city, number, known, seed) for number, city in enumerate(cities(municipalities), start=1)]
    project.raw.mkdir(parents=True)
    project.curated.mkdir(parents=True)
    for name in _COPIED:
        shutil.copy(home.curated / name, project.curated / name)
    for name in _EMPTY:
        header = (home.curated / name).read_text(encoding="utf-8").splitlines()[0]
        (project.curated / name).write_text(header + "\n", encoding="utf-8")
    for plan in plans:
        write_plan(project.raw, plan)
    rng = Random(seed)
    with (project.curated / "municipality.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(MUNICIPALITY_COLUMNS)
        for plan in plans:
            city = plan.city
            where = (24 + rng.randrange(2000) / 100, 123 + rng.randrange(2000) / 100, "synthetic")
            rows.writerow([city.code, city.name, city.kana, city.romaji, f"県{city.code[:2]}", *where])
    with (project.curated / "facets.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow([*FACET_COLUMNS, *decisions.facets])
        for plan in plans:
            for indicator_id, goal in plan.goals.items():
                entry = known[goal.definition]
                rows.writerow([indicator_id, *(entry[column] for column in (*FACET_COLUMNS[1:], *decisions.facets))])
    return plans


def main() -> None:
    """Read the command line and write."""
    parser = argparse.ArgumentParser(description="Write a workbench of fictional plans.")
    parser.add_argument("root", type=Path)
    for name, default in (("municipalities", 1788), ("seed", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)
    plans = write_workbench(**vars(parser.parse_args()))
    print(f"{len(plans):,} plans, {sum(len(plan.text.encode()) for plan in plans) / 1e6:,.1f} MB")


if __name__ == "__main__":
    main()
