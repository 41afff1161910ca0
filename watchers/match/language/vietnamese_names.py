"""Defines how names are written in Vietnamese: `is_syllable`, `title_end`, `head_end`, `named_to` and `surname_at`.

Most Vietnamese words are two syllables of which only the first takes a capital ("Chủ tịch", "Hội đồng", "Chứng khoán"), so one capital
syllable names nobody. Names are runs of capitals ("Nguyễn Văn A", "Hòa Phát"), or a word for what it is with the name behind it
("Ngân hàng Sài Gòn Thương Tín", "Đại học Bách khoa Hà Nội"). Grammar only: nothing here knows who is watched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from seeds.pattern_syntax import words
from watchers.match.language.sentences import Token

_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|th|tr|ch|kh|ph|gh|gi|qu|[bcdđghklmnprstvx])?"
    r"[aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵ]{1,3}"
    r"(?:ng|nh|ch|[cmnpt])?"
)
COUNTRIES = frozenset(words("mỹ nga đức pháp anh ý úc lào trung hàn nhật ấn triều"))
"""States whose short Vietnamese name is one syllable, as they stand in "Mỹ - Trung"."""
REGIONS = COUNTRIES | frozenset(words("âu á phi"))
SURNAMES = frozenset((
    "Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Ngô", "Dương", "Đinh", "Trịnh", "Lương",
    "Đào", "Đoàn", "Trương", "Hồ", "Lý", "Tô", "Tạ", "Hà", "Mai", "Lâm", "Phùng", "Quách", "Thái", "Văn", "Tống", "Chu", "Nghiêm",
))


def _table(lines: Iterable[str]) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Phrases by their first word, the longest first."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for line in lines:
        phrase = words(line)
        found.setdefault(phrase[0], []).append(phrase)
    return {first: tuple(sorted(several, key=len, reverse=True)) for first, several in found.items()}


_OFFICES = _table((
    "thủ tướng", "tổng thống", "tổng bí thư", "chủ tịch nước", "phó thủ tướng", "tổng bí thư , chủ tịch nước", "thủ tướng chính phủ",
))
"""Offices that speak for a state where no name follows."""
_TITLES = _table((
    "chủ tịch", "chủ tịch hđqt", "chủ tịch hội đồng quản trị", "phó chủ tịch", "phó chủ tịch nước", "chủ tịch quốc hội", "bộ trưởng",
    "thứ trưởng", "tổng giám đốc", "phó tổng giám đốc", "giám đốc", "phó giám đốc", "giám đốc điều hành", "đại sứ", "đại tướng",
    "thượng tướng", "trung tướng", "thiếu tướng", "đại tá", "bí thư", "phó bí thư", "bí thư thành ủy", "bí thư tỉnh ủy", "ủy viên",
    "uỷ viên", "nghị sĩ", "thượng nghị sĩ", "hạ nghị sĩ", "thẩm phán", "luật sư", "giáo sư", "tiến sĩ", "bác sĩ", "kỹ sư", "tỷ phú",
    "ngoại trưởng", "quan chức", "trưởng ban", "đại diện", "chuyên gia", "quốc vương", "thái tử", "hoàng tử", "tổng thư ký", "cố vấn",
    "thống đốc", "thị trưởng", "người phát ngôn", "nhà sáng lập", "đồng sáng lập", "kế toán trưởng", "tổng cục trưởng", "cục trưởng",
    "viện trưởng", "hiệu trưởng", "trưởng phòng", "doanh nhân", "ca sĩ", "nghệ sĩ", "huấn luyện viên", "hlv", "tiền đạo", "anh hùng",
    "chủ tọa", "lãnh đạo", "người sáng lập", "giám mục", "tổng tư lệnh", "phát ngôn viên", "tổng công trình sư", "ts", "pgs", "gs", "ths",
    "ông", "bà", "đồng chí", "shark", "nữ tướng", "ông chủ", "sếp", "tổng biên tập", "trưởng đại diện", "đại biểu",
))
_COMPANY = _table((
    "công ty", "công ty cổ phần", "công ty tnhh", "công ty tnhh mtv", "công ty tnhh một thành viên", "công ty chứng khoán", "công ty cp",
    "tập đoàn", "tổng công ty", "ngân hàng", "ngân hàng tmcp", "ngân hàng thương mại cổ phần", "ctcp", "hợp tác xã", "quỹ đầu tư",
    "công ty quản lý quỹ", "chuỗi", "công ty tài chính", "công ty bảo hiểm", "hãng hàng không", "hãng xe", "doanh nghiệp tư nhân",
    "tnhh", "công ty thép", "công ty dược phẩm", "công ty luật",
))
_ORGANIZATION = _table((
    "hiệp hội", "hội", "liên đoàn", "đại học", "trường đại học", "trường cao đẳng", "viện", "học viện", "trung tâm", "bệnh viện",
    "liên minh", "ủy ban", "uỷ ban", "hội đồng", "đảng", "tổng cục", "sở giao dịch", "kho bạc", "câu lạc bộ", "clb", "mặt trận",
    "tổng liên đoàn", "liên hiệp", "phòng thương mại", "quân đội", "lực lượng", "ban chỉ đạo", "ban quản lý", "văn phòng",
    "cơ quan", "chi cục", "hải quan", "kiểm toán", "bảo hiểm xã hội", "báo", "tạp chí", "đh", "nhóm nghiên cứu",
))
_PLACE = _table((
    "khu công nghiệp", "khu đô thị", "khu công nghệ cao", "khu kinh tế", "khu chế xuất", "khu dân cư", "khu du lịch", "khu phức hợp",
    "cảng", "cảng biển", "sân bay", "quận", "huyện", "tỉnh", "thành phố", "thị xã", "xã", "phường", "cụm công nghiệp", "kcn", "kđt", "kcx",
    "vịnh", "cầu", "đảo", "bán đảo", "công viên", "quảng trường", "tòa nhà", "toà nhà", "sân vận động",
))
_HEADS: tuple[tuple[str, Mapping[str, tuple[tuple[str, ...], ...]]], ...] = (
    ("company", _COMPANY), ("organization", _ORGANIZATION), ("place", _PLACE),
)
_ALONE = frozenset(("quốc hội", "chính phủ", "liên hợp quốc", "liên hiệp quốc", "nhà trắng", "lầu năm góc", "điện kremlin", "hạ viện",
                    "thượng viện", "phố wall", "bộ chính trị", "ngân hàng nhà nước", "ngân hàng thế giới", "tòa án tối cao"))
"""Bodies that are named by such words alone."""
_ALONE_TABLE = _table(_ALONE)

_SECOND: Mapping[str, frozenset[str]] = {line.split(":")[0]: frozenset(line.split(":")[1].split()) for line in (
    "nhà:nước đất ở máy", "ngoại:giao thương", "tài:chính nguyên sản",
    "xây:dựng lắp", "thương:mại binh hiệu", "đầu:tư", "phát:triển hành thanh", "chứng:khoán",
    "công:nghệ nghiệp thương an trình đoàn chứng", "quốc:phòng tế gia hội dân", "giáo:dục", "khoa:học", "kinh:tế doanh",
    "nông:nghiệp thôn dân lâm", "cổ:phần", "bảo:hiểm vệ", "thông:tin tấn", "truyền:thông hình", "y:tế", "du:lịch",
    "giao:thông dịch hàng", "môi:trường", "dự:trữ", "năng:lượng", "bán:dẫn lẻ", "phần:mềm", "hàng:không hải hóa hoá", "dầu:khí",
    "điện:lực tử máy ảnh toán", "viễn:thông", "kỹ:thuật", "phụ:nữ", "thanh:niên tra", "bách:khoa hóa", "kiểm:sát toán lâm",
    "tư:pháp vấn nhân", "nội:vụ", "dân:sự tộc chính", "lao:động", "tối:cao", "trung:ương", "liên:bang minh", "hợp:tác", "thể:thao dục",
    "văn:hóa hoá", "nghiên:cứu", "sáng:tạo", "đổi:mới", "trí:tuệ", "thực:phẩm", "dược:phẩm", "hóa:chất", "hoá:chất", "vận:tải",
    "địa:ốc chính", "bất:động", "sản:xuất", "dịch:vụ", "xuất:khẩu nhập bản", "nhập:khẩu", "quản:lý trị", "phòng:vệ", "cảnh:sát",
    "điều:tra", "cạnh:tranh", "tài:nguyên", "thủy:sản điện lợi", "thuỷ:sản điện", "khoáng:sản", "cao:su cấp", "may:mặc", "dệt:may",
    "vật:liệu tư", "thiết:bị kế", "ô:tô", "đường:sắt bộ", "hạ:tầng", "đô:thị", "bưu:chính điện", "tín:dụng", "phi:lợi", "nhân:dân",
    "thành:phố ủy", "thị:trường", "tiền:tệ", "luật:sư", "doanh:nghiệp nhân", "sinh:học viên", "toàn:cầu", "thế:giới",
    "tự:nhiên động do", "xã:hội", "vũ:trụ", "hạt:nhân", "nguyên:tử", "chuyển:đổi giao", "tập:đoàn", "hải:sản quan quân dương",
    "chống:hàng", "quyết:định", "xúc:tiến", "tiêu:dùng", "giải:trí pháp", "chế:tạo biến", "cơ:khí",
)}
"""Words of two syllables from which names of bodies are made; only the first takes the capital."""
_BETWEEN = frozenset(words(
    "cổ phần tnhh mtv một thành viên tỉnh phố nhân dân nhà nước quốc gia tế tmcp cp trực thuộc trung ương"
))
"""Small words inside such names."""
_AFTER = frozenset(words(
    "đề ban sẽ đã đang vừa yêu cho họp ra trình cấp áp xem kiến đánh thông chỉ về cũng không là có được bị phê chấp tổ ký soạn vào "
    "tại ở của với từ để trong trên do theo khi nhằm mua bán thu mở khởi khai triển công báo tăng giảm lãi lỗ đạt dự cùng đến sau "
    "trước hợp phối nói muốn tiếp tuyên bác phạt khẳng thừa phát bổ"
))
"""What follows a name rather than belonging to it."""
_LONGEST = 14
NO_PARTY = frozenset(words(
    "bctc kqkd ttck đtck bđs ctck nđt ptkt dn dnnn hđqt đhđcđ ctv cp nđ qt dnny thpt tnhh ctcp suv m&a etf ipo gdp cpi fdi lng sme "
    "atc qtct covid gpmb gtgt bcg lntt lnst usd kcb pc mpv gpu cpu api esg kpi ubck pci odm oem b2b qr atm gps led pin tin mới nóng "
    "mtt tvn vn ppp bot boot nq ttg cđ cbcnv clb ubnd hđnd pv t+2 tct"
))
"""Abbreviations and words in capitals that name no one."""
_FIRST = frozenset(words(
    "người gặp mẫu bị luật giá mạng diệt họp tin khởi loạt dòng chip xe hãng nhóm các những nhiều một hai ba bốn năm vì để tuy do dù "
    "mặc trong ngoài được đối biên nền sự cấp tiền đường phiên đổi bất cách dầu vòng trục máy thể báo ngân bệnh sau trước khi theo "
    "tại từ với cùng nếu riêng cả mới đây việc hiện ngay cuối đầu giữa ngày hôm chính cựu tân nữ nam bên hậu lý vụ dự tổng chủ đại "
    "hội nhà nghị phó thị còn nhưng mà thì này đó kia đặc cũng đã đang sẽ gần hơn khoảng tính đến thêm như bởi về cho thỏa thoả cổ "
    "mỗi mọi tập"
))
"""Words at the start of a sentence that are no part of the name behind them."""


_LAWS = frozenset(("Luật", "Nghị", "Giải", "Cúp", "Tết", "Lễ", "Quyết", "Chỉ", "Điều", "Khoản"))
"""What these begin in the middle of a sentence is a law, a prize or a feast."""


def is_law(tokens: Sequence[Token], at: int, end: int) -> bool:
    """Whether the run is the name of a law, a decree, a prize or a feast and no party: "Luật Trí tuệ nhân tạo"."""
    first = tokens[at].text
    return first in _LAWS and (end - at > 1 or in_common(tokens, at))


_IN_NAMES = frozenset(words(
    "nam nữ đại tổng hội nhà thị tân hậu chính đặc bất thể vòng trục đường đối biên nền cấp tiền phiên đổi hai ba năm hiện báo"
))
"""Of these, words with which names begin too."""


def is_syllable(word: str) -> bool:
    """Whether a word, in lower case, is spelled as a Vietnamese syllable."""
    return bool(_SYLLABLE.fullmatch(word))


def is_common_phrase(phrase: str) -> bool:
    """Whether two words, in lower case, are a common word of two syllables or a body that they name alone: "nhà nước", "nhà trắng"."""
    first, _, second = phrase.partition(" ")
    return phrase in _ALONE or second in _SECOND.get(first, ())


def opens(tokens: Sequence[Token], at: int, end: int) -> bool:
    """Whether the word at token `at`, capital only because it begins a sentence, stands before a name without belonging to it. Of three
    syllables with capitals the first belongs to the name, unless it is a small word: "Nam Thái Sơn", but "Khi Hòa Phát"."""
    word = tokens[at].word
    several = end - at > 2 and all(is_syllable(token.word) for token in tokens[at:end])
    return word in _FIRST and not (several and word in _IN_NAMES)


def _phrase(table: Mapping[str, tuple[tuple[str, ...], ...]], tokens: Sequence[Token], at: int) -> int:
    for phrase in table.get(tokens[at].word, ()):
        end = at + len(phrase)
        if end <= len(tokens) and tuple(token.word for token in tokens[at:end]) == phrase:
            return end
    return at


def title_end(tokens: Sequence[Token], at: int) -> int:
    """Where a title that begins at token `at` ends ("Tổng giám đốc"), or `at`."""
    end = max(_phrase(_TITLES, tokens, at), _phrase(_OFFICES, tokens, at))
    return end if end == at or tokens[at].text[0].isupper() else at


def is_office(tokens: Sequence[Token], at: int, end: int) -> bool:
    """Whether these tokens are an office that speaks for a state: "Thủ tướng"."""
    return _phrase(_OFFICES, tokens, at) == end


def titled(tokens: Sequence[Token], at: int) -> bool:
    """Whether a title stands right before token `at`, whatever its letters: "thủ tướng Phạm …"."""
    return any(max(_phrase(_TITLES, tokens, first), _phrase(_OFFICES, tokens, first)) == at for first in range(max(0, at - 4), at))


def surname_at(tokens: Sequence[Token], at: int, end: int) -> bool:
    """Whether a person's name begins at token `at` of a run of capitals that ends before `end`: a surname and one to three syllables."""
    following = [token.word for token in tokens[at + 1:end]]
    return tokens[at].text in SURNAMES and 1 <= len(following) <= 4 and all(is_syllable(word) for word in following)


def whose_name(tokens: Sequence[Token], at: int, place: int, end: int) -> bool:
    """Whether a person's name begins at `place` of the run of capitals from `at` to before `end`: two syllables alone, and surnames that
    are common in names of places and bodies, are a person's only behind a title."""
    if not surname_at(tokens, place, end):
        return False
    return titled(tokens, place) or (end - place > 2 and (place == at or tokens[place].text not in _ALSO_PLACES))


def body_at(tokens: Sequence[Token], at: int) -> tuple[int, str] | None:
    """Where the name of a company, body or place that begins with what it is ends, and its kind: "Ngân hàng Sài Gòn Thương Tín". None where
    nothing is named ("Công ty cho biết") or the name is a known one's ("Tập đoàn FPT")."""
    if not tokens[at].text[0].isupper():
        return None
    alone = _phrase(_ALONE_TABLE, tokens, at)
    heads = [(end, kind) for kind, table in _HEADS if (end := _phrase(table, tokens, at)) > at]
    if not heads:
        return (alone, "organization") if alone > at else None
    start, kind = max(heads)
    end = _walk(tokens, start)
    if end == start:
        return (alone, "organization") if alone > at else None
    return max(end, alone), kind


def is_head(tokens: Sequence[Token], at: int) -> bool:
    """Whether a word for a company, body or place begins at token `at`."""
    return any(_phrase(table, tokens, at) > at for _, table in _HEADS) or _phrase(_ALONE_TABLE, tokens, at) > at


def in_common(tokens: Sequence[Token], at: int) -> bool:
    """Whether a common word of two syllables begins at token `at`: "Chứng khoán"."""
    return at + 1 < len(tokens) and tokens[at + 1].word in _SECOND.get(tokens[at].word, ())


def _walk(tokens: Sequence[Token], start: int) -> int:
    """Where the name that goes on at token `start` ends; `start` where none does."""
    at = last = start
    generic = True
    while at < len(tokens) and at - start < _LONGEST:
        token = tokens[at]
        if token.mention is not None:
            if token.word not in {"{place}", "{government}"} or (at == start and token.word == "{government}"):
                break
            at = last = at + 1
            generic = False
        elif token.money is None and token.text[0].isupper() and token.word not in _STOP:
            if at > start and (title_end(tokens, at) > at or (not generic and person_at(tokens, at))):
                break
            at, kept, more = _word(tokens, at, generic)
            last = at if kept else last
            if not more:
                return last
            generic = generic and in_common(tokens, at - 2)
        elif _goes_on(tokens, start, at, last if generic else start):
            at += 1
        else:
            break
    return last


def _word(tokens: Sequence[Token], at: int, generic: bool) -> tuple[int, bool, bool]:
    """Past the word with a capital at token `at` and its second syllable: where to go on, whether it belongs, whether more may follow."""
    beyond = at + 1
    if beyond == len(tokens) or not tokens[beyond].text.islower() or tokens[beyond].mention is not None:
        return beyond, True, True
    if in_common(tokens, at):
        return beyond + 1, True, True
    follows = tokens[beyond].word in _AFTER
    if not follows and beyond + 1 < len(tokens) and tokens[beyond + 1].text[0].isupper():
        return beyond + 1, True, True
    half = generic and not follows and is_syllable(tokens[at].word)
    return beyond, not half, False


def _goes_on(tokens: Sequence[Token], start: int, at: int, last: int) -> bool:
    """Whether a small word inside a name stands at token `at`: "thành phố", or "và" between two fields of work."""
    if at + 1 >= len(tokens):
        return False
    if tokens[at].word in _BETWEEN:
        return at - start < _INSIDE
    return tokens[at].word in {"và", "&", ","} and last > start and in_common(tokens, at + 1) and tokens[at + 1].text[0].isupper()


_INSIDE = 4
_STOP = frozenset(words("vn-index hose hnx upcom usd vnd"))


def person_at(tokens: Sequence[Token], at: int) -> bool:
    """Whether a person's name begins at token `at` inside capitals that go on: "Bộ Tài chính Nguyễn Văn A"."""
    end = at + 1
    while end < len(tokens) and end - at < 4 and tokens[end].mention is None and tokens[end].text[0].isupper():
        end += 1
    return surname_at(tokens, at, end) and tokens[at].text not in _ALSO_PLACES


_ALSO_PLACES = frozenset(("Hà", "Thái", "Văn", "Mai", "Lâm", "Cao", "Lý", "Hồ", "Lương"))
"""Surnames with which names of places and bodies go on too."""
