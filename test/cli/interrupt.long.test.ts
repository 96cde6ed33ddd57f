import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { openBench, type Running } from './commands.ts'
import { FAKE } from './programs.ts'

const interrupt = ({ child }: Running) => child.kill('SIGINT')

// dear: a signal needs a process, and so do those that share the work
it('running steps end, the state stays, and the command prints how to continue', async () => {
  const bench = openBench()
  bench.write('p', `hold wait ${bench.path('go')}`, 'sum')
  const running = bench.start(['run', 'p', '--data', 'my data'])
  await running.said('p: 2 steps')
  interrupt(running)
  await running.said('Stopping: running work gets 5 seconds')
  bench.write('go')
  const { code, err, out } = await running.ended
  expect(code).toBe(130)
  expect(out).toBe('')
  expect(err).toContain("Stopped. To continue:\n  antiphon resume run_1 --data 'my data'\n")
  const resumed = await bench.run('resume', 'run_1', '--data', 'my data', '--json')
  expect(Object.keys(JSON.parse(resumed.out).steps)).toEqual(['hold', 'sum'])
})

it('tells a run as far as it got, where it was asked to', async () => {
  const bench = openBench()
  bench.write('p', 'read', `hold wait ${bench.path('go')}`, 'sum')
  const running = bench.start(['run', 'p', '--json', '-o', 'out.json'])
  await running.said('✓ read')
  interrupt(running)
  await running.said('Stopping')
  bench.write('go')
  const { code, out } = await running.ended
  expect(code).toBe(130)
  expect(JSON.parse(out)).toMatchObject({ status: 'running', success: null, steps: { read: { status: 'completed' } } })
  expect(readFileSync(bench.path('out.json'), 'utf8')).toBe(out)
})

it('takes signals within a second for one, and ends at once at a later one', async () => {
  const bench = openBench()
  bench.write('p', 'hold wait never')
  const running = bench.start(['run', 'p'])
  await running.said('p: 1 step')
  // both at once: a busy machine may not get to the second one within a second
  interrupt(running)
  running.child.kill('SIGTERM')
  await running.said('Stopping')
  const early = await Promise.race([running.ended, new Promise((resolve) => setTimeout(resolve, 1200, 'still there'))])
  expect(early).toBe('still there')
  interrupt(running)
  const { code, err } = await running.ended
  expect(code).toBe(130)
  expect(err).not.toMatch(/Stopped|Other commands/)
  expect((await bench.run('runs')).out).toContain('run_1')
})

it('leaves the work to its owner when a visitor is interrupted', async () => {
  const bench = openBench()
  bench.write('p', `hold wait ${bench.path('go')}`)
  const owner = bench.start(['run', 'p'])
  await owner.said('p: 1 step')
  const visitor = bench.start(['resume', 'run_1'])
  await visitor.said('p: 1 step')
  interrupt(visitor)
  const { code, err } = await visitor.ended
  expect(code).toBe(130)
  expect(err).toContain(`The work continues in process ${owner.child.pid}. To see it:\n  antiphon resume run_1`)
  bench.write('go')
  expect(await owner.ended).toMatchObject({ code: 0 })
})

it('names a run of others by its own id, whatever that looks like', async () => {
  const bench = openBench()
  bench.write('p', `hold wait ${bench.path('go')}`)
  const first = bench.start(['run', 'p'])
  await first.said('p: 1 step')
  for (const id of ['order-7', 'ask_7'])
    expect(await bench.run('run', 'p', '--id', id, '--detach')).toMatchObject({ code: 0 })
  interrupt(first)
  const { err } = await first.ended
  expect(err).toContain('To continue:\n  antiphon resume run_1\n  antiphon resume order-7\n  antiphon resume ask_7\n')
})

it('names the runs of others that it stops', async () => {
  const bench = openBench()
  bench.write('p', `hold wait ${bench.path('go')}`)
  const first = bench.start(['run', 'p'])
  await first.said('p: 1 step')
  expect(await bench.run('run', 'p', '--detach')).toMatchObject({ code: 0, out: 'run_2\n' })
  interrupt(first)
  await first.said('Stopping')
  bench.write('go')
  const { err } = await first.ended
  expect(err).toContain('To continue:\n  antiphon resume run_1\n  antiphon resume run_2\n')
})

it('says what a command in the background waits for: the process that it starts, and no other', async () => {
  const slowly = ['sh', '-c', 'sleep 1.5; exec "$@"', 'sh', ...FAKE.self]
  const bench = openBench({ ...FAKE, self: slowly })
  bench.write('p', 'sum')
  const { err } = await bench.run('run', 'p', '--detach')
  expect(err).toContain('Starting a process in the background.\n')
  expect(err).not.toContain('Another process')
})

it('names an operation on many runs, although the server has not answered yet', async () => {
  const bench = openBench()
  const server = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void server.close().closeAllConnections())
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const asked = new Promise<string>((resolve) => {
    server.on('request', async (request, response) => {
      if (request.url === '/v1/bulks') resolve((await request.toArray()).join(''))
      else response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"ok"}')
    })
  })
  const running = bench.start(['bulk', 'cancel', '--status', 'waiting', '--server', url])
  const { id } = JSON.parse(await asked) as { id: string }
  interrupt(running)
  const { code, out, err } = await running.ended
  expect({ code, out, err }).toEqual({
    code: 130,
    out: '',
    err: `The work continues at ${url}. To see it:\n  antiphon resume ${id} --server ${url}\n`,
  })
})
