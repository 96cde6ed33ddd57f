import { hash } from 'node:crypto'
import type { Json } from '../../kernel/schema.ts'
import { escapeHtml } from '../../lib/escape-html.ts'
import type { Link } from '../../runtime/ports/access.ts'
import type { StepItem } from '../../runtime/ports/inbox.ts'

/** A link with the work that waits behind it. */
export type OpenLink = Link & { readonly item?: StepItem }

/** Renders the page of a link: the question and a form. Reading the page changes nothing. */
export function linkPage(link: OpenLink): Response {
  const { kind, item } = link
  if (kind === 'webhook') return page('A webhook', ['<p>This address accepts one POST with JSON.</p>'])
  if (!item) return page('Nothing waits here', ['<p>Nothing waits for an answer here now. Try again later.</p>'])
  return page(item.title, [...contentOf(item), ...formOf(item), `<p><small>${escapeHtml(aboutOf(link))}</small></p>`])
}

/** Renders the result page. */
export function tellPage(title: string, text: string, status = 200): Response {
  return page(title, [`<p>${escapeHtml(text)}</p>`], status)
}

function contentOf({ content }: StepItem): readonly string[] {
  if (content === undefined) return []
  return [`<pre>${escapeHtml(typeof content === 'string' ? content : JSON.stringify(content, null, 2))}</pre>`]
}

const aboutOf = ({ run, expiresAt }: OpenLink) =>
  `Run ${run}. This page answers once, until ${new Date(expiresAt).toISOString()}.`

function formOf({ expects, digest }: StepItem): readonly string[] {
  const fields = fieldsOf(expects)
  if (!fields) return ['<p>This question cannot be answered on a page. Use antiphon inbox.</p>']
  const named = digest === undefined ? [] : [`<input type="hidden" name="digest" value="${escapeHtml(digest)}">`]
  return ['<form method="post">', ...named, ...fields, '</form>']
}

const SEND = '<p><button>Send</button></p>'
const label = (text: string, field: string) => `<p><label>${text}<br>${field}</label></p>`

/** The form fields. Undefined if a form cannot express the answer. */
function fieldsOf({ type, choices = [], default: given, reason }: StepItem['expects']): readonly string[] | undefined {
  const value = given === undefined ? '' : ` value="${escapeHtml(textOf(given))}"`
  switch (type) {
    case 'approval':
      return [
        label('Reason', `<textarea name="reason" rows="3"${reason ? ' required' : ''}></textarea>`),
        `<p>${BUTTONS}</p>`,
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

const optionOf = (choice: Json) => `<option>${escapeHtml(textOf(choice))}</option>`
const textOf = (value: Json) => (typeof value === 'string' ? value : JSON.stringify(value))

/** Converts the submitted form into the value of the signal. */
export function answerIn(form: URLSearchParams): Json {
  const action = form.get('action')
  const reason = form.get('reason')?.trim() ?? ''
  if (action === null) return form.get('value') ?? ''
  const digest = form.get('digest')
  return { action, ...(reason !== '' && { reason }), ...(digest !== null && action === 'approve' && { digest }) }
}

const STYLE = `body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f4f4f4; color: #222; padding: 1rem; max-height: 30rem; overflow: auto }
textarea, input, select { width: 100%; box-sizing: border-box; font: inherit }
button { font: inherit; padding: .5rem 1rem }`

/**
 * The page loads and runs nothing, sends nothing to other origins and cannot be framed. Its
 * address, which is a secret, appears in no referrer.
 */
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
