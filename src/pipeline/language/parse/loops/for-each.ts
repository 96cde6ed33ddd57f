import type { LoopSpec, StepSpec } from '../pipeline-spec.ts'
import { readNumber } from '../policies.ts'
import { complain, type Reader } from '../reader.ts'
import { CEILING, ownAction, readBody, readNames } from './body.ts'

/** `for_each:`: its body is `steps:`, or the step's own action; a condition is that of the whole loop. */
export function readForEach(spec: StepSpec, reader: Reader): LoopSpec {
  const { condition: _, ...own } = spec
  const body = reader.step.steps === undefined ? ownAction(own, reader, 'for_each') : readBody('for_each', reader)
  const maxParallel = readWidth(reader, 'max_parallel') ?? 1
  return { kind: 'for_each', list: readList(reader, 'for_each'), maxParallel, ...readNames(reader), body }
}

/** How many items go side by side where their author only said `parallel: true`. */
const SIDE_BY_SIDE = 10

/** `foreach:`, or `type: parallel_map` with `items:`: the step itself for each item, its condition asked of each. */
export function readMap(spec: StepSpec, reader: Reader): LoopSpec {
  const { step } = reader
  const key = step.foreach === undefined ? 'items' : 'foreach'
  if (step[key] === undefined) complain(reader, 'loop_conflict', 'type', '`type: parallel_map` goes over `items:`')
  const shape = { list: readList(reader, key), maxParallel: readBound(reader), ...readNames(reader) }
  if (step.steps !== undefined) return { kind: 'for_each', ...shape, body: readBody('for_each', reader) }
  return { kind: 'foreach', ...shape, body: ownAction(spec, reader, key) }
}

function readList(reader: Reader, key: string): NonNullable<LoopSpec['list']> {
  const { [key]: value = [] } = reader.step
  if (typeof value === 'number' || typeof value === 'boolean' || value === null)
    complain(reader, 'bad_value', key, `\`${key}:\` is a list, or a template that yields one`)
  return { value, path: [...reader.path, key] }
}

/** How many iterations may be in flight: a number, or a template that yields one. */
export function readWidth(reader: Reader, key: string): LoopSpec['maxParallel'] | undefined {
  const value = reader.step[key]
  if (typeof value === 'string' && /\{\{|\{%/.test(value)) return { value, path: [...reader.path, key] }
  return readNumber(reader, key, 1, CEILING.parallel)
}

function readBound(reader: Reader): LoopSpec['maxParallel'] {
  const { parallel, type } = reader.step
  if (parallel !== undefined && typeof parallel !== 'boolean')
    complain(reader, 'bad_value', 'parallel', '`parallel:` is true or false')
  const bounds = ['max_concurrent', 'max_parallel'].map((key) => readWidth(reader, key))
  const bound = bounds.find((width) => width !== undefined)
  if (parallel === false) return 1
  return bound ?? (parallel === true || type === 'parallel_map' ? SIDE_BY_SIDE : 1)
}
