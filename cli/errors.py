"""What a command cannot do, in one sentence with a next step; AWS's own errors become such sentences here."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)

ACCESS_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
UNKNOWN_KEY = {"InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "AuthFailure"}


class OperatorError(Exception):
    """A command cannot go on; the text is one sentence that says why and what to do."""


def code_of(error: ClientError) -> str:
    """AWS's code for an error, such as `AccessDenied`."""
    return str(error.response.get("Error", {}).get("Code", "unknown"))


def sentence_of(error: BotoCoreError | ClientError) -> str:
    """Why AWS did not do it, and what to do."""
    match error:
        case NoRegionError():
            return "no AWS region is set: name one with --region, or export AWS_DEFAULT_REGION."
        case ProfileNotFound():
            return "your AWS configuration has no such profile: `aws configure list-profiles` shows those it has."
        case NoCredentialsError() | PartialCredentialsError():
            return "there are no AWS credentials: run `aws configure`, or name a profile with --profile."
        case SSOError() | TokenRetrievalError():
            return "your AWS sign-in has ended: run `aws sso login` and try again."
        case ConnectionError() | HTTPClientError():
            return "AWS does not answer: check the network, and that the region's name is spelt right."
        case ClientError():
            return _sentence_of_answer(error)
        case _:
            return f"the AWS SDK gave up ({type(error).__name__}): check your AWS configuration."


def _sentence_of_answer(error: ClientError) -> str:
    code = code_of(error)
    if code in EXPIRED:
        return "your AWS credentials have expired: sign in again."
    if code in UNKNOWN_KEY:
        return "AWS does not know these credentials: `aws sts get-caller-identity` must answer."
    if code in ACCESS_DENIED:
        return f"your AWS credentials may not call {error.operation_name}: ask for that permission."
    return f"AWS refused {error.operation_name} ({code}): look up the code in AWS's documentation of that call."


@contextmanager
def aws_in_words() -> Iterator[None]:
    """Inside, AWS's errors become an OperatorError."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise OperatorError(sentence_of(error)) from error
