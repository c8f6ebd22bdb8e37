"""What the log and the metrics tell of a step that was sent, or was not."""

from getthrough.domain.dispatch.dispatch import AnswerKind
from getthrough.observability import count, logger
from getthrough.usecases.send_step import Sent


def report(sent: Sent) -> None:
    """Ids, numbers and words of ours only."""
    dispatch, send, answer = sent.dispatch, sent.send, sent.answer
    opted_out = answer.kind is AnswerKind.OPTED_OUT
    count("StepOptedOut" if opted_out else "StepSent")
    if answer.account:
        count("AccountRefused")
    if not sent.recorded:
        count("AnswerNotRecorded")
    logger.info(
        "step not sent" if opted_out else "step sent",
        extra={
            "message_uuid": dispatch.message_uuid(send.step),
            "because": send.because,
            "answer": answer.kind,
            "http_status": answer.http_status,
            "recorded": sent.recorded,
            "outcome": dispatch.outcome,
        },
    )
