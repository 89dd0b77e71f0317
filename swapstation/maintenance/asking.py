"""What somebody asks of a work order, against the plan."""

from __future__ import annotations

from swapstation.errors import InputError
from swapstation.maintenance.register import named_source
from swapstation.model.maintenance import Plan, Wanted, WorkKind


def wanted_work(
    plan: Plan, device: str, text: str, subject: str = "", alarm: str = "", kind: WorkKind | None = None
) -> Wanted:
    """A work order for a device, or for what an alarm (CODE@source) is about. Raises InputError.

    Without a `kind`: what comes from an alarm is corrective, a task or budget preventive, the rest other.
    """
    if alarm and not device:
        device = named_source(plan.devices, alarm.partition("@")[2])
    names = [each.device for each in plan.devices]
    if device not in names:
        raise InputError("device", device, f"one of {', '.join(names)}")
    subjects = _subjects(plan, device)
    if subject and subject not in subjects:
        raise InputError("subject", subject, f"a task or budget of {device}: {', '.join(subjects) or '-'}")
    usual = WorkKind.CORRECTIVE if alarm else WorkKind.PREVENTIVE if subject else WorkKind.OTHER
    return Wanted(device, kind or usual, text or subjects.get(subject, alarm), subject, alarm)


def _subjects(plan: Plan, device: str) -> dict[str, str]:
    """The tasks and budgets of a device with their titles."""
    tasks = {task.task: f"{task.zh} {task.en}" for task in plan.tasks if device in task.devices}
    budgets = {budget.budget: f"{budget.zh} {budget.en}" for budget in plan.budgets if device in budget.devices}
    return tasks | budgets
