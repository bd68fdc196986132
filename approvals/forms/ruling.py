"""The forms of sign-off rules: one rule, and the question what a packet would need."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth.models import Group

from approvals.completeness import MAX_LIFE
from approvals.models import SignOffRule
from approvals.models.signoff import check_reminder_days
from approvals.needs import Situation
from approvals.risk.register import DataClass
from approvals.rule_words import COLUMNS
from approvals.vocabulary import ChangeKind, Level, Role, Severity

ANY = [("", "Any")]
LEVELS = [(level.value, level.label) for level in Level]
TIERS = [(tier.value, tier.value.capitalize()) for tier in Severity]
CLASSES = [(one.value, one.label.capitalize()) for one in DataClass]
CHANGES = [(change.value, change.label.capitalize()) for change in ChangeKind]


def days_field(label: str, help_text: str, *, required: bool = True) -> forms.IntegerField:
    """A whole number of days that a calendar still holds."""
    return forms.IntegerField(
        label=label, required=required, min_value=1, max_value=MAX_LIFE.days, help_text=help_text,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "short", "size": 6, "autocomplete": "off"}),
        error_messages={"invalid": "Write a whole number of days, such as 90.",
                        "max_value": f"Write at most {MAX_LIFE.days} days. Nothing can be approved for longer."},
    )  # fmt: skip


class DaysField(forms.CharField):
    """Reminder days as people write them: 30, 14, 7."""

    def to_python(self, value: Any) -> list[int]:  # type: ignore[override]  # numbers, not their text
        parts = [part for part in str(super().to_python(value) or "").replace(",", " ").split() if part]
        days = [int(part) if part.isascii() and part.isdigit() and len(part) < 5 else 0 for part in parts]
        check_reminder_days(days)
        return sorted(set(days), reverse=True)

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def run_validators(self, value: Any) -> None:
        """Checked as numbers already."""


class RuleForm(forms.Form):
    """One rule: when, who and how many, for how long. The keys are the columns of a rule."""

    name = forms.CharField(label="Name", max_length=120, help_text="Signatures name it: “High risk: two of Security”.")
    level = forms.ChoiceField(label="What it is for", required=False, choices=[*ANY, *LEVELS])
    tier = forms.ChoiceField(label="Risk", required=False, choices=[*ANY, *TIERS])
    data_class = forms.ChoiceField(label="Gravest data it reaches", required=False, choices=[*ANY, *CLASSES])
    change = forms.ChoiceField(label="Against what is in force", required=False, choices=[*ANY, *CHANGES])
    team = forms.ChoiceField(label="Agents of", required=False)
    life_more_than = days_field("Asked life more than, in days", "Empty: any.", required=False)
    life_at_most = days_field("Asked life at most, in days", "Empty: any.", required=False)
    group = forms.ChoiceField(label="Signed by", required=False)
    count = forms.IntegerField(
        label="Signatures needed", min_value=1, max_value=9, help_text="Distinct people, none of them an author.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "short", "size": 6}),
    )  # fmt: skip
    longest_life = days_field("Longest life, in days", "An end later than this is refused.")
    answer_within = days_field("Answer within, in days", "After this the answer is overdue, and Security is told.")
    reminder_days = DaysField(
        label="Reminders, days before the end", required=False, help_text="Such as 30, 14, 7, 3, 1."
    )
    reason = forms.CharField(
        label="Reason", max_length=4000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Why the rules change. It stands in the record and in the e-mails.",
    )  # fmt: skip

    def __init__(self, *args: Any, rule: SignOffRule | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rule = rule
        groups = [(str(group.pk), group.name) for group in Group.objects.order_by("name")]
        teams = [(key, name) for key, name in groups if name not in set(Role)]
        self.fields["team"].choices = [("", "Any team"), *teams]  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["group"].choices = [("", "The agent’s team"), *groups]  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        others = SignOffRule.objects.filter(name__iexact=name).exclude(pk=self.rule.pk if self.rule else None)
        if others.exists():
            raise forms.ValidationError("Another rule has this name. Choose one that tells them apart.")
        return name

    def wanted(self) -> dict[str, Any]:
        """The rule as `values` keeps it."""
        data = {name: self.cleaned_data.get(name) for name in COLUMNS}
        groups = {name: int(chosen) if (chosen := data[name]) else None for name in ("team", "group")}
        return data | groups | {"is_active": True}

    def looked_at(self) -> str:
        """What was typed as one text, to know whether it is what somebody has looked over."""
        return json.dumps(self.wanted(), sort_keys=True)


class NeedForm(forms.Form):
    """What would such a packet need? GET only."""

    level = forms.ChoiceField(label="What it is for", choices=LEVELS)
    tier = forms.ChoiceField(label="Risk", choices=TIERS)
    data_class = forms.ChoiceField(
        label="Gravest data it reaches", required=False, choices=[("", "None that a rule names"), *CLASSES]
    )
    change = forms.ChoiceField(label="Against what is in force", choices=CHANGES)
    team = forms.ChoiceField(label="Agent of")
    days = days_field("For how many days", "The asked end minus the start.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams = Group.objects.exclude(name__in=list(Role)).order_by("name").values_list("pk", "name")
        choices = [(str(pk), name) for pk, name in teams]
        self.fields["team"].choices = [*choices, ("0", "A team no rule names")]  # type: ignore[attr-defined]

    def situation(self) -> Situation:
        """What was asked, as the rules are held against it."""
        data = self.cleaned_data
        life = timedelta(days=data["days"])
        return Situation(
            data["level"], data["tier"], data["change"], int(data["team"]), life, data.get("data_class", "")
        )  # fmt: skip
