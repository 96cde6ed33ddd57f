import { failAtNode, type RenderMachine, spendItems, spendSteps } from '../../machine/machine.ts'
import { entriesOf } from '../../values/entries.ts'
import { inputText, isMap, printValue, unwrapView } from '../../values/values.ts'
import { defineOperation, type TemplateOperations } from '../operation.ts'
import { letterOperation } from './text.ts'

const HTML: { readonly [letter: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
}
const escapeHtml = letterOperation('Escaped for HTML: & < > and quotes become entities.', (text) =>
  text.replace(/[&<>"']/g, (letter) => HTML[letter]!),
)

/** Filters for HTML and addresses. Nothing is ever escaped unasked. */
export const MARKUP_FILTERS: TemplateOperations = {
  escape: escapeHtml,
  e: escapeHtml,
  forceescape: escapeHtml,
  safe: defineOperation('', 'The value unchanged; there is no automatic escaping.', (value) => value),
  striptags: letterOperation('HTML without tags and comments, with single spaces.', stripTags),
  urlencode: defineOperation('', 'Escaped for a URL; a map becomes a query.', (value, _args, machine) =>
    encode(value, machine),
  ),
}

const ENTITIES: { readonly [entity: string]: string } = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#34;': '"',
  '&#39;': "'",
  '&nbsp;': ' ',
}

function stripTags(text: string): string {
  const plain = withoutSpans(withoutSpans(text, '<!--', '-->'), '<', '>')
  const single = plain.trim().split(/\s+/).join(' ')
  return single.replace(/&(?:amp|lt|gt|quot|#34|#39|nbsp);/g, (entity) => ENTITIES[entity]!)
}

/** Unclosed code spans stay. */
function withoutSpans(text: string, open: string, close: string): string {
  const pieces: string[] = []
  let from = 0
  for (let start = text.indexOf(open); start >= 0; start = text.indexOf(open, from)) {
    const end = text.indexOf(close, start + open.length)
    if (end < 0) break
    pieces.push(text.slice(from, start))
    from = end + close.length
  }
  return pieces.join('') + text.slice(from)
}

function encode(value: unknown, machine: RenderMachine): string {
  const map = unwrapView(value)
  if (Array.isArray(map)) return failAtNode(machine, 'expected text or a map, got a list')
  if (!isMap(map)) return percentEncode(inputText(value, machine), machine).replaceAll('%2F', '/')
  const entries = entriesOf(map, machine)
  spendItems(machine, entries.length)
  const part = (text: string) => percentEncode(text, machine).replaceAll('%20', '+')
  return entries.map(([key, item]) => `${part(key)}=${part(printValue(item, machine))}`).join('&')
}

/** All characters except letters, digits and `_.-~`. */
function percentEncode(text: string, machine: RenderMachine): string {
  spendSteps(machine, text.length / 8)
  const encoded = encodeURIComponent(text.toWellFormed())
  return encoded.replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)
}
