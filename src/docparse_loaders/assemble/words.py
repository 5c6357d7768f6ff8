"""The words that number a heading in the languages of laws, books and reports, with the order among them."""

VOLUME, PART, TITLE, CHAPTER, ITEM, SECTION, SUBSECTION, ARTICLE, CLAUSE, SUBCLAUSE = range(0, 100, 10)
"""Lower stands higher, and the order is fixed: an article never opens a chapter."""

_BEFORE = {
    VOLUME: ("volume", "book", "buch", "band", "книга", "том"),
    PART: ("part", "teil", "partie", "parte", "livre", "часть"),
    TITLE: ("title", "titre", "título", "раздел"),
    CHAPTER: ("chapter", "kapitel", "chapitre", "capítulo", "capitolo", "глава"),
    ITEM: ("item",),
    SECTION: ("section", "abschnitt", "sección", "sezione", "параграф"),
    SUBSECTION: ("subsection", "unterabschnitt", "titel", "подраздел"),
    ARTICLE: ("article", "artikel", "artículo", "articolo", "art.", "статья"),
    CLAUSE: ("clause", "ziffer", "rule", "пункт", "§§", "§"),
}
_AROUND = {
    VOLUME: ("卷",),
    PART: ("部分", "编", "編", "篇", "部", "편", "부"),
    CHAPTER: ("章", "장"),
    SECTION: ("节", "節", "절"),
    SUBSECTION: ("관",),
    ARTICLE: ("条", "條", "조"),
    CLAUSE: ("款", "항"),
    SUBCLAUSE: ("项", "項", "호"),
}
BEFORE = {word: rank for rank, words in _BEFORE.items() for word in words}
"""The rank of what stands before its numeral, in small letters: Chapter 3, Глава 3, § 3."""
AROUND = {word: rank for rank, words in _AROUND.items() for word in words}
"""The rank of what stands after 第 or 제 and a numeral: 第三章, 제3장; the longer words first."""
APPENDICES = ("appendix", "annexe", "annex", "anhang", "anlage", "anexo", "allegato", "приложение", "부록", "별표", "별첨")
SCHEDULES = ("schedule", "exhibit")
"""Appendices too, but only with a numeral: alone they say something else."""
