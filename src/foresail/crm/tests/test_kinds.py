"""The audit trail names crm's records, and shows what was written of them, to who may see them alone."""

import io
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from foresail.core import events
from foresail.core.changes import Change
from foresail.core.home import Home
from foresail.crm import services
from foresail.crm.fields import DEAL
from foresail.crm.tests.conftest import AT, LATER, Company
from foresail.governance import services as governance
from foresail.governance.queries import Filter, Unreadable, audit
from foresail.people import services as people
from foresail.people.models import User
from foresail.people.roles import Role


def test_an_admin_reads_of_customers_what_the_rule_lets_them_see(
    company: Company, hire: Callable[..., User]
) -> None:
    admin = hire("Ada", Role.ADMIN)
    events.listen(Change, governance.keep)
    contact = services.add_contact(account=company.account, name="吴敏", by=company.li, at=AT)
    services.assign_deal(deal=company.deal, owner=company.wang, team=company.east, by=company.ops, at=LATER)
    task = services.add_task(deal=company.deal, title="回电", assignee=company.wang, by=company.ops, at=LATER)
    shown, _ = audit(user=admin, by=Filter())
    assert [(row.entry.verb, row.name, set(map(type, row.entry.values.values()))) for row in shown] == [
        ("add_task", None, {Unreadable}),
        ("assign_deal", None, {Unreadable}),
        ("add_contact", None, {Unreadable}),
    ]
    assert [row.actor_name for row in shown] == ["Ops", "Ops", "Li"]
    people.grant_role(user=admin, role=Role.SALES_OPERATIONS, by=None, at=LATER)
    told = {row.entry.verb: row for row in audit(user=admin, by=Filter())[0]}
    assert (told["add_task"].name, told["assign_deal"].name, told["add_contact"].name) == (
        "回电", "变电站监测系统", "吴敏",
    )  # fmt: skip
    assert told["assign_deal"].entry.values == {"owner": company.wang.pk}
    assert told["assign_deal"].value_names == {f"owner:{company.wang.pk}": "Wang"}
    assert told["add_task"].value_names == {
        f"deal:{company.deal.pk}": "变电站监测系统", f"assignee:{company.wang.pk}": "Wang",
    }  # fmt: skip
    assert told["add_contact"].entry.values["name"] == "吴敏"
    assert told["add_contact"].value_names == {
        f"account:{company.account.pk}": "上海晨光电力有限公司", f"owner:{company.li.pk}": "Li",
        f"team:{company.east.pk}": "华东", f"line:{company.line.pk}": "能源",
    }  # fmt: skip
    assert (told["add_contact"].entry.key, told["add_task"].entry.key) == (str(contact.pk), str(task.pk))


def test_notes_and_files_are_named_by_what_they_stand_beside(
    company: Company, hire: Callable[..., User], tmp_path: Path, settings: Any
) -> None:
    settings.HOME = Home(tmp_path)
    admin = hire("Ada", Role.ADMIN)
    events.listen(Change, governance.keep)
    services.add_note(record=company.deal, text="客户倾向分期", by=company.li, at=AT)
    services.attach(
        record=company.account, name="报价.txt", content=io.BytesIO(b"1"), size=1, by=company.li, at=AT
    )
    assert [row.name for row in audit(user=admin, by=Filter())[0]] == [None, None]
    people.grant_role(user=admin, role=Role.SALES_OPERATIONS, by=None, at=LATER)
    told = {row.entry.verb: row for row in audit(user=admin, by=Filter())[0]}
    assert (told["add_note"].name, told["attach"].name) == ("变电站监测系统", "报价.txt")
    assert told["add_note"].entry.values == {"deal": company.deal.pk}
    assert "分期" not in str(told)


def test_a_field_that_a_rule_hides_is_hidden_in_the_trail_too(
    company: Company, hire: Callable[..., User]
) -> None:
    admin = hire("Ada", Role.ADMIN, Role.SALES_OPERATIONS)
    events.listen(Change, governance.keep)
    services.change_deal(
        deal=company.deal, version=1, amount=Decimal(7), category="commit", by=company.li, at=AT
    )

    def values() -> dict[str, object]:
        (row,) = audit(user=admin, by=Filter(verb="change_deal"))[0]
        return dict(row.entry.values)

    assert values() == {"amount": "7.00", "category": "commit"}
    for role in (Role.ADMIN, Role.SALES_OPERATIONS):
        services.set_field_rule(
            kind=DEAL, field="amount", role=role.value, level="hidden", by=company.ops, at=LATER
        )
    assert values() == {"amount": Unreadable.WITHHELD, "category": "commit"}
