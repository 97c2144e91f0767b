import { escapeHtml } from "../../lib/escape-html.ts";
import type { FieldIssue } from "../api/field-issue.ts";

/** What is wrong, as a list at the top of a form; nothing where nothing is. `outcome`: what has not been done. */
export const wrongList = (outcome: string, issues: readonly FieldIssue[]): string =>
  issues.length === 0
    ? ""
    : `<div class="wrong"><p>${outcome}:</p><ul>${issues
        .map(({ field, problem }) => `<li><strong>${escapeHtml(field)}</strong>: ${escapeHtml(problem)}</li>`)
        .join("")}</ul></div>`;

/** The last field of every form that changes something, and its button. */
export const adminField = (button: string): string =>
  `<label for="token">Admin token<small>The value of ADMIN_TOKEN. It is not stored, so every form needs it.</small></label>` +
  `<input id="token" name="token" type="password" required autocomplete="current-password"><button>${button}</button>`;
