import type { Json } from '../kernel/schema.ts'
import type { Scope } from '../template/template.ts'
import { type CompiledPipeline, loopOf } from './compiled.ts'
import type { Inputs } from './inputs.ts'
import type { Instance } from './instance.ts'
import { outputsIn } from './outputs.ts'
import { loopView, type StepValue, stepView } from './view.ts'

/** What the templates of one step can see. */
export type Surroundings = {
  readonly pipeline: CompiledPipeline
  readonly instance: Instance
  readonly inputs: Inputs
  /** by node */
  readonly reads: ReadonlyMap<string, StepValue>
  /** when its run began: ms since the epoch */
  readonly run: { readonly id: string; readonly startedAt: number }
  /** of a body step: what its loop goes over */
  readonly list?: readonly Json[]
  readonly files?: Files
}

/** What templates can learn of files; undefined: there is no such file, or it is not known yet. */
export type Files = { read(path: string): unknown; exists(path: string): unknown }

type Names = { readonly [name: string]: unknown }

/** The names of a step: what its loop binds, its siblings, other steps, the inputs, what holds for the run. */
export function scopeOf(surroundings: Surroundings): Scope {
  const { pipeline, instance, inputs, reads } = surroundings
  const loop = pipeline.steps[instance.node]?.loop
  const bindings = loop === undefined ? {} : bindingsOf(surroundings, loop)
  const steps: { [name: string]: unknown } = {}
  for (const [node, value] of reads) steps[nameOf(node)] = viewOf(pipeline, node, value)
  return layered([bindings, steps, inputs as Names], () => farNames(surroundings, steps))
}

/** The innermost that has a name gives it its meaning; few templates name any of those far away. */
function layered(near: readonly Names[], findFar: () => Names): Scope {
  let far: Names | undefined
  return {
    get(name) {
      const level = near.find((names) => Object.hasOwn(names, name))
      if (level) return level[name]
      far ??= findFar()
      return Object.hasOwn(far, name) ? far[name] : undefined
    },
  }
}

function farNames(surroundings: Surroundings, steps: Names): Names {
  const { inputs, pipeline } = surroundings
  const { context, ...constants } = pipeline.constants ?? {}
  const far = {
    ...(context as Names | undefined),
    ...constants,
    ...(context !== undefined && { context }),
    ...runNames(surroundings),
    ...stepMaps(steps),
    inputs,
    parameters: inputs,
    ...functionsOf(surroundings),
  }
  return { ...far, outputs: outputsIn(pipeline, outputScope(surroundings, far)) }
}

/** Outputs are made of the steps of the graph, wherever they are read. */
function outputScope({ pipeline, inputs, reads }: Surroundings, far: Names): Scope {
  const steps: { [name: string]: unknown } = {}
  for (const [node, value] of reads)
    if (pipeline.steps[node]?.loop === undefined) steps[nameOf(node)] = viewOf(pipeline, node, value)
  const scope: Scope = layered([steps, inputs as Names], () => ({
    ...far,
    ...stepMaps(steps),
    outputs: outputsIn(pipeline, scope),
  }))
  return scope
}

/** A step's name in templates: its id, in a body without its loop's. */
const nameOf = (node: string) => node.slice(node.indexOf('.') + 1)

function viewOf(pipeline: CompiledPipeline, node: string, value: StepValue): unknown {
  return pipeline.steps[node]?.work.type === 'loop' ? loopView(value) : stepView(value)
}

function bindingsOf({ pipeline, instance, list = [] }: Surroundings, id: string): Names {
  const { variable, name } = loopOf(pipeline, id)
  const { index = 0 } = instance
  const { length } = list
  const item = list[index] ?? null
  return {
    item,
    [variable]: item,
    index,
    position: index + 1,
    length,
    remaining: length - index - 1,
    is_first: index === 0,
    is_last: index === length - 1,
    has_next: index < length - 1,
    has_prev: index > 0,
    loop_id: id,
    loop_name: name,
  }
}

function stepMaps(steps: Names): Names {
  return { steps, results: steps, previous_results: steps }
}

/** What GLOBALS names. */
function functionsOf({ run, files }: Surroundings): Names {
  const under = (path: unknown, folder: unknown) => (folder == null ? String(path) : `${folder}/${path}`)
  return {
    now: () => timeOf(run),
    include_file: (path: unknown, folder?: unknown) => files?.read(under(path, folder)),
    file_exists: (path: unknown, folder?: unknown) => files?.exists(under(path, folder)),
  }
}

const timeOf = ({ startedAt }: Surroundings['run']) => new Date(startedAt).toISOString().replace('Z', '+00:00')

function runNames({ pipeline, run }: Surroundings): Names {
  const timestamp = timeOf(run)
  const date = timestamp.slice(0, 10)
  const time = timestamp.slice(11, 19)
  return {
    execution: { id: run.id, started_at: timestamp, timestamp, date, time },
    execution_id: run.id,
    pipeline_id: pipeline.id,
    timestamp,
    current_timestamp: timestamp,
    current_date: date,
  }
}
