import { budgetActor } from '../../../src/budget/actor.ts'
import { costActor } from '../../../src/budget/cost-day.ts'
import { amountOf } from '../../../src/budget/money.ts'
import { payingModels } from '../../../src/budget/room/charging/metered.ts'
import { createReservations } from '../../../src/budget/room/charging/reservations.ts'
import { budgetRef } from '../../../src/budget/scope.ts'
import { callsMessage } from '../../../src/calls/room/open-port.ts'
import { createPhases } from '../../../src/chain/phases/registry.ts'
import type { Engine } from '../../../src/engine/engine.ts'
import { environmentActor } from '../../../src/environment/actor.ts'
import { environmentsForTools } from '../../../src/environment/room/for-tools.ts'
import { createEnvironments } from '../../../src/environment/room/open-port.ts'
import { runRef } from '../../../src/house/actors.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import { createReplyCache } from '../../../src/model/pool/reply-cache.ts'
import { createModels } from '../../../src/model/registry.ts'
import { compileText } from '../../../src/pipeline/language/compile.ts'
import { hasErrors } from '../../../src/pipeline/language/diagnostics/finding.ts'
import { checkInputs, grantedPaths } from '../../../src/pipeline/language/parse/inputs/given-inputs.ts'
import type { CompiledPipeline } from '../../../src/pipeline/plan/compiled.ts'
import { runtimeForks } from '../../../src/pipeline/room/fork.ts'
import { runStartMessage } from '../../../src/pipeline/run/start-message.ts'
import type { PipelineServices } from '../../../src/pipeline/step/context.ts'
import { wholeEngine } from '../../../src/run/room/report/whole-events.ts'
import { workLimits } from '../../../src/runtime/open/step-services.ts'
import { ourTools } from '../../../src/runtime/services/toolbox.ts'
import { readDocumentFile } from '../../../src/source/source.ts'
import type { Blobs } from '../../../src/store/blobs/blobs.ts'
import { createCache } from '../../../src/store/cache/cache.ts'
import { createToolbox, type Toolbox } from '../../../src/tool/toolbox.ts'
import type { TortureWorld } from '../../../trials/torture/world.ts'
import { readAny } from '../../calls/read-run.ts'
import { chainActors } from '../../chain/fixture.ts'
import { pipelineActors } from '../../pipeline/pipeline-actors.ts'
import { memoryPins, memoryValues } from '../../pipeline/workshop.ts'
import { poolsOf } from '../../worker/pools.ts'
import { isPipeline, type PipelineCase } from './case.ts'
import type { Client } from './client.ts'
import { type Log, memoryLog } from './log.ts'
import type { Surroundings } from './simulate.ts'
import { toolsOn } from './tools.ts'

const compiled = new Map<string, CompiledPipeline>()

function compile({ name, yaml, inputs = {} }: PipelineCase, toolbox: Toolbox): CompiledPipeline {
  const known = compiled.get(name)
  if (known) return known
  const findModel = (model: string) => model
  const { pipeline, findings } = compileText(yaml, {
    file: `${name}.yaml`,
    toolbox,
    given: Object.keys(inputs),
    findModel,
  })
  if (!pipeline || hasErrors(findings)) throw new Error(`${name}: ${JSON.stringify(findings, null, 1)}`)
  compiled.set(name, pipeline)
  return pipeline
}

/** The tools that the pipelines of the table are compiled with. */
const toolboxOn = (...given: Parameters<typeof toolsOn>): Toolbox => createToolbox([...ourTools, ...toolsOn(...given)])

export const pipelineOf = (one: PipelineCase): CompiledPipeline => compile(one, toolboxOn(memoryLog, 0))

/** What runs on a simulated clock are done with, in folders that only they touch. */
export function openShop(
  { folder, root, double, file }: Surroundings & { readonly root: string },
  log: Log,
  world: () => TortureWorld,
) {
  const values = memoryValues()
  const toolbox = toolboxOn(() => log, 0)
  const config = { ...double.config, embedder: 'none' }
  const cache = createCache({ memory: 1_000_000 })
  const live = {
    get engine() {
      return world().engine
    },
  }
  const reservations = createReservations(live, {}, workLimits(live, values))
  const known = createModels(config, double.environment)
  const models = { ...payingModels(known, reservations), replies: createReplyCache(config, async () => cache) }
  const pools = poolsOf({ workers: 1000, queue: 1000 })
  const { pool } = pools.find({ phase: 'step', modality: 'text' })
  const view = () => world().engine.view
  const environments = () =>
    createEnvironments({ engine: world().engine, clock: { now: () => 0 }, checkOwner: async () => {}, health: missing })
  const services: PipelineServices = {
    values,
    pins: memoryPins(),
    toolbox,
    models,
    pool,
    root,
    roots: [folder],
    readParts: (of, page) => view().parts(of, page),
    askActor: (to, body, correlationId) => world().engine.ask(to, body, { correlationId, forTurn: true }),
    rooms: (owner, source) => ({ environments: environmentsForTools(environments(), owner, source) }),
    runs: {
      list: async () => {
        const listed = await view().list('run', { sort: 'startedAt', descending: true, limit: 100 })
        return listed.map(({ key, index }) => ({ id: key, ...index }) as never)
      },
      read: (id) => readAny(view(), values, id),
    },
  }
  const offline = createModels({ embedder: 'none' }, {})
  const chain = chainActors({
    models: offline,
    pools,
    phases: createPhases(),
    readFile: (path) => readDocumentFile(path),
  })

  function clientOn(engine: Engine): Client {
    const tell = (id: string, message: unknown) =>
      engine.tell(runRef(id), message as Json, { id, correlationId: id }).then(() => {})
    const start = async (id: string, pipeline: CompiledPipeline, inputs: object, origin: object) =>
      tell(id, await runStartMessage(values, pipeline, inputs as never, origin))
    const compiler = { validate: missing, compile: missing, again: missing, textOf: missing }
    const forks = runtimeForks({ engine, models, values: values as unknown as Blobs, compiler })
    return {
      async start(one) {
        if (!isPipeline(one)) return tell(one.name, callsMessage(one.requests, one.options, 'none'))
        const pipeline = compile(one, toolbox)
        const given = { ...one.inputs, ...(one.name === 'question' && { file }) }
        await start(one.name, pipeline, checkInputs(pipeline, given), { granted: grantedPaths(pipeline, given) })
      },
      async again(one, how, id, before) {
        if ('fork' in how) {
          const { pipeline, inputs, origin } = await forks.planFork(before, how.fork)
          return start(id, pipeline, inputs, origin)
        }
        const pipeline = compile(one, toolbox)
        const basis = { pipeline, inputs: checkInputs(pipeline, one.inputs ?? {}) }
        const request = 'reuse' in how ? { reuse: before } : { from: how.from }
        await start(id, pipeline, basis.inputs, await forks.recordedFor(basis, { file: '', ...request }))
      },
      goOn: async () => {},
      events: (run) => wholeEngine(engine).view.events(runRef(run)) as AsyncIterable<never>,
      signal: (run, name, value, id) => engine.ask(runRef(run), { type: 'signal', name, value }, { id }),
      cancel: (run, reason) => engine.cancel(runRef(run), run, reason),
      raise: async (run, limit) => {
        await engine.ask(budgetRef(`run/${run}`), { type: 'set', limit: amountOf(limit) })
      },
      document: (run) => readAny(engine.view, values, run),
    }
  }
  return { actors: [...pipelineActors(services), ...chain, budgetActor(), costActor(), environmentActor()], clientOn }
}

/** No fork here goes on with another pipeline. */
const missing = () => Promise.reject(new Error('nothing is compiled here'))
