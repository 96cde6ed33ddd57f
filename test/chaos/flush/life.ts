import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../../src/config/config.ts'
import type { CheckpointLimits } from '../../../src/engine/libsql/log/checkpoint.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import type { ActorRef } from '../../../src/kernel/types.ts'
import type { RunDocument } from '../../../src/run/document.ts'
import { openRuntime } from '../../../src/runtime/open/open-runtime.ts'
import type { Runtime } from '../../../src/runtime/ports.ts'
import type { Answer } from '../../../src/thread/room/port.ts'
import { type Kill, openWitnessed } from './database.ts'
import { LEDGER } from './tools.ts'

/** One process on a data folder: what it has to bring to its end, and when it dies. */
export type Life = {
  readonly folder: string
  readonly work: keyof typeof works
  readonly checkpoint?: CheckpointLimits
  readonly kill?: Kill
}

/** The runtime of a life, as a program would make it. */
export function openLife({ folder, checkpoint, kill }: Life): Promise<Runtime> {
  const config: Config = {
    folder,
    providers: {},
    embedder: 'none',
    plugins: [join(import.meta.dirname, 'tools.ts')],
    roots: [folder],
    data: join(folder, 'data'),
    // the kills are of the process
    durability: 'process',
    retention: { runs: 10_000, runDays: 30, deadLetterDays: 30, auditDays: 90 },
    pool: { workers: 4, queue: 100 },
    environment: {},
  }
  const notes = { witness: join(folder, WITNESS), ledger: join(folder, LEDGER) }
  return openRuntime(config, {
    openDatabase: (options) => openWitnessed(options, notes, kill),
    ...(checkpoint && { checkpoint }),
  })
}

/** The file of a data folder's every flush; see `openWitnessed`. */
export const WITNESS = 'witness'
/** The file that the pipeline writes. */
export const WRITTEN = 'out.json'

/** Notes among the calls of tools and the flushes that the user was told. */
export function acknowledge(folder: string): void {
  appendFileSync(join(folder, LEDGER), 'acknowledged\n')
}

type Work<End> = {
  readonly id: string
  readonly actor: ActorRef
  /** the event that tells its end */
  readonly end: string
  /** Does it, or does the same again: the id is the same. `acknowledged` hears when a user would know of it, or has the answer. */
  begin(runtime: Runtime, acknowledged: () => void): Promise<End>
  /** Goes on with what an earlier process acknowledged. */
  resume(runtime: Runtime, acknowledged: () => void): Promise<End>
}

const here = (name: string) => join(import.meta.dirname, name)

function runOf(id: string, file: string, inputs: { readonly [name: string]: Json }): Work<RunDocument> {
  const finish = async (runtime: Runtime) => {
    await runtime.idle()
    // the outcome of a call that a kill cut off is unknown
    for (const { step } of await runtime.inbox.list({ run: id }))
      await runtime.runs.settle(id, step, { outcome: 'fail' }, { id: `settle-${step}` })
    await runtime.idle()
    return runtime.runs.get(id)
  }
  return {
    id,
    actor: { kind: 'run', key: id },
    end: 'run-end',
    async begin(runtime, acknowledged) {
      await runtime.runs.start({ file, inputs, id })
      acknowledged()
      return finish(runtime)
    },
    async resume(runtime) {
      await runtime.runs.resume(id)
      return finish(runtime)
    },
  }
}

const run = runOf('run_flush', here('pipeline.yaml'), { notes: here('resume.md') })

const ASK = 'ask_flush'
const THREAD = 'flush'
const question = {
  id: ASK,
  thread: THREAD,
  prompt: 'From where does a run go on after a crash?',
  files: ['licences.md', 'resume.md'].map((name) => join(import.meta.dirname, name)),
}
const ask: Work<Answer> = {
  id: ASK,
  actor: { kind: 'chain', key: THREAD },
  end: 'ask-end',
  begin: askAgain,
  resume: askAgain,
}

async function askAgain(runtime: Runtime, acknowledged: () => void): Promise<Answer> {
  const answer = await runtime.threads.ask(question)
  acknowledged()
  return answer
}

export const works = { run, ask }
