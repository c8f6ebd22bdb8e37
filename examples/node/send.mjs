// Text the first number, and the second one if that is not delivered within 15 seconds. Prints the outcome.
//   node send.mjs FIRST SECOND          with API and AUTH in the environment
import { randomUUID } from "node:crypto";

const { API, AUTH } = process.env;
const [first, second] = process.argv.slice(2);
const authorization = `Basic ${Buffer.from(AUTH).toString("base64")}`;

const sms = { channel: "sms", message_type: "text", from: "Bakery", text: "Your cupcakes are ready!" };
const accepted = await call("POST", "/v1/messages", {
  ...sms,
  to: first,
  expiry_time: 15,
  failover: [{ ...sms, to: second }],
});

let dispatch;
do {
  await new Promise((resolve) => setTimeout(resolve, 1000));
  dispatch = await call("GET", `/v1/dispatches/${accepted.workflow_id}`);
} while (dispatch.outcome === null);
console.log(dispatch.outcome);

async function call(method, path, body) {
  const response = await fetch(API + path, {
    method,
    // The key makes a request safe to repeat.
    headers: { authorization, "content-type": "application/json", "idempotency-key": randomUUID() },
    body: body && JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${response.status}: ${answer.detail}`);
  return answer;
}
