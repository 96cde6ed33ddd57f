import { mkdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { openBench } from './commands.ts'
import { REAL } from './programs.ts'

const ASK = ['ask', 'When does the ship leave?', '--file', 'notes.md', '--id', 'ask_1', '--recursion', 'step']

function openNotes() {
  const bench = openBench(REAL)
  bench.write('antiphon.yaml', 'embedder: none')
  bench.write('notes.md', 'The ship leaves the harbour at noon.')
  return bench
}

it('a question that is asked in steps tells the command that goes on, and another process decides', async () => {
  const { start, run } = openNotes()
  const asking = start(ASK)
  await asking.said('(to continue: antiphon decide ask_1 accept)')
  const inbox = (await run('inbox')).out
  expect(inbox).toContain('question ask_1 on thread_1, waiting for a decision for')
  expect(inbox).toContain('Understanding proposes to answer')
  expect(inbox).toContain('one of accept, yield, loop\n  → antiphon decide ask_1 accept')
  const shown = (await run('show', 'ask_1')).out
  expect(shown).toMatch(/^When does the ship leave\? {2}waiting {2}ask_1\n/)
  expect(shown).toMatch(
    /\nWaits\n {2}question ask_1 on thread_1, .*\n(?: {4}.*\n)+ {4}→ antiphon decide ask_1 accept\n/,
  )
  expect((await run('why', 'ask_1')).out).toContain('to continue: antiphon decide ask_1 accept')
  expect(await run('decide', 'ask_1', 'loop', '--target', 'observation', '--prompt', 'Which harbour?')).toMatchObject({
    code: 0,
    err: expect.stringContaining(
      "ask_1 starts another cycle at observation. To follow it:\n  antiphon ask 'When does the ship leave?' --thread thread_1 --id ask_1",
    ),
  })
  await asking.said('back to observation: decided')
  const { out } = await run('decide', 'ask_1', 'yield', '--json', '--id', 'd1')
  expect(JSON.parse(out)).toEqual({ ask: 'ask_1', thread: 'thread_1', decision: 'yield', reason: 'decided' })
  expect(await asking.ended).toMatchObject({ code: 0, out: expect.stringContaining('noon') })
  expect(await run('decide', 'ask_1', 'yield')).toMatchObject({
    code: 1,
    err: 'The ask ask_1 does not wait for a decision.\n  To list the asks that wait for one: antiphon inbox\n',
  })
})

it('killed while it waits, it is decided without a process, which does the rest', async () => {
  const { start, run } = openNotes()
  const asking = start(ASK)
  await asking.said('to continue: antiphon decide')
  asking.child.kill('SIGKILL')
  await asking.ended
  expect(JSON.parse((await run('inbox', '--json')).out)).toMatchObject([{ kind: 'decision', ask: 'ask_1' }])
  expect((await run('decide', 'ask_1', 'accept')).err).toContain('ask_1 is answered now')
  const { out } = await run('ask', 'When does the ship leave?', '--id', 'ask_1', '--json')
  expect(JSON.parse(out)).toMatchObject({ id: 'ask_1', status: 'completed', answer: expect.stringContaining('noon') })
})

it.each([
  [['decide', 'ask_9', 'accept'], 'There is no ask ask_9.'],
  [['cancel', 'ask_9'], 'If it is a question that is over a day old, name its thread: --thread THREAD'],
  [['decide', 'ask_1', 'maybe'], "<decision> 'maybe' is invalid. Allowed choices are accept, yield, loop."],
  [['decide', 'ask_1', 'loop', '--target', 'yield'], "argument 'yield' is invalid"],
  [['ask', 'Why?', '--recursion', 'always'], 'Allowed choices are auto, never, step'],
])('refuses %j', async (args, words) => {
  const { run, path } = openNotes()
  mkdirSync(path('.antiphon'))
  const { code, err } = await run(...args)
  expect(code).toBe(2)
  expect(err).toContain(words)
})
