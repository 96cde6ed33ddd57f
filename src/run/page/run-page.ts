import { hash } from 'node:crypto'
import { causeLines } from '../../lib/stack.ts'
import { escapeHtml } from '../../lib/text/escape-html.ts'
import { wordsOfWait } from '../../work/wait.ts'
import type { RunDocument, StepDetail, StepDocument } from '../document.ts'

/** Writes a run as one HTML file. */
export async function writePage(run: RunDocument, read: (step: string) => Promise<StepDetail>): Promise<string> {
  const steps = Object.values(run.steps)
  const failed = steps.filter(({ status }) => status === 'failed').slice(0, MAX_DETAILS)
  const details = new Map<string, StepDetail>()
  for (const { id } of new Set([...failed, ...steps.slice(0, MAX_DETAILS)])) details.set(id, await read(id))
  return runPage(run, details)
}

/** Steps that are read one by one: each reading reads the whole run. */
const MAX_DETAILS = 100

/**
 * A whole run as one file, for a ticket: its facts, a timeline, and each step. It has no script and loads nothing, and
 * its text is shown as text. `details`: the steps with their parameters and prompts, by id.
 */
function runPage(run: RunDocument, details: ReadonlyMap<string, StepDetail>): string {
  const steps = Object.values(run.steps)
  const body = [
    `<h1>${escapeHtml(run.name)} <small class="is-${run.status}">${run.status}</small></h1>`,
    factsOf(run),
    ...problemOf(run),
    ...(details.size < steps.length
      ? [`<p class="quiet">Parameters and prompts are here of ${details.size} of ${steps.length} steps.</p>`]
      : []),
    timelineOf(run, steps),
    ...Object.entries(run.outputs).map(([name, value]) => textBox(`Output ${name}`, value)),
    '<h2>Steps</h2>',
    ...sectionsOf(steps, details),
  ]
  const head = [
    '<meta charset="utf-8">',
    `<meta http-equiv="content-security-policy" content="${escapeHtml(POLICY)}">`,
    '<meta name="viewport" content="width=device-width"><meta name="referrer" content="no-referrer">',
    `<meta name="color-scheme" content="light dark"><title>${escapeHtml(run.name)}</title><style>${STYLE}</style>`,
  ]
  return `<!doctype html><html lang="en"><head>${head.join('')}</head><body>${body.join('\n')}</body></html>\n`
}

/** Characters of all steps; those behind are named only. */
const MAX_CHARS = 16 * 1024 * 1024

function sectionsOf(steps: readonly StepDocument[], details: ReadonlyMap<string, StepDetail>): readonly string[] {
  const sections: string[] = []
  let left = MAX_CHARS
  for (const step of steps) {
    const section = stepSection(step, details.get(step.id))
    left -= section.length
    if (left < 0) return [...sections, `<p>${steps.length - sections.length} more steps are not in this file.</p>`]
    sections.push(section)
  }
  return sections
}

function factsOf({ execution_id, started_at, completed_at, duration, counts, usage, pipeline_hash }: RunDocument) {
  const facts = {
    id: execution_id,
    started: started_at,
    ended: completed_at ?? 'not yet',
    took: duration === null ? undefined : `${duration} s`,
    steps: `${counts.done} done, ${counts.failed} failed, ${counts.skipped} skipped`,
    tokens: usage && `${usage.input} in, ${usage.output} out`,
    cost: usage?.cost === undefined ? undefined : `$${usage.cost}`,
    'hash of the pipeline': pipeline_hash,
    written: new Date().toISOString(),
  }
  const rows = Object.entries(facts).flatMap(([name, value]) =>
    value === undefined ? [] : [`<dt>${name}</dt><dd>${escapeHtml(value)}</dd>`],
  )
  return `<dl>${rows.join('')}</dl>`
}

function problemOf({
  error,
  error_code = '',
  error_hint = '',
  error_stack,
  failed_step,
}: RunDocument): readonly string[] {
  if (error === null) return []
  const at = failed_step === undefined ? '' : `<b>${escapeHtml(failed_step)}</b> `
  const causes = causeLines(error_stack).map((line) => `<p class="quiet">${escapeHtml(line)}</p>`)
  return [
    `<div class="bad"><p>${at}${escapeHtml(error)} <code>${escapeHtml(error_code)}</code></p>${causes.join('')}<p>${escapeHtml(error_hint)}</p></div>`,
  ]
}

/** Rows of the timeline; more are not readable. */
const MAX_ROWS = 400

/** The steps as bars on one axis. */
function timelineOf({ started_at, completed_at }: RunDocument, steps: readonly StepDocument[]): string {
  const from = Date.parse(started_at)
  const timed = steps.flatMap(({ id, status, started_at: begun, completed_at: ended }) =>
    begun === null || ended === null ? [] : [{ id, status, begun: Date.parse(begun), ended: Date.parse(ended) }],
  )
  const to = Math.max(from + 1, Date.parse(completed_at ?? '') || 0, ...timed.map(({ ended }) => ended))
  const share = (ms: number) => (((ms - from) / (to - from)) * 100).toFixed(2)
  const rows = timed.slice(0, MAX_ROWS).map(({ id, status, begun, ended }, row) => {
    const width = Math.max(0.3, Number(share(ended)) - Number(share(begun)))
    return `<text x="0" y="${row * 20 + 14}">${escapeHtml(id.slice(0, 30))}</text><svg x="240" width="700" y="${row * 20 + 3}" height="14"><rect class="is-${status}" x="${share(begun)}%" width="${width}%" height="14" rx="3"><title>${ended - begun} ms</title></rect></svg>`
  })
  if (rows.length === 0) return ''
  return `<h2>Timeline</h2><svg class="timeline" viewBox="0 0 950 ${rows.length * 20}" role="img" aria-label="When each step worked">${rows.join('')}</svg>`
}

const STYLE = `:root { color-scheme: light dark; --line: light-dark(#ddd, #333); --soft: light-dark(#f4f4f2, #1d1f22); --quiet: light-dark(#62656b, #a0a4ab); --good: light-dark(#1f7a46, #6cc494); --bad: light-dark(#b3261e, #ff8f86); --warn: light-dark(#8a5a00, #e6b450) }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere }
pre { white-space: pre-wrap; background: var(--soft); padding: .7rem 1rem; border-radius: 6px; unicode-bidi: plaintext }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.5rem } dt, .quiet { color: var(--quiet) } dd { margin: 0 }
details { border-top: 1px solid var(--line); padding: .5rem 0 } summary { cursor: pointer } h4 { margin: 1rem 0 .3rem }
.bad { border-left: 4px solid var(--bad); padding-left: 1rem }
.is-completed { color: var(--good); fill: var(--good) } .is-failed { color: var(--bad); fill: var(--bad) } .is-waiting { color: var(--warn) }
.timeline { width: 100%; border: 1px solid var(--line); border-radius: 6px } .timeline text { font-size: 12px; fill: currentColor }`

const POLICY = `default-src 'none'; style-src 'sha256-${hash('sha256', STYLE, 'base64')}'; base-uri 'none'; form-action 'none'`

/** A step as a part of the page that opens; a step that failed is open. */
function stepSection(step: StepDocument, detail: StepDetail | undefined): string {
  const { id, status, error, error_code = '', error_hint = '', models = [], said = [], value } = step
  const parts = [
    error === null ? '' : `<p class="bad">${escapeHtml(error)} <code>${escapeHtml(error_code)}</code></p>`,
    ...causeLines(step.error_stack).map(line),
    error_hint && `<p>${escapeHtml(error_hint)}</p>`,
    ...said.map(({ what, by, at }) => line(`${by.name} ${what}, ${new Date(at).toISOString()}, through ${by.through}`)),
    ...models.map(({ model, input, output, cost }) =>
      line(`${model}: ${input} tokens in, ${output} out${cost === undefined ? '' : `, $${cost}`}`),
    ),
    detail?.parameters === undefined ? '' : textBox('Parameters', detail.parameters),
    ...(detail?.messages ?? []).map(({ role, text }) => textBox(`Prompt, ${role}`, text)),
    detail?.reply === undefined ? (value === null ? '' : textBox('Result', value)) : textBox('Reply', detail.reply),
  ]
  const summary = `<summary><b>${escapeHtml(id)}</b> <span class="is-${status}">${status}</span> <span class="quiet">${escapeHtml(factsOfStep(step))}</span></summary>`
  return `<details${status === 'failed' ? ' open' : ''}>${summary}${parts.join('')}</details>`
}

const line = (text: string) => `<p class="quiet">${escapeHtml(text)}</p>`

function factsOfStep({
  tool,
  action,
  duration,
  retries,
  reused,
  skip_reason,
  waits_for,
  dependencies,
}: StepDocument): string {
  const facts = [
    tool === null || tool === action ? action : `${tool} ${action}`,
    duration !== null && `${duration} s`,
    retries > 0 && `${retries + 1} attempts`,
    reused && 'reused',
    skip_reason !== null && `skipped: ${skip_reason.replaceAll('_', ' ')}`,
    waits_for !== undefined && `waits for ${wordsOfWait(waits_for)}`,
    dependencies.length > 0 && `after ${dependencies.join(', ')}`,
  ]
  return facts.filter((fact) => typeof fact === 'string').join(' · ')
}

/** A value as text in a box; a long one is cut, and says so. */
function textBox(name: string, value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? '')
  const cut = text.length > MAX_TEXT ? `<p class="quiet">The first ${MAX_TEXT} of ${text.length} characters.</p>` : ''
  return `<h4>${escapeHtml(name)}</h4><pre>${escapeHtml(text.slice(0, MAX_TEXT))}</pre>${cut}`
}

const MAX_TEXT = 64 * 1024
