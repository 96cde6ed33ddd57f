import { expect, it } from 'vitest'
import type { Described } from '../../../src/house/describe.ts'
import { scopedRuntime } from '../../../src/http/authorize/scoped-runtime.ts'
import { CONTRACT } from '../../../src/rooms/contract.ts'
import type { ServedRuntime } from '../../../src/runtime/ports.ts'

type Method = (...given: readonly unknown[]) => unknown

/** A runtime whose items all belong to bob. It records which methods are called. */
function openOfBob() {
  const called: string[] = []
  const portAt = (path: string): object =>
    new Proxy(() => {}, {
      get: (_, name) => (name === 'then' ? undefined : portAt(path === '' ? String(name) : `${path}.${String(name)}`)),
      apply() {
        if (/^serving\.ownerOf/.test(path)) return Promise.resolve('bob')
        if (path === 'engine.view.list') return Promise.resolve([])
        called.push(path)
        return Promise.resolve()
      },
    })
  return { runtime: portAt('') as ServedRuntime, called }
}

/** Calls the method of an operation as ann, with the names of bob's items. */
async function callAsAnn(runtime: ServedRuntime, { name, takes = [], gives }: Described): Promise<unknown> {
  const view: unknown = scopedRuntime(runtime, { owner: 'ann', scopes: ['read', 'run', 'ask'], local: true })
  const method = name.split('.').reduce((at, part) => (at as { [part: string]: unknown })[part], view) as Method
  const fields = { run: 'theirs', goal: 'theirs', thread: 'theirs', conversation: 'theirs', ask: 'theirs' }
  const answer = method(...takes.map((name) => (name.startsWith('...') ? fields : 'theirs')))
  return gives === 'events' ? (answer as AsyncIterable<unknown>)[Symbol.asyncIterator]().next() : answer
}

const owned = CONTRACT.filter(({ path }) => /\{(run|goal|thread|conversation)\}/.test(path)).map(
  (one) => [one.name, one] as const,
)
const forAdmins = CONTRACT.filter(({ scope, takes }) => scope === 'admin' && takes).map(
  (one) => [one.name, one] as const,
)

it.each(owned)('%s refuses the item of another owner before it calls a port', async (_, operation) => {
  const { runtime, called } = openOfBob()
  await expect(callAsAnn(runtime, operation)).rejects.toMatchObject({ code: 'not_found' })
  expect(called).toEqual([])
})

it.each(forAdmins.filter(([name]) => name !== 'handOver'))('%s refuses others than admins', async (_, operation) => {
  const { runtime, called } = openOfBob()
  await expect(callAsAnn(runtime, operation)).rejects.toMatchObject({ code: 'scope_missing' })
  expect(called).toEqual([])
})

it('finds the operations with owners', () => {
  expect(owned.length).toBeGreaterThan(30)
  expect(owned.filter(([, { takes }]) => takes === undefined)).toEqual([])
})
