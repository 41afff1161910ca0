"""Defines `ambiguous_names` and `ambiguity_of`: find names without conditions that also have another meaning in texts.

Three kinds: common words and phrases of English and Vietnamese, Vietnamese syllables, and names of up to three letters. Pure. No dictionary
is loaded: the word lists contain the words that are used as names of companies and people, and a pattern matches Vietnamese syllables.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Literal

from seeds.entities import Entity, Name


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


COMMON_WORDS = _words("""
    accent access ace act active adobe advance agency air alarm alliance allies ally alpha alphabet amazon amber anchor angel apex
    apollo apple arc arch arena ark arm arrow ascent aspen asset atlas aurora aware axis azure bakery balance ball bank banner bar
    base basic bath bay beacon beam bear beat bell best beta beyond big bird bit black blade blast blaze block bloom blue board boat
    bold bolt bond boost boot boss box brain branch brave bread breeze brick bridge bright brook bubble bull burn butterfly buzz
    cable cadence camp canon canvas cap capital car carbon card care carrier castle catalyst center central century chain champion
    chance change channel charge chase chat chime chip choice circle citizen city clear click cliff clip clover club coach coast
    cobalt code coffee coherent coin comet command common compass concord cone connect constellation contact content core corner
    coupon cover craft crane creative credit crest cross crown crystal cube cure current daily dash data dawn day deal delta desert
    diamond digital discover discovery dish dolphin door dot dove dragon dream drift drop duke dune dutch eagle early earth east
    easy echo eclipse edge eight element elite ember emerald empire energy engine epic equity era essence ether ever evergreen
    everest exact excel express extreme eye fair faith falcon family fast fathom field fifth fire first fit five flag flame flash
    fleet flex flight float flow fluid focus force ford forest forge fort fortune forward found fountain fox frame franklin free
    fresh frontier fuel full fund fusion future gain galaxy gap garden gate gem general genesis genius gentle giant gift glacier
    glass global globe glow go gold golden good grab grace grain grand grape graph gravity green grid ground grove growth guard
    guide gulf habit halo hammer happy harbor harmony harvest haven hawk health heart heat helix hero hill hive home honest honey
    honor hope horizon host house hub human hunter icon idea image impact impulse index indigo infinity insight instant intel intent
    iron island ivory jade jaguar jet jewel journey joy jump junction junior juniper just key kind kindle king kit kiwi label lake
    lamp land lark laser latitude launch laurel lava law leaf leap legacy legend lemon level liberty life lift light lighthouse lily
    line link lion liquid live local lock loft logic loop lotus loud love loyal lucid luck luna lynx magic magnet major mango map
    maple marathon marble march mark market mars master match matrix matter maverick max meadow media mega mercury merit mesa meta
    meteor metro micro mid milk mill mind mine mint mira mirror mission mobile mode modern moment moon morning mosaic moss motion
    mountain mouse move native nature navigator near nest net network new nexus next nice night nike nine noble node nomad nord
    north nova now nucleus oak oasis ocean octopus omega one onyx open optimal option opus oracle orange orbit orchard order orient
    origin orion otter outlook oval owl oxygen ozone pace pacific pack paint palm panda panel paper paradigm paradox paragon park
    pass passport path patient patriot peak pearl pebble peloton pepper perfect petal phoenix pilot pine pinnacle pioneer pivot
    pixel place plan planet plant platform play plaza plus point polar pole pollen port portal post power prairie premier present
    prime princess prism pro progress prologue proof prospect prosper public pulse pure quantum quarter quest quick quiet radar
    radiant rain rainbow range rapid raven ray reach ready real reality record red reef reflex relay reliance rent republic resolute
    rest revolution rice ridge right ring rise river road robin rock rocket root rose rover royal ruby rush safe sage sail salt sand
    sapphire satellite scale scout sea seal search season second secure seed select sense sentinel sequoia serene service seven
    shadow shape share shark shell shield shift shine ship shop shore sierra signal signature silver simple sirius six sky slack
    slate smart smile snap snow social sofa solar sole solid solo sonic sonder soul sound source south space spark spectrum speed
    spirit spot spring sprint sprout square stable stack stage star start state station steam stellar step sterling stone storm
    story stream street strike stripe strong studio summit sun sunrise super supreme surge swan swift switch symphony sync table
    tablet tango target task team tempo ten terra thread three thrive thunder tide tiger time titan toast token top torch total
    touch tower trace track trade trail transit travel tree trend triangle tribe trident trinity triumph true trust truth turbo turn
    twin twist two uber ultra umbrella union unique unit unity universal up upper urban us valley value vanguard vault vector vega
    venture venus vera verge vertex vertical vessel vest victory view village vine vintage violet vision visa vista vital vivid
    voice volt voyage wave way wealth web well west whale wheel white wild wind window wing wire wise wish wix wolf wonder wood word
    work world yellow yes young your zebra zen zero zest zone zoom zulu may june april august sunday hue dong vin son long mai hoa
    minh hung dung quang thanh binh hai nam bac tay
""")
COMMON_PHRASES = frozenset("""
    thế giới|tiền phong|đất xanh|hòa bình|bình minh|hy vọng|tương lai|phát triển|thành công|hoàng anh|an khang|an phát|đại dương|mặt trời|
    ngôi sao|sao mai|quê hương|thiên long|hòa phát|bình an|bảo việt|phương đông|phương nam|hải âu|hoa sen|sông đà|
    sen vàng|
    general motors|first solar|new world|big lots|best buy|home depot|old navy|open house|red hat|blue origin|blue moon|no name|
    hà nội mới|thời đại|tuổi trẻ|thanh niên|lao động|nhân dân|tự do|hạnh phúc|độc lập|đoàn kết|thống nhất|đổi mới|tiến bộ|ánh dương
""".replace("\n", "").replace("    ", "").split("|"))  # fmt: skip
_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnprstvx])?"
    r"(?:uy[êe]|i[êe]|y[êe]|u[ôo]|[ưu][ơo]|oa|o[ăa]|oe|u[âa]|u[êe]|uy|[aăâeêioôơuưy])(?:ch|ng|nh|[cmnptiouy])?"
)
SHORT = 3
"""A name of at most this number of letters is ambiguous unless it has a condition."""


def ambiguous_names(entities: Mapping[str, Entity]) -> Iterator[tuple[str, Name, str]]:
    """Yields each ambiguous name in file order, with its entity's id and a one-line description of the problem.

    Tickers are left out, because they need a market context, and topics, because their names are ordinary words on purpose.
    """
    for entity in entities.values():
        for name in entity.all_names() if entity.kind != "topic" else ():
            ambiguity = ambiguity_of(name)
            if ambiguity:
                problem = _DESCRIPTIONS[ambiguity].format(count=_letters(name.text))
                yield entity.id, name, f'"{name.text}" is {problem}; give it a condition (near, not_near, before, after, somewhere, case)'


Ambiguity = Literal["word", "phrase", "short", "syllable"]
_DESCRIPTIONS: Mapping[Ambiguity, str] = {
    "word": "a common word",
    "phrase": "a common phrase",
    "short": "only {count} letters long",
    "syllable": "a syllable that Vietnamese words and names have too",
}


def ambiguity_of(name: Name) -> Ambiguity | None:
    """Returns why a name without conditions is ambiguous; None if it is not, or if it has conditions."""
    if not name.bare:
        return None
    text = name.text
    capitals = text.isupper() and name.exact_case
    key = _key(text)
    if key in COMMON_WORDS and not (capitals and name.case):
        return "word"
    if key in COMMON_PHRASES and not name.case:
        return "phrase"
    if _letters(text) <= SHORT and " " not in text and not name.case:
        return "short"
    if not capitals and " " not in text and text.isalpha() and _SYLLABLE.fullmatch(_without_tones(key)):
        return "syllable"
    return None


def _letters(text: str) -> int:
    return sum(character.isalpha() for character in text)


def _key(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold().strip()


def _without_tones(text: str) -> str:
    marks = "\u0300\u0301\u0303\u0309\u0323"
    return unicodedata.normalize("NFC", "".join(c for c in unicodedata.normalize("NFD", text) if c not in marks))
