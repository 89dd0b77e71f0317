"""docs/alarms.md: the alarm catalogue for people who want to read it in peace."""

from __future__ import annotations

from swapstation.contract.alarm_catalogue import alarm_catalogue
from swapstation.model.alarm import AlarmDefinition
from tests.documents.markdown import number, table

HEAD = """# Alarms 报警

Made from `firmware_proto/alarms.toml` by `make documents`; do not edit. The console shows the same words on each
alarm's card. 由报警目录自动生成; 操作台的报警卡片显示相同文字。

*Priority* 优先级: 1 critical 紧急, 2 high 高, 3 medium 中, 4 diagnostic 诊断. *Hold* 保持: a running swap stops
with it; *after the step*: once its step has ended. *Minutes* 分钟: how long people have before the consequence comes.
"""
REACTIONS = {"none": "", "hold": "hold 保持", "finish_step": "after the step 本步完成后保持"}
ASKED = {"cause": "Cause 原因", "consequence": "Consequence 后果", "action": "What to do 处理"}


def alarm_reference() -> str:
    """The whole document: the most important first."""
    catalogue = sorted(alarm_catalogue().values(), key=lambda each: (each.priority, each.code))
    overview = [
        (
            f"[{each.code}](#{each.code.lower()})",
            each.zh.title,
            each.en.title,
            each.priority.value,
            number(each.respond_min),
        )
        for each in catalogue
    ]
    lines = [HEAD, *table(("alarm", "报警", "in English", "priority", "minutes"), overview)]
    return "\n".join([*lines, *(line for each in catalogue for line in _card(each))]).rstrip() + "\n"


def _card(alarm: AlarmDefinition) -> list[str]:
    reaction = REACTIONS[alarm.reaction]
    facts = [f"priority {alarm.priority.value}", f"{number(alarm.respond_min)} min", *([reaction] if reaction else [])]
    rows = [(name, getattr(alarm.zh, key), getattr(alarm.en, key)) for key, name in ASKED.items()]
    title = f"**{alarm.zh.title} | {alarm.en.title}** ({', '.join(facts)})"
    return [f"## {alarm.code}", "", title, "", *table(("", "中文", "English"), rows)]
