import { didYouMean, suggestOrList } from '../../diagnostics/did-you-mean.ts'
import { isLoopBinding, loopKindsBinding } from '../../parse/loops/binding-names.ts'
import type { PipelineSpec } from '../../parse/pipeline-spec.ts'
import type { Mention } from './mentions.ts'
import { type ReferenceContext, reporterAt, reportMention } from './name-finding.ts'
import { allLoops } from './scopes.ts'
import { isTemplateFunction } from './template-functions.ts'

/** Names that are valid in the whole run, with their fields. */
export const RUN_NAMES: { readonly [name: string]: readonly string[] | null } = {
  execution: ['id', 'started_at', 'timestamp', 'date', 'time'],
  pipeline_id: null,
  execution_id: null,
  timestamp: null,
  current_timestamp: null,
  current_date: null,
}
export const INPUT_MAPS = ['inputs', 'parameters']

/** Names that have a value elsewhere, with what to write here. */
const NAMES_ELSEWHERE: ReadonlyMap<string, readonly [message: string, hint: string]> = new Map([
  ['error', ['`error` has a value only in an error handler', 'Name the step that failed: `step.error`.']],
  ['env', ['templates cannot read environment variables', 'Declare an input, and pass it with `-i name="$NAME"`.']],
  [
    'loop',
    [
      '`loop` has a value only in a {% for %}',
      'In the body of a loop step, write `index`, `position`, `length`, `is_first` or `is_last`.',
    ],
  ],
])

/** Reports an unknown name, with the names that it may have meant. */
export function reportUnknownName(mention: Mention, around: ReferenceContext): undefined {
  const { name } = mention
  const { spec } = around
  const report = reporterAt(mention, around)
  if (around.ofAll && idsIn(spec).includes(name)) return reportUnreadableStep(mention, name, around)
  const elsewhere = NAMES_ELSEWHERE.get(name)
  if (elsewhere) return report('undefined_variable', ...elsewhere)
  if (isTemplateFunction(name))
    return report('global_not_called', `\`${name}\` is a function`, `Call it: \`${name}()\`.`)
  const loops = allLoops(spec.steps)
  const owner = loops.find(({ loop }) => loop.body.some(({ id }) => id === name))
  if (owner) {
    const message = `step \`${name}\` is in the body of loop \`${owner.id}\``
    return report('undefined_variable', message, `Read \`${owner.id}.results\`.`)
  }
  if (isLoopBinding(name) && around.levels.some(({ loop }) => loop)) return refuseBinding(mention, around)
  if (isLoopBinding(name) || loops.some(({ loop }) => loop.list && loop.variable === name)) {
    const message = `\`${name}\` has a value only in the body of a loop`
    return report('loop_variable_outside_loop', message, hintForLoop(mention, around))
  }
  const message = `there is no step, input or variable \`${name}\``
  return report('undefined_variable', message, suggestName(mention, around))
}

/** The condition of a loop applies to the loop as a whole. */
function hintForLoop({ at }: Mention, { spec, step }: ReferenceContext): string | undefined {
  const loop = allLoops(spec.steps).find(({ id }) => id === step)?.loop
  const isCondition = at.at(-1) === 'condition' || at.at(-1) === 'if'
  return loop?.kind === 'for_each' && isCondition
    ? 'This condition is evaluated once, before the loop. Move it to a step of the body, or write `foreach` to evaluate it per item.'
    : undefined
}

/** Keys whose values are expressions without quotes. */
const EXPRESSION_KEYS = ['condition', 'if', 'while', 'until', 'while_condition']

function suggestName({ name, path, at }: Mention, around: ReferenceContext): string {
  const known = namesAround(around)
  // in a misspelt id the hyphen reads as a minus
  const begun = known.find((other) => other.startsWith(`${name}-`))
  const meant = begun === undefined ? didYouMean(name, known) : `Did you mean \`${begun}\`?`
  const turn = name.startsWith('prev_') ? name.slice('prev_'.length) : undefined
  if (turn !== undefined && around.levels.some(({ loop, ids }) => loop && ids.has(turn)))
    return `A loop condition reads the previous iteration by the id of the step: write \`${turn}\`.`
  const asText =
    path.length === 0 && EXPRESSION_KEYS.includes(String(at.at(-1))) ? ` Put a text in quotes: \`'${name}'\`.` : ''
  return meant ?? `Declare it under \`inputs:\`, or pass it with \`-i ${name}=…\`.${asText}`
}

/** Reports a name that only other loops bind. */
function refuseBinding(mention: Mention, around: ReferenceContext): undefined {
  const { name } = mention
  const message = `\`${name}\` has a value only in the body of a loop of another kind: ${loopKindsBinding(name).join(', ')}`
  const bound = around.levels.flatMap(({ bound }) => [...bound])
  const hint =
    name === 'iteration' ? 'Write `index`, which also starts at 0.' : suggestOrList(name, bound, 'available are')
  return reportMention(mention, around, 'loop_variable_outside_loop', message, hint)
}

/** Reports the name of a step where any step may have failed. */
export function reportUnreadableStep(mention: Mention, id: string, around: ReferenceContext): undefined {
  const message = `a handler of all steps cannot read \`${id}\`: another step may have failed`
  const hint = 'Write `error.error_message`. `error.failed_task_id` is the step that failed.'
  return reportMention(mention, around, 'undefined_variable', message, hint)
}

function idsIn({ steps }: PipelineSpec): readonly string[] {
  return [...steps, ...allLoops(steps).flatMap(({ loop }) => loop.body)].map(({ id }) => id)
}

function namesAround({ spec, levels }: ReferenceContext): readonly string[] {
  return [
    ...levels.flatMap(({ ids, bound }) => [...ids, ...bound]),
    ...Object.keys(spec.inputs),
    ...INPUT_MAPS,
    ...Object.keys(spec.constants),
    ...Object.keys(RUN_NAMES),
  ]
}
