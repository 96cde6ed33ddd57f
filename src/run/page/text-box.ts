import { escapeHtml } from '../../lib/escape-html.ts'

/** A value as text in a box; a long one is cut, and says so. */
export function textBox(name: string, value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? '')
  const cut = text.length > MAX_TEXT ? `<p class="quiet">The first ${MAX_TEXT} of ${text.length} characters.</p>` : ''
  return `<h4>${escapeHtml(name)}</h4><pre>${escapeHtml(text.slice(0, MAX_TEXT))}</pre>${cut}`
}

const MAX_TEXT = 64 * 1024
