import { expect, it, onTestFinished } from 'vitest'
import type { Caller } from '../../src/http/authorize/caller.ts'
import { scopedRuntime } from '../../src/http/authorize/scoped-runtime.ts'
import type { ServedRuntime } from '../../src/runtime/ports.ts'
import { until } from '../../src/testing/index.ts'
import { useMock } from '../model/mock.ts'
import { openFolder } from '../runtime/inspect/folder.ts'

const server = useMock({ teach: (mock) => mock.onMessage(/.*/, { content: 'Ebb and flow.' }) })

/** A runtime whose model costs a dollar for a thousand tokens, as somebody sees it. */
async function openShop() {
  const folder = openFolder()
  folder.write(
    'antiphon.yaml',
    [
      'model: lab/one',
      `providers: { lab: { type: openai-compatible, baseURL: '${server.url}/v1' } }`,
      'models: [{ id: lab/one, cost: { input: 1000, output: 1000 } }]',
    ].join('\n'),
  )
  const runtime: ServedRuntime = await folder.open()
  const as = (owner: string, ...scopes: Caller['scopes']) =>
    scopedRuntime(runtime, { owner, key: 'k1', scopes, local: false })
  return { bob: as('bob', 'read', 'ask', 'run'), boss: as('boss', 'admin') }
}

it.each(['bob', 'boss'])(
  'money that %s sets aside for a thread of bob that is yet to begin holds on it',
  async (who) => {
    const { bob, boss } = await openShop()
    const set =
      who === 'bob' ? bob.budgets.set('thread/main', 0.01) : boss.budgets.set('thread/main', 0.01, { owner: 'bob' })
    expect(await set).toMatchObject({ owner: 'bob', limit: 0.01 })
    expect(await bob.budgets.get('thread/main')).toMatchObject({ scope: 'thread/main', calls: 0 })
    const leaving = new AbortController()
    onTestFinished(() => leaving.abort())
    const asked = bob.threads.ask({ thread: 'main', prompt: 'Which tide?' }, { signal: leaving.signal })
    const left = expect(asked).rejects.toMatchObject({ code: 'cancelled' })
    await until(async () => (await bob.budgets.get('thread/main')).waiting.length > 0)
    expect(server.mock.getRequests()).toEqual([])
    leaving.abort()
    await left
  },
)
