"""Tables of people."""

from foresail.people.models.guarded import Guarded
from foresail.people.models.organisation import BusinessLine, Grant, Team, User
from foresail.people.models.sign_in import PasswordLink, RecoveryCode, SecondStep, Session, SignInAttempt

__all__ = [
    "BusinessLine",
    "Grant",
    "Guarded",
    "PasswordLink",
    "RecoveryCode",
    "SecondStep",
    "Session",
    "SignInAttempt",
    "Team",
    "User",
]
