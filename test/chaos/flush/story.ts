import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunDocument } from '../../../src/run/document.ts'
import type { Runtime } from '../../../src/runtime/ports.ts'
import type { Answer } from '../../../src/thread/room/port.ts'
import { isKilled } from '../killed.ts'
import type { Kill } from './database.ts'
import { acknowledge, type Life, openLife, WITNESS, WRITTEN, works } from './life.ts'
import { LEDGER } from './tools.ts'
import { type Event, type Flush, linesOf, readWitness } from './witness.ts'
import { inspectWreck, type Wreck } from './wreck.ts'

export type Work = keyof typeof works

/** A data folder from its first process to the end of its work. */
export type Story = {
  readonly title: string
  readonly kills: readonly Kill[]
  /** what each killed process left */
  readonly wrecks: readonly Wreck[]
  readonly end: End | { readonly fault: string }
}

/** How the work ended in the process that nobody killed. */
export type End = {
  readonly result: RunDocument | Answer
  /** what it came to when the same was asked once more */
  readonly again: RunDocument | Answer
  /** as a client sees them, up to the end */
  readonly events: readonly Event[]
  /** tasks that went through the pools of this process, and through those asking once more */
  readonly tasks: { readonly needed: number; readonly again: number }
  /** all flushes of all processes */
  readonly told: readonly Flush[]
  readonly ledger: readonly string[]
  /** the file that the pipeline writes */
  readonly written: readonly string[]
}

export type Plot = Omit<Life, 'kill'> & {
  readonly kills: readonly Kill[]
  /** The last process goes on with what was acknowledged, if anything was; otherwise it is asked the same again. */
  readonly resume?: boolean
}

/** Lives a plot; a process that ends before its kill ends the killing. */
export async function liveThrough({ kills, resume = false, ...life }: Plot): Promise<Story> {
  mkdirSync(life.folder)
  const wrecks: Wreck[] = []
  const named = [...new Set(kills.map(({ side, flush }) => `${side} flush ${flush}`))].join(', ')
  const story = { title: `${life.work} killed ${named} (${life.folder})`, kills, wrecks }
  try {
    for (const kill of kills) {
      if (!(await isKilled(PROGRAM, { ...life, kill } satisfies Life, PATIENCE))) break
      wrecks.push(inspectWreck(life.folder))
    }
    const isAcknowledged = wrecks.some(({ told }) => told.length > 0)
    return { ...story, end: await finish(life, resume && isAcknowledged) }
  } catch (error) {
    return { ...story, end: { fault: (error as Error).message } }
  }
}

/** ms after which work that has not ended never will */
const PATIENCE = 20_000

const PROGRAM = join(import.meta.dirname, 'child.ts')

async function finish(life: Life, resume: boolean): Promise<End> {
  const runtime = await openLife(life)
  const late = sleep(PATIENCE, undefined, { ref: false }).then(() => Promise.reject(new Error('it does not go on')))
  try {
    return await Promise.race([endOf(life, runtime, resume), late])
  } finally {
    await runtime.stop({ grace: 0 })
  }
}

async function endOf({ folder, work }: Life, runtime: Runtime, resume: boolean): Promise<End> {
  const { actor, begin, resume: goOn, end } = works[work]
  const tasks = () => runtime.status().pools.reduce((sum, { done, failed }) => sum + done + failed, 0)
  const result = await (resume ? goOn : begin)(runtime, () => acknowledge(folder))
  const needed = tasks()
  const again = await begin(runtime, () => {})
  const events: Event[] = []
  for await (const { n, body } of runtime.engine.view.events(actor)) {
    events.push({ n, body: body as Event['body'] })
    if (events.at(-1)!.body.type === end) break
  }
  return {
    result,
    again,
    events,
    tasks: { needed, again: tasks() - needed },
    told: readWitness(join(folder, WITNESS)),
    ledger: linesOf(join(folder, LEDGER)),
    written: linesOf(join(folder, WRITTEN)),
  }
}
