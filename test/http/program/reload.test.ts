import { expect, it } from 'vitest'
import { checkCodeOf, otherVersion } from '../../../src/http/program/check-code.ts'
import { joinFolder } from '../../../src/http/server/join-folder.ts'
import { createRuntime, defineAgent, loadConfig } from '../../../src/index.ts'
import type { RuntimeStatus } from '../../../src/runtime/ports/maintenance.ts'
import { claimFolder } from '../../../src/store/data-folder/owner.ts'
import { gate } from '../../../src/testing/gate.ts'
import { ANN, send } from './mounts.ts'
import { makeProject, startIn } from './programs.ts'

const agentWith = (instructions: string) => defineAgent({ name: 'support', instructions, model: 'lab/one' })
const OLD = agentWith('You help.')
const NEW = agentWith('You help a lot.')
const talk = '/v1/conversations/talk/messages'
const hello = { agent: 'support', text: 'Hello.', wait: true }
const owner = () => 'ann'

it('a reload stops the earlier start of the process, and its own code takes its place', async () => {
  const folder = await makeProject()
  const first = await startIn(folder, [{ reply: 'Old.' }], { agents: [OLD], reload: true })
  const open = first.handler({ owner })
  expect((await send(open, talk, { body: { ...hello, id: 'm1' }, headers: ANN })).document).toMatchObject({
    answer: 'Old.',
  })
  const { response } = await send(open, '/v1/conversations/talk/events', { headers: ANN })
  const rest = response.text()
  const second = await startIn(folder, [{ reply: 'New.' }], { agents: [NEW], reload: true })
  expect(second.runtime).toBeDefined()
  expect(await rest).toContain('come back, and read on')
  const sent = await send(second.handler({ owner }), talk, { body: { ...hello, id: 'm2' }, headers: ANN })
  expect(sent.document).toMatchObject({ answer: 'New.', n: 2 })
  expect((await send(open, talk, { body: hello, headers: ANN })).status).toBe(503)
  await expect(first.conversation(OLD, 'talk').send('Hi.')).rejects.toMatchObject({ code: 'stopped' })
})

it('a message that the earlier start was about to answer is answered by the new code', async () => {
  const folder = await makeProject()
  const held = gate()
  const first = await startIn(folder, [{ gate: held.pass() }], { agents: [OLD] })
  const { id } = await first.conversation(OLD, 'talk').send('Hi.', { id: 'm1', wait: false })
  void first.stop({ grace: 0 })
  const second = await startIn(folder, [{ reply: 'Here I am.' }], { agents: [OLD], reload: true })
  expect(await second.conversation(OLD, 'talk').send('Hi.', { id })).toMatchObject({ answer: 'Here I am.' })
})

it('reloads that come at once happen one after the other, and the last one works', async () => {
  const folder = await makeProject()
  const apps = await Promise.all(
    ['1', '2', '3'].map((reply) => startIn(folder, [{ reply }], { agents: [OLD], reload: true })),
  )
  expect(apps.map(({ runtime }) => runtime !== undefined)).toEqual([true, true, true])
  for (const app of apps.slice(0, 2))
    await expect(app.conversation(OLD, 'talk').send('Hi.')).rejects.toMatchObject({ code: 'stopped' })
  expect(await apps[2]!.conversation(OLD, 'talk').send('Hi.')).toMatchObject({ answer: '3' })
})

it('a start that failed leaves the folder to the next one', async () => {
  const folder = await makeProject()
  const pipelines = { broken: { text: 'name: x\nsteps: 7\n' } }
  await expect(startIn(folder, [], { pipelines, reload: true })).rejects.toMatchObject({ code: 'invalid_pipeline' })
  const app = await startIn(folder, [{ reply: 'Hello.' }], { agents: [OLD], reload: true })
  expect(await app.conversation(OLD, 'talk').send('Hi.')).toMatchObject({ answer: 'Hello.' })
})

it('without reload, errors about the code say that the owner is this process, and never how to end it', async () => {
  const folder = await makeProject()
  await startIn(folder, [{ reply: 'Old.' }], { agents: [OLD] })
  const second = await startIn(folder, [], { agents: [NEW] })
  const error = await second
    .conversation(NEW, 'talk')
    .send('Hi.')
    .then(
      () => undefined,
      (found) => found,
    )
  expect(error).toMatchObject({
    code: 'other_code',
    message: expect.stringContaining('An earlier start of this process'),
    hint: expect.stringContaining('start({ reload: true })'),
    data: { kind: 'agent', name: 'support' },
  })
  expect(`${error.message} ${error.hint}`).not.toContain(String(process.pid))
})

it('errors about the code of another process name it, and how to end it', () => {
  const record = { pid: process.pid + 1, command: 'old.mts', startedAt: 0, epoch: 1, socket: null, identity: '' }
  const place = { owner: record, status: { program: { agents: {}, tools: {} } } as unknown as RuntimeStatus }
  const check = checkCodeOf({ agents: { support: 'hash' }, tools: {} })
  const expected = {
    message: expect.stringContaining(`Process ${record.pid} (old.mts)`),
    hint: expect.stringContaining(`kill ${record.pid}`),
  }
  expect(() => check(place, { agents: ['support'] })).toThrow(
    expect.objectContaining({ ...expected, data: { kind: 'agent', name: 'support', pid: record.pid } }),
  )
  expect(otherVersion(place)).toMatchObject(expected)
})

it('a folder that this process has opened in another way is refused without its own number', async () => {
  const folder = await makeProject()
  const config = await loadConfig({ folder, environment: {} })
  const claimed = await claimFolder(config.data, { command: 'first.mts' })
  const setup = {
    data: config.data,
    mcp: { tools: [], files: [] } as never,
    open: async () => {
      throw new Error('not opened')
    },
  }
  for (const opened of [createRuntime(config), joinFolder(setup, { command: 'second.mts', patience: 0 })]) {
    const error = await opened.then(
      () => undefined,
      (found) => found,
    )
    expect(error).toMatchObject({
      code: 'owned',
      message: expect.stringContaining('this process, which has opened it before'),
    })
    expect(`${error.message} ${error.hint}`).not.toMatch(new RegExp(`kill|${process.pid}`))
  }
  if (!claimed.taken) claimed.release()
})
