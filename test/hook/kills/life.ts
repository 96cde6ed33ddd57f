import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig } from '../../../src/config/config.ts'
import { openRuntime } from '../../../src/runtime/open/open-runtime.ts'
import { until } from '../../../src/testing/until.ts'
import { type Kill, openWitnessed } from '../../chaos/flush/database.ts'
import { SECRETS, standardDelivery } from '../senders.ts'

/** One process on a data folder that takes deliveries, and when it dies. */
export type Life = { readonly folder: string; readonly kill?: Kill }

/** The ids of the deliveries. */
export const DELIVERIES = ['msg_1', 'msg_2', 'msg_3'] as const

const ORDER =
  'name: order\ninputs: { event: { type: object, required: true } }\nsteps: [{ id: say, action: "echo hi" }]\n'
const HOOKS = 'hooks: { orders: { verify: standard, secret: "secret://standard", file: order.yaml } }\n'

/** Sends each delivery until it is taken, as its sender does. `taken` notes the runs of those that got a 2xx. */
export async function live({ folder, kill }: Life) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'order.yaml'), ORDER)
  writeFileSync(join(folder, 'antiphon.yaml'), HOOKS)
  const notes = { witness: join(folder, 'witness'), ledger: join(folder, 'ledger') }
  const config = await loadConfig({ folder, environment: { ANTIPHON_SECRET_STANDARD: SECRETS.standard } })
  const runtime = await openRuntime(
    { ...config, embedder: 'none', durability: 'process' },
    { openDatabase: (options) => openWitnessed(options, notes, kill), notice: () => {} },
  )
  await runtime.engine.start()
  for (const id of DELIVERIES) {
    const { body, headers } = standardDelivery('{"type":"paid"}', id, Date.now())
    const header = (name: string) => headers[name]
    const receipt = await runtime.hooks.deliver('orders', { body: async () => Buffer.from(body), header })
    appendFileSync(join(folder, 'taken'), `${id} ${'id' in receipt ? receipt.id : ''}\n`)
  }
  const isOver = async () => (await runtime.runs.list()).every(({ finishedAt }) => finishedAt !== undefined)
  await until(isOver)
  return { runtime, stop: () => runtime.stop({ grace: 0 }) }
}
