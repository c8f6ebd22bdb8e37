"""PATCH /v1/messages/{message_uuid}, on the running stack: the change reaches Vonage, its answer the client."""

from uuid import uuid4

from tests.integration.scenes import conversation, first_is, over, reply, send, sms, whatsapp
from tests.running_stack import Stack, new_number

REVOKED = {"status": "revoked"}


def test_a_client_takes_an_rcs_message_back_by_our_id(stack: Stack) -> None:
    customer = new_number()
    stack.simulator("PUT", f"/phones/rcs/{customer}", {"mode": "airplane"})
    dispatch_uuid = send(stack, sms(customer, channel="rcs", **{"from": "Bakery"}))
    [step] = stack.wait_for_dispatch(dispatch_uuid, first_is("submitted"))["steps"]

    response = stack.api("PATCH", f"/v1/messages/{step['message_uuid']}", REVOKED)

    assert (response.status_code, response.json()) == (202, {})
    [change] = [request for request in stack.simulator("GET", "/requests") if request["method"] == "PATCH"]
    assert change["path"] == f"/v1/messages/{step['vonage_message_uuid']}"
    assert change["body"] == REVOKED
    phone = stack.simulator("PUT", f"/phones/rcs/{customer}", {"mode": "on"})
    assert [(message["status"], message["shown"]) for message in phone["messages"]] == [("revoked", False)]


def test_a_client_marks_a_customers_message_as_read_by_vonages_id(stack: Stack) -> None:
    customer = new_number()
    stack.wait_for_dispatch(send(stack, whatsapp(customer)), over)
    reply(stack, "whatsapp", customer, "On my way")
    newest = conversation(stack, "whatsapp", customer)["messages"][0]["message"]

    response = stack.api("PATCH", f"/v1/messages/{newest['message_uuid']}", {"status": "read"})

    assert (response.status_code, response.json()) == (202, {})
    changes = [request for request in stack.simulator("GET", "/requests") if request["method"] == "PATCH"]
    assert [(change["message_uuid"], change["body"]) for change in changes] == [
        (newest["message_uuid"], {"status": "read"})
    ]


def test_what_vonage_cannot_change_is_answered_in_its_words(stack: Stack) -> None:
    dispatch = stack.wait_for_dispatch(send(stack, sms(new_number())), over)

    response = stack.api("PATCH", f"/v1/messages/{dispatch['steps'][0]['message_uuid']}", REVOKED)

    assert (response.status_code, response.json()["title"]) == (422, "Operation not supported")
    assert stack.api("PATCH", f"/v1/messages/{uuid4()}", REVOKED).status_code == 404
    assert stack.api("PATCH", f"/v1/messages/{uuid4()}", [REVOKED]).status_code == 422
    assert stack.api("PATCH", f"/v1/messages/{uuid4()}", REVOKED, auth=("bakery", "wrong")).status_code == 401
