"""The room as Django knows it."""

from django.apps import AppConfig

from foresail.core.everything import Everything


class PeopleConfig(AppConfig):
    name = "foresail.people"
    everything = Everything(
        taken={
            "BusinessLine": ("业务线", "lines of business"),
            "Team": ("团队", "teams"),
            "User": ("用户（不含密码）", "users, without their passwords"),
            "Grant": ("角色授权", "roles that users hold"),
            "Share": ("记录共享", "records that are shared"),
            "SingleSignOn": ("单点登录设置（不含密钥）", "single sign-on, without its secret"),
            "Identity": ("登录身份", "who users are at the provider"),
        },
        without={"User": ("password",), "SingleSignOn": ("secret",)},
        left_out={
            "ApiKey": ("可用来登录", "they let programs in"),
            "Session": ("可用来登录", "they are ways in"),
            "SecondStep": ("可用来登录", "they are ways in"),
            "RecoveryCode": ("可用来登录", "they are ways in"),
            "PasswordLink": ("可用来登录", "they are ways in"),
            "PendingSignIn": ("尚未完成的登录", "sign-ins under way"),
            "SignInAttempt": ("登录尝试的计数，到期清除", "counted against guessing, and soon forgotten"),
        },
    )
