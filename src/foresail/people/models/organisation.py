"""Lines of business, teams, users and the roles they hold."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy

from foresail.people.roles import Role


class BusinessLine(models.Model):
    """A part of the company that sells its own products in its own way."""

    name = models.CharField(max_length=150)

    class Meta:
        constraints = (
            models.UniqueConstraint(Lower("name"), name="line_name_once"),
            models.CheckConstraint(condition=~models.Q(name=""), name="line_has_a_name"),
        )

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """A node of the tree of teams. A parent is of the same line: a foreign key over both columns keeps that."""

    name = models.CharField(max_length=150)
    line = models.ForeignKey(BusinessLine, models.PROTECT, related_name="teams")
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    manager = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="managed_teams")

    class Meta:
        constraints = (
            models.UniqueConstraint("line", Lower("name"), name="team_name_once_in_a_line"),
            models.UniqueConstraint(fields=["id", "line"], name="team_and_line"),
            models.CheckConstraint(condition=~models.Q(name=""), name="team_has_a_name"),
            models.CheckConstraint(condition=~models.Q(parent=models.F("id")), name="team_not_below_itself"),
        )

    def __str__(self) -> str:
        return self.name


class User(AbstractBaseUser):
    """A person who can sign in. The address is kept in lower case, so no two differ by case alone."""

    class Language(models.TextChoices):
        ZH = "zh", "中文"
        EN = "en", "English"

    email = models.EmailField(gettext_lazy("email address"), unique=True)
    name = models.CharField(gettext_lazy("name"), max_length=150)
    language = models.CharField(max_length=2, choices=Language.choices, default=Language.ZH)
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="members")
    active = models.BooleanField(default=True)
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    last_login = None  # sessions know, each for itself

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = BaseUserManager["User"]()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="email_in_lower_case"),
            models.CheckConstraint(condition=~models.Q(name=""), name="user_has_a_name"),
            models.CheckConstraint(condition=models.Q(language__in=["zh", "en"]), name="language_known"),
            models.CheckConstraint(
                condition=models.Q(active=True, left_at=None) | models.Q(active=False, left_at__isnull=False),
                name="inactive_since_they_left",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Grant(models.Model):
    """That somebody holds a role."""

    user = models.ForeignKey(User, models.PROTECT, related_name="grants")
    role = models.CharField(max_length=20, choices=[(role.value, role.value) for role in Role])

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["user", "role"], name="role_held_once"),
            models.CheckConstraint(
                condition=models.Q(role__in=[role.value for role in Role]), name="role_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"
