"""Defines REASONS, KINDS, JOINTS and STATUSES: the reasons of matching in Vietnamese, by the ids of `watchers.match.reasons.TEMPLATES`."""

from __future__ import annotations

from collections.abc import Mapping

REASONS: Mapping[str, str] = {
    "title.subject": "“{text}” là chủ thể của tiêu đề",
    "title.leader": "“{text}”: người đứng đầu có trong tiêu đề",
    "title.partner": "“{text}” là một bên được nêu trong tiêu đề",
    "title.plain": "“{text}” có trong tiêu đề",
    "title.list": "“{text}” có trong tiêu đề cùng những tên khác",
    "title.long list": "“{text}” chỉ nằm trong một danh sách ở tiêu đề",
    "title.explains": "“{text}” trong tiêu đề chỉ để giải thích cho tên khác",
    "title.yardstick": "“{text}” trong tiêu đề chỉ để so sánh",
    "title.venue": "“{text}” trong tiêu đề chỉ là địa điểm",
    "title.voice": "“{text}” trong tiêu đề chỉ là bên phát biểu",
    "title.source": "“{text}” trong tiêu đề chỉ là nguồn tin",
    "title.head": "“{text}”, {office}, có trong tiêu đề",
    "title.other": "tiêu đề nói về “{text}”",
    "title.none": "không có trong tiêu đề",
    "lead.subject": "“{text}” là chủ thể của câu đầu",
    "lead.leader": "“{text}”: người đứng đầu có trong câu đầu",
    "lead.partner": "“{text}” là một bên được nêu trong câu đầu",
    "lead.plain": "“{text}” có trong câu đầu",
    "lead.late": "“{text}” nằm ở cuối câu đầu",
    "lead.list": "“{text}” có trong câu đầu cùng những tên khác",
    "lead.long list": "“{text}” chỉ nằm trong một danh sách ở câu đầu",
    "lead.explains": "“{text}” trong câu đầu chỉ để giải thích cho tên khác",
    "lead.yardstick": "“{text}” trong câu đầu chỉ để so sánh",
    "lead.venue": "“{text}” trong câu đầu chỉ là địa điểm",
    "lead.voice": "“{text}” trong câu đầu chỉ là bên phát biểu",
    "lead.source": "“{text}” trong câu đầu chỉ là nguồn tin",
    "lead.none": "không có trong câu đầu",
    "named.times": "được nhắc {count} lần",
    "named.nowhere": "không có trong tiêu đề, cũng không có trong câu đầu",
    "named.most": "được nhắc {count} lần, nhiều hơn mọi công ty khác cộng lại",
    "named.once": "chỉ được nhắc một lần giữa {count} công ty",
    "kind": "bài này là {kind} (“{text}”)",
    "everything": "mọi bài của nguồn này đều được nhận",
    "named": "có nhắc đến {name}",
    "names": "nhắc đến {all_names}",
    "word": "có từ “{text}”",
    "ruled out": "có nhắc đến {name}, mà quy tắc này loại trừ",
    "absent": "không nhắc đến {name}",
    "all absent": "không nhắc đến {any_names}",
    "in passing": "{name} chỉ được nhắc qua (mức liên quan {value}, dưới {limit}): {reasons}",
    "one group": "chưa đủ hai nhóm tên của quy tắc: chỉ có {name}",
    "no group": "không có nhóm tên nào của quy tắc",
    "about none": "bài không nói về {names}",
    "no event": "không có sự kiện: {types}",
    "no word": "không có từ nào trong số: {words}",
    "word ruled out": "có từ “{text}”, mà quy tắc này loại trừ",
    "other feed": "đến từ nguồn khác, không phải {words}",
    "other language": "bài bằng {lang}, không phải {langs}",
    "unknown language": "không rõ ngôn ngữ, không phải {langs}",
}
BETWEEN: Mapping[str, str] = {
    "all_names": " và ", "any_names": " hoặc ", "names": ", ", "words": ", ", "types": " hoặc ", "langs": " hoặc ",
}  # fmt: skip
KINDS: Mapping[str, str] = {
    "share list": "danh sách cổ phiếu",
    "market report": "bản tin thị trường",
    "match report": "tường thuật trận đấu",
    "price list": "bảng giá",
    "comparison": "bài so sánh",
    "round-up": "bản điểm tin",
}
LANGUAGES: Mapping[str, str] = {"en": "tiếng Anh", "vi": "tiếng Việt"}
STATUSES: Mapping[str, str] = {"planned": "dự kiến", "reported": "chưa được xác nhận", "denied": "bị bác bỏ"}
HEAD = "người đứng đầu"
"""The office of somebody whose office is not known."""
