"""Tables of people."""

from foresail.people.models.guarded import Guarded
from foresail.people.models.key import ApiKey
from foresail.people.models.organisation import BusinessLine, Grant, Team, User
from foresail.people.models.sharing import Share
from foresail.people.models.sign_in import PasswordLink, RecoveryCode, SecondStep, Session, SignInAttempt
from foresail.people.models.single_sign_on import Identity, PendingSignIn, SingleSignOn

__all__ = [
    "ApiKey",
    "BusinessLine",
    "Grant",
    "Guarded",
    "Identity",
    "PasswordLink",
    "PendingSignIn",
    "RecoveryCode",
    "SecondStep",
    "Session",
    "Share",
    "SignInAttempt",
    "SingleSignOn",
    "Team",
    "User",
]
