"""What an installation begins with: the roles, the right to see every packet, and the sign-off rules.

Written by migrations with the historical models, so nothing here imports ours.
"""

from __future__ import annotations

from typing import Any

from approvals import validity
from approvals.vocabulary import BROAD_ROLES, Role

# name, conditions, group (None: the agent's team), signatures, longest life in days, answer within days
RULES: tuple[tuple[str, dict[str, Any], str | None, int, int, int], ...] = (
    ("Low risk, nothing wider: one of the agent's team", {"tier": "low", "change": "nothing_wider"}, None, 1, 180, 5),
    (
        "Low risk, new authority: one of Security",
        {"level": "system", "tier": "low", "change": "new"}, "Security", 1, 180, 5,
    ),
    ("Low risk, wider: one of Security", {"tier": "low", "change": "wider"}, "Security", 1, 180, 5),
    ("Medium risk: one of Security", {"tier": "medium"}, "Security", 1, 120, 3),
    ("High risk: two of Security", {"tier": "high"}, "Security", 2, 90, 3),
    (
        "Low-risk run of at most a day: one of the agent's team",
        {"level": "run", "tier": "low", "change": "new", "life_at_most": 1}, None, 1, 1, 1,
    ),
    (
        "Low-risk run of more than a day: one of Security",
        {"level": "run", "tier": "low", "change": "new", "life_more_than": 1}, "Security", 1, 30, 1,
    ),
)  # fmt: skip


def roles(apps: Any) -> None:
    """The five role groups."""
    group = apps.get_model("auth", "Group")
    for role in Role:
        group.objects.get_or_create(name=role.value)


def rights(apps: Any) -> None:
    """The broad right, for the roles that look over everything; administrators also run people, rules and agents."""
    broad = _permission(apps, "approvals", "packet", "view_every_packet", "Can view every packet")
    group = apps.get_model("auth", "Group")
    for role in BROAD_ROLES:
        group.objects.get(name=role.value).permissions.add(broad)
    administrators = group.objects.get(name=Role.ADMINISTRATORS.value)
    for app, model in (("portal", "user"), ("auth", "group"), ("approvals", "signoffrule"), ("approvals", "agent")):
        for verb in ("view", "add", "change"):
            codename = f"{verb}_{model}"
            administrators.permissions.add(_permission(apps, app, model, codename, f"Can {verb} {model}"))


def register_rights(apps: Any) -> None:
    """Administrators keep the data register; those who sign by it, and auditors, read it."""
    group = apps.get_model("auth", "Group")
    for role, verbs in (
        (Role.ADMINISTRATORS, ("view", "add", "change")),
        (Role.SECURITY, ("view",)),
        (Role.AUDITORS, ("view",)),
    ):
        for verb in verbs:
            right = _permission(
                apps, "approvals", "datatarget", f"{verb}_datatarget", f"Can {verb} data register entry"
            )
            group.objects.get(name=role.value).permissions.add(right)


def second_factor_rights(apps: Any) -> None:
    """Administrators say which roles need a second factor."""
    administrators = apps.get_model("auth", "Group").objects.get(name=Role.ADMINISTRATORS.value)
    for verb in ("view", "change"):
        right = _permission(apps, "portal", "secondfactorrule", f"{verb}_secondfactorrule", f"Can {verb} rule")
        administrators.permissions.add(right)


def _permission(apps: Any, app: str, model: str, codename: str, name: str) -> Any:
    """The permission row, made here when migrations run before Django makes its own."""
    kind, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(app_label=app, model=model)
    permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=kind, codename=codename, defaults={"name": name}
    )
    return permission


def rules(apps: Any) -> None:
    """The sign-off rules, unless there are some already."""
    rule, group = apps.get_model("approvals", "SignOffRule"), apps.get_model("auth", "Group")
    history = apps.get_model("approvals", "HistoricalSignOffRule")
    if rule.objects.exists():
        return
    for name, conditions, who, count, longest_life, answer_within in RULES:
        group_id = group.objects.get(name=who).pk if who else None
        numbers = {"count": count, "longest_life": longest_life, "answer_within": answer_within}
        row = rule.objects.create(name=name, **conditions, group_id=group_id, **numbers)
        columns = {field.attname: getattr(row, field.attname) for field in rule._meta.concrete_fields}
        history.objects.create(**columns, history_date=validity.now(), history_type="+")
