import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { openCluster } from './held.ts'

const idOf = ({ err }: { readonly err: string }) => /run_[\w-]+/.exec(err)![0]

/** The folder of `held.yaml`, whose steps need not wait. */
function openForks() {
  const bench = openCluster()
  bench.write('go', '')
  bench.write('antiphon.yaml', 'embedder: none')
  return { ...bench, text: readFileSync(bench.path('held.yaml'), 'utf8') }
}

it('commands replay and fork a run, and say which steps were reused', async () => {
  const { run, log } = openForks()
  await run('run', 'held.yaml', '--id', 'first')
  expect(await run('run', 'held.yaml', '--id', 'first')).toMatchObject({
    code: 0,
    err: expect.stringMatching(/Run first already exists: .*starts no new run/s),
  })
  expect(await run('run', 'held.yaml', '--id', 'last')).toMatchObject({ code: 2, err: expect.stringContaining('last') })
  expect(log()).toBe('first\nwait\n')
  const replayed = await run('replay', 'first', '--json')
  expect(JSON.parse(replayed.out)).toMatchObject({
    status: 'completed',
    steps: { first: { reused: true }, held: { reused: true } },
  })
  expect((await run('replay', 'first', '--priority', 'low')).err).toMatch(/completed.*: \d steps? (done \(2 )?reused/)
  const forked = await run('fork', 'first', '--at', 'held', '--priority', 'high')
  expect(forked).toMatchObject({ code: 0, err: expect.stringMatching(/first {2}reused\n.*held {2}\d+ ms/) })
  expect(log()).toBe('first\nwait\nwait\n')
  expect(await run('run', 'held.yaml', '--from-step', 'held')).toMatchObject({ code: 0 })
  expect(await run('fork', 'first')).toMatchObject({ code: 2, err: expect.stringContaining('--at STEP') })
  expect(await run('fork', 'first', '--at', 'hold')).toMatchObject({
    code: 2,
    err: expect.stringContaining('Did you mean `held`?'),
  })
})

it('a run does not go on under a changed file without a flag that says how', async () => {
  const { start, run, write, log, text } = openForks()
  write('wait.sh', 'echo wait >> log', 'test -e kill && kill -9 $PPID', 'echo waited')
  write('kill', '')
  const killed = await start(['run', 'held.yaml']).ended
  expect(killed.signal).toBe('SIGKILL')
  const id = idOf(await run('runs').then(({ out }) => ({ err: out })))
  write(
    'held.yaml',
    `${text}\n  - { id: last, tool: terminal, depends_on: [held], parameters: { command: sh first.sh } }`,
  )
  const refused = await run('resume', id)
  expect(refused).toMatchObject({
    code: 2,
    err: expect.stringContaining(`held.yaml has changed since ${id} was started: last.`),
  })
  expect(refused.err).toContain(`antiphon resume ${id} --as-started`)
  write('wait.sh', 'echo wait >> log')
  const changed = await run('resume', id, '--changed', '--json')
  expect(JSON.parse(changed.out)).toMatchObject({
    status: 'completed',
    steps: { first: { reused: true }, held: {}, last: {} },
  })
  expect(log()).toBe('first\nwait\nwait\nfirst\n')
  expect((await run('runs')).out).toMatch(new RegExp(`${id} +cancelled`))
})

it('a cancelled run is over, and says why', async () => {
  const { run, write, start } = openForks()
  write('wait.sh', 'echo wait >> log', 'while ! [ -e never ]; do sleep 0.02; done')
  const running = start(['run', 'held.yaml'])
  await running.said('first')
  const id = idOf(await run('runs').then(({ out }) => ({ err: out })))
  expect(await run('cancel', id, '--undo')).toMatchObject({ code: 2, err: expect.stringContaining('on_failure: undo') })
  expect(await run('cancel', id, '--reason', 'enough')).toMatchObject({
    code: 0,
    err: expect.stringContaining(`${id} is cancelled.`),
  })
  expect(await running.ended).toMatchObject({ code: 130, err: expect.stringContaining('enough') })
  const late = expect.stringContaining(`The run ${id} is over: it is cancelled.`)
  expect(await run('cancel', id, '--undo')).toMatchObject({ code: 2, err: late })
  expect(await run('cancel', 'nope')).toMatchObject({
    code: 2,
    err: expect.stringContaining('There is no run or question nope.'),
  })
})

it('a plan of an invalid pipeline reports all its faults, as a run does', async () => {
  const { run, write } = openForks()
  write('bad.yaml', 'name: bad', 'steps:', '  - { id: a, action: debgu }', '  - { id: b, tool: nothing }')
  const { code, out, err } = await run('plan', 'bad.yaml')
  expect([code, out]).toEqual([2, ''])
  expect(err.split('\n').filter((line) => !line.startsWith('  '))).toEqual([
    expect.stringMatching(/^bad\.yaml:3:22: error\[unknown_action\] /),
    expect.stringMatching(/^bad\.yaml:4:20: error\[unknown_tool\] /),
    '2 errors; nothing was started.',
    '',
  ])
  expect(await run('run', 'bad.yaml', '--dry-run')).toMatchObject({ code: 2, err })
})
