import { escapeHtml } from '../../lib/escape-html.ts'
import { causeLines } from '../../lib/stack.ts'
import type { StepDetail, StepDocument } from '../document.ts'
import { textBox } from './text-box.ts'

/** A step as a part of the page that opens; a step that failed is open. */
export function stepSection(step: StepDocument, detail: StepDetail | undefined): string {
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
  const summary = `<summary><b>${escapeHtml(id)}</b> <span class="is-${status}">${status}</span> <span class="quiet">${escapeHtml(factsOf(step))}</span></summary>`
  return `<details${status === 'failed' ? ' open' : ''}>${summary}${parts.join('')}</details>`
}

const line = (text: string) => `<p class="quiet">${escapeHtml(text)}</p>`

function factsOf({
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
    waits_for !== undefined && `waits for ${waits_for}`,
    dependencies.length > 0 && `after ${dependencies.join(', ')}`,
  ]
  return facts.filter((fact) => typeof fact === 'string').join(' · ')
}
