"""Words that `swapstation inventory` prints, in Chinese and English; refusals under their code."""

from __future__ import annotations

import os
from enum import StrEnum

_TEXTS = {
    "recorded": ("已记录", "recorded"),
    "imported": ("已导入", "imported"),
    "bad_input": ("输入错误", "bad input"),
    "warning": ("提示", "warning"),
    "place": ("位置", "place"),
    "battery": ("电池箱", "battery"),
    "model": ("型号", "model"),
    "codes": ("编码", "codes"),
    "marks": ("标记", "marks"),
    "held": ("锁定", "held"),
    "quarantined": ("已隔离", "quarantined"),
    "doubtful": ("存疑", "doubtful"),
    "event": ("事件", "event"),
    "time": ("时间", "time"),
    "details": ("内容", "details"),
    "trucks": ("车辆", "trucks"),
    "batteries": ("电池箱", "batteries"),
    "already_away": ("电池箱已送出", "already sent away"),
    "already_here": ("电池箱已在库", "already in the stock"),
    "battery_held": ("电池箱已锁定", "battery held"),
    "battery_on_robot": ("电池箱在机器人上", "battery on the robot"),
    "code_in_use": ("编码已使用", "code in use"),
    "key_reused": ("请求键重复使用", "key reused"),
    "not_here": ("电池箱不在站内", "battery not here"),
    "place_held": ("位置已锁定", "place held"),
    "place_occupied": ("位置已占用", "place occupied"),
    "swap_open": ("换电进行中", "swap open"),
    "battery_not_quarantined": ("电池已隔离或存疑", "battery quarantined or in doubt"),
    "isolation_for_doubt": ("消防仓只放已隔离或存疑的电池", "isolation place is for batteries in doubt"),
    "no_release_waits": ("没有待确认的申请", "no release waits"),
    "not_quarantined": ("电池没有隔离", "battery not quarantined"),
    "release_waits": ("已有申请，请另一人确认", "release waits for another person"),
    "same_person": ("必须由另一个人确认", "another person must confirm"),
    "swap": ("换电单", "swap"),
    "lock_out": ("锁定", "lock-out"),
    "a second person": ("另一个人", "a second person"),
    "needs_controller": (
        "此命令需要控制器在运行，只有它知道传感器",
        "this needs the running controller, which alone knows the sensors",
    ),
    "minutes": ("分钟内有效", "minutes to confirm"),
    "waits_for": ("等待", "waits for"),
    "until": ("有效至", "until"),
    "unknown_battery": ("未知电池箱", "unknown battery"),
    "unknown_place": ("未知位置", "unknown place"),
}


class Language(StrEnum):
    """Language of what the command prints."""

    ZH = "zh"
    EN = "en"


def say(text: str, language: Language) -> str:
    """The words for a text in a language; a text without words stands for itself."""
    zh, en = _TEXTS.get(text, (text, text))
    return zh if language is Language.ZH else en


def language_of_the_system() -> Language:
    """Language of the locale in LC_ALL, LC_MESSAGES or LANG."""
    variables = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return Language.ZH if next(filter(None, variables), "").startswith("zh") else Language.EN
