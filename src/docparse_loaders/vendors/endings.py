"""Whether a text can be the rest of another: sentences that are open, words that cannot end one, marks of list items."""

import re
from typing import NamedTuple

_ENDS = frozenset(".!?:;。！？：；…।؟")
_CLOSERS = "\"'”’“»«)]）】」』》 \n\t\u3000"
_OPENERS = "\"'“‘«»„‚([{（【「『《 "
_SIGNS_OF_CODE = frozenset("{}<>=|\\`~_#@")
_HYPHENS = frozenset("-‐\u00ad")
_COMMAS = frozenset(",、，")
_PAUSING = frozenset(",;:.)]%，。；：、！？）】」』》”％")
"""What stands at the beginning of a text only if it is cut there."""
_TRAILING = frozenset("的了着们者吗呢吧")
"""Chinese characters that begin no sentence."""
_BRACKETS = (("(", ")"), ("（", "）"), ("“", "”"), ("「", "」"), ("《", "》"), ("【", "】"), ("[", "]"))
_NEAR = 400
"""How many characters at the end of the one and the beginning of the other are looked at."""

_BOUND = frozenset(
    re.findall(
        r"\w+",
        """
        a an the this these those that which who whose whom what when where while if whether because although though
        since as than and or but nor so of in on at by for with from to into onto over under between among through
        during before after above below against about within without upon toward towards per via is are was were be
        been being has have had do does did will would can could shall should may might must not its their our your
        his her my both either neither each every such only also
        der die das den dem des ein eine einen einem einer eines kein keine keinen dieser diese dieses diesen diesem
        deren dessen und oder aber sondern denn weil dass ob wenn als wie mit von vom zu zum zur bei beim nach aus
        auf im am um für durch gegen ohne über unter vor hinter neben zwischen seit während wegen trotz nicht sich
        sein seine seiner seinen seinem ihre ihrer ihren ihrem sowie bis je sehr mehr viele einige alle jede jeder jedes
        le la les un une du au aux et ou où que qui dont dans sur sous avec sans pour par est sont était ce cette
        ces el los las del al y con sin por para su sus es son una il lo gli della delle dei nel nella di da e che
        het een van voor
        и в во на не что как по из за от до для при под над между через или но а к ко с со о об у же бы
        """,
    )
)
"""Words that stand before another word: after one of them no sentence ends, and a capital begins a name."""
_JOINING = re.compile(r"(?:and|or|but|nor|which|that|who|than|und|oder|sowie|et|ou|y|o|e|и|или)\b")
_BOUND_SIGNS = frozenset("的地得和与及或是在对从向把被将为于以由其这那各每们并且而但也就都又还更最很不没有未可会应须需使让给之")
_PAUSES = re.compile("[，。；、！？,.;!?]")

_NAMED = re.compile(
    r"(?:Fig(?:ure|\.)?|Tab(?:le|elle|\.)?|Abb(?:ildung|\.)?|Figures?|Charts?|Scheme|Exhibit|Box|Plate|Рис\.?|Таблица)\s*"
    r"[\dA-Z][\d.]*(?:\b|:)|[图圖表]\s*[\dA-Z一二三四五六七八九十]|[续續]表|附[图表录件]\s*[\d一二三A-Z]"
    r"|(?:Article|Section|Chapter|Appendix|Annex|Part|Artikel|Abschnitt|Kapitel|Anhang|Teil|§+)\s*[\dIVXA-Z]"
    r"|第\s*[一二三四五六七八九十百\d]+\s*[章节節条條部篇款]"
)
_NUMBERED = re.compile(
    r"\d{1,3}(?:\.\d{1,3})*(?:[.)、．：:](?!\d)|\s+(?![a-zà-ÿα-ωа-я%€$£°±×/(]))|[（(](?:\d{1,3}|[a-zA-Z]|[ivx]{1,5})[)）]"
    r"|[a-zA-Z][.)]\s|[ivxIVX]{1,5}[.)]\s|[（(]?[一二三四五六七八九十]{1,3}[)）、．]|[①-⑳]|\[\d{1,4}\]"
)
_BULLET = re.compile(r"[•●▪■□‣∙·◦○◆▶➢✓*+–—-](?=\s)|[•●▪‣∙◦○◆▶➢✓]")
_FIELD = re.compile(r"[^\s，。,.;；:：][^，。,.;；:：]{0,24}[:：](?:\s|[^\x00-\x7f])")

_MARK = re.compile(
    r"\s*(?:(?P<bullet>[•●▪■□‣∙·◦○◆▶➢✓*+–—-])\s"
    r"|(?P<open>[（(\[]?)(?P<name>\d{1,4}|[a-zA-Z]|[ivx]{2,6}|[IVX]{2,6}|[一二三四五六七八九十]{1,3})(?P<close>[.)）、．\]])"
    r"(?P<gap>\s|(?=[^\x00-\x7f])))"
)
_CHINESE = "零一二三四五六七八九"
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv", "xvi", "xvii", "xviii")


def text_goes_on(tail: str, head: str, *, full: bool, surely: bool = True, alone: bool = False) -> bool:
    """Whether a sentence is open at the end of one text and the other can be its rest.

    `full` says that the last line of the first may be full; otherwise the words alone must show that it goes on. `surely`
    says that it is, for scripts without capitals, in which a sentence that lacks its stop ends like any other word. `alone`
    says that the first is a single line, which might be a caption or an item by itself.
    """
    near, start = tail[-_NEAR:].rstrip(), head[:_NEAR].lstrip()
    end, first = near.rstrip(_CLOSERS), start.lstrip(_OPENERS)[:1]
    if not end or not first or end[-1] in _ENDS or end[-1] in _SIGNS_OF_CODE or _is_marked(start):
        return False
    bound = start[0] in _PAUSING or start[0] in _TRAILING or (end == near and (_is_bound(end, first) or _is_open(end, start)))
    if not bound and ((alone and _is_label(tail[:_NEAR].lstrip())) or ((alone or not full) and _FIELD.match(start))):
        return False
    if not full:
        return _follows_words(end) if bound else _is_joined(end, start)
    if first.islower() and "://" not in end.rsplit(maxsplit=1)[-1]:
        return True
    return bound or (surely and _is_unspaced_prose(end, start))


def _is_marked(start: str) -> bool:
    """Whether a text begins as a caption, a numbered heading or an item of a list does."""
    return bool(_NAMED.match(start) or _NUMBERED.match(start) or _BULLET.match(start))


def _is_label(line: str) -> bool:
    return _is_marked(line) or _FIELD.match(line) is not None


def _is_bound(end: str, first: str) -> bool:
    """Whether the end cannot be one: a hyphen in a word, a comma, a word that another one must follow."""
    if end[-1] in _HYPHENS:
        return end[-2:-1].isalnum() and first.isalnum()
    return end[-1] in _COMMAS or end[-1] in _BOUND_SIGNS or end.rsplit(maxsplit=1)[-1].lstrip(_OPENERS) in _BOUND


def _is_open(end: str, start: str) -> bool:
    """Whether a bracket is opened at the end of the one and closed at the beginning of the other."""
    return any(end.rfind(left) > end.rfind(right) and _closes(start, left, right) for left, right in _BRACKETS)


def _closes(start: str, left: str, right: str) -> bool:
    return start.find(right) >= 0 and left not in start[: start.find(right)]


def _follows_words(end: str) -> bool:
    """A word alone in its line, such as the "where" under a formula, says less than one after others."""
    return not end[-1].isalpha() or not end[-1].isascii() or " " in end


def _is_joined(end: str, start: str) -> bool:
    """A beginning that needs something before it, after words that can be it."""
    return _JOINING.match(start) is not None and end[-1].isalpha() and end.count(" ") > 1


def _is_unspaced_prose(end: str, start: str) -> bool:
    """Text in a script without capitals on both sides; one without any pause is rather a label than a sentence."""
    first = start.lstrip(_OPENERS)[:1]
    caseless = first.isalpha() and not first.isupper()
    return (caseless or first.isdigit()) and _is_caseless(end[-1]) and _PAUSES.search(end) is not None


def _is_caseless(sign: str) -> bool:
    return sign.isalpha() and not sign.isupper() and not sign.islower()


class Mark(NamedTuple):
    """The mark of a list's item: its form, and its place in the order, 0 for a bullet."""

    form: str
    place: int


def breaks_word(tail: str, head: str) -> bool:
    """Whether a word is parted by a hyphen between the two."""
    end = tail[-_NEAR:].rstrip()
    return end[-1:] in _HYPHENS and end[-2:-1].isalpha() and head[:_NEAR].lstrip()[:1].islower()


def list_goes_on(tail: str, head: str, *, full: bool) -> bool:
    """Whether a list goes on in another: with the next number, with the same bullet, or with the rest of its last item."""
    lines = tail[-10 * _NEAR :].strip().split("\n")
    marks = {mark.form: mark.place for line in lines for mark in _marks(line)}
    nexts = _marks(head[:_NEAR].lstrip())
    if nexts:
        return any(mark.place == (marks[mark.form] + 1 if mark.place else 0) for mark in nexts if mark.form in marks)
    return bool(marks) and text_goes_on(lines[-1], head, full=full)


def _marks(line: str) -> list[Mark]:
    """How an item's mark can be read: "i." is a letter or a Roman number."""
    found = _MARK.match(line)
    if found is None:
        return []
    if bullet := found["bullet"]:
        return [Mark(bullet, 0)]
    form, name = f"{found['open']} {found['close']}", found["name"]
    return [Mark(f"{kind}{form}", place) for kind, place in _places(name)]


def _places(name: str) -> list[tuple[str, int]]:
    if name.isdecimal():
        return [("1", int(name))]
    if not name.isascii():
        return [("一", _chinese(name))]
    case = "A" if name.isupper() else "a"
    letters = [(case, ord(name.lower()) - 96)] if len(name) == 1 else []
    return [*letters, *((f"{case}i", _ROMAN.index(name.lower()) + 1) for _ in "1" if name.lower() in _ROMAN)]


def _chinese(name: str) -> int:
    """Up to 99: 二十三 is 23."""
    tens, ten, ones = name.rpartition("十")
    unit = _CHINESE.find(ones) if ones else 0
    return (10 * (_CHINESE.find(tens) if tens else 1) if ten else 0) + unit
