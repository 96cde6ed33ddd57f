import { expect, it } from 'vitest'
import { until } from '../../src/testing/index.ts'
import { openBench } from './commands.ts'
import { REAL } from './programs.ts'

const GATE = [
  'name: gate',
  'steps:',
  '  - id: gate',
  '    tool: approval-gate',
  '    parameters: { title: Publish it?, content: Dear all }',
  'outputs: { ok: "{{ gate.approved }}" }',
]

it('a run in the background waits without a process, and goes on where it is answered', async () => {
  const { write, run, owner } = openBench(REAL)
  write('gate.yaml', ...GATE)
  const { out } = await run('run', 'gate.yaml', '--detach')
  const id = out.trim()
  const { pid } = (await until(() => owner()))!
  await until(() => !isAlive(pid))
  expect(JSON.parse((await run('inbox', '--json')).out)).toMatchObject([
    {
      run: id,
      step: 'gate',
      signal: 'gate',
      kind: 'approval',
      title: 'Publish it?',
      content: 'Dear all',
      since: expect.any(Number),
    },
  ])
  expect((await run('inbox', id)).out).toMatch(/^ {2}one of approve, reject$/m)
  expect(await run('inbox', 'run_none')).toEqual({ code: 2, out: '', err: expect.stringContaining('no run run_none') })
  expect((await run('why', id)).out).toContain(`to continue: antiphon signal ${id} gate approve (`)
  expect(await run('signal', id, 'gat', 'approve')).toMatchObject({
    code: 0,
    err: expect.stringContaining(`waits for gat yet; it is kept until one does.\n  Signals that steps wait for: gate`),
  })
  expect(await run('signal', id, 'gate', 'maybe')).toMatchObject({ code: 2, err: 'Expected one of approve, reject.\n' })
  expect(JSON.parse((await run('signal', id, 'gate', 'approve', '--id', 's1', '--json')).out)).toMatchObject({
    status: 'taken',
  })
  expect(await run('resume', id)).toMatchObject({ code: 0, out: 'ok: true\n' })
  expect(await run('signal', id, 'gate', 'approve')).toMatchObject({
    code: 2,
    err: `the run ${id} has ended: it is completed\n  Nothing more can be answered in it. To see it: antiphon show ${id}\n`,
  })
})

it.each([
  ['many lines', Array.from({ length: 22 }, (_, n) => `line ${n}`), '  | … and 2 more lines\n'],
  ['a long line', [`${'tide '.repeat(40)}ebb`], '…\n'],
])('the inbox names the command that shows all of %s', async (_, lines, cut) => {
  const { write, run, owner } = openBench(REAL)
  write('gate.yaml', ...GATE.map((line) => line.replace('Dear all', JSON.stringify(lines.join('\n')))))
  const id = (await run('run', 'gate.yaml', '--detach')).out.trim()
  const { pid } = (await until(() => owner()))!
  await until(() => !isAlive(pid))
  expect((await run('inbox')).out).toContain(`${cut}  to see all of it: antiphon inbox ${id}\n`)
  const { out } = await run('inbox', id)
  expect(out).toContain(lines.map((line) => `  | ${line}\n`).join(''))
  expect(out).not.toContain('to see all')
})

it('the inbox tells a command that answers, also where a decision needs a reason', async () => {
  const { write, run } = openBench(REAL)
  write('gate.yaml', ...GATE.map((line) => line.replace('title:', 'require_reason: true, title:')))
  const id = (await run('run', 'gate.yaml', '--detach')).out.trim()
  const { out } = await until(async () => {
    const inbox = await run('inbox')
    return inbox.out === '' ? undefined : inbox
  })
  const [, value] = /→ antiphon signal \S+ gate '(.+)'$/m.exec(out)!
  expect(await run('signal', id, 'gate', value!)).toMatchObject({ code: 0 })
})

it('a run in the foreground stays and another command answers it; killed while it waits, it goes on with its answer', async () => {
  const { write, start, run } = openBench(REAL)
  write('gate.yaml', ...GATE)
  const killed = start(['run', 'gate.yaml', '--wait'])
  await killed.said('gate  waits: Publish it?')
  killed.child.kill('SIGKILL')
  const { err } = await killed.ended
  expect(err).toContain('waits')
  const [{ run: id }] = JSON.parse((await run('inbox', '--json')).out)
  const running = start(['resume', id, '--wait'])
  await running.said('gate  waits: Publish it?')
  expect((await run('signal', id, 'gate', 'no')).code).toBe(0)
  expect(await running.ended).toMatchObject({ code: 0, out: 'ok: false\n' })
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
