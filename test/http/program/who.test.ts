import { expect, it } from 'vitest'
import { createClient } from '../../../src/http/client/client.ts'
import { createApp } from '../../../src/http/server/app.ts'
import { identifyByKey } from '../../../src/http/server/authenticate.ts'
import { byHeader } from '../../../src/http/wire/by-header.ts'
import type { ScriptedTurn } from '../../../src/testing/scripted-model.ts'
import { until } from '../../../src/testing/until.ts'
import { answer, call } from '../../agent/goal/folder.ts'
import { byUser, openMounts, send } from './mounts.ts'

const append = () => call('filesystem_append', { path: 'notes.txt', content: 'One.' })
/** A call, and the answer after it. A script plays each of its turns once. */
const turns = (count: number) =>
  Array.from({ length: count }, () => [append(), { ...answer('Done.'), times: 1 }]).flat()
const AGENT =
  '---\ndescription: Keeps notes\ntools: [filesystem:append]\napprove: [filesystem:append]\n---\nYou keep notes.\n'

/** A program whose agent asks a person before each of its calls. */
async function openDesk(script: readonly ScriptedTurn[] = turns(1)) {
  const mounts = await openMounts({ script })
  mounts.write('agents/clerk.md', AGENT)
  const { runtime } = mounts
  const app = createApp(runtime)
  const clientOf = (said?: Parameters<typeof byHeader>[0]) =>
    createClient(async (request) => app.fetch(request), {
      base: 'http://antiphon',
      ...(said && { headers: byHeader(said) }),
    })
  const keyed = createApp(runtime, { identify: identifyByKey(runtime.access) })
  /** Sends a message, and resolves with the call that waits. */
  async function ask(conversation: string, owner = 'ann') {
    await runtime.conversations.post({
      agent: 'clerk',
      text: 'Note it.',
      conversation,
      id: 'm1',
      owner,
      context: { order: 'o-7' },
    })
    return until(async () => {
      const items = await runtime.inbox.list({ owner })
      const item = items.find((one) => one.kind === 'approval')
      return item && 'step' in item ? item : undefined
    })
  }
  return { ...mounts, app, keyed, clientOf, ask }
}

/** The answers for the only call of the only round of a goal. */
async function saidIn({ runtime }: Awaited<ReturnType<typeof openDesk>>, goal: string) {
  const done = await until(async () => {
    const found = await runtime.goals.get(goal)
    return found.status === 'completed' ? found : undefined
  })
  return done.rounds[0]!.calls[0]!.said
}

const goalOf = (run: string) => run.slice(0, run.lastIndexOf('.'))

it('the user of the machine approves by the command line, and a name that was typed is beside the known one', async () => {
  const desk = await openDesk()
  const { run, signal } = await desk.ask('talk')
  await desk.clientOf({ through: 'cli', user: 'alex', as: 'Eva\n B.' }).runs.signal(run, signal, 'approve')
  const by = { type: 'user', name: 'alex', typed: 'Eva B.', through: 'cli' }
  const said = [{ what: 'approved', by, at: expect.any(Number) }]
  expect(await saidIn(desk, goalOf(run))).toEqual(said)
  expect((await desk.runtime.runs.step(run, 'call_1')).said).toEqual(said)
  const events = []
  for await (const { body } of desk.runtime.goals.events(goalOf(run))) events.push(body)
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'round-end', results: [expect.objectContaining({ said })] }),
  )
})

it.each([
  ['a key', { action: 'reject', reason: 'No.' }, 'rejected'],
  ['a key', { action: 'modify', content: { path: 'notes.txt', content: 'Two.' } }, 'changed'],
])('%s answers over HTTP by its name (%j)', async (_, body, what) => {
  const desk = await openDesk()
  const { run } = await desk.ask('talk')
  const { token, id } = await desk.runtime.access.keys.create({
    name: 'front desk',
    owner: 'ann',
    scopes: ['read', 'approve'],
  })
  const headers = { authorization: `Bearer ${token}`, ...byHeader({ through: 'cli', user: 'root', as: 'Tim' }) }
  const { status } = await send(async (request) => desk.keyed.fetch(request), `/v1/runs/${run}/approve`, {
    body,
    headers,
  })
  expect(status).toBe(200)
  // the network says neither who the user of a machine is, nor that it is the command line
  const by = { type: 'key', name: 'front desk', id, typed: 'Tim', through: 'http' }
  expect(await saidIn(desk, goalOf(run))).toMatchObject([{ what, by }])
})

it('staff, programs and links have names of their own kind', async () => {
  const desk = await openDesk(turns(3))
  const staff = desk.handler({ owner: () => ({ staff: 'eva', scopes: ['read', 'approve'], owners: 'all' }) })
  const first = await desk.ask('one')
  const headers = byHeader({ as: 'Somebody else' })
  expect((await send(staff, `/v1/runs/${first.run}/approve`, { body: {}, headers })).status).toBe(200)
  expect(await saidIn(desk, goalOf(first.run))).toMatchObject([
    { what: 'approved', by: { type: 'staff', name: 'eva', through: 'http' } },
  ])
  const second = await desk.ask('two')
  await desk.clientOf().runs.signal(second.run, second.signal, 'approve', { by: 'Tim of support' })
  expect(await saidIn(desk, goalOf(second.run))).toMatchObject([
    { by: { type: 'program', name: 'Tim of support', through: 'program' } },
  ])
  const third = await desk.ask('three')
  const { token, id } = await desk.runtime.access.links.create({
    run: third.run,
    signal: third.signal,
    kind: 'approval',
    owner: 'ann',
    ttl: 60_000,
  })
  const page = await (await desk.app.request(`/v1/links/${token}`)).text()
  expect(page).toContain('<input name="by"')
  expect(page).toContain('<dt>owner</dt><dd>ann</dd><dt>agent</dt><dd>clerk</dd><dt>conversation</dt>')
  expect(page).toContain('<dd>{&#34;order&#34;:&#34;o-7&#34;}</dd>')
  const form = new URLSearchParams({ by: ' Dora ', action: 'approve' }).toString()
  const sent = await desk.app.request(`/v1/links/${token}`, {
    method: 'POST',
    body: form,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  expect(sent.status).toBe(200)
  expect(await saidIn(desk, goalOf(third.run))).toMatchObject([
    { by: { type: 'link', name: id, id, typed: 'Dora', through: 'link' } },
  ])
})

it('the audit has acts through whatever door, by owner, tool and time, page by page', async () => {
  const desk = await openDesk(turns(2))
  const local = desk.clientOf({ through: 'cli', user: 'alex' })
  const first = await desk.ask('one')
  await local.runs.signal(first.run, first.signal, 'approve')
  await saidIn(desk, goalOf(first.run))
  const second = await desk.ask('two', 'bob')
  await local.runs.signal(second.run, second.signal, { action: 'reject', reason: 'it is too late' })
  await saidIn(desk, goalOf(second.run))
  const key = await local.access.keys.create({ name: 'k', owner: 'bob', scopes: ['read'] })
  await local.access.keys.revoke(key.id)
  await local.agents.put('helper', { instructions: 'Help.', tools: [] })
  await local.agents.remove('helper')
  const whats = async (query: object) =>
    (await local.access.audit.list({ of: 'acts', ...query })).map(({ what, owner, tool }) => [owner, what, tool])
  await until(async () => (await whats({})).length === 6)
  expect(await whats({ owner: 'bob' })).toEqual([
    ['bob', 'key-revoked', undefined],
    ['bob', 'key-created', undefined],
    ['bob', 'rejected', 'filesystem:append'],
  ])
  expect(await whats({ tool: 'filesystem' })).toEqual([
    ['ann', 'approved', 'filesystem:append'],
    ['bob', 'rejected', 'filesystem:append'],
  ])
  expect(await whats({ owner: 'local' })).toEqual([
    ['local', 'agent-removed', undefined],
    ['local', 'agent-put', undefined],
  ])
  expect(await whats({ by: 'alex', tool: 'filesystem', owner: 'ann' })).toEqual([
    ['ann', 'approved', 'filesystem:append'],
  ])
  expect(await whats({ by: 'eva' })).toEqual([])
  const asStaff = async (query: string, scopes: readonly ('audit' | 'read')[] = ['audit']) =>
    send(desk.handler({ owner: () => ({ staff: 'eva', scopes, owners: ['bob'] }) }), `/v1/audit?${query}`)
  const { items } = (await asStaff('of=acts&by=alex')).document as { items: { owner: string }[] }
  expect(items.map(({ owner }) => owner)).toEqual(['bob', 'bob', 'bob'])
  expect((await asStaff('of=acts&owner=ann')).document).toMatchObject({ items: [] })
  expect((await asStaff('')).status).toBe(403)
  expect((await asStaff('of=acts', ['read'])).status).toBe(403)
  expect(await whats({ since: Date.now() + 60_000 })).toEqual([])
  const [one] = await local.access.audit.list({ of: 'acts', limit: 1 })
  expect(one).toMatchObject({
    what: 'approved',
    run: first.run,
    step: 'call_1',
    goal: goalOf(first.run),
    agent: 'clerk',
    by: { name: 'alex', through: 'cli' },
  })
  expect(await local.access.audit.list({ of: 'acts', limit: 10, after: one!.cursor })).toHaveLength(5)
  // an act has the question and the reason, and no parameters of the call
  const [rejected] = await local.access.audit.list({ of: 'acts', owner: 'bob', tool: 'filesystem' })
  expect(rejected).toMatchObject({ title: expect.stringContaining('filesystem:append'), reason: 'it is too late' })
  expect(one).not.toHaveProperty('reason')
  expect(JSON.stringify(await local.access.audit.list({ of: 'acts' }))).not.toContain('One.')
  // scripts read requests over the network, as before
  expect(await local.access.audit.list()).toEqual([])
})

it('staff without the scope `audit` reads what it decided itself, and nothing that others did', async () => {
  const desk = await openDesk(turns(3))
  const as = (staff: string, ...scopes: readonly ('audit' | 'read' | 'approve')[]) => {
    const fetch = desk.handler({ owner: () => ({ staff, scopes, owners: ['ann'] }) })
    return {
      approve: ({ run }: { readonly run: string }) => send(fetch, `/v1/runs/${run}/approve`, { body: {} }),
      acts: async (query = '') => {
        const { status, document } = await send(fetch, `/v1/audit${query}`)
        return status === 200 ? document.items.map(({ run }: { run: string }) => run) : status
      },
    }
  }
  const [eva, tom] = [as('eva', 'read', 'approve'), as('tom', 'approve')]
  const decided = async (conversation: string, by: typeof eva) => {
    const item = await desk.ask(conversation)
    expect((await by.approve(item)).status).toBe(200)
    await saidIn(desk, goalOf(item.run))
    return item
  }
  const [mine, hers] = [await decided('one', eva), await decided('two', tom)]
  const theirs = await desk.ask('three', 'bob')
  await desk.clientOf({ through: 'cli', user: 'eva' }).runs.signal(theirs.run, theirs.signal, 'approve')
  await until(async () => (await eva.acts()).length === 1)
  expect([await eva.acts(), await eva.acts('?of=acts'), await tom.acts()]).toEqual([[mine.run], [mine.run], [hers.run]])
  // a name is no right, and requests are for an admin
  expect([await eva.acts('?of=acts&by=tom'), await eva.acts('?of=requests')]).toEqual([[], 403])
  expect([await as('eva', 'read').acts('?of=acts'), await as('eva', 'audit').acts('?of=acts')]).toEqual([
    403,
    [hers.run, mine.run],
  ])
})

it('an erasure takes the acts on the work of its owner with it, and is an act itself', async () => {
  const desk = await openDesk()
  const local = desk.clientOf({ through: 'cli', user: 'alex' })
  const { run, signal } = await desk.ask('one')
  await local.runs.signal(run, signal, 'approve')
  await saidIn(desk, goalOf(run))
  await until(async () => (await local.access.audit.list({ of: 'acts' })).length === 1)
  const { id } = await local.erasures.forget('ann')
  const left = await local.access.audit.list({ of: 'acts' })
  expect(left).toMatchObject([{ owner: '*', what: 'owner-erased', target: id, by: { name: 'alex' } }])
  expect(JSON.stringify(left)).not.toMatch(/\bann\b/)
})

it('a visitor with the right to answer is named by its session', async () => {
  const desk = await openDesk()
  const visit = desk.handler(byUser())
  const { run } = await desk.ask('talk')
  const headers = { user: 'ann', ...byHeader({ as: 'The boss' }) }
  expect((await send(visit, `/v1/runs/${run}/approve`, { body: {}, headers })).status).toBe(200)
  expect(await saidIn(desk, goalOf(run))).toEqual([
    { what: 'approved', at: expect.any(Number), by: { type: 'visitor', name: 'ann', through: 'http' } },
  ])
})
