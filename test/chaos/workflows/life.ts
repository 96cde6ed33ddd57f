import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadConfig } from '../../../src/config/config.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import type { RunDocument } from '../../../src/run/document.ts'
import { openRuntime } from '../../../src/runtime/open/open-runtime.ts'
import type { ServedRuntime } from '../../../src/runtime/ports.ts'
import { actsIn, type DieAt, dieAt, linesOf } from '../asks/acts.ts'
import { type Kill, openWitnessed } from '../flush/database.ts'
import { LEDGER } from '../kinds/log.ts'
import { COUNTER, program } from './program.ts'
import { travel } from './trip.ts'

/** One process on a folder, the numbers of its orders, and when it dies; the engine is that of the folder. */
export type Life = {
  readonly folder: string
  readonly orders?: readonly number[]
  readonly kill?: Kill
  readonly dies?: DieAt
  /** it travels, and orders nothing */
  readonly trips?: true
}

const WITNESS = 'witness'

/** How many flushes the processes of a folder made. */
export const flushesIn = (folder: string): number => linesOf(join(folder, WITNESS)).length

/** Opens the program. `node`: one of several processes of the folder, with data of its own; `isClient`: it takes no turns. */
export async function open({ folder, kill }: Life, { node, isClient }: { node?: string; isClient?: true } = {}) {
  const notes = { witness: join(folder, WITNESS), ledger: join(folder, LEDGER) }
  const given = node === undefined ? {} : { data: join(folder, node) }
  const { restate, ...config } = await loadConfig({ folder, ...given, environment: {} })
  return openRuntime(
    {
      ...config,
      embedder: 'none',
      ...(restate ? { restate: { ...restate, takesTurns: !isClient } } : { durability: 'process' }),
    },
    {
      ...program(folder),
      ...(!restate && { openDatabase: (options) => openWitnessed(options, notes, kill) }),
      notice: () => {},
    },
  )
}

/** All that came of the orders of a folder. */
export type Lived = {
  readonly runs: readonly { readonly id: string; readonly run: RunDocument; readonly events: readonly Json[] }[]
  /** of the counter */
  readonly total: number
}

/** Works on the orders in this process, and resolves when they have ended. */
export async function live(life: Life): Promise<Lived> {
  dieAt(life.dies)
  const runtime = await open(life)
  try {
    return await order(runtime, life)
  } finally {
    await runtime.stop({ grace: 0 })
  }
}

/** Travels in this process, and resolves when the trips have ended. */
export async function liveTrips(life: Life): Promise<readonly RunDocument[]> {
  const runtime = await open(life)
  try {
    return await travel(runtime, life.folder)
  } finally {
    await runtime.stop({ grace: 0 })
  }
}

/** Orders, and answers all questions of the orders until they have ended. */
export async function order(runtime: ServedRuntime, { folder, orders = [1] }: Life): Promise<Lived> {
  const ids = orders.map((number) => `order-${number}`)
  await Promise.all(ids.map((id) => runtime.runs.start({ workflow: 'order', input: { id }, id })))
  const runs = await Promise.all(
    ids.map(async (id) => ({ id, run: await answering(runtime, folder, id), events: await eventsOf(runtime, id) })),
  )
  const { total } = (await runtime.engine.view.peek(COUNTER)) as { readonly total: number }
  return { runs, total }
}

/** A person settles calls that may have been made, and says when an order goes on. */
async function answering({ runs, inbox }: ServedRuntime, folder: string, id: string): Promise<RunDocument> {
  await runs.resume(id)
  for (;;) {
    const run = await runs.get(id)
    if (run.completed_at !== null) return run
    const item = (await inbox.list({ run: id })).find((item) => 'run' in item)
    if (item?.kind === 'unknown')
      await runs.settle(
        id,
        item.step,
        actsIn(folder).includes(`${id} mail`) ? { outcome: 'done', result: null } : { outcome: 'not-done' },
      )
    else if (item?.kind === 'signal') await runs.signal(id, 'go', 'now', { id: `go-${id}` })
    await sleep(10)
  }
}

/** The data of the events that the workflow told. */
async function eventsOf({ runs }: ServedRuntime, id: string): Promise<readonly Json[]> {
  const told: Json[] = []
  for await (const { body } of runs.events(id)) if (body.type === 'workflow-event') told.push(body.data as Json)
  return told
}
