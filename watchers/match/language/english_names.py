"""Defines what a run of capitals in an English text is beside a name: `without_titles`, `names_nobody`, `byline_end` and others.

Sites run words together, headlines inside a text put capitals on everything, tickers follow names, and titles stand before people. Grammar
only: nothing here knows who is watched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from seeds.pattern_syntax import words
from watchers.match.language.sentences import Token

_GENERIC = frozenset(words(
    "stock stocks share shares price prices rises falls drops rose fell slips slides jumps surges soars gains tumbles dips climbs "
    "rallies here there these many most some every each all both other another such several pre post premarket consumer consumers "
    "services technology technologies tech income investor investors trader traders market markets report reports free full key top "
    "big best act bill law rule chief executive officer officers president chairman chair director vice senior general prime minister "
    "secretary senator analyst analysts economist strategist governor mayor judge justice court board office finance financial "
    "financials semiconductor semiconductors buy sell hold outperform neutral overweight underweight based made make write read see "
    "click sign check although though despite since because however meanwhile while when why what how who whether if first second "
    "third fourth quarter quarterly year annual fiscal earnings revenue revenues sales profit loss results result outlook guidance "
    "forecast estimate estimates eps gaap adjusted net total gross operating cash flow margin dividend yield class common series fund "
    "funds etf index composite industrial average sector select spdr promise tariff tariffs trade war deal deals government regulator "
    "regulators department update updates news story stories exclusive breaking watch video photo image source sources reporting "
    "editing advertisement sponsored copyright disclosure disclaimer note editor editors contributed more than last next this that "
    "yesterday today tomorrow morning afternoon evening week month day days weeks months years ago early late over under about above "
    "below after before during flagship model models platform product products company companies corporate corporation inc ltd llc "
    "llp plc corp co jr sr pc mr mrs ms dr growth value momentum score rank style ratings rating target objective consensus street "
    "wall buyers sellers bulls bears retail institutional portfolio right now your my our their his her its action lawsuit review "
    "following announces announced reported says said shows show data center centers cloud chip chips software hardware gpu gpus cpu "
    "cpus ai artificial intelligence generative deep learning machine internet digital online mobile energy power health care "
    "healthcare real estate materials utilities staples discretionary communication communications industrials republicans democrats "
    "labour selected items terms conditions additionally moreover furthermore overall finally also then thus hence indeed still yet "
    "even only just once again later earlier can could would should will may might must shall do does did has have had is are was "
    "were be been being get got let take keep look think know want need say tell ask try use find give increasing rising falling "
    "growing looking speaking using including excluding according given citing adding in on at to of for with by as the a an and or "
    "but it he she we they you i not no nor so from into onto upon via blog pro short bull bear creator maps rollout il calif "
    "holdings threatens strong orders experiences statements shell partnership partnerships opinion opinions reit reits actively "
    "rival rivals partner buyer seller unit parent owner union police lender insurer customer supplier backer peer newcomer startup "
    "firm group chipmaker carmaker automaker maker giant conglomerate operator manufacturer bank retailer developer packager lawmaker "
    "contractor airline broker watchdog ministry parliament senate congress commission lawyer jury committee council demand supply "
    "inflation output production exports imports oil gold bitcoin crypto hiring debate fear sentiment recession economy capital money "
    "debt credit construction work lithium nickel copper steel rice coffee rain jones easing tensions chapter section part volume "
    "issue page liberation magnificent seven mag eventful severe volatility"
))
"""Words that name nobody, alone or together: a run made of them only is a headline or a beginning, and no party."""
_NO_PARTY = frozenset(words(
    "mou moa nda fy ytd yoy qoq mom eps gaap etf etfs ipo ipos m&a r&d api apis gpu gpus cpu cpus tpu tpus npu ssd hbm dram nand pc "
    "pcs suv suvs ev evs saas b2b b2c b2b2c iot ar vr xr led oled ram usb dc ac ceo cfo cto coo cio gdp cpi ppi pce fomc rsi sma ema "
    "pt et est edt gmt utc pm am llp llc ltd inc plc corp jr sr p.c. d.c. u x st pd ml llm llms rag agi hpc sec10 nav aum roi roe "
    "ebitda capex opex cagr tam kpi kpis esg otc dei h1 h2 q1 q2 q3 q4 covid usd eur gbp jpy adas cuda os faq vs tv id qa qr a.i. mw "
    "gw kwh nm sq ft tl dr btw"
))
_TITLES = frozenset(words(
    "president chairman chairwoman chair chief executive officer ceo cfo cto coo secretary minister director senator sen rep gov "
    "governor mayor judge justice prime vice deputy senior managing head founder cofounder co analyst economist strategist prince "
    "king queen pope general attorney mr mrs ms dr sir treasury commerce state defense finance foreign technology financial operating "
    "customer marketing product commercial information press leader majority minority speaker commissioner partner principal "
    "spokesperson ambassador congressman representative lieutenant colonel captain inspector professor prof research portfolio "
    "manager of and"
))
"""Words of titles before a person's name."""
_HOLDERS = frozenset(words(
    "president chairman chairwoman chair officer ceo cfo cto coo secretary minister director senator sen rep gov governor mayor judge "
    "justice founder cofounder analyst economist strategist prince king queen pope attorney mr mrs ms dr sir leader speaker "
    "commissioner ambassador congressman representative lieutenant colonel captain professor prof manager executive general"
))
"""Of these one stands last, right before the name."""
_NOT_TICKERS = frozenset(("AI", "IT", "EV", "UK", "US", "USA", "UAE", "LLC", "PLC", "LLP", "SE", "AG", "NV", "SA", "AB", "TV", "DATA",
                          "II", "III", "IV", "XR", "OS", "CEO", "ASA", "KK", "BV", "ETF", "REIT", "FC", "ONE", "MAX", "PRO", "LG", "HP"))
_GLUED = re.compile(r"[a-z]{2}(?:[A-Z][a-z]+|[A-Z]+)(?:['’]s)?$")
_ROMAN = re.compile("X{0,3}(?:IX|IV|V?I{1,3}|V)|X{2,3}")
_MONTHS = frozenset(words(
    "january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct "
    "nov dec"
))
_ADJECTIVES = frozenset(words(
    "american russian chinese indian german canadian swedish asian european spanish thai korean japanese french italian british dutch "
    "australian brazilian mexican turkish israeli iranian iraqi saudi emirati vietnamese taiwanese malaysian indonesian filipino "
    "singaporean african western eastern arab danish norwegian finnish polish swiss austrian greek irish scottish welsh ukrainian "
    "pakistani egyptian nigerian kenyan argentine chilean colombian peruvian portuguese belgian czech hungarian romanian latin native "
    "democratic republican"
))
NEW = frozenset(words("york delhi zealand jersey mexico orleans hampshire england south"))
"""What follows "New" in names."""
THE = frozenset(words("hague information verge guardian economist register"))
"""Names of which "The" is a part."""


def is_adjective(text: str) -> bool:
    """Whether the word says only where something is from: "Korean"."""
    return text.lower() in _ADJECTIVES


def without_titles(tokens: Sequence[Token], at: int, end: int) -> int:
    """Where the person's name begins in a run that opens with a title: "Treasury Secretary Scott Bessent" → at "Scott"."""
    holder = next((place for place in range(end - 1, at - 1, -1) if tokens[place].word in _HOLDERS), None)
    if holder is None or holder + 1 >= end or not all(token.word in _TITLES for token in tokens[at + 1:holder]):
        return at
    if tokens[holder + 1].word == "of":
        return min(holder + 3, end - 1)
    return holder + 1


def is_symbol(tokens: Sequence[Token], at: int, end: int) -> bool:
    """Whether the run is the symbol of a name that stands before it: "Netflix (NFLX)", "NASDAQ:NFLX"."""
    text = tokens[at].text
    return end - at == 1 and text.isupper() and 1 < len(text) <= 5 and at > 1 and (
        (tokens[at - 1].text == "(" and end < len(tokens) and tokens[end].text in {")", ","}) or tokens[at - 1].text == ":")


def ends_in_title(tokens: Sequence[Token], at: int, end: int) -> bool:
    """Whether the run is a title only, whoever holds it stands behind it: "President" before a known name."""
    return tokens[end - 1].word in _HOLDERS and all(token.word in _TITLES for token in tokens[at:end])


def without_ticker(tokens: Sequence[Token], at: int, end: int) -> int:
    """Where the name ends before the symbol behind it: "Infosys INFY", and before a company's form after a comma."""
    last = tokens[end - 1].text
    ticker = 2 <= len(last) <= 6 and last.isalpha() and last.isascii() and last.isupper() and last not in _NOT_TICKERS
    if ticker and end - at > 1 and not tokens[at].text.isupper() and tokens[end - 2].text[-1].islower():
        return end - 1
    return end


def names_nobody(tokens: Sequence[Token], at: int, end: int, lowered: Callable[[str], bool] = lambda _: False) -> bool:
    """Whether a run of capitals names nobody: dates, abbreviations, adjectives, words that the item itself writes small (`lowered`
    tells which)."""
    run = tokens[at:end]
    if all(token.word in _GENERIC or token.word in _NO_PARTY or not token.text[0].isalpha() for token in run):
        return True
    if run[0].word in _MONTHS and (end - at == 1 or run[1].text[0].isdigit()):
        return True
    glued = _GLUED.search(run[-1].text)
    if end - at > 1 and glued and glued[0][2:].lower() in _GENERIC:
        return True
    if all(_ROMAN.fullmatch(token.text) for token in run):
        return True
    if end - at == 1:
        only = run[0]
        fiscal = only.word.startswith("fy") and only.word[2:].isdigit()
        return fiscal or is_adjective(only.text) or (not only.text.isupper() and lowered(only.word))
    return run[-1].word in {"average", "composite", "index", "spdr", "etf", "fund", "estimate"} and any(
        token.word in {"industrial", "consensus", "spdr", "select", "etf", "composite"} for token in run)


def byline_end(tokens: Sequence[Token]) -> int:
    """Where the names of those who wrote it end at the start of a text, run into the first word as sites do ("By Ann Lee and Bo RaiNvidia
    rose"); 0 where there are none."""
    led = bool(tokens) and tokens[0].text == "By"
    at, names = int(led), 0
    while at < len(tokens) and at < _BYLINE:
        token = tokens[at]
        if token.mention is not None or not (token.text[0].isupper() or (names and token.word in _LISTING)):
            break
        names += token.text[0].isupper()
        at += 1
        if names > 1 and at < len(tokens) and tokens[at].mention is not None and tokens[at].start == token.end:
            return at
        if names > 1 and _GLUED.search(token.text):
            return at
    return at if led and names > 1 else 0


_LISTING = frozenset((",", "and"))
_BYLINE = 16
"""Words of a byline at most."""
