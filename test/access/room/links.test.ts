import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { newToken } from '../../../src/access/token.ts'
import { loadConfig } from '../../../src/config/config.ts'
import { type Clock, systemClock } from '../../../src/engine/engine.ts'
import { createRuntime } from '../../../src/runtime/open/create-runtime.ts'

const GATE = `name: gate
steps:
  - { id: ok, tool: approval-gate, parameters: { title: Send it?, require_reason: true } }
outputs: { approved: "{{ ok.result.approved }}", reason: "{{ ok.result.reason }}" }
`
const HOUR = 3_600_000

async function openGate(clock?: Clock) {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-links-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'gate.yaml')
  await writeFile(file, GATE)
  const config = await loadConfig({ folder, environment: {} })
  const open = async () => {
    const runtime = await createRuntime({ ...config, embedder: 'none' }, { ...(clock && { clock }) })
    onTestFinished(() => runtime.stop())
    return runtime
  }
  const runtime = await open()
  const { id: run } = await runtime.runs.start({ file })
  await runtime.idle()
  const [{ signal } = { signal: '' }] = await runtime.inbox.list({ run })
  const link = await runtime.access.links.create({ run, signal, kind: 'approval', ttl: HOUR })
  return { runtime, open, run, signal, link }
}

test('a link shows what waits and answers it once, also in another process', async () => {
  const { runtime, open, run, signal, link } = await openGate()
  const { token, ...shown } = link
  expect(shown).toMatchObject({ run, signal, kind: 'approval', owner: 'local' })
  await runtime.stop()
  const next = await open()
  expect(await next.access.links.read(token)).toEqual({
    ...shown,
    item: expect.objectContaining({ title: 'Send it?' }),
  })
  await expect(next.access.links.use(token, { action: 'approve' })).rejects.toMatchObject({ code: 'bad_value' })
  expect(await next.access.links.use(token, { action: 'approve', reason: 'fine' })).toMatchObject({ status: 'taken' })
  await next.idle()
  expect(await next.runs.get(run)).toMatchObject({ status: 'completed', outputs: { approved: true, reason: 'fine' } })
  await expect(next.access.links.use(token, { action: 'reject' })).rejects.toMatchObject({ code: 'link_used' })
  await expect(next.access.links.read(token)).rejects.toMatchObject({ code: 'link_used' })
})

test('a link is good until its time is over, though no timer has come yet', async () => {
  let slept = 0
  const { runtime, run, link } = await openGate({ ...systemClock, now: () => Date.now() + slept })
  const answer = { action: 'approve', reason: 'late' }
  slept = HOUR
  await expect(runtime.access.links.read(link.token)).rejects.toMatchObject({ code: 'not_found' })
  await expect(runtime.access.links.use(link.token, answer)).rejects.toMatchObject({ code: 'not_found' })
  await expect.poll(async () => (await runtime.runs.get(run)).status).toBe('waiting')
  slept = 0
  expect(await runtime.access.links.use(link.token, answer)).toMatchObject({ status: 'taken' })
})

test('a link is of no use when its run is over, and none is made then', async () => {
  const { runtime, run, signal, link } = await openGate()
  await runtime.runs.cancel(run, 'enough')
  await runtime.idle()
  const over = { code: 'link_over', message: 'The run of this link has ended.' }
  await expect(runtime.access.links.read(link.token)).rejects.toMatchObject(over)
  await expect(runtime.access.links.use(link.token, true)).rejects.toMatchObject(over)
  await expect(runtime.access.links.create({ run, signal, kind: 'webhook', ttl: HOUR })).rejects.toMatchObject({
    code: 'run_over',
  })
})

test('nobody finds a link by anything but its token', async () => {
  const { runtime, run, signal, link } = await openGate()
  const other = newToken('lk')
  for (const text of [
    '',
    link.id,
    other.token,
    other.token.replace(other.id, link.id),
    link.token.replace('lk', 'ak'),
  ]) {
    await expect(runtime.access.links.read(text)).rejects.toMatchObject({ code: 'not_found' })
    await expect(runtime.access.links.use(text, true)).rejects.toMatchObject({ code: 'not_found' })
  }
  const none = runtime.access.links.create({ run: 'none', signal, kind: 'webhook', ttl: HOUR })
  await expect(none).rejects.toMatchObject({ code: 'not_found' })
  await expect.poll(async () => (await runtime.runs.get(run)).status).toBe('waiting')
})
