import { writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { until } from '../../../src/testing/until.ts'
import { openBench } from '../../cli/commands.ts'
import { REAL } from '../../cli/programs.ts'
import { FIXTURE, isRunning, linesIn } from './bench.ts'

const [HANG, AFTER] = [
  '{ id: hang, tool: "fix:hang" }',
  '{ id: after, tool: "fix:note", parameters: { line: "{{ hang.text }}" } }',
]

/** A project whose run is killed by SIGKILL while its server works on a call. */
async function killedRun(...settings: readonly string[]) {
  const bench = openBench(REAL)
  const [log, pids, free] = ['log', 'pids', 'free'].map(bench.path) as [string, string, string]
  bench.write(
    'antiphon.yaml',
    'mcpServers:',
    '  fix:',
    `    command: ${process.execPath}`,
    `    args: [${FIXTURE}]`,
    `    env: { LOG: ${log}, PIDS: ${pids}, FREE: ${free} }`,
    ...settings.map((line) => `    ${line}`),
  )
  bench.write('tide.yaml', 'name: tide', `steps: [${HANG}, ${AFTER}]`, 'outputs: { said: "{{ after.text }}" }')
  const { child, ended } = bench.start(['run', 'tide.yaml'])
  await until(() => linesIn(log).length === 1)
  const started = linesIn(pids).map(Number)
  const running = started.filter(isRunning).length
  child.kill('SIGKILL')
  await ended
  const [{ id }] = JSON.parse((await bench.run('runs', '--json')).out) as [{ id: string }]
  return { ...bench, log, free, started, running, resume: () => bench.run('resume', id) }
}

it('kill -9 takes the server along, and what it started, and repeats no at-most-once call', async () => {
  const { started, running, resume, log, free } = await killedRun()
  expect(running).toBeGreaterThanOrEqual(2)
  await until(() => started.filter(isRunning).length === 0)
  writeFileSync(free, '')
  const { code, err } = await resume()
  expect(code).toBe(1)
  expect(err).toContain('whether it took place is not known')
  expect(linesIn(log)).toHaveLength(1)
})

it('after kill -9 a call that may be repeated is made again with the same key', async () => {
  const { started, resume, log, free } = await killedRun('effects: { hang: idempotent }')
  await until(() => started.filter(isRunning).length === 0)
  writeFileSync(free, '')
  const { code, out } = await resume()
  expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('noted free') })
  const [first, second, note] = linesIn(log)
  expect(second).toBe(first)
  expect(note).toMatch(/^free /)
})
