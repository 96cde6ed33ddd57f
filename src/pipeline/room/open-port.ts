import type { Engine } from '../../engine/engine.ts'
import { problemOf } from '../../errors.ts'
import { KIND } from '../../house/actors.ts'
import { LOCAL_OWNER, ownerFilter } from '../../lib/owner.ts'
import type { Models } from '../../model/models.ts'
import { readStepParts } from '../../step/messages/step-parts.ts'
import { modelCandidates } from '../../step/model-call/ask-model.ts'
import { hasEnded } from '../../step/record/outcome.ts'
import type { Blobs } from '../../store/blobs/blobs.ts'
import type { Admit } from '../../work/activity.ts'
import type { WorkPool } from '../../worker/work-pool.ts'
import { checkInputs } from '../language/parse/inputs/given-inputs.ts'
import type { CompiledPipeline, CompiledStep } from '../plan/compiled.ts'
import { parseInstance } from '../plan/instance.ts'
import { costOf, type EarlierUsage, type Plan, type PlannedStep, planOf, rangeOf } from '../report/plan.ts'
import { namedModels } from '../step/model-call/model-request.ts'
import type { Compiler } from './compile/compiler.ts'
import type { PipelinesPort } from './port.ts'
import { runtimeUploads } from './uploads.ts'

type Parts = {
  readonly engine: Engine
  readonly values: Blobs
  readonly compiler: Compiler
  readonly models: Models
  /** the pool in which steps run */
  readonly pool: WorkPool
  readonly admit: Admit
  readonly changes: PipelinesPort['changes']
}

export function createPipelines({ engine, values, compiler, models, pool, admit, changes }: Parts): PipelinesPort {
  return {
    ...runtimeUploads({ engine, values, compiler, admit }),
    validate: compiler.validate,
    async plan(which, request = {}) {
      const named = typeof which === 'string' ? { file: which } : which
      const { pipeline } = await compiler.compile(named, request)
      checkInputs(pipeline, request.inputs ?? {})
      return makePlan({ engine, models, pool }, pipeline, request.owner)
    },
    changes,
  }
}

/** Maximum earlier runs to read, and maximum steps of each. */
const READ_LIMITS = { runs: 20, steps: 2_000 } as const

/** Plans a run, with estimates from earlier runs of the same name and owner. */
async function makePlan(
  { engine, models, pool }: Pick<Parts, 'engine' | 'models' | 'pool'>,
  pipeline: CompiledPipeline,
  owner: string | undefined,
): Promise<Plan> {
  const runs = await readHistory(engine, pipeline, owner)
  const facts = (node: string, step: CompiledStep) => {
    const taken = takenBy(runs.flatMap(({ steps }) => steps.get(node) ?? []))
    const model = modelOf({ models, pool }, pipeline, step)
    return { ...(model && { model }), ...(taken && { taken }) }
  }
  return planOf(pipeline, facts, takenBy(runs))
}

type Past = { readonly ms?: number | undefined; readonly cost?: number | undefined }
type PastRun = Past & { readonly steps: ReadonlyMap<string, readonly Past[]> }

function takenBy(past: readonly Past[]): EarlierUsage | undefined {
  if (past.length === 0) return undefined
  const ms = rangeOf(past.flatMap((each) => each.ms ?? []))
  const cost = rangeOf(past.flatMap((each) => each.cost ?? []))
  return { times: past.length, ...(ms && { ms }), ...(cost && { cost }) }
}

async function readHistory(
  { view }: Engine,
  pipeline: CompiledPipeline,
  owner: string | undefined,
): Promise<readonly PastRun[]> {
  const query = {
    where: { name: pipeline.name, status: 'completed', ...ownerFilter(owner ?? LOCAL_OWNER) },
    sort: 'startedAt',
    descending: true,
    limit: READ_LIMITS.runs,
  }
  const runs: PastRun[] = []
  for (const { key, index } of await view.list(KIND.run, query)) {
    const steps = new Map<string, Past[]>()
    const costs: number[] = []
    for await (const [id, step] of readStepParts(view.parts, key, { limit: READ_LIMITS.steps })) {
      if (!hasEnded(step)) continue
      const { ms, models = [], status, attempts } = step
      const cost = costOf(models)
      // a reused result took no time and cost nothing
      if (cost !== undefined && attempts !== 0) costs.push(cost)
      const node = parseInstance(pipeline, id)?.node
      if (node === undefined || status !== 'completed' || attempts === 0) continue
      const known = steps.get(node)
      if (known) known.push({ ms, cost })
      else steps.set(node, [{ ms, cost }])
    }
    const ms = Number(index.finishedAt) - Number(index.startedAt)
    const cost = costs.length === 0 ? undefined : costs.reduce((sum, each) => sum + each, 0)
    runs.push({ ms, cost, steps })
  }
  return runs
}

/** The model that would answer for a step; undefined when none is asked. */
function modelOf(
  { models, pool }: Pick<Parts, 'models' | 'pool'>,
  pipeline: CompiledPipeline,
  step: CompiledStep,
): NonNullable<PlannedStep['model']> | undefined {
  const { work } = step
  if (work.type !== 'text') return undefined
  const named = namedModels(work.parameters)
  if (named.some((name) => /\{[{%]|<AUTO/.test(name))) return { why: 'a model decides it during the run' }
  try {
    const [first] = modelCandidates(
      { services: { models, pool }, models: step.model ?? {}, preferred: pipeline.model },
      named,
    )
    if (first?.id === undefined) return models.default
    return { id: models.find(first.id) ?? first.id, why: first.why }
  } catch (error) {
    return { why: problemOf(error).message }
  }
}
