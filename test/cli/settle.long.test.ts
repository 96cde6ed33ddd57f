import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openBench } from './commands.ts'
import { REAL } from './programs.ts'

const PIPELINE = [
  'name: pay',
  'steps:',
  '  - { id: pay, tool: pay, parameters: { amount: 7 } }',
  '  - { id: told, tool: debug, parameters: { message: "got {{ pay.receipt }}" } }',
  'outputs: { said: "{{ told.message }}" }',
]

/** A run whose process died while it paid. Later payments succeed. */
async function killedRun() {
  const bench = openBench(REAL)
  bench.write('antiphon.yaml', `plugins: ['${join(import.meta.dirname, 'paying-plugin.ts')}']`, "roots: ['.']")
  bench.write('pay.yaml', ...PIPELINE)
  const { ended } = bench.start(['run', 'pay.yaml', '--id', 'shop-1'])
  expect(await ended).toMatchObject({ signal: 'SIGKILL' })
  const keys = () => readFileSync(bench.path('payments'), 'utf8').trim().split('\n')
  expect(keys()).toHaveLength(1)
  return { ...bench, keys }
}

it('while no process runs, the inbox says how many calls were cut off, until somebody has looked at them', async () => {
  const { run, keys } = await killedRun()
  const before = await run('inbox')
  expect(before).toMatchObject({ code: 0, err: expect.stringContaining('Nothing waits for an answer here.') })
  expect(before.err).toContain('1 at-most-once call was cut off when the process ended.')
  expect(JSON.parse((await run('inbox', '--json')).out)).toEqual([])
  await run('resume', 'shop-1')
  const after = await run('inbox')
  expect(after.out).toContain('Did pay take place?')
  expect(after.err).not.toContain('cut off')
  expect(keys()).toHaveLength(1)
})

it('a run with an unknown outcome says what it waits for, and ends with exit code 1', async () => {
  const { run, keys } = await killedRun()
  const { code, err } = await run('resume', 'shop-1')
  expect(code).toBe(1)
  expect(err).toContain('shop-1 waits (exit code 1)')
  expect(err).toContain('Did pay take place? It was interrupted.')
  expect(err).toContain('antiphon settle shop-1 pay done')
  expect((await run('inbox')).out).toContain('one of done, not-done, fail\n  → antiphon settle shop-1 pay done')
  // the same id starts no second run
  expect(await run('run', 'pay.yaml', '--id', 'shop-1')).toMatchObject({ code: 1 })
  expect(keys()).toHaveLength(1)
})

it.each([
  [['done', '--result', '{"receipt": 17}'], 'said: got 17\n', 1],
  [['not-done'], 'said: got again\n', 2],
])('settle %j after kill -9, without anything in between', async (how, out, payments) => {
  const { run, keys } = await killedRun()
  expect(await run('settle', 'shop-1', 'pay', ...how, '--id', 'look-1')).toMatchObject({ code: 0 })
  expect(await run('resume', 'shop-1')).toMatchObject({ code: 0, out })
  expect(keys()).toHaveLength(payments)
  expect(new Set(keys()).size).toBe(1)
  expect((await run('settle', 'shop-1', 'pay', 'fail')).err).toContain('the run shop-1 has ended')
})

it('settle fail fails the run, and names the tool', async () => {
  const { run } = await killedRun()
  expect((await run('settle', 'shop-1', 'pay', 'fail')).err).toContain('antiphon show shop-1')
  const shown = await run('show', 'shop-1', '--json')
  expect(JSON.parse(shown.out)).toMatchObject({ status: 'failed', error_code: 'settled_failed', failed_step: 'pay' })
  expect(shown.out).toContain(
    'A person settled the call as failed: pay was interrupted; whether it took place is not known.',
  )
})

it('a kill -9 after the answer loses nothing', async () => {
  const { run, start, keys, path } = await killedRun()
  writeFileSync(path('slow'), '')
  const settling = start(['settle', 'shop-1', 'pay', 'not-done', '--id', 'look-1'])
  await expect.poll(() => keys().length).toBe(2)
  settling.child.kill('SIGKILL')
  await settling.ended
  // the second payment was cut off, too
  expect(await run('resume', 'shop-1')).toMatchObject({ code: 1 })
  expect(await run('settle', 'shop-1', 'pay', 'done', '--result', '{"receipt": 2}')).toMatchObject({ code: 0 })
  expect(await run('resume', 'shop-1')).toMatchObject({ code: 0, out: 'said: got 2\n' })
  expect(keys()).toHaveLength(2)
  expect(existsSync(path('slow'))).toBe(true)
})

it('settle is rejected for a step whose outcome is not unknown', async () => {
  const { run, write } = openBench(REAL)
  write('ask.yaml', 'name: ask', 'steps: [{ id: gate, tool: approval-gate }]')
  await run('run', 'ask.yaml', '--id', 'ask-1')
  expect(await run('settle', 'ask-1', 'gate', 'done')).toMatchObject({
    code: 1,
    err: expect.stringContaining('gate of ask-1 has no unknown outcome'),
  })
  expect(await run('signal', 'ask-1', 'gate', 'approve')).toMatchObject({ code: 0 })
})
