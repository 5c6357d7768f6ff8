"""Outlines of documents numbered in the ways of many languages, and of the examples, without the vendor's levels."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from docparse_loaders.assemble import assemble
from docparse_loaders.model import BBox, Block, Heading, Page, Region

DOCUMENTS = {
    "paper": """
        1 Introduction
            1.1 Scope
            1.2 Terms
        2 Methods
            2.1 Data
                2.1.1 Houses
                2.1.2 Weather
            2.2 Model
        3 Results
        Appendix A Tables
            A.1 Houses
            A.2 Weather
        Appendix B Code
    """,
    "paper with roman numerals": """
        I. INTRODUCTION
        II. RELATED WORK
            A. Networks
            B. Storage
                1) Water
                2) Rock
            C. Control
        III. METHOD
            A. Data
        IV. RESULTS
        V. CONCLUSION
    """,
    "roman numerals without a dot": """
        I Opening
        II The first winter
            1 Frost
            2 Thaw
        III The second winter
    """,
    "thesis": """
        Chapter One
            1.1 Aim
            1.2 Way
        Chapter Two
            2.1 Sources
                2.1.1 Letters
            2.2 Silence
        Chapter Three
        Appendix A
    """,
    "appendix of letters": """
        1 Introduction
        2 Proof
            2.1 First half
            2.2 Second half
        A Lemmas
            A.1 On rows
            A.2 On columns
        B Tables
    """,
    "annex with codes": """
        Annex A Sites
            A1 North bank
            A2 South bank
        Annex B Meters
            B1 Heat
            B2 Water
    """,
    "annual report": """
        Part I
            Item 1. Business
            Item 1A. Risk Factors
            Item 2. Properties
        Part II
            Item 5. Market
            Item 7. Discussion
            Item 7A. Risks of the market
        Part III
            Item 10. Directors
        Exhibit 1
    """,
    "statute": """
        Part I General
            Chapter 1 Scope
                Section 1 Place
                    Article 1 Purpose
                        § 1 Words
                        § 2 Signs
                    Article 2 Reach
                Section 2 Time
                    Article 3 Start
            Chapter 2 Bodies
                Article 4 The board
        Part II Duties
            Chapter 3 Care
                Article 5 Keeping
        Annex A Forms
        Annex B Fees
    """,
    "contract": """
        ARTICLE I DEFINITIONS
            Section 1.1 Words
            Section 1.2 Reading
        ARTICLE II SALE
            Section 2.1 Price
                (a) Cash
                (b) Shares
                    (i) Old shares
                    (ii) New shares
                (c) Notes
            Section 2.2 Closing
        Schedule 1 Property
        Schedule 2 Staff
    """,
    "constitution": """
        Article I
            Section 1
            Section 2
        Article II
            Section 1
            Section 2
            Section 3
        Article III
            Section 1
    """,
    "numbered sections by word": """
        Section 1 Overview
            Section 1.1 Aim
                1.1.1 In short
            Section 1.2 Limits
        Section 2 Work
            Section 2.1 Plan
    """,
    "lists below sections": """
        1 Operation
            1.1 Start
                1. Open the valve
                2. Wait for the lamp
            1.2 Stop
                1. Close the valve
        2 Care
            2.1 Yearly
    """,
    "Chinese law": """
        第一编 总则
            第一章 基本规定
                第一节 一般规定
                    第一条 目的
                        （一）范围
                            1. 说明
                            2. 例外
                        （二）期限
                    第二条 原则
                第二节 特别规定
                    第三条 适用
            第二章 自然人
                第四条 能力
        第二编 物权
            第三章 通则
                第十二条之一 登记
        附录A
        附件二
    """,
    "Chinese report": """
        一、概况
            （一）经营
                1. 收入
                    （1）国内
                        ①华东
                        ②华南
                    （2）国外
                2. 成本
            （二）财务
        二、展望
            （一）市场
                1. 需求
    """,
    "Chinese standard": """
        第1章 总则
            1.1 目的
            1.2 范围
        第2章 术语
            2.1 定义
                2.1.1 管网
                2.1.2 阀门
        附录A 表格
            A.1 记录表
    """,
    "Chinese full width": """
        １．概述
            １．１ 背景
            １．２ 目标
        ２．方法
            ２．１ 数据
    """,
    "traditional Chinese": """
        第一章 緒論
            第一節 動機
            第二節 目的
        第二章 文獻
            第一節 供水
        附錄
    """,
    "Japanese": """
        第1編 通則
            第1章 総則
                第1節 目的
                    第1条 趣旨
                    第2条 定義
                第2節 適用
            第2章 手続
        第2編 罰則
    """,
    "Korean": """
        제1편 총칙
            제1장 통칙
                제1절 목적
                    제1조 취지
                    제2조 정의
                제2절 적용
            제2장 절차
                제3조 신청
        제2편 벌칙
        부록 A
    """,
    "Korean report": """
        제1장 서론
            1.1 배경
            1.2 목적
        제2장 방법
            2.1 자료
                가. 수집
        제3장 결론
    """,
    "German": """
        Teil I Grundlagen
            Kapitel 1 Einführung
                1.1 Ziel
                1.2 Aufbau
            Kapitel 2 Stand
                2.1 Netze
                    2.1.1 Wärme
        Teil II Anwendung
            Kapitel 3 Versuch
        Anhang A Tabellen
    """,
    "German law": """
        Erster Teil Allgemeines
            Erster Abschnitt Zweck
                § 1 Ziel
                § 2 Begriffe
            Zweiter Abschnitt Behörden
                § 3 Aufsicht
                § 3a Rat
        Zweiter Teil Pflichten
            Dritter Abschnitt Betreiber
                § 4 Meldung
    """,
    "Russian": """
        Раздел I Общие положения
            Глава 1 Основы
                Статья 1 Цель
                Статья 2 Понятия
            Глава 2 Лица
                Статья 3 Права
        Раздел II Обязанности
            Глава 3 Надзор
        Приложение 1
    """,
    "Spanish": """
        Título I Principios
            Capítulo 1 Objeto
                Artículo 1 Ámbito
                Artículo 2 Términos
            Capítulo 2 Órganos
        Título II Deberes
        Anexo A
    """,
    "French": """
        Livre I Principes
            Titre I Objet
                Chapitre 1 Champ
                    Article 1 Portée
                Chapitre 2 Termes
            Titre II Organes
        Livre II Devoirs
        Annexe 1
    """,
    "numbers that are words": """
        Report of the year
        24 hours of heat
        2024 in review
        3M Company
        3.5 million visitors
        A view of the coast
        I remember
        In the end
    """,
}

Entry = tuple[int, str]


def entries(drawn: str) -> list[Entry]:
    lines = [line for line in drawn.splitlines() if line.strip()]
    return [((len(line) - len(line.lstrip())) // 4 - 1, line.strip()) for line in lines]


def outline(titles: Sequence[Block], pages: int = 1) -> list[Entry]:
    """Through the assembly, page by page."""
    by_page = [[title for title in titles if title.page_number == number] for number in range(1, pages + 1)]
    made = [Page(number, 595.28, 841.89, blocks=tuple(blocks)) for number, blocks in enumerate(by_page, 1)]
    return [(heading.level, heading.text) for heading in assemble(made).outline.headings]


def title(place: int, text: str, level: int | None = None, page: int = 1, box: BBox | None = None) -> Block:
    return Block(f"t{place}", "title", text, level=level, regions=(Region(page, box),))


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("level", [None, 1, 2])
def test_a_document_without_levels_or_with_flat_ones(name: str, level: int | None) -> None:
    wanted = entries(DOCUMENTS[name])
    found = outline([title(place, text, level) for place, (_, text) in enumerate(wanted)])
    if name == "numbers that are words":
        assert {one for one, _ in found} == {level or 1}
    else:
        assert found == wanted


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name != "numbers that are words"])
def test_the_documents_own_title_above_one_flat_level(name: str) -> None:
    wanted = entries(DOCUMENTS[name])
    titles = [title(999, "Of rivers and heat", 1), *(title(place, text, 2) for place, (_, text) in enumerate(wanted))]
    assert outline(titles) == [(1, "Of rivers and heat"), *((level + 1, text) for level, text in wanted)]


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name != "numbers that are words"])
def test_the_vendors_own_true_levels_stay(name: str) -> None:
    wanted = entries(DOCUMENTS[name])
    assert outline([title(place, text, level) for place, (level, text) in enumerate(wanted)]) == wanted


@pytest.mark.parametrize("name", ["report", "report-zh", "paper", "invoice-scan"])
@pytest.mark.parametrize("levels", ["true", "none", "flat", "flat below the first"])
def test_the_examples(examples: Path, name: str, levels: str) -> None:
    truth = json.loads((examples / f"{name}.truth.json").read_text(encoding="utf-8"))
    titles = []
    for place, block in enumerate(block for block in truth["blocks"] if block["kind"] == "title"):
        level = {"true": block["level"], "none": None, "flat": 1, "flat below the first": 2 if place else 1}[levels]
        titles.append(title(place, block["text"], level, block["page"], BBox(*block["bbox"])))
    wanted = [(entry["level"], entry["text"]) for entry in truth["outline"]]
    if (name, levels) == ("invoice-scan", "flat below the first"):
        wanted = [(level if place == 0 else 2, text) for place, (level, text) in enumerate(wanted)]
    assert outline(titles, truth["page_count"]) == [(level, " ".join(text.split())) for level, text in wanted]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (((1, "Report"), (2, "1 A"), (2, "1.1 B"), (2, "1.1.1 C"), (2, "2 D")), [1, 2, 3, 4, 2]),
        (((1, "Report"), (2, "1 A"), (3, "1.1 B"), (2, "2 D"), (2, "2.1 E"), (3, "Note")), [1, 2, 3, 2, 3, 4]),
        (((1, "第一章 甲"), (2, "第一节 乙"), (2, "第一条 丙"), (1, "第二章 丁")), [1, 2, 3, 1]),
        (((1, "A"), (4, "B"), (2, "C")), [1, 4, 2]),
        (((1, "Report"), (2, "Summary"), (2, "1 A"), (2, "1.1 B"), (2, "References")), [1, 2, 2, 3, 2]),
        (((1, "Report"), (2, "1 A"), (2, "Remark"), (2, "2 B")), [1, 2, 2, 2]),
    ],
)
def test_flat_runs_among_levels_of_the_vendor_are_nested(given: Sequence[Entry], wanted: list[int]) -> None:
    assert [level for level, _ in outline([title(n, text, level) for n, (level, text) in enumerate(given)])] == wanted


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        (("某公司年度报告", "一、概况", "（一）经营", "1. 收入", "二、展望"), [1, 2, 3, 4, 2]),
        (("Abstract", "1 Intro", "1.1 Scope", "2 Way"), [1, 1, 2, 1]),
        (("1 A", "1.1 B", "Remarks", "1.2 C", "2 D", "References"), [1, 2, 2, 2, 1, 1]),
        (("1 A", "Overview", "1.1 B"), [1, 2, 2]),
        (("3 Results", "24 hours of heat", "3.1 Houses"), [1, 2, 2]),
        (("Part I", "Annex I", "Part A", "Part B", "Annex II"), [1, 1, 2, 2, 1]),
        (("A. Alpha", "B. Beta", "H. Eta", "I. Theta", "J. Iota"), [1, 1, 1, 1, 1]),
        (("IV. D", "V. E", "VI. F"), [1, 1, 1]),
        (("I. A", "A. a", "B. b", "V. E", "D. d"), [1, 2, 2, 1, 2]),
        (("1. 概述", "1.1 背景", "一、甲", "二、乙", "1.2 目标"), [1, 2, 3, 3, 2]),
        (("Article IV Duties", "Section 4.1 Care", "Section 4.2 Skill", "Article V Term"), [1, 2, 2, 1]),
        (("一、总则", "第一条 甲", "第二条 乙", "二、附"), [1, 2, 2, 1]),
    ],
)
def test_titles_with_and_without_numbers(texts: Sequence[str], wanted: list[int]) -> None:
    assert [level for level, _ in outline([title(n, text) for n, text in enumerate(texts)])] == wanted


def test_a_title_of_the_type_of_all_ends_no_section_around_it() -> None:
    texts = ("1 A", "1.1 B", "Remarks", "1.2 C", "2 D")
    titles = [title(n, text, box=BBox(0.1, 0.1 * n, 0.9, 0.1 * n + 0.02)) for n, text in enumerate(texts)]
    assert [level for level, _ in outline(titles)] == [1, 2, 2, 2, 1]


def test_two_headings_of_the_same_words_are_both_kept() -> None:
    titles = [title(n, text) for n, text in enumerate(("1 A", "Summary", "2 B", "Summary"))]
    assert assemble([Page(1, 600, 800, blocks=tuple(titles))]).outline.headings[1] == Heading("t1", "Summary", 1, 1)
