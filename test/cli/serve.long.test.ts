import { setTimeout as sleep } from 'node:timers/promises'
import Libsql from 'libsql'
import { expect, it } from 'vitest'
import { createClient } from '../../src/http/client/client.ts'
import { socketFetch } from '../../src/http/client/transport/unix-socket.ts'
import { placesIn } from '../../src/store/data-folder/layout.ts'
import { describeOnRestate, useRestate } from '../engine/restate/server.ts'
import { openServing } from './held.ts'
import { REAL } from './programs.ts'

type Serving = ReturnType<typeof openServing>

async function endsOnSigterm(serving: Serving): Promise<void> {
  const first = await serving.serve()
  expect(serving.owner()).toMatchObject({ command: 'antiphon serve' })
  const id = await serving.begin()
  serving.signal('SIGTERM')
  await first.said('Stopping: running work gets 20 seconds')
  serving.write('go')
  expect(await first.ended).toMatchObject({ code: 0 })
  expect(serving.log()).toMatch(/^first\nheld\n(last\n)?$/)

  await serving.serve()
  expect(await serving.document(id)).toMatchObject({ execution_id: id, status: 'completed' })
  expect(serving.log()).toBe('first\nheld\nlast\n')
}

async function interruptsAfterGrace(serving: Serving): Promise<void> {
  const first = await serving.serve('--grace', '1')
  await serving.begin()
  serving.signal('SIGTERM')
  const { code, err } = await first.ended
  expect(err).toContain('Unfinished work was interrupted')
  expect(code).toBe(1)

  // takes up by itself what was left
  await serving.serve()
  await expect.poll(serving.log).toBe('first\nheld\nheld\n')
}

it('serve on libSQL: running steps end at SIGTERM, and the next process continues', () => endsOnSigterm(openServing()))

it('serve on libSQL: a step longer than --grace is interrupted, and begins again', () =>
  interruptsAfterGrace(openServing()))

it('serve ends at once at a second signal', async () => {
  const serving = openServing()
  const running = await serving.serve()
  await serving.begin()
  serving.signal('SIGINT')
  await running.said('Stopping')
  // signals within a second are one
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  serving.signal('SIGINT')
  expect(await running.ended).toMatchObject({ code: 130 })
})

it('serve answers while the disk holds up a write', async () => {
  const serving = openServing()
  await serving.serve()
  const client = createClient(socketFetch(serving.owner()!.socket!))
  const disk = new Libsql(placesIn(serving.path('.antiphon')).database)
  disk.exec('begin immediate')
  const begun = serving.run('run', 'held.yaml', '--detach')
  // its first turns were taken, and wait to be written
  while ((await client.status()).engine?.turns === 0) await sleep(10)
  for (let answer = 0; answer < 10; answer++) await client.status()
  expect(serving.log()).toBe('')
  disk.exec('rollback')
  disk.close()
  expect(await begun).toMatchObject({ code: 0 })
  await expect.poll(serving.log).toBe('first\nheld\n')
})

it.skipIf(process.platform !== 'linux')(
  'a command of a tool makes no key over the socket, and a person does',
  async () => {
    const serving = openServing()
    await serving.serve()
    const program = `${process.execPath} ${REAL.self.slice(1).join(' ')}`
    const create = (name: string) => [
      'keys',
      'api',
      'create',
      name,
      '--scope',
      'admin',
      '--data',
      serving.path('.antiphon'),
    ]
    serving.write(
      'evil.yaml',
      'name: evil',
      'steps:',
      `  - { id: key, tool: terminal, action: execute, parameters: { command: "${program} ${create('evil').join(' ')}" } }`,
    )
    const { code, err } = await serving.run('run', 'evil.yaml')
    expect([code, err]).toEqual([1, expect.stringContaining('exit code 1')])
    expect(await serving.run('keys', 'api', 'list', '--json')).toMatchObject({ code: 0, out: '[]\n' })
    expect((await serving.run(...create('mine'))).code).toBe(0)
  },
)

it('serve names the process that holds the folder, and explains an invalid grace', async () => {
  const serving = openServing()
  await serving.serve()
  expect(await serving.run('serve')).toMatchObject({
    code: 2,
    err: expect.stringContaining(`Process ${serving.owner()!.pid} already owns the data folder`),
  })
  expect(await serving.run('serve', '--grace', 'soon')).toMatchObject({
    code: 2,
    err: expect.stringContaining('Expected a number of seconds from 1 to 86400'),
  })
})

describeOnRestate('serve on Restate', () => {
  const server = useRestate()

  it('running steps end at SIGTERM, and the next process continues', () =>
    endsOnSigterm(openServing('--restate', server.now().admin)))

  it('a step longer than --grace is interrupted, and begins again', () =>
    interruptsAfterGrace(openServing('--restate', server.now().admin)))
})
