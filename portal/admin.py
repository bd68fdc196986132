"""Stock screens: people, groups, rules and agents are changed here; what verbs govern can only be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Model, QuerySet
from django.forms import CheckboxSelectMultiple, ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html

from approvals import events, models, validity
from approvals.vocabulary import EventKind, Role
from portal import loosening, memberships
from portal.accounts import arriving
from portal.field_history import field_history
from portal.models import SecondFactorRule, User

if TYPE_CHECKING:
    # Generic for mypy only; Django's own classes are not.
    Screen = admin.ModelAdmin[Any]
    PersonScreen = UserAdmin[User]
    Form = ModelForm[Any]
else:
    Screen, PersonScreen, Form = admin.ModelAdmin, UserAdmin, ModelForm


class NothingDeleted(Screen):
    """Rows are deactivated, never deleted; the history page only reads."""

    actions = None

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_view_on_site_url(self, obj: Model | None = None) -> str | None:
        """Straight to the row's own page, which asks who may see it; None for a row without one."""
        address = getattr(obj, "get_absolute_url", None)
        return str(address()) if address else None

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Who changed which field when. Only reading is answered here: nothing is ever put back from history."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404("There is no such row, or you may not see it.")
        if not self.has_view_permission(request, row):
            raise PermissionDenied("You may not read the history of this row.")
        return field_history(request, row, self.admin_site.each_context(request))


class ReadOnly(NothingDeleted):
    """A governed model: staff read what they may see, and nobody changes anything here."""

    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_active and request.user.is_staff

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        packets = models.Packet.objects.visible_to(request.user)
        if self.model is models.Packet:
            return rows.filter(pk__in=packets.values("pk"))
        through = "packet__in" if hasattr(self.model, "packet_id") else "version__packet__in"
        return rows.filter(**{through: packets.values("pk")})

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Filters on the fields of other tables would answer questions about rows the reader may not see."""
        return "__" not in lookup and super().lookup_allowed(lookup, value, request)


@admin.register(models.Packet)
class PacketAdmin(ReadOnly):
    list_display = ("reference", "agent", "level", "created_at", "revoked_at")
    list_select_related = ("agent",)


@admin.register(models.Version)
class VersionAdmin(ReadOnly):
    list_display = ("__str__", "state", "tier", "in_force_from", "ends_at", "superseded_at")
    list_select_related = ("packet",)
    exclude = ("content",)


@admin.register(models.Decision)
class DecisionAdmin(ReadOnly):
    list_display = ("version", "person_name", "verdict", "role", "at")
    list_select_related = ("version__packet",)


@admin.register(models.Suspension)
class SuspensionAdmin(ReadOnly):
    list_display = ("packet", "since", "until", "by_name")
    list_select_related = ("packet",)


@admin.register(models.Question)
class QuestionAdmin(ReadOnly):
    list_display = ("version", "asked_by_name", "asked_at", "answered_at")
    list_select_related = ("version__packet",)


def acting(request: HttpRequest) -> User:
    """The signed-in person; the site lets no one else reach its screens."""
    if not isinstance(request.user, User):
        raise PermissionDenied("Sign in first.")
    return request.user


class Recorded(NothingDeleted):
    """A model changed on stock screens: each change is also an event of the record."""

    kind: EventKind

    def save_model(self, request: HttpRequest, obj: Any, form: Form, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if form.changed_data:
            what = {"what": str(obj._meta.verbose_name), "name": str(obj)}
            detail = {**what, "fields": sorted(form.changed_data), "new": not change}
            agent = obj if isinstance(obj, models.Agent) else None
            events.record(self.kind, actor=acting(request), agent=agent, detail=detail)


class AgentForm(Form):
    """Deactivating is for agents nobody runs: it ends no authority by itself."""

    def clean_is_active(self) -> bool:
        active: bool = self.cleaned_data["is_active"]
        held = models.Version.objects.filter(packet__agent=self.instance).granted_at(validity.now())
        if not active and held.exists():
            raise ValidationError("A packet of this agent is in force. Revoke it first, or let it end.")
        return active


@admin.register(models.Agent)
class AgentAdmin(Recorded):
    """Name and team stay as they were made; an agent is deactivated here."""

    form = AgentForm
    kind = EventKind.AGENT_CHANGED
    list_display = ("slug", "team", "is_active", "added_at", "added_by")
    list_select_related = ("team", "added_by")
    readonly_fields = ("slug", "team", "added_at", "added_by")
    search_fields = ("slug",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # an agent begins with its first packet

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(pk__in=models.Agent.objects.visible_to(request.user).values("pk"))


@admin.register(models.SignOffRule)
class SignOffRuleAdmin(NothingDeleted):
    """Read here, with its history; changed on the page Rules, where a loosening waits for a second administrator."""

    list_display = ("name", "level", "tier", "data_class", "change", "group", "count", "longest_life", "answer_within")
    list_select_related = ("group",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class LooseningWaits(NothingDeleted):
    """What asks for less than before is not saved: it waits for a second administrator."""

    def save_model(self, request: HttpRequest, obj: Any, form: Form, change: bool) -> None:
        obj._waits = bool(form.changed_data) and loosening.change(obj, actor=acting(request)) is not None

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None if obj._waits else super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None if obj._waits else super().log_change(request, obj, message)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        return self._told(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return self._told(request, obj) or super().response_change(request, obj)

    def _told(self, request: HttpRequest, obj: Any) -> HttpResponse | None:
        """Where a change went that was not saved; None for one that was."""
        if not obj._waits:
            return None
        messages.warning(
            request, f"The change of “{obj}” asks for less than before, so it waits for a second administrator. Until "
            "then it stays as it is.",
        )  # fmt: skip
        return redirect("changes")


@admin.register(models.DataTarget)
class DataTargetAdmin(LooseningWaits):
    """What data is, and who answers for it. Each change is an event; findings ask it from the next look on."""

    list_display = ("pattern", "name", "data_class", "owner", "owner_group", "is_active")
    list_select_related = ("owner", "owner_group")
    list_filter = ("data_class", "is_active")
    search_fields = ("pattern", "name")


class MembershipRecorded:
    """Which groups somebody is in decides what they may sign, so each change is an event."""

    def save_related(self, request: HttpRequest, form: Form, formsets: Any, change: bool) -> None:
        with memberships.recorded(form.instance, actor=acting(request)):
            super().save_related(request, form, formsets, change)  # type: ignore[misc]  # mixed into a ModelAdmin


class PersonForm(UserChangeForm[User] if TYPE_CHECKING else UserChangeForm):  # type: ignore[misc]
    """Who audits is here for a while: an end has to be set."""

    class Meta(UserChangeForm.Meta):
        model = User

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        audits = any(group.name == Role.AUDITORS for group in data.get("groups") or ())
        if audits and data.get("is_active") and not data.get("access_ends") and "access_ends" not in self.errors:
            self.add_error(
                "access_ends", "Auditors need an end of their access. Set the instant at which they are out."
            )
        if data.get("awaited") and not self.instance.awaited:
            self.add_error("awaited", "Only naming an address in a packet makes an account that waits for its person.")
        others = User.objects.filter(awaited=True, email__iexact=data.get("email") or "?").exclude(pk=self.instance.pk)
        if waiting := others.first():
            self.add_error("email", f"{waiting} waits for the person with this address. Open that account instead.")
        self.lets_in = bool(self.instance.awaited and data.get("is_active"))
        return data | {"awaited": False} if self.lets_in else data


@admin.register(User)
class PersonAdmin(MembershipRecorded, PersonScreen, Recorded):
    """People are deactivated when they leave. Rights come from groups only."""

    form = PersonForm
    kind = EventKind.PERSON_CHANGED
    list_display = ("username", "first_name", "last_name", "email", "is_active", "access_ends", "is_staff")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email", "time_zone", "night_contact")}),
        ("Rights", {"fields": ("is_active", "awaited", "access_ends", "is_staff", "is_superuser", "groups")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
        ("When they leave", {"fields": ("hand_over",)}),
    )
    readonly_fields = ("last_login", "date_joined", "hand_over")
    filter_horizontal = ()

    def save_model(self, request: HttpRequest, obj: Any, form: Form, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if getattr(form, "lets_in", False):  # the form that adds somebody has nobody to let in
            arriving.record(obj, actor=acting(request))

    @admin.display(description="Their packets")
    def hand_over(self, person: User) -> str:
        """The page that names somebody else where this person is named."""
        return format_html('<a href="{}">Hand over what names them</a>', reverse("hand-over", args=[person.username]))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only a superuser changes one: whoever may set a password could sign in with it."""
        beyond = obj is not None and obj.is_superuser and not request.user.is_superuser
        return not beyond and super().has_change_permission(request, obj)

    @transaction.atomic
    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """Whoever sets somebody's password could act in their name, so that it happened stands in the record."""
        person = self.get_object(request, id)
        response = super().user_change_password(request, id, form_url)
        if person is not None and not User.objects.filter(pk=person.pk, password=person.password).exists():
            detail = {"what": "user", "name": str(person), "fields": ["password"], "new": False}
            events.record(self.kind, actor=acting(request), detail=detail)
        return response

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Groups are a handful: boxes to tick, which a keyboard and a phone reach too."""
        return super().formfield_for_manytomany(db_field, request, widget=CheckboxSelectMultiple, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Only a superuser makes another one."""
        fields = super().get_readonly_fields(request, obj)
        return fields if request.user.is_superuser else (*fields, "is_superuser", "is_staff")


@admin.register(SecondFactorRule)
class SecondFactorRuleAdmin(LooseningWaits):
    """Which roles need a second factor. There is one row for each role, made with it."""

    list_display = ("group", "required")
    list_select_related = ("group",)
    fields = ("required",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


# Seeds, keys and sessions are nobody's to read here; people see their own on “Your account”.
for kept_back in (EmailAddress, SocialAccount, SocialApp, SocialToken, Authenticator, UserSession):
    admin.site.unregister(kept_back)
admin.site.unregister(Group)


@admin.register(Group)
class TeamAdmin(GroupAdmin, Recorded):
    """Teams are named here. The five roles are what the portal's own rules speak of, so they keep their names."""

    kind = EventKind.GROUP_CHANGED
    fields = ("name",)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Groups keep no history of their fields: what changed stands in the record, which this leads to."""
        if not self.has_view_permission(request, self.get_object(request, object_id)):
            raise PermissionDenied("You may not read the history of this row.")
        return redirect(f"{reverse('record')}?kind={self.kind}")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_role = obj is not None and str(obj) in set(Role)
        return not is_role and super().has_change_permission(request, obj)
