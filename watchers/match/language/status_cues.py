"""Defines the words of plan, rumour, denial and negation in both languages, and `read_status`: how sure an event is.

The words are grammar, not knowledge about the world, so they stand here and not in the seeds. Patterns as in `seeds.pattern_syntax`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from watchers.match.result import Status

Cue = Literal["denied", "reported", "possible", "planned", "done", "ended", "negation"]

CUES: dict[tuple[str, Cue], tuple[str, ...]] = {
    ("en", "denied"): (
        "(deny|refute|rebut)~", "denial", "dismiss~ .. (report|rumour|rumor|claim|talk|speculation)+", "knock~ down .. (talk|report)+",
        "(reject|quash)~ .. (report|rumour|rumor|speculation|talk)+",
        "rule~ out", "no plan+ to", "(is|are|was|were) not (planning|considering|looking|in talks|negotiating)", "not true", "untrue",
        "pour~ cold water",
        "(report|rumour|rumor|claim)+ (is|are|was|were) (false|wrong|inaccurate|baseless|unfounded)", "fake news",
        "has received no offer",
    ),
    ("en", "reported"): (
        "reportedly", "in talks", "in (early|advanced|preliminary|exclusive) (talks|discussions|negotiations)", "hold~ talks", "discuss~",
        "rumour+", "rumor+", "rumoured", "rumored",
        "speculation", "(source|people|person) (familiar|close|with knowledge)", "sources (say|said|told)", "(is|are|was|were) said to",
        "said to be", "unconfirmed", "(neither|not) ..4 confirm",
        "decline~ to confirm", "people briefed", "is (understood|believed|thought) to",
        "tip~ to", "leak~",
        "allegedly",
    ),
    ("en", "possible"): (
        "could", "may", "might", "likely to", "in talks", "in (early|advanced|preliminary|exclusive) (talks|discussions|negotiations)",
        "hold~ talks",
        "discuss~", "(consider|weigh|mull|explore|eye)~", "near~ a? deal", "nears", "close to", "in discussions",
    ),
    ("vi", "possible"): (
        "có thể", "có khả năng", "co the", "đang đàm phán", "đàm phán", "cân nhắc", "xem xét", "thăm dò", "nhắm tới", "ngỏ ý", "tìm cách",
    ),
    ("en", "planned"): (
        "will", "plan~ to", "plan+ to", "plans", "plan for", "planned", "planning", "aim~ (to|at|for)", "intend~", "set to", "expect~",
        "is due", "are due", "due to", "scheduled", "slated", "poised to",
        "about to", "agree~ (to|on)", "commit~ to", "commit~", "pledge~", "vow~", "promise~", "targeting", "seek~", "want~ to", "hope~ to",
        "proposes", "proposing", "proposal+", "(draft|mull|target|earmark)~", "(is|are|was|were) to", "on track to", "gear~ up",
        "shall", "tipped to", "in line to", "look~ to", "is looking", "prepare~ to", "ready to",
        "going to", "would", "forecast~", "ahead of", "upcoming", "by (the end of|end of)?.. {number}", "until", "to be", "licensed to",
        "approved to", "next (year|month|week|quarter)", "to look at", "set~ (a|the)? date for", "(date|deadline) for",
    ),
    ("en", "done"): (
        "has", "have", "had", "completed", "finalised", "finalized", "already", "announced that it had", "formally", "officially",
    ),
    ("en", "ended"): (
        "(scrap|cancel|shelve|abandon|axe|ditch|halt|suspend|freeze|terminate)~", "call~ off", "pull~ (out|the plug)", "back~ out",
        "walk~ away", "(drop|withdraw|kill)~ .. (plan|bid|offer|project|proposal|deal|rule)+",
    ),
    ("en", "negation"): (
        "not", "no", "never", "without", "n't", "did not", "has not", "have not", "has yet to", "have yet to", "fail~ to", "cannot",
        "nor", "neither", "instead of", "rather than",
    ),
    ("vi", "denied"): (
        "bác tin", "bác bỏ", "phủ nhận", "bác thông tin", "tin đồn thất thiệt", "tin bịa đặt", "bịa đặt", "sai sự thật",
        "không có kế hoạch", "cũng không có kế hoạch", "không đàm phán", "đính chính", "chưa có kế hoạch",
        "không chính xác", "tin giả", "không có ý định", "loại trừ khả năng",
    ),
    ("vi", "reported"): (
        "rộ tin", "đồn đoán", "tin đồn", "được cho là", "được đồn", "nguồn tin", "nguồn thạo tin", "đang đàm phán", "đàm phán",
        "thảo luận", "bàn luận", "cân nhắc", "xem xét", "nhiều khả năng", "lộ (tin|thông tin|ảnh|giá|thiết kế)", "rò rỉ", "hé lộ",
        "dự đoán",
        "chưa xác nhận", "không xác nhận", "nghi vấn", "nghe nói",
    ),
    ("vi", "planned"): (
        "sẽ", "dự kiến", "lên kế hoạch", "kế hoạch", "chuẩn bị", "sắp", "đặt mục tiêu", "mục tiêu", "dự định", "muốn", "ấp ủ", "đề xuất",
        "kiến nghị", "đề nghị", "cam kết", "hướng tới", "nhằm", "ấn định", "chốt ngày", "dự thảo",
        "tham vọng", "sẵn sàng", "hứa", "toan tính", "đang (định|tính)", "dự tính",
        "tính chuyện", "có ý định", "phương án", "thời gian tới", "trong tương lai", "trước ngày", "đến năm",
        "vào năm {number}", "từ tháng", "từ quý", "từ năm", "phải", "lộ trình", "cấp chứng nhận", "chứng nhận điều chỉnh", "tuyển",
        "chấp thuận", "đồng ý", "gật đầu",
    ),
    ("vi", "done"): ("đã", "vừa", "vừa mới", "mới", "chính thức", "hoàn tất", "hoàn thành"),
    ("vi", "ended"): (
        "huỷ", "hủy", "huỷ bỏ", "hủy bỏ", "từ bỏ", "rút khỏi", "tạm dừng", "chấm dứt",
        "dừng (kế hoạch|dự án|triển khai|xây dựng|thương vụ)",
        "khai tử", "đình chỉ", "gác lại", "rút (đề xuất|lui)",
    ),
    ("vi", "negation"): ("không", "chưa", "chẳng", "không hề", "chưa từng", "chưa thể", "thay vì", "khỏi", "không còn"),
}
"""By language and kind of cue."""

NEAR = 9
"""Words before the trigger within which a word of plan still speaks of it."""
ADJACENT = 2
"""Words between a negation and the trigger."""


def negated(cues: Iterable[tuple[Cue, int, int]], start: int) -> bool:
    """Whether a negation stands right before the trigger at token `start`. `cues` are (kind, start, end) of its sentence."""
    return any(kind == "negation" and 0 <= start - end <= ADJACENT for kind, _, end in cues)


def is_abandoned(cues: Iterable[tuple[Cue, int, int]], start: int) -> list[int]:
    """Where, near the trigger at token `start`, words say that a plan was given up."""
    return [first for kind, first, _ in cues if kind == "ended" and -NEAR <= first - start <= ADJACENT]


def read_status(cues: Sequence[tuple[Cue, int, int]], start: int, end: int, *, ahead: bool) -> Status:
    """The status of the event whose trigger stands at tokens `start` to `end`, from the cues of its sentence.

    `ahead`: the date of the event lies after publication. What was given up is done, whatever had been planned.
    """
    kinds = {kind for kind, _, _ in cues}
    if "denied" in kinds:
        return "denied"
    if "reported" in kinds:
        return "reported"
    if any(kind == "possible" and 0 <= start - at <= NEAR for kind, _, at in cues):
        return "reported"
    ended = is_abandoned(cues, start)
    if ended:
        # "scraps plans for a plant" is done; "plans to scrap" is not.
        return "planned" if any(kind == "planned" and 0 <= ended[0] - at <= ADJACENT for kind, _, at in cues) else "done"
    before = [(kind, at) for kind, first, at in cues if kind in {"planned", "done"} and 0 <= start - at <= NEAR]
    inside = any(kind == "planned" and start <= first < end for kind, first, _ in cues)
    if inside or ahead or (before and max(before, key=lambda one: one[1])[0] == "planned"):
        return "planned"
    return "done"
