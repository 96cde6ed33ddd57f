import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadConfig } from '../../../src/config/config.ts'
import type { Caller } from '../../../src/http/authorize/caller.ts'
import { createClient } from '../../../src/http/client/client.ts'
import { createApp } from '../../../src/http/server/app.ts'
import { createRuntime, type ServedRuntime } from '../../../src/runtime/open/create-runtime.ts'
import { until } from '../../../src/testing/index.ts'
import { collect } from '../bench.ts'

const REPORT = `name: report
steps:
  - { id: write, tool: debug, parameters: { message: "<b>tides</b>" }, produces: html-file, location: open/report.html }
  - { id: say, tool: debug, depends_on: [write], parameters: { message: done } }
`
const GATES = `name: gates
steps:
  - { id: one, tool: approval-gate, parameters: { title: Send it? } }
  - { id: two, tool: approval-gate, parameters: { title: And that? } }
outputs: { one: "{{ one.result.approved }}", two: "{{ two.result.approved }}" }
`

let folder: string
let runtime: ServedRuntime

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'antiphon-made-'))
  mkdirSync(join(folder, 'open'))
  writeFileSync(join(folder, 'antiphon.yaml'), 'roots: [open]\n')
  writeFileSync(join(folder, 'secret.txt'), 'nothing for you')
  runtime = await createRuntime({ ...(await loadConfig({ folder, environment: {} })), embedder: 'none' })
})
afterAll(async () => {
  await runtime.stop({ grace: 0 })
  rmSync(folder, { recursive: true, force: true })
})

const appOf = (owner: string) => {
  const caller: Caller = { owner, key: 'k', scopes: ['run', 'approve', 'read'], local: false }
  return createApp(runtime, { identify: () => caller })
}
function clientOf(owner: string) {
  const app = appOf(owner)
  return createClient(async (request) => app.fetch(request))
}

async function runOf(owner: string, text: string): Promise<string> {
  const client = clientOf(owner)
  const { id } = await client.runs.start({ source: { text } })
  await collect(client.runs.events(id))
  return id
}

it('lists what a run made, and gives its content to be kept, to its owner', async () => {
  const [ann, bob] = [clientOf('ann'), clientOf('bob')]
  const id = await runOf('ann', REPORT)
  expect(await ann.runs.artifacts(id)).toMatchObject([
    { step: 'write', location: 'open/report.html', mime: 'text/html' },
  ])
  expect(Buffer.from(await ann.runs.artifact(id, 'write')).toString()).toBe('<b>tides</b>')
  const { headers } = await appOf('ann').request(`/v1/runs/${id}/artifacts/write`)
  expect(Object.fromEntries(headers)).toMatchObject({
    ...{ 'content-type': 'text/html', 'content-disposition': 'attachment', 'x-content-type-options': 'nosniff' },
  })
  for (const step of ['say', 'none', '../write', 'open/report.html'])
    await expect(ann.runs.artifact(id, step)).rejects.toMatchObject({ code: 'not_found' })
  for (const act of [
    bob.runs.step(id, 'write'),
    bob.runs.artifacts(id),
    bob.runs.artifact(id, 'write'),
    bob.runs.replay(id),
    bob.inbox.approve(id),
  ])
    await expect(act).rejects.toMatchObject({ code: 'not_found', message: `There is no run ${id}.` })
})

it('reads no file in which the tools of the run may not read, whatever is recorded', async () => {
  const ann = clientOf('ann')
  const id = await runOf('ann', REPORT.replaceAll('report.html', 'later.html'))
  rmSync(join(folder, 'open/later.html'))
  await expect(ann.runs.artifact(id, 'write')).rejects.toMatchObject({ code: 'not_found' })
  symlinkSync(join(folder, 'secret.txt'), join(folder, 'open/later.html'))
  await expect(ann.runs.artifact(id, 'write')).rejects.toMatchObject({ code: 'outside_root' })
})

it('is done again as it is recorded', async () => {
  const ann = clientOf('ann')
  const id = await runOf('ann', REPORT)
  expect(await ann.runs.replay(id, { id: 'again' })).toEqual({ id: 'again' })
  await collect(ann.runs.events('again'))
  expect(await ann.runs.get('again')).toMatchObject({ status: 'completed', steps: { say: { reused: true } } })
})

it('is approved, or not, where one approval waits, or by its name', async () => {
  const ann = clientOf('ann')
  const { id } = await ann.runs.start({ source: { text: GATES } })
  await until(async () => (await ann.inbox.list({ run: id })).length === 2)
  await expect(ann.inbox.approve(id)).rejects.toMatchObject({
    code: 'not_waiting',
    hint: expect.stringMatching(/^Set `signal` to one of: /),
  })
  const two = (await ann.inbox.list({ run: id })).find(({ step }) => step === 'two')!
  expect(await ann.inbox.approve(id, { action: 'reject', reason: 'no', signal: two.signal })).toEqual({
    status: 'taken',
  })
  await until(async () => (await ann.inbox.list({ run: id })).length === 1)
  expect(await ann.inbox.approve(id)).toEqual({ status: 'taken' })
  await collect(ann.runs.events(id))
  expect(await ann.runs.get(id)).toMatchObject({ outputs: { one: true, two: false } })
  await expect(ann.inbox.approve(id)).rejects.toMatchObject({ code: 'not_waiting' })
})
