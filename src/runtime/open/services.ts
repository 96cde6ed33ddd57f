import { realpathSync } from 'node:fs'
import { getHeapStatistics } from 'node:v8'
import { accessActors } from '../../access/actors.ts'
import { agentActors } from '../../agent/agent.ts'
import type { AgentDefinition } from '../../agent/definition/definition.ts'
import type { AgentServices } from '../../agent/services.ts'
import { budgetActor } from '../../budget/actor.ts'
import { chainActors } from '../../chain/chain.ts'
import { createPhases, registerPhase } from '../../chain/phases/registry.ts'
import type { PhaseRegistry } from '../../chain/protocol/phase.ts'
import type { Config } from '../../config/config.ts'
import { type EngineView, systemClock } from '../../engine/engine.ts'
import { environmentActor } from '../../environment/actor.ts'
import { InvalidError, is } from '../../errors.ts'
import type { Actor } from '../../kernel/types.ts'
import { LOCAL_OWNER } from '../../lib/owner.ts'
import { OFFLINE_PROVIDER } from '../../model/model-id.ts'
import { createReplyCache } from '../../model/pool/reply-cache.ts'
import { createModels, type OwnModels } from '../../model/registry.ts'
import type { Observer } from '../../observe/observer.ts'
import { pipelineActors } from '../../pipeline/pipeline.ts'
import type { PipelineServices } from '../../pipeline/step/context.ts'
import { hasSecrets } from '../../secret/store.ts'
import { type BlobStore, withDiskReserve } from '../../store/blobs/blob-store.ts'
import { createBlobs, type ManagedBlobs } from '../../store/blobs/blobs.ts'
import { type ByteSemaphore, createByteSemaphore } from '../../store/blobs/byte-semaphore.ts'
import { folderStore } from '../../store/blobs/folder-store.ts'
import { openSharedStore } from '../../store/blobs/shared-store.ts'
import type { DiskSpaceWatch } from '../../store/data-folder/disk-space.ts'
import { isWithin } from '../../tool/roots.ts'
import { probeMachine } from '../../worker/scaling/machine-probe.ts'
import { topologyOf } from '../../worker/scaling/topology.ts'
import { learningServices } from '../agents/learning.ts'
import { notesMemory } from '../agents/notes-memory.ts'
import { outcomeReader } from '../agents/outcomes.ts'
import { playbookRuns } from '../agents/playbooks.ts'
import { payingModels, payingTools } from '../budgets/metered.ts'
import type { Lender } from '../budgets/reservations.ts'
import { placesIn } from '../data-folder/layout.ts'
import { faultsOf } from '../environments/environments.ts'
import { loadedFiles } from '../loaded/loaded-files.ts'
import { belowCompiler } from '../pipelines/compile-in-thread.ts'
import { runtimeCache } from '../services/cache.ts'
import {
  checkPoolMinima,
  checkPoolModels,
  checkResources,
  patienceOf,
  poolDomains,
  runtimePools,
  STEPS,
} from '../services/pools.ts'
import type { RuntimeSecrets } from '../services/secrets.ts'
import { createToolServices } from '../services/tool-services.ts'
import { checkApprove, loadToolbox } from '../services/toolbox.ts'
import { observedModels, observedTools } from '../telemetry/instrument.ts'
import { readText } from '../threads/source-file.ts'
import type { InternalParts } from './parts.ts'

/** The parts of a runtime, with the secrets of its data folder. */
export type ComposedParts = InternalParts & { readonly secrets: RuntimeSecrets }
export type Services = Awaited<ReturnType<typeof createServices>>
/** The services of steps that read data of the runtime. */
export type StepReads = Required<
  Pick<
    PipelineServices,
    'readParts' | 'openThread' | 'findUploaded' | 'basisOf' | 'runs' | 'environments' | 'orderGoal'
  >
>

/** Opens the services of steps and phases: tools, values, models, the cache and the pools. */
export async function createServices(config: Config, parts: ComposedParts, observer: Observer, room: DiskSpaceWatch) {
  const { data, environment, restate } = config
  const phases = (parts.phases ?? []).reduce<PhaseRegistry>(registerPhase, createPhases())
  const toolbox = observedTools(await loadToolbox(config), observer)
  checkApprove(config, toolbox)
  const { shared } = restate ?? {}
  const store =
    shared === undefined
      ? withDiskReserve(folderStore(placesIn(data).blobs), room)
      : openSharedStore(shared, environment)
  const cache = runtimeCache(config)
  const kept = createReplyCache(config, cache.open, config.cache?.ttl)
  const models = createModels(
    { ...config, secrets: hasSecrets(data) },
    environment,
    parts.models as OwnModels | undefined,
    parts.secrets,
  )
  checkPoolModels(config, models)
  checkResources(config, models)
  checkPoolMinima(config, models)
  return {
    toolbox,
    toolServices: createToolServices(config, parts.secrets, { providers: parts.sandboxes, notice: parts.notice }),
    store,
    loaded: loadedFiles(config),
    ...openValues(store),
    models: { ...observedModels(models, observer), kept, formIn: (pool: string) => config.pools?.[pool]?.form },
    cache,
    phases,
    domains: poolDomains(config),
    pools: runtimePools(config, phases, models, observer),
  }
}

/** The services that the steps of pipelines get. */
export function stepServices(
  config: Config,
  parts: ComposedParts,
  services: Services,
  reads: StepReads,
  lender: Lender,
) {
  const { folder: root, roots } = config
  const { values, gate, toolbox, toolServices, pools } = services
  const models = payingModels(services.models, lender)
  const pay = payingTools(lender)
  const { secrets, batches, clock = systemClock } = parts
  const { elapsed } = clock
  const { pool } = pools.find(STEPS)
  const compileAside = belowCompiler(toolbox)
  const patience = patienceOf(config, clock)
  const shared = { values, gate, toolbox, toolServices, models, pay, secrets, pool, elapsed, compileAside, patience }
  const area = { root, writes: config.writes ?? [] }
  const guarded = { open: openIn(config), own: services.loaded.files, area }
  return { ...shared, ...(batches && { batches }), root, roots, ...guarded, ...reads }
}

/** The services of steps, with what goals need besides. */
type AgentSteps = PipelineServices &
  Required<Pick<PipelineServices, 'patience'>> &
  Pick<StepReads, 'readParts' | 'environments' | 'orderGoal'> &
  Pick<AgentServices, 'whyDegraded'> &
  Pick<EngineView, 'list'>

/** All actors of a runtime. InvalidError when two have the same kind. */
export function createActors(
  config: Config,
  parts: ComposedParts,
  services: Services,
  steps: AgentSteps,
): readonly Actor[] {
  const { values, pools, phases, domains, models: plain } = services
  const { redact } = parts.secrets
  const more = { domains, ...(plain.embedder && { embedder: plain.embedder }) }
  const readBlob = async (hash: string) => String(await values.get(hash))
  const actors = [
    ...pipelineActors(steps),
    ...chainActors({
      models: steps.models,
      patience: steps.patience,
      pools,
      phases,
      readFile: readText,
      readBlob,
      redact,
      ...more,
    }),
    ...agentActors(agentServices(config, services, steps, redact)),
    ...accessActors(),
    budgetActor(),
    environmentActor(faultsOf(config.environments)),
    ...(parts.actors ?? []),
  ]
  checkKinds(actors)
  return actors
}

/** Everything that goals need: they think in the pool of steps, with models that budgets pay. */
function agentServices(
  config: Config,
  { models, pools, toolbox, values }: Services,
  steps: AgentSteps,
  redact: (text: string) => string,
): AgentServices {
  const modelOf = (name: string | undefined) =>
    (name === undefined ? undefined : models.find(name)) ?? models.default.id
  return {
    ...{
      models: steps.models,
      pools,
      toolbox,
      orderGoal: steps.orderGoal,
      patience: steps.patience,
      approve: config.tools?.approve ?? 'default',
      redact,
    },
    readDefinition: async (hash) => (await values.get(hash)) as AgentDefinition,
    whyDegraded: steps.whyDegraded,
    memory: notesMemory({ readParts: steps.readParts, values }),
    readEnvironment: environmentReader(steps.environments),
    ...outcomeReader({ readParts: steps.readParts, values }),
    ...playbookRuns({ readParts: steps.readParts, values }),
    learning: learningServices({
      ...{ readParts: steps.readParts, list: steps.list, values, toolbox, findModel: models.find },
    }),
    isOffline: (name) => modelOf(name).startsWith(`${OFFLINE_PROVIDER}/`),
    contextOf: (name) => models.facts().find(({ id }) => id === modelOf(name))?.context,
  }
}

/** Reads the environment that an agent perceives. */
function environmentReader(environments: StepReads['environments']): AgentServices['readEnvironment'] {
  return async (name, owner = LOCAL_OWNER) => {
    try {
      const { version, state } = await environments(owner, 'agent').get(name)
      return { version, state }
    } catch (error) {
      if (is(error, 'NotFoundError')) return { version: 0, state: {} }
      throw error
    }
  }
}

/** Maximum bytes of values in use, if there is enough memory. */
const MAX_VALUE_BYTES = 256 * 1024 * 1024

/** Bytes of values that may be in use: 256 MiB, or a quarter of the memory of this process if that is less. */
function bytesForValues(): number {
  const { memory } = topologyOf(probeMachine())
  return Math.min(MAX_VALUE_BYTES, memory / 4, getHeapStatistics().heap_size_limit / 4)
}

/** The values of a store, and the gate for steps that read them. Values that are being written to the disk have a gate of their own. */
function openValues(store: BlobStore): { readonly values: ManagedBlobs; readonly gate: ByteSemaphore } {
  const bytes = bytesForValues()
  return { values: createBlobs(store, createByteSemaphore(bytes / 4)), gate: createByteSemaphore((bytes * 3) / 4) }
}

/**
 * The folders open to untrusted runs: configured folders that contain neither data nor
 * configuration of antiphon.
 */
export function openIn({ roots, data, file, plugins, serve }: Config): NonNullable<PipelineServices['open']> {
  const own = [data, ...plugins, ...(file === undefined ? [] : [file])].map(real)
  return { roots: roots.filter((root) => !own.some((path) => isWithin(real(root), path))), tools: serve?.tools ?? [] }
}

function real(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

/** InvalidError when two actors have the same kind. */
function checkKinds(actors: readonly Actor[]): void {
  const kinds = actors.map(({ kind }) => kind)
  const twice = kinds.find((kind, index) => kinds.indexOf(kind) !== index)
  if (twice !== undefined)
    throw new InvalidError(`there are two actors of kind ${twice}`, { hint: 'Rename your actor kind.' })
}
