"""The form of a decision: nothing preselected, and what was typed stays when it is refused."""

from __future__ import annotations

from django import forms

from approvals.models import Version
from approvals.vocabulary import Verdict


class DecisionForm(forms.Form):
    """One of four verdicts and a reason; what is cut stands beside it."""

    verdict = forms.ChoiceField(
        widget=forms.RadioSelect,
        choices=[(verdict.value, verdict.label) for verdict in Verdict],
        error_messages={
            "required": "Choose one of the four. Nothing was decided.",
            "invalid_choice": "Choose one of the four. Nothing was decided.",
        },
    )
    reason = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Kept in the record. Needed unless you approve.",
    )

    def __init__(self, version: Version, data: object = None) -> None:
        super().__init__(data, auto_id="decide-%s")  # type: ignore[arg-type]  # a QueryDict or nothing
        self.fields["verdict"].label = f"I have read {version}, and I"

    def clean(self) -> dict[str, object]:
        """Say beside the field itself that a reason is missing; the verb asks for one too."""
        given = self.cleaned_data
        if given.get("verdict") not in (None, Verdict.APPROVE) and not given.get("reason"):
            self.add_error("reason", "A reason is needed here. Write one sentence; it is kept in the record.")
        return given
