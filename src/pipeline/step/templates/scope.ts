import { is } from '../../../errors.ts'
import type { Json } from '../../../kernel/schema.ts'
import { formatTime } from '../../../lib/time/moment.ts'
import { OUTPUTS_STEP, type StepValue } from '../../../step/record/outcome.ts'
import type { TemplateScope } from '../../../template/template.ts'
import { type CompiledPipeline, INPUTS_NODE } from '../../plan/compiled.ts'
import type { Inputs } from '../../plan/inputs.ts'
import { isInBody, PREVIOUS_ITERATION, stepName } from '../../plan/instance.ts'
import { stepView, withFallback } from '../view/step-view.ts'
import { bindingNames, type LoopBindings, loopBindingsOf, loopFunctions } from './loop-bindings.ts'
import { renderAll } from './render.ts'
import type { TemplateData } from './surroundings.ts'

type Names = { readonly [name: string]: unknown }

/** The names of a step: other steps, loop bindings, inputs, and names of the run. */
export function templateScope(given: TemplateData): TemplateScope {
  const surroundings = withResolvedInputs(given)
  const inputs = surroundings.inputs as Names
  const steps = stepsRead(surroundings)
  const loops = loopBindingsOf(surroundings)
  if (loops[0]) bindBehind(steps, loops[0])
  const near = loops.length === 0 ? [steps, inputs] : [steps, ...loops.map(bindingNames), inputs]
  return layered(near, () => farNames(surroundings, steps, loops))
}

type Steps = { [name: string]: unknown }

/** The steps that it reads, by name. */
function stepsRead(surroundings: TemplateData): Steps {
  const { pipeline, instance, reads } = surroundings
  const names = pipeline.steps[instance.node]?.edges.reads ?? []
  const steps: Steps = {}
  // by number: iterating over a frozen list allocates an object per item
  for (let at = 0; at < names.length; at++) {
    const read = names[at]!
    // in the first iteration, reads of the previous iteration see a skipped step
    if (read.startsWith(PREVIOUS_ITERATION) && !Object.hasOwn(reads, read))
      put(steps, read, NO_EARLIER_ITERATION, surroundings)
  }
  for (const read in reads) put(steps, read, reads[read]!, surroundings)
  return steps
}

function put(steps: Steps, read: string, value: StepValue, surroundings: TemplateData): void {
  const name = nameOfRead(read, surroundings)
  // an output reads steps of the graph, which a sibling step in a loop may hide
  if (isInBody(read) || !Object.hasOwn(steps, name)) steps[name] = stepView(value)
}

/** In a loop over its own action, both have one name: the loop variables are found after the fields of the result. */
function bindBehind(steps: Steps, { bindings }: LoopBindings): void {
  const { loop_id: id } = bindings
  const bound = (name: string) => (Object.hasOwn(bindings, name) ? bindings[name] : undefined)
  if (Object.hasOwn(steps, id)) steps[id] = withFallback(steps[id] as object, bound)
}

/** Adds the defaults that a model gave to the inputs. */
function withResolvedInputs(surroundings: TemplateData): TemplateData {
  if (!Object.hasOwn(surroundings.reads, INPUTS_NODE)) return surroundings
  const { [INPUTS_NODE]: inputs, ...reads } = surroundings.reads
  return { ...surroundings, reads, inputs: { ...surroundings.inputs, ...(inputs!.result as Inputs | null) } }
}

/** The name under which a step reads another: `prev_<id>` for the iteration before, not in the conditions of a loop. */
function nameOfRead(read: string, { turning }: TemplateData): string {
  return read.startsWith(PREVIOUS_ITERATION) && turning === undefined ? `prev_${stepName(read)}` : stepName(read)
}

const NO_EARLIER_ITERATION: StepValue = { status: 'skipped', result: null, reason: 'first_iteration' }

/** The innermost scope with a name defines it; few templates use names of outer scopes. */
function layered(near: readonly Names[], findFar: () => Names): TemplateScope {
  let far: Names | undefined
  return {
    get(name) {
      for (const names of near) if (Object.hasOwn(names, name)) return names[name]
      far ??= findFar()
      return Object.hasOwn(far, name) ? far[name] : undefined
    },
  }
}

function farNames(surroundings: TemplateData, steps: Names, loops: readonly LoopBindings[]): Names {
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
    ...loopFunctions(loops),
    ...(surroundings.error !== undefined && { error: surroundings.error }),
  }
  return { ...far, outputs: outputsIn(pipeline, outputScope(surroundings, far)) }
}

/** Outputs read steps of the graph, wherever they are rendered. */
function outputScope(
  { pipeline, inputs, reads, withAnswers = (scope) => scope }: TemplateData,
  far: Names,
): TemplateScope {
  const steps: Steps = {}
  for (const node in reads) if (!isInBody(node)) steps[node] = stepView(reads[node]!)
  const scope: TemplateScope = withAnswers(
    layered([steps, inputs as Names], () => ({ ...far, ...stepMaps(steps), outputs: outputsIn(pipeline, scope) })),
  )
  return scope
}

const stepMaps = (steps: Names): Names => ({ steps, results: steps, previous_results: steps })

/** The functions of GLOBALS. */
function functionsOf({ run, files }: TemplateData): Names {
  const under = (path: unknown, folder: unknown) => (folder == null ? String(path) : `${folder}/${path}`)
  return {
    now: () => timeOf(run),
    include_file: (path: unknown, folder?: unknown) => files?.read(under(path, folder)),
    file_exists: (path: unknown, folder?: unknown) => files?.exists(under(path, folder)),
  }
}

const timeOf = ({ startedAt }: TemplateData['run']) => formatTime(startedAt)

function runNames({ pipeline, run }: TemplateData): Names {
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

/** The outputs by name, each rendered when first read. One that cannot be rendered yet is missing. */
function outputsIn(pipeline: CompiledPipeline, scope: TemplateScope): object {
  const work = pipeline.steps[OUTPUTS_STEP]?.work
  const outputs = {}
  for (const [name, value] of Object.entries(work?.type === 'outputs' ? work.values : {})) {
    let rendered: Json | undefined
    const get = () => {
      rendered ??= renderOutput(name, value, pipeline, scope)
      return rendered
    }
    Object.defineProperty(outputs, name, { enumerable: true, get })
  }
  return outputs
}

function renderOutput(name: string, value: Json, pipeline: CompiledPipeline, scope: TemplateScope): Json | undefined {
  try {
    return renderAll(value, pipeline, scope, ['outputs', name])
  } catch (error) {
    if (is(error) && error.code === 'unresolved_template') return undefined
    throw error
  }
}
