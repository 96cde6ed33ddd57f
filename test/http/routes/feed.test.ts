import { expect, test } from 'vitest'
import { placeOf } from '../../../src/house/paging.ts'
import { createClient } from '../../../src/http/client/client.ts'
import { createApp } from '../../../src/http/server/app.ts'
import { until } from '../../../src/testing/index.ts'
import { openFolder } from '../../runtime/inspect/folder.ts'

const GATE = 'name: gate\nsteps: [{ id: ok, tool: approval-gate, parameters: { title: Send it? } }]'

test('a feed tells each topic at the beginning, and again when it has changed', async () => {
  const runtime = await openFolder().open()
  const app = createApp(runtime)
  const client = createClient((request) => app.fetch(request))
  const leaving = new AbortController()
  const told: string[] = []
  const reading = (async () => {
    for await (const { topic } of client.feed({ topics: 'runs,inbox' }, { signal: leaving.signal })) told.push(topic)
  })()
  await until(() => told.length === 2)
  expect(told.splice(0)).toEqual(['runs', 'inbox'])
  const { id } = await client.runs.start({ source: { text: GATE } })
  await until(() => told.includes('runs') && told.includes('inbox'))

  const ofRun: (number | undefined)[] = []
  const readingRun = (async () => {
    for await (const { n } of client.feed({ topics: `run/${id}` }, { signal: leaving.signal })) ofRun.push(n)
  })()
  await until(() => ofRun.length > 0)
  await client.inbox.approve(id)
  await until(async () => ofRun.at(-1) === (await lastEvent(client, id)))
  leaving.abort()
  await Promise.all([reading, readingRun])
})

test('a feed tells what is new behind a thousand items of the inbox', async () => {
  const runtime = await openFolder().open()
  const itemOf = (since: number) =>
    ({
      kind: 'goal',
      goal: `g${since}`,
      agent: 'a',
      owner: 'local',
      since,
      title: 'Go?',
      expects: { type: 'resume' },
    }) as const
  const items = Array.from({ length: 1_400 }, (_, n) => itemOf(n))
  const pages = { first: 0, all: 0 }
  const list = async ({ after, limit }: { readonly after?: string; readonly limit?: number } = {}) => {
    pages.all++
    if (after === undefined) pages.first++
    return items.filter(({ since }) => after === undefined || since > placeOf(after).at).slice(0, limit)
  }
  const inbox = { ...runtime.inbox, list: list as unknown as typeof runtime.inbox.list }
  const app = createApp({ ...runtime, inbox })
  const client = createClient((request) => app.fetch(request))
  const leaving = new AbortController()
  let told = 0
  const reading = (async () => {
    for await (const _ of client.feed({ topics: 'inbox' }, { signal: leaving.signal })) told++
  })()
  await until(() => told === 1)
  items.push(itemOf(1_400))
  await client.runs.start({ source: { text: GATE } })
  await until(() => told === 2)
  items.splice(1_200, 1)
  await client.runs.start({ source: { text: GATE } })
  await until(() => told === 3)
  leaving.abort()
  await reading
  // each page sorts the whole inbox
  expect(pages.all).toBeLessThanOrEqual(2 * pages.first)
})

test('a feed refuses a topic that it does not know, and a run that is not there', async () => {
  const app = createApp(await openFolder().open())
  expect(await (await app.request('/v1/feed?topics=weather')).json()).toMatchObject({ place: { path: 'topics' } })
  expect((await app.request('/v1/feed?topics=run/none')).status).toBe(404)
})

async function lastEvent(client: ReturnType<typeof createClient>, run: string): Promise<number> {
  let last = 0
  for await (const { n = last } of client.runs.events(run)) last = n
  return last
}
