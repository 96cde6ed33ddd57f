import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { attendOwner } from '../../../src/http/client/attend.ts'
import { socketFetch } from '../../../src/http/client/transport/unix-socket.ts'
import { createApp } from '../../../src/http/server/app.ts'
import { serveSocket } from '../../../src/http/server/serve.ts'
import { defineAgent, defineTool, start } from '../../../src/index.ts'
import { claimFolder, type FolderOwner } from '../../../src/store/data-folder/owner.ts'
import { until } from '../../../src/testing/until.ts'
import { fakeRuntime } from '../fake-runtime.ts'
import { makeProject, startIn } from './programs.ts'

const SUPPORT = defineAgent({ name: 'support', instructions: 'You help.', model: 'lab/one' })

/** A process that owns the folder and says no version. */
async function ownFolder(data: string) {
  const owner = (await claimFolder(data, { command: 'old.mts' })) as FolderOwner
  const served = await serveSocket(createApp(fakeRuntime(data)), data)
  owner.announce(served.socket)
  onTestFinished(async () => {
    await served.close()
    owner.release()
  })
  return served
}

it('refuses an owner of another version', async () => {
  const folder = await makeProject()
  await ownFolder(join(folder, '.antiphon'))
  await expect(start({ folder })).rejects.toMatchObject({
    code: 'other_version',
    message: expect.stringContaining('An earlier start of this process'),
    hint: 'Both need the same version.',
  })
})

it('a program that only waits for the end of a command does not keep it', async () => {
  const folder = await makeProject()
  const { socket, visitors, close } = await ownFolder(join(folder, '.antiphon'))
  const leaving = new AbortController()
  const fetch = socketFetch(socket)
  const { gone } = await attendOwner(fetch, { signal: leaving.signal, holds: false })
  expect(visitors.open()).toBe(0)
  await attendOwner(fetch, { signal: leaving.signal, holds: true })
  expect(visitors.open()).toBe(1)
  leaving.abort()
  await until(() => visitors.open() === 0)
  await Promise.all([gone, close()])
})

it('programs meet in a folder whose path is too long for a socket', async () => {
  const folder = await makeProject()
  const data = join(folder, 'data'.repeat(30))
  await startIn(folder, [{ reply: 'Hello.' }], { data, agents: [SUPPORT] })
  const second = await startIn(folder, [], { data, agents: [SUPPORT] })
  expect(second.runtime).toBeUndefined()
  expect(await second.conversation(SUPPORT, 'talk').send('Hi.')).toMatchObject({ answer: 'Hello.' })
})

it('names a data folder that cannot be used, or has a format of the future', async () => {
  const folder = await makeProject()
  await writeFile(join(folder, 'file'), '')
  await expect(start({ folder, data: join(folder, 'file', 'data') })).rejects.toMatchObject({
    name: 'InvalidError',
    message: expect.stringContaining(join(folder, 'file', 'data')),
  })
  const data = join(folder, 'future')
  await mkdir(data)
  const page = Buffer.alloc(4096)
  page.write('SQLite format 3\0')
  page.writeUInt32BE(9_999, 60)
  await writeFile(join(data, 'engine.db'), page)
  await expect(start({ folder, data })).rejects.toMatchObject({ message: expect.stringContaining('9999') })
})

it('runs pipelines by name, in both roles, and refuses wrong ones when it starts', async () => {
  const folder = await makeProject()
  const text =
    'name: echo\nsteps: [{ id: say, tool: shout, parameters: { text: hi } }]\noutputs: { said: "{{ say }}" }\n'
  const shout = defineTool({
    name: 'shout',
    description: 'Says it loudly',
    effect: 'pure',
    input: z.object({ text: z.string() }),
    execute: ({ text }) => text.toUpperCase(),
  })
  const file = join(folder, 'echo.yaml')
  await writeFile(file, text)
  const program = { tools: [shout], pipelines: { text: { text }, file } }
  const broken = startIn(folder, [], { pipelines: { broken: { text: 'name: x\nsteps: 7\n' } } })
  await expect(broken).rejects.toMatchObject({ code: 'invalid_pipeline', place: { file: 'broken.yaml' } })
  const first = await startIn(folder, [], program)
  const second = await startIn(folder, [], program)
  const run = await second.run('text', { id: 'one', owner: 'shop' })
  expect(run).toMatchObject({ success: true, outputs: { said: 'HI' } })
  expect(await first.run('file', { id: 'one', owner: 'shop' })).toEqual(run)
  await expect(second.run('other' as 'text')).rejects.toMatchObject({ place: { path: 'pipelines' } })
})
