"""The door: verbs that change who there is, who may what, and who is signed in."""

from foresail.people.services.links import Link, offer_link, use_link, user_of_link
from foresail.people.services.organisation import (
    add_line,
    add_team,
    appoint_manager,
    move_team,
    remove_team,
    rename_line,
    rename_team,
)
from foresail.people.services.passwords import set_password
from foresail.people.services.roles import grant_role, revoke_role, set_roles
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
    revoke_sessions,
    see_session,
)
from foresail.people.services.sign_in import authenticate, forget_attempts
from foresail.people.services.users import (
    KEEP,
    add_user,
    change_user,
    deactivate_user,
    invite_user,
    reactivate_user,
)

__all__ = [
    "KEEP",
    "Link",
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
    "invite_user",
    "move_team",
    "offer_link",
    "reactivate_user",
    "remove_team",
    "rename_line",
    "rename_team",
    "revoke_other_sessions",
    "revoke_role",
    "revoke_session",
    "revoke_sessions",
    "see_session",
    "set_password",
    "set_roles",
    "start_second_step",
    "stop_second_step",
    "use_link",
    "user_of_link",
]
