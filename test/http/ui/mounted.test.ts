import { expect, test } from 'vitest'
import { until } from '../../../src/testing/until.ts'
import { ANN, byUser, openMounts, send } from '../program/mounts.ts'

const GATE = 'name: gate\nsteps: [{ id: ok, tool: approval-gate, parameters: { title: Send it? } }]'

test('behind the login of a program, pages load, and each owner gets what is theirs', async () => {
  const { handler } = await openMounts()
  const app = handler({ ...byUser('/ai'), ui: true })
  const page = await send(app, '/ai/ui/runs')
  // a checkout may be without built pages, which then say how to build them
  expect([200, 404]).toContain(page.status)
  if (page.status === 200) expect(page.document.text).toContain('<meta name="antiphon-base" content="/ai">')
  else expect(page.document).toMatchObject({ hint: 'Build them: npm run build:ui' })

  const { document } = await send(app, '/ai/v1/runs', { body: { source: { text: GATE } }, headers: ANN })
  await until(async () => (await send(app, '/ai/v1/inbox', { headers: ANN })).document.items.length === 1)
  await until(async () => (await send(app, '/ai/v1/run-counts', { headers: ANN })).document.waiting === 1)
  const bob = { user: 'bob' }
  for (const [path, mine, others] of [
    ['/ai/v1/run-counts', { waiting: 1 }, { waiting: 0 }],
    ['/ai/v1/runs?details=true', { items: [{ details: { stands: { person: true } } }] }, { items: [] }],
    [`/ai/v1/runs/${document.id}/steps`, { items: [{ id: 'ok' }] }, { status: 404 }],
    [`/ai/v1/actors/${document.id}/why`, { of: `run/${document.id}` }, { status: 404 }],
    [`/ai/v1/feed?topics=run/${document.id}`, undefined, { status: 404 }],
    [
      '/ai/v1/caller',
      { owner: 'ann', scopes: ['run', 'approve', 'ask', 'read'], mounted: true, agents: ['clerk'] },
      { owner: 'bob', scopes: ['run', 'approve', 'ask', 'read'], mounted: true, agents: ['clerk'] },
    ],
    ['/ai/v1/status', { status: 404 }, { status: 404 }],
  ] as const) {
    if (mine) expect([path, (await send(app, path, { headers: ANN })).document]).toMatchObject([path, mine])
    expect([path, (await send(app, path, { headers: bob })).document]).toMatchObject([path, others])
    expect([path, (await send(app, path)).status]).toEqual([path, path.endsWith('status') ? 404 : 401])
  }
})

test('a visitor that may only talk follows its conversations, and knows the agents that it may talk with', async () => {
  const { handler } = await openMounts({ agents: ['clerk'] })
  const talker = handler({ ...byUser('/ai', ['talk']), ui: true })
  const { document } = await send(talker, '/ai/v1/caller', { headers: ANN })
  expect(document).toEqual({ owner: 'ann', scopes: ['talk'], mounted: true, agents: ['clerk'] })
  const feed = (topics: string) => send(talker, `/ai/v1/feed?topics=${topics}`, { headers: ANN })
  for (const topics of ['runs', 'inbox', 'threads,runs', 'run/ann:one'])
    expect([topics, (await feed(topics)).code]).toEqual([topics, 'scope_missing'])
  const { response } = await feed('threads')
  const reader = response.body!.getReader()
  let text = ''
  while (!text.includes('data:')) text += new TextDecoder().decode((await reader.read()).value)
  expect(text).toContain('{"topic":"threads"}')
  await reader.cancel()
  // staff does not talk
  const staff = handler({ path: '/staff', owner: () => ({ staff: 'eva', scopes: ['read'], owners: 'all' }) })
  expect((await send(staff, '/staff/v1/caller')).document).toEqual({ owner: '*eva', scopes: ['read'], mounted: true })
})

test('the feed of a visitor ends after a minute, so that the login of the program is asked again', async () => {
  const { handler, clock } = await openMounts()
  const app = handler({ ...byUser('/ai'), ui: true })
  const { response } = await send(app, '/ai/v1/feed?topics=runs', { headers: ANN })
  const reader = response.body!.getReader()
  let text = ''
  let isDone = false
  const end = (async () => {
    while (!isDone) {
      const { done, value } = await reader.read()
      text += new TextDecoder().decode(value)
      isDone = done
    }
  })()
  await until(() => text.includes('"topic":"runs"'))
  await clock.advance(59_000)
  expect(isDone).toBe(false)
  await until(async () => {
    await clock.advance(500)
    return isDone
  })
  await end
})

test('without `ui` no page is served, and `ui` needs an owner', async () => {
  const { handler } = await openMounts()
  expect((await send(handler(byUser('/ai')), '/ai/ui/')).status).toBe(404)
  expect(() => handler({ ui: true })).toThrow('expected `owner` beside `ui`')
  expect(() => handler({ ...byUser(), ui: 'yes' as never })).toThrow('expected true or false')
})
