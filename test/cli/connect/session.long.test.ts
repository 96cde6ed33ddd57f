import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'
import { openBench } from '../commands.ts'
import { openServing } from '../held.ts'

it('a second command sees and uses the folder that the first one holds', async () => {
  const bench = openBench()
  bench.write('long', `hold wait ${bench.path('go')}`)
  bench.write('short', 'read')
  const first = bench.start(['run', 'long'])
  await first.said('long: 1 step')
  expect(bench.owner()).toMatchObject({ pid: first.child.pid, command: 'antiphon run long' })
  expect((await bench.run('runs')).out).toMatch(/run_1 +running .* long\n/)
  const second = await bench.run('run', 'short')
  expect(second).toMatchObject({ code: 0, out: 'greeting: hello\ninputs: {}\n' })
  expect(bench.owner()).toMatchObject({ pid: first.child.pid })
  bench.write('go')
  expect(await first.ended).toMatchObject({ code: 0 })
  expect(bench.owner()).toBeUndefined()
  expect(existsSync(bench.path('.antiphon/socket'))).toBe(false)
})

it('stays until the work of other commands is done, and says so', async () => {
  const bench = openBench()
  bench.write('short', `read wait ${bench.path('one')}`)
  bench.write('long', `hold wait ${bench.path('two')}`)
  const first = bench.start(['run', 'short'])
  await first.said('short: 1 step')
  const second = bench.start(['run', 'long'])
  await second.said('long: 1 step')
  bench.write('one')
  await first.said('Run run_1 completed')
  await first.said('stays until it is done')
  bench.write('two')
  expect(await second.ended).toMatchObject({ code: 0, out: expect.stringContaining('hello') })
  expect(await first.ended).toMatchObject({ code: 0 })
})

it('takes the place of an owner that was killed, and goes on with its run when asked to', async () => {
  const bench = openBench()
  bench.write('p', 'read', `hold wait ${bench.path('go')}`, 'sum')
  const first = bench.start(['run', 'p'])
  await first.said('✓ read')
  first.child.kill('SIGKILL')
  await first.ended
  expect((await bench.run('runs', '--json')).out).toContain('"status": "running"')
  bench.write('go')
  const resumed = await bench.run('resume', 'run_1')
  expect(resumed).toMatchObject({ code: 0, out: expect.stringContaining('hello') })
  expect(resumed.err).toContain('Run run_1 completed')
})

it('tells a visitor that its owner is gone, and how to go on', async () => {
  const bench = openBench()
  bench.write('long', `hold wait ${bench.path('go')}`)
  const first = bench.start(['run', 'long'])
  await first.said('long: 1 step')
  const second = bench.start(['run', 'long'])
  await second.said('long: 1 step')
  first.child.kill('SIGKILL')
  const { code, err } = await second.ended
  expect(code).toBe(130)
  expect(err).toContain('The process that was doing the work has ended. To continue:\n  antiphon resume run_2')
})

it('waits for an owner that is about to end, and ends at once where it is interrupted while it waits', async () => {
  const serving = openServing()
  const owner = await serving.serve('--grace', '600')
  const id = await serving.begin()
  serving.signal('SIGINT')
  await owner.said('Stopping')
  const [waiting, interrupted] = [serving.start(['runs']), serving.start(['runs'])]
  await Promise.all([waiting, interrupted].map((command) => command.said('waiting for it')))
  interrupted.child.kill('SIGINT')
  expect(await interrupted.ended).toMatchObject({ code: 130, err: expect.not.stringContaining('Stopping') })
  expect(owner.child.exitCode).toBeNull()
  serving.write('go')
  await owner.ended
  expect(await waiting.ended).toMatchObject({ code: 0, out: expect.stringContaining(id) })
})

it('keeps a run in the background, which ends with its last run', async () => {
  const bench = openBench()
  bench.write('long', `hold wait ${bench.path('go')}`)
  const detached = await bench.run('run', 'long', '--detach')
  expect(detached).toMatchObject({ code: 0, out: 'run_1\n' })
  expect(detached.err).toContain('antiphon resume run_1')
  const owner = bench.owner()
  expect(owner).toMatchObject({ command: 'antiphon own' })
  const follower = bench.start(['resume', 'run_1'])
  await follower.said('long: 1 step')
  const more = await bench.run('run', 'long', '--detach', '--json')
  expect(JSON.parse(more.out)).toEqual({ id: 'run_2' })
  expect(bench.owner()).toEqual(owner)
  bench.write('go')
  expect(await follower.ended).toMatchObject({ code: 0, out: expect.stringContaining('hello') })
  await expect.poll(() => bench.owner()).toBeUndefined()
  expect((await bench.run('runs', '--status', 'completed')).out).toContain('run_2')
})

it('gives two that detach at once the same owner', async () => {
  const bench = openBench()
  bench.write('long', `hold wait ${bench.path('go')}`)
  const both = await Promise.all([bench.run('run', 'long', '--detach'), bench.run('run', 'long', '--detach')])
  expect(both.map(({ code }) => code)).toEqual([0, 0])
  expect(both.map(({ out }) => out).sort()).toEqual(['run_1\n', 'run_2\n'])
})

it('a command whose output is no longer read ends only when it is done', async () => {
  const bench = openBench()
  bench.write('p', 'read')
  const running = bench.start(['run', 'p'])
  running.child.stderr?.destroy()
  const [code] = await once(running.child, 'close')
  expect(code).toBe(0)
})
