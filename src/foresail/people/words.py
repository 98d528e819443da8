"""What people read about roles and rights, in both languages."""

from __future__ import annotations

from dataclasses import dataclass

from foresail.people.roles import Action, Role, Scope


@dataclass(frozen=True, kw_only=True)
class Text:
    zh: str
    en: str


ROLES = {
    Role.REP: Text(zh="销售代表", en="rep"),
    Role.MANAGER: Text(zh="销售经理", en="manager"),
    Role.SALES_OPERATIONS: Text(zh="销售运营", en="sales operations"),
    Role.LEGAL: Text(zh="法务专家", en="legal specialist"),
    Role.ENGINEERING: Text(zh="工程专家", en="engineering specialist"),
    Role.LOGISTICS: Text(zh="物流专家", en="logistics specialist"),
    Role.ADMIN: Text(zh="系统管理员", en="administrator"),
    Role.READ_ONLY: Text(zh="只读用户", en="read-only user"),
}

ACTIONS = {
    Action.SEE: Text(zh="查看", en="see"),
    Action.CHANGE: Text(zh="更改", en="change"),
    Action.EXPORT: Text(zh="导出", en="export"),
    Action.ASSIGN: Text(zh="分配", en="assign"),
    Action.CLAIM: Text(zh="领取", en="claim"),
    Action.DELETE: Text(zh="删除", en="delete"),
    Action.SHARE: Text(zh="共享", en="share"),
    Action.CONFIGURE: Text(zh="配置", en="configure"),
    Action.ADMINISTER: Text(zh="管理用户", en="administer"),
}

COVERAGE = {
    Scope.NONE: Text(zh="任何记录", en="nothing"),
    Scope.OWN: Text(zh="本人负责的记录", en="what they own"),
    Scope.TEAM: Text(
        zh="所属及所管团队（含下级团队）的记录", en="what belongs to their teams and those below"
    ),
    Scope.LINE: Text(zh="所属业务线的记录", en="what belongs to their line of business"),
    Scope.ALL: Text(zh="全部记录", en="everything"),
}
