"""What people refuses. Each error has a stable code, and says in both languages what to do."""

from __future__ import annotations

from datetime import datetime

from foresail.core.errors import Refusal


class PeopleError(Refusal):
    """Base of all."""

    code = "people_error"


class NotAllowed(PeopleError):
    code = "not_allowed"
    status = 403
    zh = "您没有执行此操作的权限，请联系系统管理员。"
    en = "You may not do this. Ask an administrator."


class SignedOut(PeopleError):
    code = "signed_out"
    status = 401
    zh = "您尚未登录，或登录已失效，请重新登录。"
    en = "You are not signed in, or no longer. Sign in again."


class CsrfMissing(PeopleError):
    """A write that our own pages did not send, or could not prove to have sent."""

    code = "csrf_missing"
    status = 403
    zh = "无法确认此操作来自先见的页面，请刷新页面后重试。"
    en = "This did not come from a page of Foresail's, as far as we can tell. Load the page again."


class DemoOnlyHere(PeopleError):
    """Everybody knows the passwords of demo users: nobody but who sits at this machine may use them."""

    code = "demo_only_here"
    status = 403
    zh = "演示账号只能在运行先见的这台电脑上登录。"
    en = "Demo users can sign in only on the machine that runs Foresail."


class NameInvalid(PeopleError):
    code = "name_invalid"
    zh = "名称须为 1 至 150 个字符，请修改。"
    en = "A name has 1 to 150 characters. Choose another."


class NameTaken(PeopleError):
    code = "name_taken"
    status = 409
    zh = "名称“{name}”已被使用，请换一个。"
    en = "The name {name} is in use. Choose another."


class EmailInvalid(PeopleError):
    code = "email_invalid"
    zh = "“{email}”不是有效的邮箱地址，请检查。"
    en = "{email} is not an e-mail address. Check it."


class EmailTaken(PeopleError):
    code = "email_taken"
    status = 409
    zh = "邮箱“{email}”已属于另一位用户，请使用其他邮箱。"
    en = "Another user has the e-mail address {email}. Use a different one."


class TeamCycle(PeopleError):
    code = "team_cycle"
    zh = "团队“{team}”不能移到自己或其下级团队之下，请选择其他上级团队。"
    en = "Team {team} cannot be moved below itself. Choose a parent that is not among the teams below it."


class LineDiffers(PeopleError):
    code = "line_differs"
    zh = "上级团队“{parent}”属于另一条业务线，请选择同一业务线的团队。"
    en = "Team {parent} is of another line of business. Choose a parent of the same line."


class UserInactive(PeopleError):
    code = "user_inactive"
    zh = "{name}的账号已停用，请选择在职用户。"
    en = "{name} is not active. Choose a user who is."


class UserActive(PeopleError):
    code = "user_active"
    status = 409
    zh = "{name}的账号正在使用中，无需恢复。"
    en = "{name} is active already. There is nothing to bring back."


class OwnAccount(PeopleError):
    """What an admin does to others, and not to the account they are signed in with."""

    code = "own_account"
    zh = "不能对自己的账号执行此操作；修改密码、两步验证和登录设备请前往“个人设置”。"
    en = (
        "You cannot do this to your own account. Your password, second step and devices are in your settings."
    )


class LinkInvalid(PeopleError):
    """Unknown, used or too old: the answer is the same for all."""

    code = "link_invalid"
    status = 404
    zh = "此链接已失效或已被使用，请联系系统管理员重新获取。"
    en = "This link was used before, or is too old. Ask an administrator for another."


class TeamNotEmpty(PeopleError):
    code = "team_not_empty"
    status = 409
    zh = "团队“{team}”还有成员、下级团队或业务记录，不能删除；请先移走。"
    en = "Team {team} still has members, teams below it or records. Move them first."


class RoleHeld(PeopleError):
    code = "role_held"
    zh = "{name}已拥有该角色，无需再次授予。"
    en = "{name} holds this role already. There is nothing to grant."


class RoleNotHeld(PeopleError):
    code = "role_not_held"
    zh = "{name}没有该角色，请刷新后重试。"
    en = "{name} does not hold this role. Load the page again."


class LastAdmin(PeopleError):
    code = "last_admin"
    zh = "{name}是最后一位系统管理员，请先将该角色授予其他用户。"
    en = "{name} is the last administrator. Grant that role to somebody else first."


class PasswordTooWeak(PeopleError):
    code = "password_too_weak"
    zh = "请换一个密码：{because_zh}"
    en = "Choose another password: {because_en}"


class PasswordWrong(PeopleError):
    code = "password_wrong"
    zh = "当前密码不正确，请重新输入。"
    en = "The present password is wrong. Enter it again."


class SignInRefused(PeopleError):
    """The same for an unknown address, a wrong password and a closed account: none can be told from another."""

    code = "sign_in_refused"
    status = 401
    zh = "邮箱或密码不正确，请检查后重试。"
    en = "The e-mail address or the password is wrong. Check both and try again."


class SignInWait(PeopleError):
    """Too many failures; nothing is looked at before `until`."""

    code = "sign_in_wait"
    status = 429
    zh = "尝试次数过多，请在 {seconds} 秒后重试。"
    en = "Too many attempts. Try again in {seconds} seconds."

    def __init__(self, *, until: datetime, seconds: int) -> None:
        self.until, self.seconds = until, seconds
        super().__init__(seconds=seconds)


class SecondStepNeeded(PeopleError):
    code = "second_step_needed"
    status = 401
    zh = "请输入验证器应用中的 6 位验证码，或一个恢复码。"
    en = "Enter the six digits your authenticator app shows, or a recovery code."


class CodeWrong(PeopleError):
    code = "code_wrong"
    status = 400
    zh = "验证码不正确或已使用，请等待下一个验证码后重试。"
    en = "The code is wrong or was used before. Wait for the next one and try again."


class SecondStepOn(PeopleError):
    code = "second_step_on"
    zh = "两步验证已启用；如需更换设备，请先停用。"
    en = "The second step is on already. To change the device, turn it off first."


class SecondStepOff(PeopleError):
    code = "second_step_off"
    zh = "两步验证尚未设置，请先开始设置。"
    en = "The second step is not set up. Start setting it up first."
