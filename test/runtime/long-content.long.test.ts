import { expect, test } from 'vitest'
import { createApp } from '../../src/http/server/app.ts'
import type { StepItem } from '../../src/run/room/documents.ts'
import { answer, CLERK, call, openGoals } from '../agent/goal/folder.ts'
import { post } from '../http/bench.ts'

const LONG = 'x'.repeat(40_000)

/** A goal whose call waits; the model puts the long argument before the path. */
async function openWaiting(content: string) {
  const opened = await openGoals([call('filesystem_append', { content, path: 'log.txt' }), answer('done')])
  await opened.runtime.goals.start({ agent: CLERK, goal: 'Append.', id: 'g' })
  await opened.runtime.idle()
  const approve = (value: object | string) => opened.runtime.runs.signal('g.1', 'approve_call_1', value as never)
  const item = async (query: object = {}) => (await opened.runtime.inbox.list({ ...query }))[0] as StepItem
  const http = async (path: string, body?: object) =>
    createApp(opened.runtime as Parameters<typeof createApp>[0]).request(path, body && post(JSON.stringify(body)))
  return { ...opened, approve, item, http }
}

const fieldsOf = (item: StepItem) => Object.keys(item.content as object)

test('short values come first, whatever order the model chose', async () => {
  for (const [content, length] of [
    ['x'.repeat(300), undefined],
    [LONG, expect.any(Number)],
  ] as const) {
    const { item } = await openWaiting(content)
    const shown = await item()
    expect(fieldsOf(shown)).toEqual(['path', 'content'])
    expect(shown.length).toEqual(length)
  }
})

test('a list cuts long values and says so; the whole is given for one run', async () => {
  const { item, http } = await openWaiting(LONG)
  const cut = await item()
  expect(cut.content).toMatchObject({
    path: 'log.txt',
    content: expect.stringMatching(/^x{1000}… \(40000 characters\)$/),
  })
  expect(cut.digest).toBeUndefined()
  const whole = await item({ run: 'g.1', content: 'whole' })
  expect(whole).toMatchObject({
    content: { path: 'log.txt', content: LONG },
    digest: expect.stringMatching(/^[0-9a-f]{16}$/),
  })
  expect(whole.length).toBeUndefined()
  const { items } = (await (await http('/v1/inbox?run=g.1&content=whole')).json()) as { items: StepItem[] }
  expect(items).toMatchObject([{ content: { content: LONG }, digest: whole.digest! }])
})

test('an approval of a long content names its digest', async () => {
  const { runtime, approve, item, http } = await openWaiting(LONG)
  const refusal = { code: 'not_shown', hint: expect.stringContaining('antiphon inbox RUN') }
  for (const value of ['approve', { approved: true }, { action: 'approve', digest: 'f'.repeat(16) }])
    await expect(approve(value)).rejects.toMatchObject(refusal)
  const refused = await http('/v1/runs/g.1/approve', {})
  expect({ status: refused.status, body: await refused.json() }).toMatchObject({
    status: 409,
    body: { code: 'not_shown' },
  })
  const { digest } = await item({ run: 'g.1', content: 'whole' })
  expect((await http('/v1/runs/g.1/approve', { digest })).status).toBe(200)
  await runtime.idle()
  expect(await runtime.goals.get('g')).toMatchObject({ status: 'completed' })
})

test('a rejection needs no digest, and neither does an own content', async () => {
  const rejected = await openWaiting(LONG)
  expect(await rejected.approve({ action: 'reject' })).toEqual({ status: 'taken' })
  const changed = await openWaiting(LONG)
  expect(await changed.approve({ action: 'modify', content: { path: 'log.txt', content: 'y' } })).toEqual({
    status: 'taken',
  })
})

test('the page of a link shows all of it, and its form names the digest', async () => {
  const { runtime, http } = await openWaiting(LONG)
  const link = await runtime.access.links.create({
    run: 'g.1',
    signal: 'approve_call_1',
    kind: 'approval',
    ttl: 60_000,
  })
  const page = await (await http(`/v1/links/${link.token}`)).text()
  expect(page).toContain(LONG)
  const [, digest] = /name="digest" value="([0-9a-f]{16})"/.exec(page) ?? []
  expect((await http(`/v1/links/${link.token}`, { action: 'approve' })).status).toBe(409)
  expect((await http(`/v1/links/${link.token}`, { action: 'approve', digest: digest! })).status).toBe(200)
})

test.each([
  ['signal', { name: 'approve_call_1', value: 'approve' }],
  ['approve', {}],
  ['approve', { signal: 'approve_call_1' }],
])('only one of several racing answers over /%s %j succeeds: the one that the gate takes', async (route, body) => {
  const { http, runtime } = await openWaiting('x')
  const sent = await Promise.all([1, 2, 3, 4].map(() => http(`/v1/runs/g.1/${route}`, body)))
  expect(sent.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409])
  await runtime.idle()
  expect(await runtime.goals.get('g')).toMatchObject({ status: 'completed' })
})

test('after an answer that does not fit, the next one is taken', async () => {
  const { approve } = await openWaiting('x')
  await expect(approve('perhaps')).rejects.toMatchObject({ code: 'bad_value' })
  expect(await approve('approve')).toEqual({ status: 'taken' })
})
