"""The door: verbs that change who there is, who may what, and who is signed in."""

from foresail.people.services.keys import create_key, revoke_key, see_key
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
from foresail.people.services.sharing import (
    due_shares,
    end_due_share,
    end_share,
    forget_shares,
    may_end,
    share_record,
)
from foresail.people.services.sign_in import authenticate, forget_attempts
from foresail.people.services.single_sign_on import (
    PATIENCE,
    Arrival,
    Departure,
    arrive,
    check_provider,
    depart,
    forget_pending,
    require_state,
    set_single_sign_on,
    sign_out_by_provider,
)
from foresail.people.services.users import (
    KEEP,
    Keep,
    add_user,
    change_user,
    deactivate_user,
    invite_user,
    reactivate_user,
)

__all__ = [
    "KEEP",
    "PATIENCE",
    "Arrival",
    "Departure",
    "Keep",
    "Link",
    "Offer",
    "add_line",
    "add_team",
    "add_user",
    "appoint_manager",
    "arrive",
    "authenticate",
    "change_user",
    "check_provider",
    "confirm_second_step",
    "create_key",
    "create_session",
    "deactivate_user",
    "depart",
    "due_shares",
    "end_due_share",
    "end_share",
    "forget_attempts",
    "forget_pending",
    "forget_shares",
    "grant_role",
    "invite_user",
    "may_end",
    "move_team",
    "offer_link",
    "reactivate_user",
    "remove_team",
    "rename_line",
    "rename_team",
    "require_state",
    "revoke_key",
    "revoke_other_sessions",
    "revoke_role",
    "revoke_session",
    "revoke_sessions",
    "see_key",
    "see_session",
    "set_password",
    "set_roles",
    "set_single_sign_on",
    "share_record",
    "sign_out_by_provider",
    "start_second_step",
    "stop_second_step",
    "use_link",
    "user_of_link",
]
