import { asText } from '../../../../kernel/json.ts'
import type { LoopSpec, StepSpec } from '../pipeline-spec.ts'
import { reportKey, type StepReader } from '../reader.ts'
import { LOOP_LIMITS, ownActionAsBody, readLoopBody, readLoopNames } from './body.ts'

/** `for_each:`: its body is `steps:`, or the step's own action. A condition applies to the whole loop. */
export function readForEach(spec: StepSpec, reader: StepReader): LoopSpec {
  const { condition: _, ...own } = spec
  const body =
    reader.step.steps === undefined ? ownActionAsBody(own, reader, 'for_each') : readLoopBody('for_each', reader)
  const maxParallel = readMaxParallel(reader, 'max_parallel') ?? 1
  return { kind: 'for_each', list: readList(reader, 'for_each'), maxParallel, ...readLoopNames(reader), body }
}

/** The default for `parallel: true` and `type: parallel_map`. */
const DEFAULT_PARALLEL = 10

/**
 * `foreach:`, or `type: parallel_map` with `items:`. For each item it repeats `steps:` if given, otherwise the step itself with its
 * condition.
 */
export function readParallelMap(spec: StepSpec, reader: StepReader): LoopSpec {
  const { step } = reader
  const key = step.foreach === undefined ? 'items' : 'foreach'
  if (step[key] === undefined) reportKey(reader, 'loop_conflict', 'type', '`type: parallel_map` requires `items:`')
  const shape = { list: readList(reader, key), maxParallel: readConcurrency(reader), ...readLoopNames(reader) }
  if (step.steps !== undefined) return { kind: 'for_each', ...shape, body: readLoopBody('for_each', reader) }
  return { kind: 'foreach', ...shape, body: ownActionAsBody(spec, reader, key) }
}

function readList(reader: StepReader, key: string): NonNullable<LoopSpec['list']> {
  const { [key]: value = [] } = reader.step
  if (typeof value === 'number' || typeof value === 'boolean' || value === null)
    reportKey(reader, 'bad_value', key, `\`${key}:\` must be a list, or a template that yields a list; got ${value}`)
  return { value, path: [...reader.path, key] }
}

/** The number of iterations that may be in flight, or a template that yields it. */
export function readMaxParallel(reader: StepReader, key: string): LoopSpec['maxParallel'] | undefined {
  const value = reader.step[key]
  if (typeof value === 'string' && /\{\{|\{%/.test(value)) return { value, path: [...reader.path, key] }
  if (value === undefined) return undefined
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= LOOP_LIMITS.parallel) return value
  const range = `a whole number from 1 to ${LOOP_LIMITS.parallel}`
  return reportKey(reader, 'bad_value', key, `\`${key}:\` must be ${range}, or a template; got ${asText(value)}`)
}

function readConcurrency(reader: StepReader): LoopSpec['maxParallel'] {
  const { parallel, type } = reader.step
  if (parallel !== undefined && typeof parallel !== 'boolean')
    reportKey(reader, 'bad_value', 'parallel', `\`parallel:\` must be true or false; got ${asText(parallel)}`)
  const bounds = ['max_concurrent', 'max_parallel'].map((key) => readMaxParallel(reader, key))
  const bound = bounds.find((width) => width !== undefined)
  if (parallel === false) return 1
  return bound ?? (parallel === true || type === 'parallel_map' ? DEFAULT_PARALLEL : 1)
}
