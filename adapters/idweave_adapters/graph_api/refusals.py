"""What a refusal says about one part of a lookup, and what it leaves open."""

from idweave_adapters.graph_api.errors import (
    ConfigurationFault,
    CredentialRefused,
    GraphApiError,
    LookupRefused,
    PermissionDenied,
    ProtocolFault,
)

_INVALID_PARAMETER = 100

# 15: an app's token is wanted; 210, and 190 where it is no fault of the token: a Page's.
_WRONG_KIND_CODES = {15, 190, 210}
_WRONG_KIND_SUBCODE = 2069032

_VAGUE_CODES = {110, 803}  # an "invalid user id", and "some of the aliases"


def is_edge_denied(error: GraphApiError) -> bool:
    """Whether *error* says that what was asked for is not to be had with this token.

    A withdrawn edge is refused as an invalid parameter, so that counts too.
    """
    is_parameter = (
        isinstance(error, ConfigurationFault) and error.facts.code == _INVALID_PARAMETER
    )
    return is_parameter or isinstance(error, PermissionDenied)


def is_wrong_kind(error: GraphApiError) -> bool:
    """Whether *error* says that another kind of token must ask."""
    return isinstance(error, PermissionDenied) and (
        error.facts.code in _WRONG_KIND_CODES
        or error.facts.subcode == _WRONG_KIND_SUBCODE
    )


def is_of_credential(error: GraphApiError) -> bool:
    """Whether another credential could still be answered.

    What is said to the token of a Page is no word about the app that made it, nor
    about the person: that Page may not see the id.
    """
    kinds = (CredentialRefused, PermissionDenied, ConfigurationFault, LookupRefused)
    return isinstance(error, kinds)


def may_be_of_one_part(error: GraphApiError) -> bool:
    """Whether a read of several parts may have been refused because of one of them.

    An app in no business is refused `token_for_business` with a number that no
    document names, so an unknown number counts too.
    """
    return is_edge_denied(error) or _has_unknown_code(error)


def names_what_or_whom(reply: object) -> bool:
    """Whether *reply* says that something is unknown, be it the field or the person."""
    return isinstance(reply, LookupRefused) and reply.facts.code in _VAGUE_CODES


def is_token_denied(error: GraphApiError) -> bool:
    """Whether *error*, said of `token_for_business` alone, costs that field only."""
    kinds = (PermissionDenied, ConfigurationFault, LookupRefused)
    return isinstance(error, kinds) or _has_unknown_code(error)


def _has_unknown_code(error: GraphApiError) -> bool:
    return isinstance(error, ProtocolFault) and error.facts.code is not None
