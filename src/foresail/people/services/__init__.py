"""The door: verbs that change who there is, who may what, and who is signed in."""

from foresail.people.services.organisation import add_line, add_team, appoint_manager, move_team
from foresail.people.services.passwords import set_password
from foresail.people.services.roles import grant_role, revoke_role
from foresail.people.services.second_step import (
    Offer,
    confirm_second_step,
    start_second_step,
    stop_second_step,
)
from foresail.people.services.sessions import (
    create_session,
    revoke_other_sessions,
    revoke_session,
    see_session,
)
from foresail.people.services.sign_in import authenticate, forget_attempts
from foresail.people.services.users import KEEP, add_user, change_user, deactivate_user

__all__ = [
    "KEEP",
    "Offer",
    "add_line",
    "add_team",
    "add_user",
    "appoint_manager",
    "authenticate",
    "change_user",
    "confirm_second_step",
    "create_session",
    "deactivate_user",
    "forget_attempts",
    "grant_role",
    "move_team",
    "revoke_other_sessions",
    "revoke_role",
    "revoke_session",
    "see_session",
    "set_password",
    "start_second_step",
    "stop_second_step",
]
