import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { whyNoTrace } from '../../bench/count/trace.ts'
import type { Report } from '../../bench/report.ts'
import { AS_SOURCES } from '../as-sources.ts'
import { describeOnRestate } from '../engine/restate/server.ts'

const MAIN = join(import.meta.dirname, '../../bench/main.ts')
const bench = (...given: string[]) => promisify(execFile)(process.execPath, [...AS_SOURCES, MAIN, ...given])

it('measures a row beside the ceiling and prints it as JSON', async () => {
  const { stdout } = await bench('engine', '--quick', '--no-peers', '--rows', 'update-64', '--json')
  const { concern, rounds, machine, peers, rows } = JSON.parse(stdout) as Report
  expect({ concern, rounds, peers }).toEqual({ concern: 'engine', rounds: 1, peers: [] })
  expect(machine).toMatchObject({ node: process.version, synchronous: 'FULL' })
  expect(machine.sync.p50).toBeGreaterThan(0)
  const positive = expect.toSatisfy((value) => value > 0)
  const spread = { min: positive, median: positive, max: positive }
  expect(rows).toEqual([
    expect.objectContaining({
      name: 'update-64',
      ours: spread,
      against: [
        {
          name: 'ceiling',
          goal: { floor: 0.6, aim: 0.85 },
          figure: spread,
          ratio: spread,
          verdict: { floor: expect.any(Boolean), aim: expect.any(Boolean) },
          p99: positive,
        },
      ],
    }),
  ])
})

it('measures compiling and the steps of a run', async () => {
  const rows = 'compile-chain-10,fan-10'
  const { stdout } = await bench('pipeline', '--quick', '--no-peers', '--rows', rows, '--json')
  const report = JSON.parse(stdout) as Report
  const positive = expect.toSatisfy((value) => value > 0)
  const measured = (name: string, unit: string) => ({ name, unit, ours: { median: positive }, against: [] })
  expect(report).toMatchObject({ concern: 'pipeline', peers: [] })
  expect(report.rows).toMatchObject([measured('compile-chain-10', 'µs/step'), measured('fan-10', 'steps/s')])
})

it('measures rounds of goals and of bare steps, and tells each row before the report', async () => {
  const { stdout, stderr } = await bench('agent', '--quick', '--no-peers', '--rows', 'goals-1,two-steps-1', '--json')
  const report = JSON.parse(stdout) as Report
  const positive = expect.toSatisfy((value) => value > 0)
  const measured = { unit: 'rounds/s', ours: { median: positive }, against: [] }
  expect(report).toMatchObject({ concern: 'agent', peers: [] })
  expect(report.rows).toMatchObject([
    { ...measured, name: 'goals-1' },
    { ...measured, name: 'two-steps-1' },
  ])
  expect(stderr.split('\n').slice(0, 2)).toEqual([
    expect.stringMatching(/^round 1 of 1 · goals-1, .* rounds\/s$/),
    expect.stringMatching(/^round 1 of 1 · two-steps-1, .* rounds\/s$/),
  ])
})

it('counts the syncs of a round and the bytes that it writes, or says why this machine cannot', async () => {
  const { stdout } = await bench('agent', '--quick', '--no-peers', '--rows', 'goals-1-syncs,goals-1-bytes', '--json')
  const report = JSON.parse(stdout) as Report
  const reason = await whyNoTrace()
  const names = ['goals-1-syncs', 'goals-1-bytes']
  if (reason !== undefined) return expect(report.skipped).toEqual(names.map((name) => ({ name, reason })))
  expect(report).not.toHaveProperty('skipped')
  // an answer of the model, and a result of the tool
  const [syncs, bytes] = [expect.toSatisfy((value) => value >= 1), expect.toSatisfy((value) => value > 1)]
  expect(report.rows).toMatchObject([
    { name: names[0], unit: 'syncs', ours: { median: syncs } },
    { name: names[1], unit: 'kB', ours: { median: bytes } },
  ])
})

it('measures requests over HTTP beside a bare handler of the same run', async () => {
  const { stdout } = await bench('http', '--quick', '--rows', 'cheap', '--json')
  const { concern, rows } = JSON.parse(stdout) as Report
  const positive = expect.toSatisfy((value) => value > 0)
  const beside = { figure: { median: positive }, ratio: { median: positive } }
  expect(concern).toBe('http')
  expect(rows).toMatchObject([
    { name: 'cheap', ours: { median: positive }, against: [{ ...beside, name: 'a bare Hono handler' }] },
  ])
})

it('measures tasks in pools, and workers of mixed modalities beside one of them', async () => {
  const { stdout } = await bench('pool', '--quick', '--no-peers', '--rows', 'async-1,mixed-2', '--json')
  const { concern, rows } = JSON.parse(stdout) as Report
  const positive = expect.toSatisfy((value) => value > 0)
  const measured = { unit: 'tasks/s', ours: { median: positive }, p99: positive }
  expect(concern).toBe('pool')
  expect(rows).toMatchObject([
    { name: 'async-1', ...measured, against: [] },
    { name: 'mixed-2', ...measured, against: [{ name: 'on 1 worker', ratio: { median: positive } }] },
  ])
})

describeOnRestate('a server and its nodes', () => {
  // it starts servers and processes of all that it measures: 13 s on a machine with nothing else to do, minutes beside other suites
  it('measures the engine restate beside the same by hand and the engine libSQL', async () => {
    const { stdout } = await bench('cluster', '--quick', '--rows', 'pipeline-1', '--json')
    const { concern, peers, rows } = JSON.parse(stdout) as Report
    expect({ concern, peers }).toEqual({
      concern: 'cluster',
      peers: [{ title: 'Restate', version: expect.stringContaining('restate-server'), address: expect.any(String) }],
    })
    const positive = expect.toSatisfy((value) => value > 0)
    const measured = { figure: expect.objectContaining({ median: positive }), p99: positive }
    const verdict = { floor: expect.any(Boolean), aim: expect.any(Boolean) }
    const against = [
      { ...measured, name: 'by hand, keyed object', verdict },
      { ...measured, name: 'the engine libSQL' },
    ]
    expect(rows).toMatchObject([{ name: 'pipeline-1', p99: positive, against }])
  })
})

it.each([
  [['engine', '--rows', 'update-46'], 'There is no row "update-46"; did you mean update-64?'],
  [['engine', '--rounds', 'many'], 'Expected a whole number from 1 to 100.'],
  [['engin'], 'Did you mean engine?'],
])('refuses %j with what is wrong', async (given, message) => {
  await expect(bench(...given)).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining(message) })
})
