import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { describeOnRestate } from '../engine/restate/server.ts'
import { openCluster } from './held.ts'

/** A folder to move, with a thread to be in the middle of. */
function openMove() {
  const cluster = openCluster()
  cluster.write('antiphon.yaml', 'embedder: none')
  cluster.write('notes.md', 'The ship leaves the harbour at noon. It carries salt.')
  const ask = (question: string) => cluster.run('ask', question, '--file', 'notes.md', '--thread', 'ship', '--json')
  return { ...cluster, ask }
}

describeOnRestate('migrate', () => {
  // dear: each command is a process, beside a server of Restate
  it('a thread and a run in the middle go on at the other side, and back', async () => {
    const move = openMove()
    expect((await move.ask('When does the ship leave?')).code).toBe(0)
    const run = move.start(['run', 'held.yaml'])
    await expect.poll(move.log).toBe('first\nwait\n')

    // the run's step does not end: nothing is moved, and it goes on
    const refused = await move.run('migrate', '--to', 'restate', '--wait', '0')
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('did not end in time') })
    const [shown] = JSON.parse((await move.run('runs', '--json')).out)
    expect(shown).toMatchObject({ name: 'held', status: 'running' })
    process.kill(move.owner()!.pid, 'SIGKILL')
    await run.ended

    const there = await move.run('migrate', '--to', 'restate')
    expect(there).toMatchObject({ code: 0, err: expect.stringContaining('To continue:\n  antiphon cluster dev') })
    expect(await move.run('runs')).toMatchObject({ code: 1, err: expect.stringContaining('engine restate') })
    const first = await move.dev()
    expect(JSON.parse((await move.ask('What does it carry?')).out)).toMatchObject({
      answer: expect.stringContaining('salt'),
    })
    await expect.poll(move.log).toBe('first\nwait\nwait\n')
    expect((await move.run('why', shown.id)).out).toMatch(/running/)

    // the node is asked to let the folder go when the step has ended
    const back = move.start(['migrate', '--to', 'libsql', '--json'])
    await back.said('is asked to release the data folder')
    move.write('go')
    const ended = await back.ended
    expect(ended).toMatchObject({ code: 0, err: expect.stringContaining('Moved to libsql') })
    expect(JSON.parse(ended.out)).toMatchObject({ to: 'libsql', dryRun: false })
    expect((await first.ended).err).toContain('being moved to another engine')

    const end = await move.run('resume', shown.id, '--json')
    expect(JSON.parse(end.out)).toMatchObject({ execution_id: shown.id, status: 'completed' })
    expect(move.log()).toBe('first\nwait\nwait\n')
    const thread = JSON.parse((await move.run('actors', 'show', 'chain/ship', '--json')).out)
    expect(thread).toMatchObject({ state: { asks: 2, remembered: [1, 2] } })
  })

  it('killed, it says so, and goes back or on', async () => {
    const move = openMove()
    expect((await move.ask('When does the ship leave?')).code).toBe(0)
    const first = move.start(['migrate', '--to', 'restate'])
    await first.said('Copying')
    first.child.kill('SIGKILL')
    await first.ended
    for (const command of [['runs'], ['cluster', 'dev'], ['migrate', '--to', 'libsql']])
      expect((await move.run(...command)).err).toContain('antiphon migrate --abort')
    expect(await move.run('migrate', '--abort')).toMatchObject({ code: 0, err: expect.stringContaining('undone') })
    expect(existsSync(move.path('.antiphon/restate'))).toBe(false)
    expect((await move.run('runs')).code).toBe(0)

    const second = move.start(['migrate', '--to', 'restate'])
    await second.said('Reading the copy back')
    second.child.kill('SIGKILL')
    await second.ended
    expect(await move.run('migrate')).toMatchObject({ code: 0, err: expect.stringContaining('Moved to restate') })
    const dev = await move.dev()
    expect(JSON.parse((await move.ask('What does it carry?')).out)).toMatchObject({
      answer: expect.stringContaining('salt'),
    })
    process.kill(move.owner()!.pid, 'SIGINT')
    expect((await dev.ended).code).toBe(130)
  })
})

it('says what is wrong, and changes nothing', async () => {
  const move = openMove()
  expect(await move.run('migrate', '--to', 'restate')).toMatchObject({
    code: 2,
    err: expect.stringContaining('nothing to move'),
  })
  expect((await move.ask('When does the ship leave?')).code).toBe(0)
  expect(await move.run('migrate')).toMatchObject({
    code: 2,
    err: expect.stringContaining('antiphon migrate --to restate'),
  })
  expect(await move.run('migrate', '--to', 'libsql')).toMatchObject({
    code: 2,
    err: expect.stringContaining('already belongs to the engine libsql'),
  })
  expect(await move.run('migrate', '--abort')).toMatchObject({ code: 2, err: expect.stringContaining('No move') })
  expect(await move.run('migrate', '--to', 'restate', '--restate', 'http://127.0.0.1:9')).toMatchObject({
    code: 1,
    err: expect.stringContaining('No Restate server answers'),
  })
  const old = createServer((_, response) => {
    response.end(JSON.stringify({ version: '1.6.2', ingress_endpoint: 'http://127.0.0.1:9/' }))
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void old.close())
  await once(old, 'listening')
  const { port } = old.address() as AddressInfo
  expect(await move.run('migrate', '--to', 'restate', '--restate', `http://127.0.0.1:${port}`)).toMatchObject({
    code: 2,
    err: expect.stringContaining('has version 1.6.2, expected 1.7.0 or newer'),
  })
  const counted = await move.run('migrate', '--to', 'restate', '--dry-run')
  expect(counted).toMatchObject({ code: 0, out: expect.stringMatching(/Would move to restate: \d+ actors, /) })
  expect(existsSync(move.path('.antiphon/restate'))).toBe(false)
  expect((await move.run('runs')).code).toBe(0)
})
