import { expect, it } from 'vitest'
import { RetryableError } from '../../../src/errors.ts'
import { createClient } from '../../../src/http/client/client.ts'
import { persistentFetch } from '../../../src/http/client/transport/retry.ts'
import { createApp } from '../../../src/http/server/app.ts'
import { simulatedClock } from '../../../src/testing/clock.ts'
import { until } from '../../../src/testing/index.ts'
import { openFolder } from '../../runtime/inspect/folder.ts'

const ONE =
  'name: one\nsteps:\n  - { id: say, tool: data-processing, action: convert, parameters: { data: [{ a: 1 }], target_format: json } }\n'
const GATE = 'name: gate\nsteps:\n  - { id: ok, tool: approval-gate, parameters: { title: Send it? } }\n'

const TEXTS = [{ name: 'tides.md', text: 'The tide is the rise and fall of the sea.' }]

/** A client that asks again when its connection is lost, and a server that does the first of everything and drops the answer. */
async function openLossy() {
  const folder = openFolder()
  const runtime = await folder.open()
  const app = createApp(runtime)
  const answered = new Map<string, number>()
  async function lossy(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url)
    const times = (answered.get(pathname) ?? 0) + 1
    const response = await app.fetch(request)
    answered.set(pathname, times)
    if (request.method === 'GET' || times > 1) return response
    await response.text()
    throw new RetryableError('the answer was lost', { code: 'unreachable' })
  }
  const clock = {
    ...simulatedClock(),
    after(_: number, callback: () => void) {
      queueMicrotask(callback)
      return () => {}
    },
  }
  const client = createClient(persistentFetch(lossy, { clock, patience: 10_000 }))
  const file = (name: string, text: string) => {
    folder.write(name, text)
    return folder.path(name)
  }
  return { runtime, client, answered, file }
}

it('a start that is repeated because its answer was lost happens once', async () => {
  const { runtime, client, answered, file } = await openLossy()
  const { id } = await client.runs.start({ file: file('one.yaml', ONE) })
  await until(async () => (await runtime.runs.get(id)).status === 'completed')
  const again = await client.runs.replay(id)
  const asked = await client.threads.ask({ thread: 'main', prompt: 'What is the tide?', texts: TEXTS })
  expect([...answered.values()].filter((times) => times > 1)).toHaveLength(3)
  expect((await runtime.runs.list()).map((run) => run.id).sort()).toEqual([id, again.id].sort())
  expect(await runtime.threads.get('main')).toMatchObject({ asked: 1, asks: [{ id: asked.id }] })
})

it('a message that is sent again because its answer was lost is taken once and gets the first answer', async () => {
  const { client, answered, file } = await openLossy()
  const { id } = await client.runs.start({ file: file('gate.yaml', GATE) })
  await until(async () => (await client.inbox.list()).length === 1)
  expect(await client.inbox.approve(id)).toEqual({ status: 'taken' })
  expect(answered.get(`/v1/runs/${id}/approve`)).toBe(2)
})

it('an id of the caller stays as it is', async () => {
  const { client, file } = await openLossy()
  expect(await client.runs.start({ file: file('one.yaml', ONE), id: 'mine' })).toEqual({ id: 'mine' })
  expect(
    await client.threads.ask({ thread: 'main', prompt: 'What is the tide?', texts: TEXTS, id: 'own' }),
  ).toMatchObject({
    id: 'own',
  })
})
