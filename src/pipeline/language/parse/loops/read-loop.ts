import { suggestOrList } from '../../diagnostics/did-you-mean.ts'
import type { LoopSpec, StepSpec } from '../pipeline-spec.ts'
import { reportKey, type StepReader } from '../reader.ts'
import { readActionLoop } from './action-loop.ts'
import { readForEach, readParallelMap } from './for-each.ts'
import { queueDefinition, readQueue } from './queue.ts'
import { readWhileUntil } from './while-until.ts'

type ReadLoop = (spec: StepSpec, reader: StepReader) => LoopSpec

/** The loop that a step's keys define, if any. Of several loops the first counts, and the others are reported. */
export function readLoopSpec(spec: StepSpec, reader: StepReader): LoopSpec | undefined {
  const [kind, other] = kindsOf(reader)
  if (!kind) return undefined
  if (other)
    reportKey(reader, 'loop_conflict', other[0], `a step cannot have both \`${kind[0]}:\` and \`${other[0]}:\``)
  else checkKeysOf(kind[0], reader)
  return kind[1](spec, reader)
}

/** The kinds of loop a step's keys name, each with its key. */
function kindsOf(reader: StepReader): readonly (readonly [key: string, read: ReadLoop])[] {
  const { step } = reader
  const actions = step.action_loop !== undefined
  const turns = (['while', 'until'] as const).find((key) => step[key] !== undefined)
  const kinds: (readonly [key: string, read: ReadLoop] | undefined)[] = [
    step.for_each === undefined ? undefined : ['for_each', readForEach],
    step.foreach === undefined ? undefined : ['foreach', readParallelMap],
    step.type === 'parallel_map' ? ['type', readParallelMap] : undefined,
    actions ? ['action_loop', readActionLoop] : undefined,
    queueDefinition(reader) === undefined ? undefined : [queueDefinition(reader)!.key, readQueue],
    turns && !actions ? [turns, readWhileUntil] : undefined,
  ]
  return kinds.filter((kind) => kind !== undefined)
}

/** Warns of keys that belong only to other loops. */
function checkKeysOf(loop: string, reader: StepReader): void {
  const { step, path, report, id } = reader
  const used = KEYS_BY_LOOP[loop] ?? []
  for (const key of LOOP_KEYS.filter((key) => (step[key] ?? false) !== false && !used.includes(key))) {
    const hint = suggestOrList(key, used, 'its keys')
    report('unknown_key', [...path, key], `\`${key}:\` has no effect with \`${loop}:\``, { key: true, step: id, hint })
  }
}

const FOR_EACH_KEYS = ['steps', 'loop_var', 'loop_name', 'max_parallel']
const KEYS_BY_LOOP: { readonly [loop: string]: readonly string[] | undefined } = {
  for_each: FOR_EACH_KEYS,
  foreach: [...FOR_EACH_KEYS, 'max_concurrent', 'parallel'],
  type: [...FOR_EACH_KEYS, 'max_concurrent', 'parallel', 'items'],
  while: ['steps', 'loop_name', 'max_iterations'],
  until: ['steps', 'loop_name', 'max_iterations'],
  action_loop: ['loop_name', 'max_iterations', 'while_condition', 'break_on_error', 'iteration_timeout'],
  create_parallel_queue: ['loop_name', 'loop_var'],
  parameters: ['loop_name', 'loop_var'],
}

/** Keys that belong only to a loop. */
export const LOOP_KEYS = [
  ...['steps', 'max_parallel', 'loop_var', 'loop_name', 'parallel', 'max_concurrent', 'items', 'max_iterations'],
  ...['while_condition', 'break_on_error', 'iteration_timeout'],
]
