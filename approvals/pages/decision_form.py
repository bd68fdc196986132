"""The form of a decision: nothing preselected, and what was typed stays when it is refused."""

from __future__ import annotations

from django import forms

from approvals.errors import Refused
from approvals.models import Version
from approvals.pages.proving import Ways
from approvals.vocabulary import Verdict

FIELD_OF = {"no_password": "password", "wrong": "password", "wrong_code": "code"}  # what a refusal is about


class Code(forms.PasswordInput):
    """Read while it is typed, and like a password never written back."""

    input_type = "text"


class SigningForm(forms.Form):
    """Who signs, for people with a password: it and the code of their app are never written back."""

    password = forms.CharField(
        required=False,
        label="Your password, to sign for this content",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "required": True}),
    )
    code = forms.CharField(
        required=False,
        widget=Code(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": 32, "required": True}),
    )

    def __init__(self, data: object = None, ways: Ways | None = None) -> None:
        super().__init__(data, auto_id="decide-%s")  # type: ignore[arg-type]  # a QueryDict or nothing
        for name, has in (("password", ways and ways.password), ("code", ways and ways.password and ways.code)):
            if not has:
                del self.fields[name]

    def refuse(self, refusal: Refused) -> None:
        """Say it beside the field it is about, too."""
        name = FIELD_OF.get(refusal.code)
        if self.is_bound and name in self.fields:
            self.add_error(name, refusal.message)


class DecisionForm(SigningForm):
    """One of four verdicts, a reason, and who signs; what is cut stands beside it."""

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
        help_text="Kept. Needed unless you approve.",
    )

    def __init__(self, version: Version, data: object = None, ways: Ways | None = None) -> None:
        super().__init__(data, ways)
        self.fields["verdict"].label = f"I have read {version}, and I"

    def clean(self) -> dict[str, object]:
        """Say beside the field itself that a reason is missing; the verb asks for one too."""
        given = self.cleaned_data
        if given.get("verdict") not in (None, Verdict.APPROVE) and not given.get("reason"):
            self.add_error("reason", "A reason is needed here. Write one sentence; it is kept in the record.")
        return given
