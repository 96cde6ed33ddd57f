import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig } from '../../../src/config/config.ts'
import { createMounts, type FetchHandler, type RequestOwner } from '../../../src/http/program/handler.ts'
import { openRuntime } from '../../../src/runtime/open/open-runtime.ts'
import type { DatabaseOptions } from '../../../src/store/database/open.ts'
import { until } from '../../../src/testing/until.ts'
import type { InboxItem } from '../../../src/thread/room/documents/inbox.ts'
import type { ThreadDocument } from '../../../src/thread/room/documents/thread.ts'
import { type Kill, openWitnessed } from '../flush/database.ts'
import { LEDGER } from '../kinds/log.ts'
import { CUSTOMERS, modelOf, notesIn, REFUNDS, supportIn } from './shop.ts'

/** One process of the shop on a data folder, and when it dies. `talks`: customers write again before staff decide. */
export type Life = { readonly folder: string; readonly kill?: Kill; readonly talks?: true }

/** A conversation as its customer reads it. */
export type Talk = Pick<ThreadDocument, 'asks'>

type Customer = keyof typeof CUSTOMERS
const NAMES = Object.keys(CUSTOMERS) as readonly Customer[]
const WITNESS = 'witness'

/** A folder with the settings of all processes. */
export function makeFolder(folder: string): string {
  mkdirSync(folder, { recursive: true })
  const models = [{ id: 'lab/one', cost: { input: 1, output: 1 } }]
  writeFileSync(join(folder, 'antiphon.yaml'), JSON.stringify({ models }))
  return folder
}

/**
 * The customers write, staff answer what waits, and nothing is left to do. Resolves with the messages of each customer.
 */
export async function live({ folder, kill, talks }: Life): Promise<readonly Talk[]> {
  const notes = { witness: join(folder, WITNESS), ledger: join(folder, LEDGER) }
  const config = await loadConfig({ folder, environment: {} })
  const runtime = await openRuntime(
    { ...config, embedder: 'none', durability: 'process' },
    {
      openDatabase: (options: DatabaseOptions) => openWitnessed(options, notes, kill),
      models: { 'lab/one': modelOf() },
      agents: [supportIn(folder)],
      notice: () => {},
    },
  )
  const mounts = createMounts({ runtime, stop: runtime.stop }, config, { agents: ['support'] })
  const site = senderTo(mounts.handler({ owner: customerOf }))
  const desk = senderTo(mounts.handler({ owner: () => ({ staff: 'eva', scopes: ['read', 'approve'], owners: 'all' }) }))
  try {
    await runtime.engine.start()
    for (const name of NAMES) {
      const message = { agent: 'support', id: 'mail', text: `Please refund order ${CUSTOMERS[name].order}.` }
      await site(name, '/v1/conversations/lamp/messages', message)
    }
    if (talks) {
      await runtime.idle()
      const next = { agent: 'support', id: 'next', text: 'When do you open?' }
      for (const name of NAMES) await site(name, '/v1/conversations/lamp/messages', next)
    }
    const talksOf = () => Promise.all(NAMES.map((name) => runtime.threads.get(`${name}:lamp`)))
    // a call that a kill has cut off may be open as well, so there may be more messages
    const isLast = ({ asks }: Talk) => !talks || asks.some(({ resultOf }) => resultOf?.run.endsWith('.m1.1'))
    const isOver = (talk: Talk) => isLast(talk) && talk.asks.every(({ endedAt }) => endedAt)
    await until(async () => {
      await attend(() => runtime.idle(), desk, folder)
      return (await talksOf()).every(isOver)
    })
    return await talksOf()
  } finally {
    await mounts.stop({ grace: 0 })
  }
}

function customerOf({ headers }: Request): RequestOwner {
  const owner = headers.get('session') as Customer | null
  return owner ? { owner, context: CUSTOMERS[owner].context } : undefined
}

/** Staff answer everything that waits, by the customer, and look after calls whose outcome is unknown. */
async function attend(idle: () => Promise<void>, desk: Send, folder: string): Promise<void> {
  for (;;) {
    await idle()
    const { items } = (await desk('eva', '/v1/inbox')) as { readonly items: readonly InboxItem[] }
    const [item] = items
    if (!item) return
    if (!('run' in item)) throw new Error(`it waits: ${item.title}`)
    if (item.kind === 'unknown') {
      // each round makes one call, and the run of a round ends with its number
      const { cents } = REFUNDS[Number(item.run.split('.').at(-1)) - 1]!
      const isMade = notesIn(folder).some(
        (note) => note.what === 'paid' && note.owner === item.owner && note.cents === cents,
      )
      const settlement = isMade ? { outcome: 'done', result: 'It is paid back.' } : { outcome: 'not-done' }
      await desk('eva', `/v1/runs/${item.run}/settle`, { step: item.step, ...settlement })
      continue
    }
    const { answer } = CUSTOMERS[item.owner as Customer]
    await desk('eva', `/v1/runs/${item.run}/approve`, { action: answer })
  }
}

type Send = (session: string, path: string, body?: object) => Promise<unknown>

/** Sends requests of a browser with a session, and returns the documents. An answer that is not a success is an error. */
function senderTo(handler: FetchHandler): Send {
  return async (session, path, body) => {
    const sent = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
    const headers = { session, 'content-type': 'application/json' }
    const response = await handler(new Request(`https://shop.example${path}`, { ...sent, headers }))
    const text = await response.text()
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }
}

export const flushesIn = (folder: string): number => {
  const path = join(folder, WITNESS)
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean).length : 0
}
