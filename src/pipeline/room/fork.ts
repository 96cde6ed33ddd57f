import type { Engine } from '../../engine/engine.ts'
import { InvalidError } from '../../errors.ts'
import { KIND } from '../../house/actors.ts'
import { present } from '../../lib/json/present.ts'
import { LOCAL_OWNER, ownerField, ownerFilter, ownerOf } from '../../lib/owner.ts'
import type { Models } from '../../model/models.ts'
import { isBeforeBegin } from '../../run/later/state.ts'
import { noRun } from '../../run/room/errors.ts'
import { originOfRequest } from '../../run/room/executor.ts'
import { type ForkRequest, isNamed, type RunRequest } from '../../run/room/port.ts'
import type { PipelineSource } from '../../run/room/source.ts'
import { findRunStart, isFinished, peekRun, type StartPart } from '../../run/run.ts'
import type { RunOrigin } from '../../step/messages/run-origin.ts'
import { readStepPart, readStepParts } from '../../step/messages/step-parts.ts'
import { hasEnded, OUTPUTS_STEP } from '../../step/record/outcome.ts'
import { readRef, storeRef } from '../../step/values.ts'
import type { Blobs } from '../../store/blobs/blobs.ts'
import { suggestOrList } from '../language/diagnostics/did-you-mean.ts'
import { grantedPaths, validateInputs } from '../language/parse/inputs/given-inputs.ts'
import { type CompiledPipeline, openPipeline } from '../plan/compiled.ts'
import type { Inputs } from '../plan/inputs.ts'
import { parseInstance } from '../plan/instance.ts'
import {
  changedNodes,
  differingNodes,
  externalReadNodes,
  nodesBefore,
  nodesFrom,
  nodeWithBody,
  type ReuseSource,
  type RunDefinition,
} from '../plan/reuse-source.ts'
import { peekRunState } from '../plan/run-state.ts'
import { stepLines } from '../report/step-lines.ts'
import type { Compiled, Compiler } from './compile/compiler.ts'
import type { PipelinesPort } from './port.ts'

/** A run to start, without its id. */
export type Planned = { readonly pipeline: CompiledPipeline; readonly inputs: Inputs; readonly origin: RunOrigin }

type Past = RunDefinition & {
  readonly start: StartPart
  readonly owner: string
  readonly isOver: boolean
  /** a fork that has not begun: what it would reuse */
  readonly recorded?: ReuseSource
}

type Parts = {
  readonly engine: Engine
  readonly models: Pick<Models, 'default'>
  readonly values: Blobs
  readonly compiler: Compiler
}

export interface Forks extends Pick<PipelinesPort, 'changes'> {
  /** the text of a run, and the lines of its steps */
  source(run: string): Promise<PipelineSource>
  /** the source and settings of a run that `fork` starts */
  planFork(run: string, request: ForkRequest): Promise<Planned>
  /** the results that a new run reuses from an earlier one, if requested */
  recordedFor(
    basis: RunDefinition & Pick<RunOrigin, 'workFor'>,
    request: RunRequest,
  ): Promise<Pick<RunOrigin, 'recorded'>>
}

/** The settings of runs that reuse results of earlier runs. */
export function runtimeForks({ engine, values, models, compiler }: Parts): Forks {
  const model = models.default.id

  /** A run of another owner counts as missing. */
  async function readOwn(run: string, owner = LOCAL_OWNER): Promise<Past> {
    const past = await readBasis(engine, values, run)
    if (past?.owner !== owner) throw await noRun(run, engine.view, owner)
    return past
  }

  const keep = async (recorded: ReuseSource) => ({ recorded: await storeRef(values, recorded) })

  /** The newest run of that pipeline and owner. */
  async function newest({ name }: CompiledPipeline, owner = LOCAL_OWNER): Promise<string | undefined> {
    // a run that waits for its turn has no results yet
    const query = { where: { name, later: null, ...ownerFilter(owner) }, sort: 'startedAt', descending: true, limit: 1 }
    const [found] = await engine.view.list(KIND.run, query)
    return found?.key
  }

  return {
    async planFork(run, request) {
      const { at, set = {}, owner } = request
      const before = await readOwn(run, owner)
      const { start } = before
      const { denied, chosenByModel, approve, workFor, priority } = start
      const other = isNamed(request)
        ? await compiler.compile(request, {
            inputs: { ...before.inputs, ...set },
            ...ownerField(owner),
            trusted: request.trusted !== false,
          })
        : undefined
      const { pipeline, from }: Pick<Compiled, 'pipeline' | 'from'> = other ?? {
        pipeline: before.pipeline,
        from: fromOf(start),
      }
      const inputs = inputsFor(pipeline, before.inputs, set)
      // nothing was changed: all results are reused as recorded
      const isReplay = at === undefined && !other && Object.keys(set).length === 0
      const forced = at === undefined ? [] : nodeWithBody(pipeline, nodeOf(pipeline, at))
      const invalidated = [...new Set([...forced, ...changedNodes(before, { pipeline, inputs })])]
      const untrusted = start.untrusted || request.trusted === false
      const foreign = (other ? other.from.foreign : start.foreign) === true
      const origin: RunOrigin = {
        ...from,
        ...present({ denied, chosenByModel, approve, workFor, priority, agents: request.agents ?? start.agents }),
        ...originOfRequest({ ...request, trusted: !untrusted }, foreign),
        ...(foreign && { foreign }),
        ...(!untrusted && { granted: [...(start.granted ?? []), ...grantedPaths(pipeline, set)] }),
        ...(await keep(reusedBy(before, { run, invalidated, requested: forced, ...(!isReplay && { model }) }))),
      }
      return { pipeline, inputs, origin }
    },
    async recordedFor(basis, { reuse, from, owner }) {
      if (reuse === undefined && from === undefined) return {}
      const run = typeof reuse === 'string' ? reuse : await newest(basis.pipeline, owner)
      if (run === undefined && from === undefined) return {}
      if (run === undefined) throw unrecorded(`no run of ${basis.pipeline.name} is kept`)
      const past = await readOwn(run, owner)
      // tools acted for that context, and their results may be of its customer
      const isOther = past.start.workFor?.context !== basis.workFor?.context
      if (isOther && from === undefined) return {}
      if (isOther) throw unrecorded(`the run ${run} had another context`)
      if (from !== undefined) {
        const named = await checkFrom(engine, basis.pipeline, run, from)
        return keep({ run, invalidated: named, requested: named })
      }
      const invalidated = [...changedNodes(past, basis), ...externalReadNodes(basis.pipeline)]
      return keep({ run, invalidated: [...new Set(invalidated)], rereads: true, model })
    },
    source: (run) => readSource({ engine, values, compiler }, run),
    async changes(run) {
      const past = await readBasis(engine, values, run)
      if (!past && (await peekRun(engine.view, run))) return { steps: [] }
      if (!past) throw await noRun(run, engine.view)
      const { pipeline, inputs, start, owner, isOver } = past
      const now = isOver ? undefined : await compiler.again(fromOf(start), { inputs, owner })
      if (!now) return { steps: [] }
      const { shown: file } = now
      const differing = differingNodes(pipeline, now.pipeline)
      const { was, nodes } = await otherwiseAsked(engine, pipeline, run, model)
      const steps = [...new Set([...differing, ...nodes])]
      return { file, steps, ...(was !== undefined && differing.length === 0 && { model: { was, is: model } }) }
    },
  }
}

/** The text of a run. A file that has changed since is shown as far as it is still a pipeline. */
async function readSource(
  { engine, values, compiler }: Pick<Parts, 'engine' | 'values' | 'compiler'>,
  run: string,
): Promise<PipelineSource> {
  const past = await readBasis(engine, values, run)
  if (!past) throw await noRun(run, engine.view)
  const { pipeline, inputs, start, owner } = past
  const from = fromOf(start)
  const found = await compiler.textOf(from)
  const without = (missing: string): PipelineSource => ({ language: 'pipeline', steps: {}, missing, inputs })
  if (!found) return without(from.source ? 'The file of this run is gone.' : 'No text was given for this run.')
  const shown = { language: 'pipeline' as const, ...found, steps: stepLines(found.text), inputs }
  if (from.written !== undefined) return shown
  // what is in the file now may be anything: only a pipeline is shown
  const now = await compiler.again(from, { inputs, owner }).catch(() => undefined)
  if (!now) return without('The file of this run has changed, and is not a pipeline any more.')
  const isFile = true as const
  return differingNodes(pipeline, now.pipeline).length === 0
    ? { ...shown, isFile }
    : { ...shown, isFile, changed: true }
}

function fromOf({ source, written }: StartPart): Compiled['from'] {
  return { ...(source !== undefined && { source }), ...(written !== undefined && { written }) }
}

/** The nodes that the default model answered, if another model is the default now. */
async function otherwiseAsked({ view }: Engine, pipeline: CompiledPipeline, run: string, model: string) {
  const nodes = new Set<string>()
  let was: string | undefined
  for await (const [id, step] of readStepParts(view.parts, run)) {
    const models = hasEnded(step) ? (step.models ?? []) : []
    const node = parseInstance(pipeline, id)?.node
    const other = models.find((use) => use.standard && use.model !== model)
    if (node === undefined || node === OUTPUTS_STEP || !other) continue
    nodes.add(node)
    was ??= other.model
  }
  return { was, nodes: [...nodes] }
}

/** The definition behind the results of a run. Undefined if it has not started or is gone. */
export async function readBasis(engine: Engine, values: Blobs, run: string): Promise<Past | undefined> {
  const state = await peekRunState(engine.view, run)
  const start = state && (await findRunStart(run, engine.view.parts))
  if (!state || !start) return undefined
  const pipeline = await openPipeline(values, state.pipeline)
  const inputs = (await readRef(values, start.inputs)) as Inputs
  const { recorded: ref } = start
  const recorded = ref && isBeforeBegin(state) ? ((await readRef(values, ref)) as ReuseSource) : undefined
  return { pipeline, inputs, start, owner: ownerOf(state), isOver: isFinished(state), ...(recorded && { recorded }) }
}

/** The run whose results a fork reuses: that of a fork which has not begun is the one that it was forked from. */
function reusedBy({ recorded }: Past, own: ReuseSource): ReuseSource {
  if (!recorded) return own
  const invalidated = [...new Set([...recorded.invalidated, ...own.invalidated])]
  const requested = [...new Set([...(recorded.requested ?? []), ...(own.requested ?? [])])]
  return { ...recorded, ...own, run: recorded.run, invalidated, requested }
}

/** The inputs of the earlier run, as far as the pipeline still accepts them, and the inputs that were set. */
function inputsFor(pipeline: CompiledPipeline, before: Inputs, set: Inputs): Inputs {
  const inputs = Object.entries(before).filter(
    ([name, value]) => Object.hasOwn(pipeline.inputs, name) && value !== null,
  )
  const { values, faults } = validateInputs(pipeline, { ...Object.fromEntries(inputs), ...set })
  if (faults[0]) throw faults[0]
  return values
}

/** The node of a step by its own id or, for a step in a loop, by the id of the loop, a dot and its id. */
function nodeOf({ steps, name }: CompiledPipeline, step: string): string {
  const nodes = Object.keys(steps).filter((node) => node !== OUTPUTS_STEP)
  if (nodes.includes(step)) return step
  const hint = suggestOrList(step, nodes, 'its steps are')
  throw new InvalidError(`Pipeline ${name} has no step ${step}.`, { code: 'unknown_step', ...(hint && { hint }) })
}

/** The nodes to execute again from a step on. InvalidError if a step that it needs has not ended in that run. */
async function checkFrom(engine: Engine, pipeline: CompiledPipeline, run: string, from: string) {
  const node = nodeOf(pipeline, from)
  const missing: string[] = []
  for (const need of nodesBefore(pipeline, node)) {
    const part = await readStepPart(engine.view.parts, run, need)
    if (part?.status !== 'completed' && part?.status !== 'skipped') missing.push(need)
  }
  if (missing.length > 0) throw unrecorded(`run ${run} has no result of ${missing.join(', ')}`)
  return nodesFrom(pipeline, node)
}

function unrecorded(why: string): InvalidError {
  return new InvalidError(`There is nothing to continue from: ${why}.`, {
    code: 'not_recorded',
    hint: 'Run the pipeline from the start.',
  })
}
