import { chainActors } from '../../../src/chain/chain.ts'
import { createPhases } from '../../../src/chain/registry.ts'
import type { Engine } from '../../../src/engine/engine.ts'
import { type InlineDisk, mailOn } from '../../../src/engine/inline/disk.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import { createModels } from '../../../src/model/registry.ts'
import { pipelineActors, startMessage } from '../../../src/pipeline/actors.ts'
import { askingTools } from '../../../src/pipeline/asking/tools.ts'
import { compileText } from '../../../src/pipeline/compile.ts'
import type { CompiledPipeline } from '../../../src/pipeline/compiled.ts'
import { hasErrors } from '../../../src/pipeline/findings.ts'
import { checkInputs, grantedPaths } from '../../../src/pipeline/inputs.ts'
import { readRun } from '../../../src/pipeline/read.ts'
import type { PipelineServices } from '../../../src/pipeline/work/job.ts'
import { runRef } from '../../../src/pipeline/work/reads.ts'
import { runtimeForks } from '../../../src/runtime/forks.ts'
import { readText } from '../../../src/runtime/read-text.ts'
import type { Blobs } from '../../../src/store/blobs.ts'
import { inlineOpener } from '../../../src/testing/openers/inline.ts'
import { openWorld, type World } from '../../../src/testing/torture/world.ts'
import { builtinTools } from '../../../src/tool/builtin/tools.ts'
import { createToolbox, type Toolbox } from '../../../src/tool/toolbox.ts'
import { memoryValues } from '../../pipeline/workshop.ts'
import { poolsOf } from '../../worker/pools.ts'
import type { Case } from './case.ts'
import { type Client, type Played, play } from './client.ts'
import type { Double } from './double.ts'
import { carriersIn, isHandedOn } from './handed.ts'
import type { Lived, Wreck } from './judge.ts'
import { callsIn, memoryLog } from './log.ts'
import { toolsOn } from './tools.ts'

/** What the processes of simulations have in common. */
export type Surroundings = { readonly folder: string; readonly double: Double; readonly file: string }

/** Longer than any timer of the table, shorter than ids from outside are kept. */
const HOURS = 10 * 3_600_000

/** A case on a simulated clock, its process killed at the point of that number; `points`: how many there were. */
export async function simulate(
  one: Case,
  around: Surroundings,
  crashAt?: number,
): Promise<Lived & { readonly points: number }> {
  const log = memoryLog()
  const { forget, billed } = around.double
  forget()
  const wrecks: Wreck[] = []
  const onCrash = (disk: InlineDisk) =>
    void wrecks.push({ ...known(disk, log.read()), lines: log.read().length, billed: billed().length })
  const shop = openShop(around, log, () => world)
  const world: World = await openWorld({
    actors: shop.actors,
    open: (onCommit) => inlineOpener({ onCommit, onCrash }),
    ...(crashAt !== undefined && { crashAt }),
  })
  let played: Played | { readonly fault: string } = { fault: 'it does not come to its end' }
  do {
    const { lives } = world
    const hear = (told: typeof played) => {
      if (world.lives === lives) played = told
    }
    play(shop.clientOn(world.engine), one).then(hear, (error: Error) => hear({ fault: String(error.stack) }))
    await world.rest(HOURS)
  } while (await world.recover())
  const letters = await world.engine.deadLetters.list()
  if (letters.length > 0) played = { fault: `dead letters: ${JSON.stringify(letters)}` }
  const left: string[] = []
  for (const [name, ref] of world.actors)
    if (ref.kind === 'step' && (await world.engine.view.peek(ref)) !== undefined) left.push(name)
  await world.close()
  const title = crashAt === undefined ? 'undisturbed' : `killed ${world.crash} (point ${crashAt})`
  return { title, played, wrecks, log: log.read(), billed: billed(), left, points: world.points }
}

/** Which calls had outcomes on that disk, as they are there or their messages are not any more, and which only a mark of having begun. */
function known(disk: InlineDisk, lines: readonly string[]): Pick<Wreck, 'done' | 'begun'> {
  const mail = mailOn(disk)
  const pending = new Set(mail.map(({ id }) => id))
  const carriers = carriersIn(mail)
  const done = new Set<string>()
  const begun = new Set<string>()
  for (const { key } of callsIn(lines)) {
    const [message, effect] = carriers.get(key) ?? split(key)
    const outcomes = disk.outcomes.get(message)
    const outcome = outcomes?.get(effect)
    if (!pending.has(message) || (outcome && !('error' in outcome) && !isHandedOn(outcome))) done.add(key)
  }
  for (const [message, outcomes] of disk.outcomes)
    for (const mark of outcomes.keys())
      if (mark.endsWith(BEGIN) && !outcomes.has(mark.slice(0, -BEGIN.length)))
        begun.add(`${message}/${mark.slice(0, -BEGIN.length)}`)
  return { done, begun }
}

const BEGIN = '#begin'

/** A key is that of a message and of an effect of its turn. */
export function split(key: string): readonly [message: string, effect: string] {
  const at = key.lastIndexOf('/')
  return [key.slice(0, at), key.slice(at + 1)]
}

// the shop

const compiled = new Map<string, CompiledPipeline>()

function compile({ name, yaml, inputs = {} }: Case, toolbox: Toolbox): CompiledPipeline {
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
export const toolboxOn = (...given: Parameters<typeof toolsOn>): Toolbox =>
  createToolbox([...builtinTools, ...askingTools, ...toolsOn(...given)])

export const pipelineOf = (one: Case): CompiledPipeline => compile(one, toolboxOn(memoryLog, 0))

function openShop({ folder, double, file }: Surroundings, log: ReturnType<typeof memoryLog>, world: () => World) {
  const values = memoryValues()
  const toolbox = toolboxOn(() => log, 0)
  const models = createModels({ ...double.config, embedder: 'none' }, {})
  const pools = poolsOf({ workers: 1000, queue: 1000 })
  const { pool } = pools.find({ phase: 'step', modality: 'text' })
  const view = () => world().engine.view
  const services: PipelineServices = {
    ...{ values, toolbox, models, pool, root: folder, roots: [folder] },
    readParts: (of, page) => view().parts(of, page),
    runs: {
      list: async () => {
        const listed = await view().list('run', { sort: 'startedAt', descending: true, limit: 100 })
        return listed.map(({ key, index }) => ({ id: key, ...index }) as never)
      },
      read: (id) => readRun(view(), values, id),
    },
  }
  const offline = createModels({ embedder: 'none' }, {})
  const chain = chainActors({ models: offline, pools, phases: createPhases(), readFile: readText })

  function clientOn(engine: Engine): Client {
    const start = async (id: string, pipeline: CompiledPipeline, inputs: object, origin: object) => {
      const message = await startMessage(values, pipeline, inputs as never, origin)
      await engine.tell(runRef(id), message as Json, { id, correlationId: id })
    }
    const compiler = { validate: missing, compile: missing, again: missing }
    const forks = runtimeForks({ engine, models, values: values as unknown as Blobs, compiler })
    return {
      async start(one) {
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
      events: (run) => engine.view.events(runRef(run)) as AsyncIterable<never>,
      signal: (run, name, value, id) => engine.ask(runRef(run), { type: 'signal', name, value }, { id }),
      cancel: (run, reason) => engine.cancel(runRef(run), run, reason),
      document: (run) => readRun(engine.view, values, run),
    }
  }
  return { actors: [...pipelineActors(services), ...chain], clientOn }
}

/** No fork here goes on with another pipeline. */
const missing = () => Promise.reject(new Error('nothing is compiled here'))
