import type { LoopSpec, StepSpec } from '../pipeline-spec.ts'
import { readKey, reportKey, type StepReader } from '../reader.ts'
import { ownActionAsBody, readLoopBody, readLoopNames } from './body.ts'

/** `for_each:`: its body is `steps:`, or the step's own action. A condition applies to the whole loop. */
export function readForEach({ condition: _, ...own }: StepSpec, reader: StepReader): LoopSpec {
  const body =
    reader.step.steps === undefined ? ownActionAsBody(own, reader, 'for_each') : readLoopBody('for_each', reader)
  const maxParallel = readMaxParallel(reader, 'max_parallel') ?? 1
  return { kind: 'for_each', list: readList(reader, 'for_each'), maxParallel, ...readLoopNames(reader), body }
}

/** The default for `parallel: true` and `type: parallel_map`. */
const DEFAULT_PARALLEL = 10

/** `foreach:`, or `type: parallel_map` with `items:`. Repeats `steps:` if given, else the step with its condition. */
export function readParallelMap(spec: StepSpec, reader: StepReader): LoopSpec {
  const { step } = reader
  const key = step.foreach === undefined ? 'items' : 'foreach'
  if (step[key] === undefined) reportKey(reader, 'loop_conflict', 'type', '`type: parallel_map` requires `items:`')
  const shape = { list: readList(reader, key), maxParallel: readConcurrency(reader), ...readLoopNames(reader) }
  if (step.steps !== undefined) return { kind: 'for_each', ...shape, body: readLoopBody('for_each', reader) }
  return { kind: 'foreach', ...shape, body: ownActionAsBody(spec, reader, key) }
}

function readList(reader: StepReader, key: 'for_each' | 'foreach' | 'items'): NonNullable<LoopSpec['list']> {
  const { [key]: value = [] } = reader.step
  readKey(reader, key)
  return { value, path: [...reader.path, key] }
}

/** The number of iterations that may be in flight, or a template that yields it. */
export function readMaxParallel(
  reader: StepReader,
  key: 'max_parallel' | 'max_concurrent',
): LoopSpec['maxParallel'] | undefined {
  const value = readKey(reader, key)
  return typeof value === 'string' ? { value, path: [...reader.path, key] } : value
}

function readConcurrency(reader: StepReader): LoopSpec['maxParallel'] {
  const parallel = readKey(reader, 'parallel')
  const bounds = (['max_concurrent', 'max_parallel'] as const).map((key) => readMaxParallel(reader, key))
  const bound = bounds.find((width) => width !== undefined)
  if (parallel === false) return 1
  return bound ?? (parallel === true || reader.step.type === 'parallel_map' ? DEFAULT_PARALLEL : 1)
}
