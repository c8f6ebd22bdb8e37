/** What the form offers of the settings that users share: senders, plans, and keeping a plan for the next time. */

import { byId, h, tell } from "../elements/dom.js";
import { draftOfPlan, planOfDraft, senderOf, withPlan, withSender } from "../settings/saved.js";
import { changeShared, shared } from "../settings/shared.js";
import { trouble } from "../text/words.js";
import { effect } from "../vendor/preact.js";
import { fillForm } from "./again.js";
import { contacts } from "./contacts.js";
import { find } from "./form_values.js";

/** @import { Api, ApiError } from "../api/api.js" */
/** @import { Draft } from "./request.js" */

/**
 * @param {() => Api} connected @param {() => Draft} typed @param {() => void} changed
 * @returns {() => void} ends it
 */
export function mountSavedPlans(connected, typed, changed) {
  const select = /** @type {HTMLSelectElement} */ (byId("saved-plan"));
  const name = /** @type {HTMLInputElement} */ (byId("plan-name"));
  select.addEventListener("change", () => {
    const plan = shared.value.plans.find((one) => one.name === select.value);
    if (plan) fillForm(draftOfPlan(typed(), plan, shared.value.senders));
  });
  byId("keep-plan").addEventListener("click", () => void keep());
  name.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation(); // else the form takes it for the end of a field
    void keep();
  });

  async function keep() {
    const plan = planOfDraft(typed(), name.value);
    if (!plan.name) {
      tell(byId("kept-plan"), "Give the plan a name.");
      name.focus();
      return;
    }
    try {
      await changeShared(connected(), ({ plans, senders }) => ({
        plans: withPlan(plans, plan),
        senders: plan.steps.reduce(
          (known, { channel, from }) => (from ? withSender(known, { channel, from }) : known),
          senders,
        ),
      }));
      tell(byId("kept-plan"), `Kept as “${plan.name}”, for all users.`);
      name.value = "";
    } catch (error) {
      tell(byId("kept-plan"), trouble(/** @type {ApiError} */ (error), "change"));
    }
  }

  return effect(() => {
    const { plans, senders, default_country: country } = shared.value;
    byId("saved-plans").hidden = !plans.length;
    select.replaceChildren(
      h("option", { value: "" }, "Choose …"),
      ...plans.map((plan) => h("option", { value: plan.name }, plan.name)),
    );
    const channels = [...new Set(senders.map(({ channel }) => channel))];
    byId("senders").replaceChildren(
      ...channels.map((channel) =>
        h(
          "datalist",
          { id: `senders-${channel}` },
          ...senders.filter((sender) => sender.channel === channel).map(({ from }) => h("option", { value: from })),
        ),
      ),
    );
    let filled = false;
    for (const contact of contacts()) {
      const channel = /** @type {HTMLSelectElement} */ (find(contact, "channel")).value;
      const from = /** @type {HTMLInputElement} */ (find(contact, "from"));
      const known = senderOf(senders, channel);
      if (from.value || !known || contact.contains(document.activeElement)) continue;
      from.value = known;
      filled = true;
    }
    if (filled || country) changed(); // hints name the country
  });
}
