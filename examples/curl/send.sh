#!/bin/sh
# Text the first number, and the second one if that is not delivered within 15 seconds. Prints the outcome.
#   send.sh FIRST SECOND          with API and AUTH in the environment
set -eu
text="Your cupcakes are ready!"
body=$(printf '{"channel": "sms", "message_type": "text", "from": "Bakery", "to": "%s", "text": "%s", "expiry_time": 15,
  "failover": [{"channel": "sms", "message_type": "text", "from": "Bakery", "to": "%s", "text": "%s"}]}' \
    "$1" "$text" "$2" "$text")

# The key makes the request safe to repeat, which --retry does.
answer=$(curl -sS --fail-with-body --retry 3 -u "$AUTH" "$API/v1/messages" \
    -H 'content-type: application/json' -H "idempotency-key: cupcakes-$$-$(date +%s)" -d "$body")
dispatch=$(printf '%s' "$answer" | sed 's/.*"workflow_id": *"\([^"]*\)".*/\1/')

while true; do
    found=$(curl -sS --fail-with-body --retry 3 -u "$AUTH" "$API/v1/dispatches/$dispatch")
    outcome=$(printf '%s' "$found" | sed -n 's/^[^[]*"outcome": *"\([a-z]*\)".*/\1/p')
    [ -n "$outcome" ] && break
    sleep 1
done
echo "$outcome"
