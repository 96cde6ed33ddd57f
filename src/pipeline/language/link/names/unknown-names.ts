import { didYouMean, suggestOrList } from '../../diagnostics/did-you-mean.ts'
import { isBinding, kindsBinding } from '../../parse/loops/binding-names.ts'
import type { PipelineSpec } from '../../parse/pipeline-spec.ts'
import type { Mention } from './mentions.ts'
import { complain, type Surroundings } from './name-finding.ts'
import { loopsIn } from './scopes.ts'
import { isFunction } from './template-functions.ts'

/** What holds for the whole run, with the fields it has. */
export const RUN_NAMES: { readonly [name: string]: readonly string[] | null } = {
  execution: ['id', 'started_at', 'timestamp', 'date', 'time'],
  pipeline_id: null,
  execution_id: null,
  timestamp: null,
  current_timestamp: null,
  current_date: null,
}
/** Maps of all inputs. */
export const INPUT_MAPS = ['inputs', 'parameters']

/** Reports a name that leads nowhere, with what it may have meant. */
export function refuseName(mention: Mention, around: Surroundings): undefined {
  const { name } = mention
  const { spec } = around
  if (around.ofAll && idsIn(spec).includes(name)) return refuseStep(mention, name, around)
  if (name === 'error')
    return complain(
      mention,
      around,
      'undefined_variable',
      '`error` has a value only in a step that handles a failure',
      'name the step that failed: step.error',
    )
  if (name === 'env')
    return complain(
      mention,
      around,
      'undefined_variable',
      'templates do not see the environment',
      'declare an input, and give it with -i name="$NAME"',
    )
  if (name === 'loop')
    return complain(
      mention,
      around,
      'undefined_variable',
      '`loop` has a value only inside a {% for %}',
      'in the body of a loop step write index, position, length, is_first or is_last',
    )
  if (isFunction(name))
    return complain(mention, around, 'global_not_called', `\`${name}\` is a function`, `call it: ${name}()`)
  const loops = loopsIn(spec.steps)
  const owner = loops.find(({ loop }) => loop.body.some(({ id }) => id === name))
  if (owner)
    return complain(
      mention,
      around,
      'undefined_variable',
      `step \`${name}\` is inside loop \`${owner.id}\``,
      `read ${owner.id}.results`,
    )
  if (isBinding(name) && around.levels.some(({ loop }) => loop)) return refuseBinding(mention, around)
  if (isBinding(name) || loops.some(({ loop }) => loop.list && loop.variable === name))
    return complain(
      mention,
      around,
      'loop_variable_outside_loop',
      `\`${name}\` has a value only inside the body of a loop`,
      hintForLoop(mention, around),
    )
  return complain(
    mention,
    around,
    'undefined_variable',
    `there is no step, input or variable \`${name}\``,
    nameMeant(mention, around),
  )
}

/** The condition of a loop is asked of the loop as a whole. */
function hintForLoop({ at }: Mention, { spec, step }: Surroundings): string | undefined {
  const loop = loopsIn(spec.steps).find(({ id }) => id === step)?.loop
  const isCondition = at.at(-1) === 'condition' || at.at(-1) === 'if'
  return loop?.kind === 'for_each' && isCondition
    ? 'this condition is asked once, before the loop: give it to a step of the body, or write foreach, which asks it of each item'
    : undefined
}

/** Where expressions stand as they are, without quotes. */
const BARE = ['condition', 'if', 'while', 'until', 'while_condition']

function nameMeant({ name, path, at }: Mention, around: Surroundings): string {
  const known = namesAround(around)
  // in an id with a slip the hyphen is a minus
  const begun = known.find((other) => other.startsWith(`${name}-`))
  const meant = begun === undefined ? didYouMean(name, known) : `did you mean \`${begun}\`?`
  const turn = name.startsWith('prev_') ? name.slice('prev_'.length) : undefined
  if (turn !== undefined && around.levels.some(({ loop, ids }) => loop && ids.has(turn)))
    return `a condition of turns reads the turn before by the step's own name: write ${turn}`
  const asText = path.length === 0 && BARE.includes(String(at.at(-1))) ? `; a text stands in quotes: '${name}'` : ''
  return meant ?? `declare it under inputs:, or give it with -i ${name}=…${asText}`
}

/** Reports what only other loops bind. */
function refuseBinding(mention: Mention, around: Surroundings): undefined {
  const { name } = mention
  const message = `\`${name}\` has a value only inside the body of a loop of another kind: ${kindsBinding(name).join(', ')}`
  const bound = around.levels.flatMap(({ bound }) => [...bound])
  const hint = name === 'iteration' ? 'write index, which counts from 0, too' : suggestOrList(name, bound, 'here are')
  return complain(mention, around, 'loop_variable_outside_loop', message, hint)
}

/** Reports a step where it may be another one that failed. */
export function refuseStep(mention: Mention, id: string, around: Surroundings): undefined {
  const message = `a handler of all steps cannot read \`${id}\`: it may be another step that failed`
  const hint = 'write error.error_message; which step it was is error.failed_task_id'
  return complain(mention, around, 'undefined_variable', message, hint)
}

function idsIn({ steps }: PipelineSpec): readonly string[] {
  return [...steps, ...loopsIn(steps).flatMap(({ loop }) => loop.body)].map(({ id }) => id)
}

function namesAround({ spec, levels }: Surroundings): readonly string[] {
  return [
    ...levels.flatMap(({ ids, bound }) => [...ids, ...bound]),
    ...Object.keys(spec.inputs),
    ...INPUT_MAPS,
    ...Object.keys(spec.constants),
    ...Object.keys(RUN_NAMES),
  ]
}
