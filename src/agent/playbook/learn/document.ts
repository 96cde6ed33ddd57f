import type { Json } from '../../../kernel/schema.ts'
import { type CompletedGoal, NoPlaybook } from './completed-goal.ts'
import { formOf, formText, type NamedValue } from './form.ts'
import type { ListGuard } from './list-guards.ts'
import { ancestorsOf } from './order.ts'
import type { ResultPlace } from './results.ts'
import type { Segment, StepOfCall, Written } from './written.ts'

/** A pipeline as data, in the keys of the pipeline language. */
export type PlaybookDocument = {
  readonly name: string
  readonly description?: string
  readonly inputs: { readonly [name: string]: { readonly type: 'string' | 'number' } }
  readonly steps: readonly DocumentStep[]
  readonly outputs: { readonly [name: string]: string }
}

type DocumentStep = {
  readonly id: string
  readonly tool: string
  readonly action?: string
  readonly dependencies?: readonly string[]
  readonly condition?: string
  readonly parameters: { readonly [name: string]: Json }
}

type Parts = {
  readonly goal: Pick<CompletedGoal, 'agent' | 'goal'>
  readonly inputs: readonly NamedValue[]
  readonly steps: readonly StepOfCall[]
  readonly needs: ReadonlyMap<string, readonly string[]>
  readonly guards: readonly ListGuard[]
  /** absent: the results of the last steps are the outputs */
  readonly answer: readonly Segment[] | undefined
}

/**
 * The pipeline of a playbook. The steps behind a call that waited for a person, or behind a list that is read by
 * position, are done only while the person approves and the list has its length. Pure.
 */
export function documentOf(parts: Parts): PlaybookDocument {
  const { goal, inputs, steps, needs, answer } = parts
  const description = formText(formOf(goal.goal, inputs))
  const numbers = new Set(steps.flatMap(({ call }) => numbersIn(call.parameters)))
  return {
    name: `${goal.agent} learned`,
    ...(!/[{<][{%#A/]|secret:/.test(description) && { description }),
    inputs: Object.fromEntries(
      inputs.map(({ input, text }) => [input, { type: numbers.has(text) ? 'number' : 'string' }]),
    ),
    steps: steps.map((step) => stepOf(step, parts)),
    outputs: answer ? { answer: textOf(answer, parts) } : lastResults(steps, needs),
  }
}

function numbersIn(value: Json): readonly string[] {
  if (typeof value === 'number') return [String(value)]
  return typeof value === 'object' && value !== null
    ? Object.values(value).flatMap((item) => numbersIn(item ?? null))
    : []
}

function stepOf({ id, call, written }: StepOfCall, parts: Parts): DocumentStep {
  const { needs } = parts
  const [tool, action] = call.tool.split(':') as [string, string?]
  const conditions = conditionsOf(id, parts)
  const parameters = jsonOf(written, parts) as { readonly [name: string]: Json }
  const waits = needs.get(id)!.length > 0 && { dependencies: needs.get(id)! }
  const step = { id, tool, ...(action !== undefined && { action }) }
  return { ...step, ...waits, ...conditionOf(conditions), parameters }
}

const approved = (step: string) => `${step}.status == 'completed'`
const conditionOf = (conditions: readonly string[]) =>
  conditions.length > 0 && { condition: `{{ ${conditions.join(' and ')} }}` }

/** The approvals of all steps before it, and the lengths of the lists that it depends on. */
function conditionsOf(id: string, { steps, needs, guards }: Parts): readonly string[] {
  const before = ancestorsOf(id, needs)
  const idOf = (call: number) => steps.find(({ place }) => place === call)!.id
  const { isPure } = steps.find((step) => step.id === id)!.call
  const gates = steps.filter((step) => before.has(step.id) && step.call.isApproved).map((step) => approved(step.id))
  const lengths = guards
    .filter((guard) => {
      const isBehindReader = guard.steps.some((step) => step === id || before.has(step))
      return isBehindReader || (!isPure && before.has(idOf(guard.place.call)))
    })
    .map(({ place, length }) => `(${pathOf(place, steps)} | length) == ${length}`)
  return [...gates, ...lengths]
}

function lastResults(steps: readonly StepOfCall[], needs: Parts['needs']): { readonly [name: string]: string } {
  const needed = new Set([...needs.values()].flat())
  const last = steps.filter(({ id }) => !needed.has(id))
  return Object.fromEntries(last.map(({ id }) => [id, `{{ ${id}.result }}`]))
}

function jsonOf(written: Written, parts: Parts): Json {
  switch (written.type) {
    case 'literal':
      return written.value
    case 'text':
      return textOf(written.segments, parts)
    case 'list':
      return written.items.map((item) => jsonOf(item, parts))
    case 'map':
      return Object.fromEntries(Object.entries(written.fields).map(([name, field]) => [name, jsonOf(field, parts)]))
  }
}

function textOf(segments: readonly Segment[], { inputs, steps }: Pick<Parts, 'inputs' | 'steps'>): string {
  return segments
    .map((segment) => {
      if (typeof segment === 'string') return segment
      if (segment.type === 'goal') return `{{ ${inputs.find(({ text }) => text === segment.text)!.input} }}`
      return `{{ ${pathOf(segment, steps)}${segment.trimmed ? ' | trim' : ''} }}`
    })
    .join('')
}

/** The expression for a value of a result. */
function pathOf({ call, path }: ResultPlace, steps: readonly StepOfCall[]): string {
  const { id } = steps.find(({ place }) => place === call)!
  const keys = path.map((key) => {
    if (typeof key === 'number') return `[${key}]`
    if (/^[A-Za-z_]\w*$/.test(key)) return `.${key}`
    if (/['\\\n]/.test(key)) throw new NoPlaybook(`no reference can name the field ${JSON.stringify(key)}`)
    return `['${key}']`
  })
  return [id, '.result', ...keys].join('')
}
