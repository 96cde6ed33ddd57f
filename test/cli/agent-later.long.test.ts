import { mkdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { scriptedModel } from '../../src/testing/scripted-model.ts'
import { blocksIn, read } from '../docs/program.ts'
import { openBench } from './commands.ts'
import { type Program, REAL, realWith } from './programs.ts'

/** A folder with an agent. */
function openAgent(program: Program) {
  const bench = openBench(program)
  mkdirSync(bench.path('agents'))
  bench.write('agents/clerk.md', '---', 'description: Keeps notes', 'tools: []', '---', 'You keep notes.')
  return bench
}

test('`agent run` waits for the time of a goal, or for its turn, and gives the answer', async () => {
  const { run, write } = openAgent(realWith({ 'lab/one': scriptedModel([{ reply: 'done' }], 'lab/one') }))
  write('antiphon.yaml', 'model: lab/one', 'models: [{ id: lab/one, cost: { input: 1, output: 1 } }]')
  const [delay = '', queue = ''] = blocksIn(await read('docs/later.md'), 'sh')[3]!
    .trim()
    .split('\n')
  const argsOf = (line: string) => [...line.matchAll(/"([^"]*)"|\S+/g)].map(([all, quoted]) => quoted ?? all).slice(1)
  expect(await run(...argsOf(delay.replace('1h', '0.1s')))).toMatchObject({
    code: 0,
    out: 'done\n',
    err: expect.stringMatching(/^clerk has the goal\.\nThe goal begins at \S+\nThe goal continues\.\n/),
  })
  expect(await run(...argsOf(queue))).toMatchObject({ code: 0, out: 'done\n' })
  const [of] = /goal_\S+/.exec((await run('agent', 'list')).out)!
  expect(await run('agent', 'fork', of, '--delay', '0.1s', '--queue', 'customer-7')).toMatchObject({
    code: 0,
    out: 'done\n',
    err: expect.stringMatching(/^goal_\S+ continues as goal_\S+, .*\nclerk has the goal\.\nThe goal begins at \S+\n/),
  })
  expect(await run('agent', 'run', 'clerk', 'Sort.', '--slots', '2')).toMatchObject({
    code: 2,
    err: expect.stringContaining('--queue customer-7'),
  })
  expect(await run('agent', 'run', 'clerk', 'Sort.', '--delay', 'soon')).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^--delay: expected seconds, or a time such as 30m/),
  })
})

test('a goal that waits in the background is listed, explained, joined by no run, and cancelled', async () => {
  const { run, write } = openAgent(REAL)
  write('p.yaml', 'name: p', 'steps: [{ id: go, tool: approval-gate, parameters: { title: Go on? } }]')
  const later = await run('agent', 'run', 'clerk', 'Sort.', '--delay', '1h', '--detach')
  const id = later.out.trim()
  expect(later).toMatchObject({ code: 0, err: expect.stringContaining('agent resume') })
  expect((await run('agent', 'list')).out).toMatch(new RegExp(`${id} .*waiting .*at \\S+ \\S+`))
  const { out: shown } = await run('agent', 'show', id)
  expect(shown).toMatch(/^The goal begins at 20/m)
  expect(shown).not.toContain('It waits for you')
  const { out: why } = await run('why', id)
  expect(why).toMatch(/begins at .*, in (59 min|1 h)/)
  expect(why).toContain('begins by itself')
  await run('run', 'p.yaml', '--id', 'open', '--queue', 'k', '--detach')
  const queued = (await run('agent', 'run', 'clerk', 'Sort.', '--queue', 'k', '--detach')).out.trim()
  expect((await run('why', queued)).out).toContain('is number 1 in the queue of the key k, behind open')
  expect((await run('agent', 'show', queued)).out).toContain('It is number 1, behind open.')
  const join = (goal: string) => run('agent', 'run', 'clerk', goal, '--queue', 'k', '--on-conflict', 'join', '--detach')
  expect(await join('Other.')).toMatchObject({ code: 2, out: '' })
  const joined = await join('Sort.')
  expect(joined).toMatchObject({ code: 0, out: `${queued}\n`, err: expect.stringContaining('starts no new goal') })
  expect(await run('agent', 'run', 'clerk', 'Other.', '--queue', 'k', '--on-conflict', 'reject')).toMatchObject({
    code: 2,
    err: expect.stringContaining('the run open is open'),
  })
  expect(await run('agent', 'cancel', id)).toMatchObject({ code: 0 })
  expect((await run('agent', 'show', id)).out).toContain('cancelled')
  expect((await run('why', id)).out).not.toContain('timer')
})
