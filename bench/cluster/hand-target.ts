import { askServer } from '../../src/engine/restate/admin/server-info.ts'
import { createClient, type Invocation } from '../../src/engine/restate/client/client.ts'
import { createIds } from '../engine/antiphon.ts'
import type { OpenTarget } from '../engine/target.ts'
import { subjectOf } from '../peers/peers.ts'

/** What is written by hand under the same load, asked by the same client. */
export const openTarget: OpenTarget = async ({ operation }, { name, address, id }) => {
  const { ingress } = await askServer(address!)
  if (subjectOf(name) === 'hand-plain') return { perform: () => askPlain(ingress) }
  const client = createClient({ admin: address!, ingress })
  const nextId = createIds(id)
  return { perform: async (key) => (await client.call({ ...CALLS[operation]!, key, id: nextId() })).body as number }
}

type Asked = Pick<Invocation, 'service' | 'handler' | 'body'>

const CALLS: { readonly [operation: string]: Asked } = {
  update: { service: 'HandCounter', handler: 'add', body: 1 },
  effects: { service: 'HandEffects', handler: 'start' },
  // ten steps that have keys of their own, called one after another
  run: { service: 'HandCalls', handler: 'start' },
}

/** Without a key or an id: asked twice it would run twice. */
async function askPlain(ingress: string): Promise<number> {
  const response = await fetch(`${ingress}/HandPlain/start`, { method: 'POST' })
  if (!response.ok) throw new Error(`Restate answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as number
}
