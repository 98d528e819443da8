"""The demo where there is none: none was asked for, or its filling was cut off."""

from datetime import UTC, datetime

import pytest
from django.apps import apps

from foresail.demo import services
from foresail.demo.logins import demo_logins


@pytest.mark.django_db(transaction=True)
def test_an_interrupted_fill_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("foresail.crm.services.add_tasks", interrupted)
    with pytest.raises(KeyboardInterrupt):
        services.fill(deals=40, seed=7, at=datetime(2026, 11, 18, 7, 30, tzinfo=UTC))
    for app, model in (
        *(("people", "User"), ("people", "BusinessLine"), ("crm", "Account"), ("crm", "Deal")),
        *(("conversations", "Communication"), ("timeline", "Entry"), ("governance", "AuditRow")),
    ):
        assert not apps.get_model(app, model).objects.exists(), model


def test_without_a_demo_there_is_nobody_to_sign_in_as(db: None) -> None:  # noqa: ARG001
    assert demo_logins() == []
