/** The views that are fetched when one of them is opened first. */

import { Activity } from "../activity/activity.js";
import { Batch } from "../batches/batch.js";
import { NewBatch } from "../batches/batch_form.js";
import { Batches } from "../batches/batches.js";
import { Inbox } from "../conversations/inbox.js";
import { Customers } from "../customers/customers.js";
import { Lab } from "../lab/lab.js";
import { Problems } from "../problems/problems.js";
import { Planned } from "../schedules/planned.js";

import { SettingsView } from "../settings/settings.js";

/** By the names that routes.js has. */
export const OTHERS = {
  activity: Activity,
  batch: Batch,
  newBatch: NewBatch,
  batches: Batches,
  inbox: Inbox,
  customers: Customers,
  problems: Problems,
  planned: Planned,
  windows: Lab,
  settings: SettingsView,
};
