const SPECIAL = /[&<>"']/g;
const ESCAPED: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text as it stands in HTML, between tags or between the quotes of an attribute. */
export function escapeHtml(text: string): string {
  return text.replace(SPECIAL, (c) => ESCAPED[c] as string);
}
