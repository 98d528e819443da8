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


class SingleSignOnRefused(PeopleError):
    """Base of what stops a single sign-on. The sign-in page shows its sentence."""

    code = "single_sign_on_refused"
    status = 401


class SingleSignOnOff(SingleSignOnRefused):
    code = "single_sign_on_off"
    status = 404
    zh = "尚未启用单点登录，请使用密码登录。"
    en = "Single sign-on is not set up. Sign in with your password."


class SignInDeclined(SingleSignOnRefused):
    code = "sign_in_declined"
    zh = "单点登录没有完成：您取消了登录，或公司登录系统拒绝了请求。请重试。"
    en = "Single sign-on was not completed: you cancelled it, or your company's sign-in refused. Try again."


class SignInStale(SingleSignOnRefused):
    """Not the browser that was sent, not lately, or not for the first time."""

    code = "sign_in_stale"
    zh = "这次登录已过期，或不是从当前浏览器发起的。请重新登录。"
    en = "This sign-in has expired, or was not begun in this browser. Begin again."


class ProviderAway(SingleSignOnRefused):
    code = "provider_away"
    status = 502
    zh = "暂时连不上公司登录系统，请稍后重试；如仍失败，请联系系统管理员。"
    en = "Your company's sign-in cannot be reached. Try again soon; if it fails again, tell an administrator."


class ProviderUnfit(SingleSignOnRefused):
    """It answers with something else than it should, or refuses us."""

    code = "provider_unfit"
    status = 502
    zh = "公司登录系统的回应与单点登录设置不符，请系统管理员检查签发者地址、客户端 ID 和密钥。"
    en = "Your company's sign-in does not fit the settings. An administrator should check issuer, client id and secret."


class TokenRefused(SingleSignOnRefused):
    code = "token_refused"
    zh = "无法确认公司登录系统返回的身份，登录已中止。请重新登录。"
    en = "What your company's sign-in returned could not be verified, so you were not signed in. Begin again."


class ClocksDiffer(SingleSignOnRefused):
    code = "clocks_differ"
    zh = "先见与公司登录系统的时间不一致，请系统管理员校准服务器时间。"
    en = (
        "The clocks of Foresail and of your company's sign-in differ. An administrator should set them right."
    )


class EmailUnverified(SingleSignOnRefused):
    code = "email_unverified"
    status = 403
    zh = "公司登录系统没有提供经过验证的邮箱，无法识别您的账号，请联系系统管理员。"
    en = "Your company's sign-in gave no verified e-mail address to know you by. Ask an administrator."


class DomainRefused(SingleSignOnRefused):
    code = "domain_refused"
    status = 403
    zh = "您的邮箱不在允许登录的域名之内，请使用公司邮箱账号登录。"
    en = "Your e-mail address is not of a domain that may sign in. Use your company account."


class UnknownPerson(SingleSignOnRefused):
    code = "unknown_person"
    status = 403
    zh = "您已通过公司登录验证，但在先见中还没有账号，请联系系统管理员开通。"
    en = "Your company knows you, but you have no account here yet. Ask an administrator to add you."


class IdentityDiffers(SingleSignOnRefused):
    """The address belongs to somebody who has come in as another person of the same provider."""

    code = "identity_differs"
    status = 403
    zh = "该邮箱的账号已绑定另一个公司登录身份，请联系系统管理员。"
    en = "The account with your e-mail address belongs to another identity. Ask an administrator."


class AccountInactive(SingleSignOnRefused):
    code = "account_inactive"
    status = 403
    zh = "您的账号已停用，请联系系统管理员。"
    en = "Your account is not active. Ask an administrator."


class SecretLost(SingleSignOnRefused):
    """It was sealed with the key of another home folder."""

    code = "secret_lost"
    status = 503
    zh = "单点登录的客户端密钥无法读取（可能来自备份恢复），请系统管理员重新填写。"
    en = "The client secret cannot be read, perhaps after a restore. An administrator should enter it again."


class PasswordsOff(PeopleError):
    code = "passwords_off"
    status = 403
    zh = "公司已关闭密码登录，请使用公司账号登录。"
    en = "Your company has turned password sign-in off. Sign in with your company account."


class IssuerInvalid(PeopleError):
    code = "issuer_invalid"
    zh = "签发者地址须以 https:// 开头，且不含用户名、密码和 #。"
    en = "The issuer begins with https:// and has no user name, password or #."


class DomainInvalid(PeopleError):
    code = "domain_invalid"
    zh = "“{domain}”不是有效的邮箱域名，例如 example.com。"
    en = "{domain} is not the domain of an e-mail address, such as example.com."


class SingleSignOnIncomplete(PeopleError):
    code = "single_sign_on_incomplete"
    zh = "启用单点登录前，请填写签发者地址、客户端 ID 和中英文名称。"
    en = "Before turning single sign-on on, enter issuer, client id and both names."


class NewcomersNeedDomain(PeopleError):
    code = "newcomers_need_domain"
    zh = "自动创建账号时，请至少限定一个邮箱域名。"
    en = "To add newcomers by themselves, name at least one e-mail domain."


class PasswordsNeeded(PeopleError):
    code = "passwords_needed"
    zh = "关闭密码登录前，请先启用单点登录。"
    en = "Turn single sign-on on before you turn passwords off."


class KeyInvalid(PeopleError):
    code = "key_invalid"
    status = 401
    zh = "API 密钥无效、已过期或已撤销。"
    en = "The API key is not valid, has expired or was revoked."


class KeyNotAllowed(PeopleError):
    """A key does less than its owner: never what only a person who sits there should do."""

    code = "key_not_allowed"
    status = 403
    zh = "此 API 密钥的权限范围不包含该操作。"
    en = "This is not among what this API key may do."


class KeyAreasInvalid(PeopleError):
    code = "key_areas_invalid"
    zh = "请至少选择一个权限范围，且只选择列出的范围。"
    en = "Choose at least one area for the key, and only areas that are listed."


class KeyExpiryInvalid(PeopleError):
    code = "key_expiry_invalid"
    zh = "有效期须为 1 至 {days} 天。"
    en = "A key is valid for 1 to {days} days."


class TooManyKeys(PeopleError):
    code = "too_many_keys"
    zh = "有效的 API 密钥最多 {most} 个，请先撤销不用的密钥。"
    en = "You have {most} API keys that hold, which is the most. Revoke one that you do not need."


class SharingNotAllowed(PeopleError):
    """Filled with the reason that the rules give."""

    code = "not_allowed"
    status = 403
    zh = "{zh}"
    en = "{en}"


class ShareOfAnother(PeopleError):
    code = "share_of_another"
    status = 403
    zh = "只有共享人、记录负责人及其上级、系统管理员可以停止此共享。"
    en = "Only who shared it, the owner, their managers or an administrator can end this share."


class ShareWithOne(PeopleError):
    code = "share_with_one"
    zh = "请选择一位同事或一个团队。"
    en = "Choose one colleague or one team."


class ShareWithOwner(PeopleError):
    code = "share_with_owner"
    zh = "{name}是此记录的负责人，无需共享。"
    en = "{name} owns this record, so there is nothing to share with them."


class ShareUseless(PeopleError):
    """A share gives nothing that no role of theirs allows."""

    code = "share_useless"
    zh = "{name}的角色不允许{action_zh}此类记录，共享后也无法{action_zh}。"
    en = "No role of {name}'s allows to {action_en} such records, so a share would not let them."


class ShareDayInvalid(PeopleError):
    code = "share_day_invalid"
    zh = "结束日期须在今天之后的十年以内，今天也可以。"
    en = "The last day is today, or within the next ten years."


class ShareReasonInvalid(PeopleError):
    code = "share_reason_invalid"
    zh = "共享原因最多 {longest} 个字符。"
    en = "A reason has at most {longest} characters."


class ShareBelowInvalid(PeopleError):
    code = "share_below_invalid"
    zh = "只有客户可以连同商机与联系人一起共享。"
    en = "Only an account is shared with what belongs to it."


class TooManyShares(PeopleError):
    code = "too_many_shares"
    status = 409
    zh = "一条记录最多共享给 {most} 个对象，请先停止不需要的共享，或改为共享给团队。"
    en = "A record is shared with {most} people and teams at most. End a share first, or share with a team."
