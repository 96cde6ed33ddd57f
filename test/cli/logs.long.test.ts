import { fileURLToPath } from 'node:url'
import picocolors from 'picocolors'
import { expect, it } from 'vitest'
import { drawTop } from '../../src/cli/commands/inspect/top.ts'
import { MAX_RUNS, type TopSample } from '../../src/cli/commands/inspect/top-sample.ts'
import { poolLines } from '../../src/cli/render/pools.ts'
import type { PoolDocument } from '../../src/runtime/ports/maintenance.ts'
import { openBench } from './commands.ts'
import { REAL } from './programs.ts'

const TOOLS = fileURLToPath(new URL('../runtime/inspect/tools.ts', import.meta.url))

/** A run whose second step waits for the file `go`, in a process that serves and writes log lines. */
async function openRun() {
  const bench = openBench(REAL)
  bench.write('antiphon.yaml', `plugins: [${TOOLS}]`, 'pool: { workers: 4, queue: 10 }', 'embedder: none')
  bench.write(
    'p.yaml',
    'name: held',
    'steps:',
    '  - { id: said, tool: debug, parameters: { message: hello } }',
    `  - { id: held, tool: hold, dependencies: [said], parameters: { file: ${bench.path('go')} } }`,
  )
  const start = (...args: readonly string[]) => bench.start(args)
  const serving = start('serve', '--log', 'json')
  await serving.said('Other commands')
  const { out } = await bench.run('run', 'p.yaml', '--detach', '--json')
  return { ...bench, start, serving, id: (JSON.parse(out) as { readonly id: string }).id }
}

it('logs print what has happened with its times, and follow it to its end; top and pools tell what is going on; serve writes lines', async () => {
  const { start, run, serving, id, write } = await openRun()
  const following = start('logs', '-f', id)
  await following.said('held  begins')
  const looks = [run('logs', id), run('top', '--json'), run('pools', '--json'), run('pools')] as const
  const [soFar, top, pools, shown] = await Promise.all(looks)
  expect(soFar.code).toBe(0)
  expect(soFar.out).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}held: 2 steps$/m)
  expect(soFar.out).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}✓ said {2}\d+ ms$/m)
  expect(soFar.out).not.toContain('completed: ')
  expect(JSON.parse(top.out)).toMatchObject({
    pid: serving.child.pid,
    active: 1,
    runs: [{ id, name: 'held', status: 'running' }],
    letters: 0,
    rates: { turns: expect.any(Number) },
    pools: [{ id: 'text_step_pool', workers: 4, running: 1 }],
  })
  expect(JSON.parse(pools.out)).toEqual({
    items: [
      expect.objectContaining({
        id: 'text_step_pool',
        workers: 4,
        min: 4,
        max: 4,
        running: 1,
        queued: 0,
        utilisation: 0.25,
        resized: 0,
        each: [expect.objectContaining({ id: 'hands', kind: 'inline', breaker: 'closed' })],
      }),
    ],
    resources: [],
  })
  expect(shown.out).toMatch(
    /^text_step_pool {2}1 of 4 busy, 0 queued, wait p50 .*, 25 % used, 1 done, 0 failed\n {2}inline {2}hands: /,
  )
  write('go')
  const followed = await following.ended
  expect(followed.code).toBe(0)
  expect(followed.out).toMatch(/completed: 2 steps done, 0 failed, 0 skipped\n$/)
  const last = await run('logs', id, '-n', '1', '--since', '1h', '--json')
  expect(JSON.parse(last.out)).toMatchObject({ type: 'run-end', at: expect.stringMatching(/Z$/), status: 'completed' })
  serving.child.kill('SIGTERM')
  const lines = (await serving.ended).out.trim().split('\n')
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: 'info', run: id, msg: `run ${id} began` },
    { level: 'info', run: id, status: 'completed' },
  ])
})

it('top fits on a screen', () => {
  const runs = Array.from({ length: 50 }, (_, n) => ({
    id: `run_${n}`,
    name: 'report',
    status: 'running',
    startedAt: 0,
    owner: 'local',
  }))
  const top: TopSample = {
    at: 61_000,
    pid: 7,
    data: '/data',
    uptime: 61_000,
    active: 5,
    runs,
    waiting: 2,
    money: 1,
    decisions: 1,
    consents: 1,
    letters: 1,
    engine: { residents: 3, waiting: 4 },
    rates: { turns: 10.4, bytes: 2048 },
    pools: [{ id: 'text_step_pool', workers: 10, running: 3, queued: 1, done: 5, failed: 0 }],
  }
  const lines = drawTop(top, { rows: 12, columns: 60, colors: picocolors.createColors(false) })
  expect(lines).toEqual([
    'process 7, up 1 min 1 s, in /data',
    'rates   10 turns/s, 2.0 KiB/s to disk',
    'actors  3 in memory, 4 messages waiting',
    'pool    text_step_pool: 3 of 10 busy, 1 queued, 5 done, 0 f…',
    'runs    50 running, 5 at work here, 2 steps for people (ant…',
    '  run_0  1 min 1 s  report',
    '  run_1  1 min 1 s  report',
    '  run_2  1 min 1 s  report',
    '  run_3  1 min 1 s  report',
    '  … and 46 more runs',
  ])
  const use = { cpu: 12, memory: 2 ** 27, group: 2 ** 28 }
  const used = drawTop(
    { ...top, use, rates: { cpu: 0.345 } },
    { rows: 12, columns: 99, colors: picocolors.createColors(false) },
  )
  expect(used[1]).toBe('use     35 % of a core, 128.0 MiB of memory (256.0 MiB with the processes of its calls)')
  const many = { ...top, runs: Array.from({ length: MAX_RUNS }, () => ({ ...runs[0]!, status: 'waiting' })) }
  expect(drawTop(many, { rows: 12, columns: 60, colors: picocolors.createColors(false) })[4]).toBe(
    'runs    of the 200 newest: 0 running, 200 waiting, 5 at wor…',
  )
  const wide = drawTop(top, { rows: 12, columns: 300, colors: picocolors.createColors(false) })
  expect(wide[4]).toMatch(
    /, 2 steps for people \(antiphon inbox\), 1 for money \(antiphon inbox\), 1 question for a decision \(antiphon inbox\), 1 thread for consent \(antiphon inbox\), 1 dead letter/,
  )
})

it('pools show busy workers, waiting tasks, paused models, and the reason for the size of each pool', () => {
  const times = { oldest: 2500, wait: { p50: 0.4, p95: 1200 }, run: { p50: 900, p95: 4000 } }
  const none = { retried: 0, late: 0, fallbacks: 0 }
  const took = { tokens: { input: 1200, output: 300 }, cost: 0.0123 }
  const hands = { slots: 8, running: 0, done: 0, failed: 0, lost: 0, leaving: false, breaker: 'closed' } as const
  const pool: PoolDocument = {
    id: 'text_action_pool',
    workers: 8,
    min: 4,
    max: 16,
    running: 6,
    queued: 3,
    done: 40,
    failed: 2,
    resized: 1,
    utilisation: 0.75,
    ...times,
    ...none,
    ...took,
    each: [
      { ...hands, id: 'hands', kind: 'inline' },
      { ...hands, id: 'a/one', kind: 'model', running: 6, done: 40, latency: 900, ...took },
      { ...hands, id: 'b/two', kind: 'model', failed: 3, breaker: 'open', tokens: { input: 0, output: 0 }, cost: 0 },
    ],
    last: { at: 1000, from: 4, to: 8, why: '4 of 4 busy, 9 waiting' },
  }
  const resources = [
    { id: 'a', slots: 8, perMinute: 500, taken: 6, held: 0 },
    { id: 'gpu', slots: 1, taken: 0, held: 1500 },
    { id: 'web', perMinute: 60, taken: 0, held: 0, next: 12_000 },
  ]
  expect(poolLines({ items: [pool], resources }, 13_000)).toEqual([
    'text_action_pool  6 of 8 (4 to 16) busy, 3 queued for up to 2.5 s, wait p50 0.40 ms, p95 1.2 s, 75 % used, 40 done, 2 failed',
    '  model  a/one: 6 of 8 busy, 40 done, 0 failed, 900 ms each, 1200 tokens in and 300 out, $0.0123',
    '  model  b/two: 0 of 8 busy, 0 done, 3 failed, not used: it failed too often',
    '  size  4 to 8 12.0 s ago: 4 of 4 busy, 9 waiting',
    'a  6 of 8 taken, at most 500 calls a minute',
    'gpu  0 of 1 taken, held for 1.5 s more',
    'web  0 taken, at most 60 calls a minute, next in 12.0 s',
  ])
  const begun = { critical: 2, high: 0, normal: 40, low: 1 }
  expect(poolLines({ items: [{ ...pool, begun }], resources }, 13_000)[1]).toBe('  begun  2 critical, 1 low, 40 normal')
  expect(poolLines({ items: [], resources: [] }, 0)).toEqual([
    'There are no pools yet. A pool is created when it is first used.',
  ])
})
