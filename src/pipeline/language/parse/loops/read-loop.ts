import { suggestOrList } from '../../diagnostics/did-you-mean.ts'
import type { LoopSpec, StepSpec } from '../pipeline-spec.ts'
import { complain, type Reader } from '../reader.ts'
import { readActionLoop } from './action-loop.ts'
import { readForEach, readMap } from './for-each.ts'
import { queueIn, readQueue } from './queue.ts'
import { readTurns } from './while-until.ts'

type Read = (spec: StepSpec, reader: Reader) => LoopSpec

/** The loop that a step is, if its keys make it one; of several the first counts, the others are reported. */
export function readLoop(spec: StepSpec, reader: Reader): LoopSpec | undefined {
  const [kind, other] = kindsOf(reader)
  if (!kind) return undefined
  if (other) complain(reader, 'loop_conflict', other[0], `a step is one loop: \`${kind[0]}:\` or \`${other[0]}:\``)
  else checkKeysOf(kind[0], reader)
  return kind[1](spec, reader)
}

/** The kinds of loop a step's keys name, each with its key. */
function kindsOf(reader: Reader): readonly (readonly [key: string, read: Read])[] {
  const { step } = reader
  const actions = step.action_loop !== undefined
  const turns = (['while', 'until'] as const).find((key) => step[key] !== undefined)
  const kinds: (readonly [key: string, read: Read] | undefined)[] = [
    step.for_each === undefined ? undefined : ['for_each', readForEach],
    step.foreach === undefined ? undefined : ['foreach', readMap],
    step.type === 'parallel_map' ? ['type', readMap] : undefined,
    actions ? ['action_loop', readActionLoop] : undefined,
    queueIn(reader) === undefined ? undefined : [queueIn(reader)!.key, readQueue],
    turns && !actions ? [turns, readTurns] : undefined,
  ]
  return kinds.filter((kind) => kind !== undefined)
}

/** Warns of keys that mean something to other loops only. */
function checkKeysOf(loop: string, reader: Reader): void {
  const { step, path, report, id } = reader
  const used = USED[loop] ?? []
  for (const key of LOOP_KEYS.filter((key) => (step[key] ?? false) !== false && !used.includes(key))) {
    const hint = suggestOrList(key, used, 'its keys')
    report('unknown_key', [...path, key], `\`${key}:\` means nothing to \`${loop}:\``, { key: true, step: id, hint })
  }
}

const MAP_KEYS = ['steps', 'loop_var', 'loop_name', 'max_parallel']
const USED: { readonly [loop: string]: readonly string[] | undefined } = {
  for_each: MAP_KEYS,
  foreach: [...MAP_KEYS, 'max_concurrent', 'parallel'],
  type: [...MAP_KEYS, 'max_concurrent', 'parallel', 'items'],
  while: ['steps', 'loop_name', 'max_iterations'],
  until: ['steps', 'loop_name', 'max_iterations'],
  action_loop: ['loop_name', 'max_iterations', 'while_condition', 'break_on_error', 'iteration_timeout'],
  create_parallel_queue: ['loop_name', 'loop_var'],
  parameters: ['loop_name', 'loop_var'],
}

/** Keys that mean something only to a loop. */
export const LOOP_KEYS = [
  ...['steps', 'max_parallel', 'loop_var', 'loop_name', 'parallel', 'max_concurrent', 'items', 'max_iterations'],
  ...['while_condition', 'break_on_error', 'iteration_timeout'],
]
