import { escapeHtml } from "./escape-html.ts";

/** Characters that XML 1.0 forbids even as references: controls, lone surrogates, U+FFFE and U+FFFF. */
const FORBIDDEN = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** The text with what XML cannot hold replaced by U+FFFD. */
export const cleanXml = (text: string): string => text.replace(FORBIDDEN, "\ufffd");

/** Escapes text for XML, between tags and in quoted attributes. */
export const escapeXml = escapeHtml;
