import { expect, it } from 'vitest'
import { type ComponentReadings, componentLines, componentsOf } from '../../src/cli/render/components.ts'
import type { PoolDocument } from '../../src/runtime/ports/maintenance.ts'
import { openBench } from './commands.ts'
import { REAL } from './programs.ts'

const readings: ComponentReadings = {
  status: { pid: 1, startedAt: 0, data: 'data', model: { id: 'm', offline: true, why: '' }, pools: [], active: [] },
  pools: { items: [], resources: [] },
  health: { status: 'ok', since: 0, checks: [{ name: 'disk', status: 'ok', value: 30, limit: 5 }] },
  work: { person: 0, code: 0, others: 0, working: 3 },
  inbox: 0,
  deadLetters: 0,
  notices: [],
  systems: [],
  most: 100,
}

it('shows the memory and the CPU of the process, if it tells them', () => {
  const use = { cpu: 12.4, memory: 120 * 2 ** 20, group: 200 * 2 ** 20 }
  const lines = componentLines(componentsOf({ ...readings, status: { ...readings.status, use } }))
  expect(lines[3]).toBe('ok        environment  disk 30 %, memory 120.0 MiB, CPU 12 s since its start')
})

it('shows one line for each component that is well', () => {
  expect(componentLines(componentsOf(readings))).toEqual([
    'ok        memory       data',
    'ok        processing   no pool is in use',
    'ok        actions      open work: 3 working; 0 items in the inbox',
    'ok        environment  disk 30 %',
  ])
})

it('says why a component is degraded', () => {
  const problem = { code: 'storage', name: 'StorageError', message: 'the disk is full' }
  const checks = [{ name: 'disk', status: 'degraded', value: 2, limit: 5 } as const]
  const bad = componentsOf({
    ...readings,
    status: { ...readings.status, retention: problem },
    health: { status: 'degraded', since: 0, checks },
    work: { person: 6, code: 1, others: 2, working: 0, more: true },
    deadLetters: 3,
    notices: [{ status: 'failed' }, { status: 'pending' }],
  })
  expect(bad.map(({ name, health, problems }) => [name, health, problems])).toEqual([
    ['memory', 'degraded', ['the last retention failed: the disk is full']],
    ['processing', 'ok', []],
    [
      'actions',
      'degraded',
      ['3 dead letters: antiphon deadletters', '1 message given up after a day: antiphon notify list'],
    ],
    ['environment', 'degraded', ['disk is 2, its limit is 5']],
  ])
  const pool = { id: 'p', workers: 8, running: 6, queued: 3, each: [] } as unknown as PoolDocument
  const resources = [
    { id: 'gpu', slots: 1, taken: 0, held: 1500 },
    { id: 'web', perMinute: 60, taken: 0, held: 0, next: 12_000 },
  ]
  expect(componentsOf({ ...readings, pools: { items: [pool], resources } })[1]).toMatchObject({
    health: 'ok',
    text: '1 pool; 6 of 8 workers busy, 3 queued; resource gpu: next call in 1.5 s; resource web: next call in 12.0 s',
  })
  expect(bad[2]!.text).toBe(
    'open work: 6 for people, 2 for others, 1 for code, or more; 0 items in the inbox; 1 message not delivered yet: antiphon notify list',
  )
})

it('reads a data folder', async () => {
  const bench = openBench(REAL)
  bench.write('p.yaml', 'name: p', 'steps:', '  - { id: a, tool: debug, parameters: { message: hello } }')
  await bench.run('run', 'p.yaml')
  bench.write('gate.yaml', 'name: g', 'steps:', '  - { id: a, tool: approval-gate, parameters: { title: Send it? } }')
  await bench.run('run', 'gate.yaml')
  const { code, out, err } = await bench.run('status', '--json')
  expect(err).toBe('')
  const { health, components } = JSON.parse(out)
  const names = components.map(({ name }: { name: string }) => name)
  expect(names).toEqual(['memory', 'processing', 'actions', 'environment'])
  expect(components[2].text).toBe('open work: 1 for people; 1 item in the inbox')
  const [head] = (await bench.run('top')).out.split('\n').filter((line) => line.startsWith('runs'))
  expect(head).toMatch(/^runs {4}0 running, 1 waiting, /)
  expect(code).toBe(health === 'ok' ? 0 : 1)
})
