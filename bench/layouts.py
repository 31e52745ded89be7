"""Texts of fictional plans in the layouts that the readers know: forms, cards, yearly tables, reviews, lists.

A layout is a function from goals to lines. It says nothing that a goal does not hold, so that what is read can be compared
with what was printed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from random import Random

FIELDS = (
    *("窓口", "防災", "子育て", "福祉", "教育", "観光", "農業", "商工", "税務", "道路", "上下水道", "図書館", "健康", "介護"),
    *("環境", "交通", "住まい", "文化財", "選挙", "議会", "契約", "会計", "広報", "統計", "消防", "地域づくり", "移住", "公園"),
)
TOOLS = (
    *("電子申請", "生成AI", "クラウド", "チャットボット", "キャッシュレス決済", "データ連携基盤", "地理情報システム"),
    *("ノーコードツール", "オンライン会議", "電子決裁", "センサー", "ドローン", "公開型の地図", "予約システム"),
)
_ACTS = ("推進", "充実", "見直し", "拡大", "高度化", "導入")
_PROSE = (
    "{field}の分野では、{tool}を使った仕組みを庁内で試行し、住民の利便性と職員の負担の両面から効果を確かめています。",
    "人口減少と少子高齢化が進むなか、{city}においても{field}に関わる担い手の不足が課題となっています。",
    "{tool}の導入にあたっては、業務の流れを見直し、紙や対面を前提とした手順を改めることを基本とします。",
    "{field}に関する手続は窓口に来なければ済まないものが多く、働く世代から改善を求める声が寄せられています。",
    "国の方針を踏まえつつ、{city}の実情に合った形で{field}のデジタル化を段階的に進めます。",
    "デジタルに不慣れな方が取り残されることのないよう、{field}の窓口では職員による支援を続けます。",
    "{tool}で得られたデータは、個人が特定されない形に整え、{field}の施策の立案に役立てます。",
    "近隣の市町村との共同利用を検討し、{tool}に要する費用を抑えながら安定した運用をめざします。",
    "情報の取扱いについては、研修と点検を重ね、{field}に携わるすべての職員の意識を高めます。",
    "{city}では部局を横断する推進体制を設け、{field}をはじめとする各分野の進み具合を共有しています。",
)
_NUMBERS = (
    "{city}の総人口は令和{era}年度に{people:,}人となり、世帯数は{homes:,}世帯でした。",
    "令和{era}年度の{field}に関する相談は{few:,}件で、そのうち{tool}によるものは{less:,}件でした。",
    "職員数は令和{era}年度に{staff:,}人で、{tool}の研修を受けた職員は{less:,}人です。",
)


@dataclass(frozen=True, slots=True)
class Printed:
    """A value that a plan prints.

    Attributes:
        role: baseline, target or actual.
        value: the number; None for a blank and for a fraction.
        fraction: numerator and denominator.
        unit: as printed; None for a blank or a fraction.
        fiscal_year: Western year of the 年度; None where none is printed.
        relative_year: year counted from launch.
    """

    role: str
    value: float | None
    unit: str | None
    fiscal_year: int | None
    fraction: tuple[int, int] | None = None
    relative_year: int | None = None

    @property
    def text(self) -> str:
        """The number with its unit; a dash for a blank."""
        if self.fraction:
            return f"{self.fraction[0]}/{self.fraction[1]}"
        if self.value is None:
            return "-"
        whole = f"{self.value:,.0f}" if self.value == int(self.value) else f"{self.value:,.1f}"
        return f"{whole}{self.unit}"


@dataclass(frozen=True, slots=True)
class Goal:
    """An indicator of a plan.

    Attributes:
        definition: which row of the decisions says what it measures.
        values: in the order in which they are printed.
        met: whether a printed verdict says 達成.
    """

    definition: int
    name: str
    values: tuple[Printed, ...]
    met: bool = False

    def of(self, role: str) -> list[Printed]:
        """The values in one role."""
        return [value for value in self.values if value.role == role]


@dataclass(slots=True)
class Sheet:
    """A plan's text in the making.

    Attributes:
        city: its municipality.
        rng: all chance.
        first: first fiscal year of the plan; the last is three years later.
        lines: the text.
        goals: what was printed, with the ids that the build will give it within the document.
    """

    city: str
    rng: Random
    first: int
    lines: list[str] = field(default_factory=list)
    goals: dict[str, Goal] = field(default_factory=dict)
    numbers: dict[str, Iterator[int]] = field(default_factory=dict)

    @property
    def years(self) -> list[int]:
        """The fiscal years of the plan."""
        return list(range(self.first, self.first + 4))

    def write(self, *lines: str) -> None:
        """Add lines."""
        self.lines += lines

    def keep(self, goal: Goal, plan: str = "plan") -> None:
        """Keep what was printed as the next measure of a plan; each measure has one indicator."""
        number = next(self.numbers.setdefault(plan, count(1)))
        self.goals[f"{plan}/m{number:02d}.1"] = goal

    def title(self) -> str:
        """A measure's title."""
        return f"{self.rng.choice(FIELDS)}における{self.rng.choice(TOOLS)}の{self.rng.choice(_ACTS)}"

    def prose(self, sentences: int, *, numbers: bool = False) -> str:
        """Sentences of running text on one line."""
        return "".join(self._sentence(numbers) for _ in range(sentences))

    def _sentence(self, numbers: bool) -> str:
        rng = self.rng
        template = rng.choice(_NUMBERS if numbers and rng.random() < 0.15 else _PROSE)
        return template.format(
            city=self.city,
            field=rng.choice(FIELDS),
            tool=rng.choice(TOOLS),
            era=rng.randint(4, 6),
            people=rng.randint(3000, 400000),
            homes=rng.randint(1000, 150000),
            few=rng.randint(1000, 9000),
            less=rng.randint(20, 900),
            staff=rng.randint(1000, 3000),
        )


def era(year: int) -> str:
    """A fiscal year in the Japanese era.

    >>> era(2026)
    '令和8年度'
    """
    return f"令和{year - 2018}年度"


def yearly(sheet: Sheet, goals: Sequence[Goal]) -> None:
    """A table a measure: the present value, then a column a year."""
    for number, goal in enumerate(goals):
        if number % 6 == 0:
            sheet.write("", f"## ◆ {sheet.title()}", "")
        sheet.write("", f"### {sheet.title()}", "", f"- ・ {sheet.title()}", "")
        sheet.write(f"目的 (意図)\t{sheet.prose(2)}\t\t\t\t", f"項目\t{goal.name}\t\t\t\t")
        sheet.write("\t".join(["目標年度", "現状値", *map(era, sheet.years)]))
        sheet.write("\t".join(["目標値", *(value.text for value in goal.values)]), "")
        sheet.keep(goal)


def form(sheet: Sheet, goals: Sequence[Goal]) -> None:
    """A form a measure: labels in cells, 基準値 and 目標値 below 評価指標."""
    for number, goal in enumerate(goals, start=1):
        title, blank = sheet.title(), "\t\t\t\t"
        sheet.write(
            "",
            f"重点取組事項名\t{number % 5 + 1} {FIELDS[number % 5]}をより便利に\t\t管理番号\t{number}\t",
            f"事業名\t{title}\t\t担当課\t{FIELDS[number % len(FIELDS)]}課\t",
            f"概要\t{sheet.prose(2)}{blank}",
            f"現状・課題等\t{sheet.prose(1)}{blank}",
            f"目的\t{sheet.prose(1)}{blank}",
        )
        for label, value in zip(("評価指標\t基準値", "\t目標値"), goal.values, strict=True):
            printed = (
                "—" if value.value is None and not value.fraction else f"{goal.name} {value.text}／{era(value.fiscal_year or 0)}"
            )
            sheet.write(f"{label}\t{printed}\t\t\t")
        sheet.write("\t".join(["スケジュール", *map(era, sheet.years), ""]), "\t検討\t\t導入\t\t", "\t\t\t\t利用の拡大\t", "")
        sheet.keep(goal)


def cards(sheet: Sheet, goals: Sequence[Goal]) -> None:
    """A card a measure: labels on lines of their own, the values below KPI."""
    for goal in goals:
        sheet.write("", sheet.title(), "", "分類", "", f"暮らしのDX {sheet.rng.choice(FIELDS)}サービスの充実", "")
        sheet.write("現状と課題", "", sheet.prose(2), "", "取組内容", "", sheet.prose(2), "")
        sheet.write(
            "活用するツール・手法",
            "",
            f"{sheet.rng.choice(TOOLS)}の活用、{sheet.rng.choice(TOOLS)}の活用",
            "",
            "KPI",
            "",
            goal.name,
        )
        for label, value in zip((" 現状値", " 目標値"), goal.values, strict=True):
            sheet.write(f"{label}（{era(value.fiscal_year or 0)}）：{value.text}")
        sheet.write("", "スケジュール", "", "担当課・関係課", "", f"{sheet.rng.choice(FIELDS)}課・関係各課", "")
        sheet.keep(goal)


def review(sheet: Sheet, goals: Sequence[Goal]) -> None:
    """Tables that look back on the last plan: target, result and verdict; then sheets whose targets count from launch."""
    past, launched = [goal for goal in goals if goal.of("actual")], [goal for goal in goals if not goal.of("actual")]
    sheet.write("", "## 前計画の振り返り", "", sheet.prose(4), "")
    for number, goal in enumerate(past, start=1):
        if number % 8 == 1:
            sheet.write("", f"## ◆ {sheet.title()}", "", f"No.\t施策名称\t数値目標(KGI)\t{era(sheet.first - 1)}末実績\t評価")
        target, actual = goal.values
        sheet.write(f"{number}\t{sheet.title()}\t{goal.name}:{target.text}\t{actual.text}\t{'達成' if goal.met else '未達成'}")
        sheet.keep(goal, "last")
    sheet.write("", "## 取組事項", "")
    for goal in launched:
        sheet.write(
            "",
            sheet.title(),
            "",
            "<概要>",
            "",
            sheet.prose(3),
            "",
            "<取組内容>",
            "",
            f"- ①{sheet.prose(1)}",
            f"- ②{sheet.prose(1)}",
            "",
        )
        values = "、".join(f"{value.relative_year}年目 {value.text}" for value in goal.values)
        sheet.write("<指標及びロードマップ>", "", f"導入後の指標\t{goal.name} {values}\t\t\t")
        sheet.write(
            "\t".join(["", *map(era, sheet.years)]), "調査\t\t\t\t", "\t導入検討\t導入\t利用促進\t", "", "<取組イメージ>", ""
        )
        sheet.keep(goal)


def listed(sheet: Sheet, goals: Sequence[Goal]) -> None:
    """Markdown tables of many indicators: measure, indicator, present value and target."""
    for number, goal in enumerate(goals):
        baseline, target = goal.values
        if number % 7 == 0:
            sheet.write("", f"## {sheet.title()}", "", sheet.prose(6), "")
            sheet.write(
                f"| 施策 | 指標 | 現状値（{era(baseline.fiscal_year or 0)}） | 目標値（{era(target.fiscal_year or 0)}） |",
                "|---|---|---|---|",
            )
        sheet.write(f"| {sheet.title()} | {goal.name} | {baseline.text} | {target.text} |")
        sheet.keep(goal)


def labelled(sheet: Sheet, goals: Sequence[Goal]) -> None:
    """Blocks of text with a label before each value."""
    for number, goal in enumerate(goals, start=1):
        sheet.write("", f"### 施策{number} {sheet.title()}", "", sheet.prose(4), "", f"指標：{goal.name}")
        for label, value in zip(("現状値", "目標値"), goal.values, strict=True):
            sheet.write(f"{label}：{value.text}（{era(value.fiscal_year or 0)}）")
        sheet.write("")
        sheet.keep(goal)


LAYOUTS: dict[str, Callable[[Sheet, Sequence[Goal]], None]] = {
    "yearly": yearly,
    "form": form,
    "cards": cards,
    "review": review,
    "listed": listed,
    "labelled": labelled,
}
