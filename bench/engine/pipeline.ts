import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../../src/config/config.ts'
import type { Clock, Engine } from '../../src/engine/engine.ts'
import type { Json } from '../../src/kernel/schema.ts'
import type { BatchPolicy } from '../../src/pipeline/plan/batching.ts'
import type { RunRequest } from '../../src/run/room/port.ts'
import { createRuntime, type Runtime } from '../../src/runtime/open/create-runtime.ts'
import { STEPS } from './actors.ts'
import { createIds } from './antiphon.ts'
import type { OpenTarget, Target } from './target.ts'

/** The pipeline's own run and step actors under a load of runs. `pipeline-door`: as programs start and follow runs. */
export const openTarget: OpenTarget = async (_load, { folder, name }) => {
  const runtime = await openRuntime(folder, { retention: KEEP_ALL })
  const file = await writePipeline(folder, STEPS.run)
  const isDoor = name.startsWith('pipeline-door/')
  return {
    perform: isDoor
      ? doorRunner(runtime.runs, { file })
      : runner(runtime.engine, await startOf(runtime, file), createIds()),
    counts: () => {
      const { turns: rows, flushes: commits } = runtime.status().engine!
      return { rows, commits }
    },
  }
}

/**
 * Nothing is removed while it is measured. A peer keeps all of its runs, and a removed run costs nearly as much as a
 * new one.
 */
export const KEEP_ALL = { runs: 10_000_000, runDays: 30, deadLetterDays: 30, auditDays: 90 } as const

/** Runs of what that message starts, each under a key of its own; they resolve with how many steps were done. */
export function runner(engine: Pick<Engine, 'ask'>, start: Json, nextId: () => string): Target['perform'] {
  return async (key) => {
    const end = (await engine.ask({ kind: 'run', key }, start, { id: nextId() })) as RunEnd
    return end.status === 'completed' ? end.done : 0
  }
}

/** Runs by the public door: each is started under its key as its id, and followed to its end. */
export function doorRunner(runs: Runtime['runs'], request: RunRequest): Target['perform'] {
  return async (id) => {
    await runs.start({ ...request, id })
    for await (const { body } of runs.events(id))
      if (body.type === 'run-end') return body.status === 'completed' ? body.done : 0
    throw new Error(`run ${id} has no end`)
  }
}

type RunEnd = { readonly status: string; readonly done: number }

/** A runtime in that folder with the tool `increment`; on libSQL and FULL unless it is said otherwise. */
export function openRuntime(
  folder: string,
  engine: Partial<Pick<Config, 'restate' | 'durability' | 'retention'>> = {},
  parts?: { readonly clock?: Clock; readonly batches?: BatchPolicy },
): Promise<Runtime> {
  const config: Config = {
    folder,
    data: join(folder, 'data'),
    providers: {},
    embedder: 'none',
    plugins: [join(import.meta.dirname, 'increment.ts')],
    roots: [folder],
    pool: { workers: 1000, queue: 1000 },
    retention: { runs: 10_000, runDays: 30, deadLetterDays: 30, auditDays: 90 },
    environment: {},
    ...engine,
  }
  return createRuntime(config, parts)
}

/** Writes a pipeline of so many steps, one after another, each of which takes up what the last one made; returns its path. */
export async function writePipeline(folder: string, steps: number): Promise<string> {
  const lines = Array.from({ length: steps }, (_, n) => {
    const value = n === 0 ? '0' : `"{{ step-${n}.value }}"`
    return `  - { id: step-${n + 1}, tool: increment, parameters: { value: ${value} } }`
  })
  const path = join(folder, `steps-${steps}.yaml`)
  await writeFile(path, ['name: steps', 'steps:', ...lines, ''].join('\n'))
  return path
}

/** The message that starts a run of that file, as the runtime itself sent it for a first one. */
export async function startOf(runtime: Runtime, file: string): Promise<Json> {
  const { id } = await runtime.runs.start({ file })
  await runtime.idle()
  return readStart(runtime.engine, id)
}

/** The message that started a run. */
export async function readStart(engine: Pick<Engine, 'view'>, id: string): Promise<Json> {
  const { pipeline, name, start } = await partsOfStart(engine, id)
  return { type: 'start', pipeline, name, inputs: start.inputs! }
}

/** What a run remembers of its start. */
export async function partsOfStart({ view }: Pick<Engine, 'view'>, id: string) {
  const run = { kind: 'run', key: id }
  const { pipeline, name } = (await view.peek(run)) as { readonly pipeline: string; readonly name: string }
  for await (const [part, value] of view.parts(run, { prefix: 'start' }))
    if (part === 'start') return { pipeline, name, start: value as { readonly [name: string]: Json } }
  throw new Error(`run ${id} has no part start`)
}
