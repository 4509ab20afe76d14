"""What is refused about cases, in English and Chinese: one sentence for each code, filled in."""

from __future__ import annotations

from collections.abc import Mapping

#: What each code means, in English and in Chinese; ``{case}`` and the like are values of the error.
CASE_REFUSALS: Mapping[str, tuple[str, str]] = {
    "no_cases": ("This service answers from files, which hold no cases.", "此服务从文件应答，没有案件。"),
    "no_case": ("There is no case {case}. List them at /api/cases.", "没有案件 {case}。案件列表见 /api/cases。"),
    "no_case_asked": ("Name the case: case=CODE.", "请给出案件编号：case=编号。"),
    "no_claims": (
        "The case has no claims yet. Add those of two parties.",
        "案件还没有主张，请添加双方的主张。",
    ),
    "no_version": (
        "Name the version of the case that you saw: version=NUMBER.",
        "请给出您看到的案件版本：version=版本号。",
    ),
    "no_party": ("Name a party: a village or a group.", "请给出当事方：村或村民小组。"),
    "later_parcels": (
        "Parcels lie there from a later day on: {parcels}. Choose a day of force after theirs.",
        "该处有自更晚日期起生效的宗地：{parcels}。请选择其后的生效日期。",
    ),
    "no_file_name": (
        "Name the file: file=NAME, of 1 to {most} printable characters.",
        "请给出文件名：file=文件名，1 到 {most} 个可显示的字符。",
    ),
    "unread_ending": (
        "A file that ends in {ending} is not read here. Known endings: {endings}.",
        "不支持扩展名为 {ending} 的文件。可用：{endings}。",
    ),
    "empty_body": ("The body is empty: send the file.", "请求没有内容，请发送文件。"),
    "stale_case": (
        "Others changed this case; it is of version {version} now. Look at it, and try again.",
        "别人已改动此案件，现为版本 {version}。请看过之后再试。",
    ),
    "case_exists": ("There is a case of that code. Give another one.", "该案件编号已存在，请另取编号。"),
    "case_not_open": (
        "The case is {status}. Only an open case is added to.",
        "案件{status}，只有办理中的案件可以增补。",
    ),
    "status_cannot_follow": (
        "That status cannot follow the one that the case has.",
        "案件不能从现有状态变为该状态。",
    ),
    "numbers_a_person": (
        "The {what} holds the number of a person. Cases hold labels of parties and notes about land: take it out.",
        "{what}含有个人号码。案件只记录当事方名称与土地情况，请删去。",
    ),
    "evidence_exists": ("That file is evidence {number} already.", "该文件已是第 {number} 号证据。"),
    "candidate_exists": (
        "The case has, or had, a candidate of that id. What was proposed is never overwritten: give another id.",
        "该方案编号已用过。提出过的方案不会被覆盖，请另取编号。",
    ),
    "no_candidate": (
        "No candidate {candidate} stands in the case. Those that stand: {known}.",
        "案件中没有有效的方案 {candidate}。现有方案：{known}。",
    ),
    "not_signed_yet": (
        "The day of the signatures is still to come. Give the day on which the parties signed.",
        "签订日期尚未到来，请填写当事方实际签订的日期。",
    ),
    "tells_of_persons": (
        "{name} tells of persons. Cases hold labels of parties: take it out.",
        "“{name}”涉及个人信息。案件只记录当事方名称，请删去。",
    ),
    "no_page": (
        "There is no such page. Begin at /api/cases, and follow `next`.",
        "没有该页，请从 /api/cases 开始，按 next 翻页。",
    ),
    "broken_archive": (
        "The archive is none of a case, or broken. Pack the folder of the case that gridmap wrote, alone.",
        "该压缩包不是案卷或已损坏。请只打包 gridmap 导出的案卷文件夹。",
    ),
    "large_archive": ("The archive unpacks to more than a case may have.", "压缩包解压后超过案卷允许的大小。"),
    "case_changed": (
        "The case is not as gridmap wrote it; nothing was taken in. Have it handed over again.",
        "案卷与 gridmap 导出时不一致，未导入任何内容。请重新移交。",
    ),
    "no_row": ("No {part} {number} stands in the case.", "案件中没有有效的 {part} {number}。"),
    "evidence_changed": (
        "The evidence is not what was handed in. Restore it from an export or a backup.",
        "证据内容与提交时不一致，请从导出件或备份恢复。",
    ),
}
