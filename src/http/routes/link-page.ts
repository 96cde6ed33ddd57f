import { hash } from 'node:crypto'
import type { Link } from '../../access/room/documents.ts'
import { InvalidError } from '../../errors.ts'
import { type Json, parseExact } from '../../kernel/json.ts'
import { escapeHtml } from '../../lib/text/escape-html.ts'
import type { StepItem } from '../../run/room/documents.ts'
import { jsonOrText } from '../../yaml/json-or-text.ts'

/** A link with the work that waits behind it. */
type OpenLink = Link & { readonly item?: StepItem }

/** Renders the page of a link: the question and a form. Reading the page changes nothing. */
export function linkPage(link: OpenLink): Response {
  const { kind, item } = link
  if (kind === 'webhook') return page('A webhook', ['<p>This address accepts one POST with JSON.</p>'])
  if (!item) return page('Nothing waits here', ['<p>Nothing waits for an answer here now. Try again later.</p>'])
  return page(item.title, [
    ...contentOf(item),
    ...purposeOf(item),
    ...formOf(item),
    `<p><small>${escapeHtml(aboutOf(link))}</small></p>`,
  ])
}

export function tellPage(title: string, text: string, status = 200): Response {
  return page(title, [`<p>${escapeHtml(text)}</p>`], status)
}

function contentOf({ content }: StepItem): readonly string[] {
  if (content === undefined) return []
  return [`<pre>${escapeHtml(typeof content === 'string' ? content : JSON.stringify(content, null, 2))}</pre>`]
}

/** The purpose of the call. Whoever has the link decides about it, and so reads it. */
function purposeOf({ owner, agent, conversation, context, idempotencyKey }: StepItem): readonly string[] {
  const facts = { owner, agent, conversation, context, 'idempotency key': idempotencyKey }
  const rows = Object.entries(facts).flatMap(([name, value]) =>
    value === undefined ? [] : [`<dt>${name}</dt><dd>${escapeHtml(textOf(value))}</dd>`],
  )
  return ['<dl>', ...rows, '</dl>']
}

const aboutOf = ({ run, expiresAt }: OpenLink) =>
  `Run ${run}. This page answers once, until ${new Date(expiresAt).toISOString()}.`

function formOf(item: StepItem): readonly string[] {
  const { expects, digest } = item
  const fields = fieldsOf(expects)
  if (!fields) return ['<p>This question cannot be answered on a page. Use antiphon inbox.</p>']
  const named = digest === undefined ? [] : [`<input type="hidden" name="digest" value="${escapeHtml(digest)}">`]
  return ['<form method="post">', ...named, NAME, ...fields, '</form>', ...changeOf(item)]
}

/** A form that approves a changed content. */
function changeOf({ expects: { type, choices = [], reason }, content }: StepItem): readonly string[] {
  if (type !== 'approval' || !choices.includes('modify') || content === undefined) return []
  const isText = typeof content === 'string'
  const text = isText ? content : JSON.stringify(content, null, 2)
  return [
    '<details><summary>Change it</summary><form method="post">',
    NAME,
    `<input type="hidden" name="form" value="${isText ? 'text' : 'json'}">`,
    // HTML drops a line break at the beginning of the field
    label('The content that you approve', `<textarea name="content" rows="12">\n${escapeHtml(text)}</textarea>`),
    ...(reason ? [label('Reason', '<textarea name="reason" rows="3" required></textarea>')] : []),
    '<p><button name="action" value="modify">Approve with this change</button></p></form></details>',
  ]
}

const SEND = '<p><button>Send</button></p>'
const label = (text: string, field: string) => `<p><label>${text}<br>${field}</label></p>`

/** The page knows nobody, so it asks. The name is recorded as it was typed. */
const NAME = label('Your name, for the record', '<input name="by" maxlength="200" autocomplete="name">')

/** The form fields. Undefined if a form cannot express the answer. */
function fieldsOf({ type, choices = [], default: given, reason }: StepItem['expects']): readonly string[] | undefined {
  const value = given === undefined ? '' : ` value="${escapeHtml(textOf(given))}"`
  switch (type) {
    case 'approval':
      return [
        label('Reason', `<textarea name="reason" rows="3"${reason ? ' required' : ''}></textarea>`),
        `<p>${BUTTONS}</p>`,
      ]
    case 'settlement':
      return [
        '<p>done: the call took place. not-done: antiphon makes the call now. fail: the step fails.</p>',
        label('What the call returned, as JSON (only if it was done)', '<textarea name="result" rows="3"></textarea>'),
        `<p>${choices.map(buttonOf).join(' ')}</p>`,
      ]
    case 'choice':
      return [label('Answer', `<select name="value">${choices.map(optionOf).join('')}</select>`), SEND]
    case 'boolean':
      return [label('Answer', `<select name="value">${['yes', 'no'].map(optionOf).join('')}</select>`), SEND]
    case 'multiline':
      return [label('Answer', '<textarea name="value" rows="8"></textarea>'), SEND]
    case 'text':
    case 'number':
      return [label('Answer', `<input name="value"${value}>`), SEND]
    default:
      return undefined
  }
}

const BUTTONS =
  '<button name="action" value="approve">Approve</button> <button name="action" value="reject">Reject</button>'

const buttonOf = (choice: Json) =>
  `<button name="outcome" value="${escapeHtml(textOf(choice))}">${escapeHtml(textOf(choice))}</button>`
const optionOf = (choice: Json) => `<option>${escapeHtml(textOf(choice))}</option>`
const textOf = (value: Json) => (typeof value === 'string' ? value : JSON.stringify(value))

/** Converts the submitted form into the value of the signal. */
export function answerIn(form: URLSearchParams): Json {
  const action = form.get('action')
  const reason = form.get('reason')?.trim() ?? ''
  const outcome = form.get('outcome')
  if (outcome !== null) return { outcome, ...resultIn(form) }
  if (action === null) return form.get('value') ?? ''
  const said = reason !== '' && { reason }
  if (action === 'modify') return { action, ...said, content: contentIn(form) }
  const digest = form.get('digest')
  return { action, ...said, ...(digest !== null && action === 'approve' && { digest }) }
}

function contentIn(form: URLSearchParams): Json {
  // a form sends CRLF
  const text = (form.get('content') ?? '').replaceAll('\r\n', '\n')
  if (form.get('form') !== 'json') return text
  try {
    return parseExact(text) as Json
  } catch (cause) {
    const why = (cause as Error).message
    throw new InvalidError(`The changed content is not JSON: ${why}`, { code: 'bad_value', cause })
  }
}

function resultIn(form: URLSearchParams): { readonly result?: Json } {
  const text = form.get('result')?.trim() ?? ''
  return text === '' || form.get('outcome') !== 'done' ? {} : { result: jsonOrText(text) }
}

const STYLE = `body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f4f4f4; color: #222; padding: 1rem; max-height: 30rem; overflow: auto }
textarea, input, select { width: 100%; box-sizing: border-box; font: inherit }
button { font: inherit; padding: .5rem 1rem }`

/** The page runs nothing, sends nothing to other origins and has no frame. Its secret address is in no referrer. */
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${hash('sha256', STYLE, 'base64')}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'x-robots-tag': 'noindex',
}

function page(title: string, body: readonly string[], status = 200): Response {
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title><style>${STYLE}</style>`
  const text = `<!doctype html><html lang="en"><head>${head}</head><body><h1>${escapeHtml(title)}</h1>${body.join('')}</body></html>`
  return new Response(text, { status, headers: HEADERS })
}
