import { mkdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { openBench } from './commands.ts'
import { REAL } from './programs.ts'

const LONG = `When does the ship leave? ${'And so on. '.repeat(100)}`.trim()

function openLong() {
  const bench = openBench(REAL)
  bench.write('antiphon.yaml', 'embedder: none')
  bench.write('notes.md', 'The ship leaves the harbour at noon.')
  return bench
}

it('a long message is asked about while the ask goes on; each process answers, and takes it back', async () => {
  const { run } = openLong()
  await run('ask', LONG, '--file', 'notes.md', '--id', 'ask_1')
  const second = await run('ask', 'When does the ship leave?', '--id', 'ask_2', '--continue')
  expect(second).toMatchObject({ code: 0, out: expect.stringContaining('noon') })
  expect(second.err).toContain(
    `may prompts have a summary of message 1 (${LONG.length} characters)? To answer: antiphon inbox`,
  )
  const { out } = await run('inbox')
  expect(out).toContain('question ask_2 on thread_1, asked for consent ')
  expect(out).toContain(
    `May prompts have a summary of a long message?\n  | 1 (${LONG.length} characters): When does the ship leave?`,
  )
  expect(out).toContain('one of keep, summarise, remove\n  → antiphon consent ask_2 1 summarise')
  expect((await run('consent', 'ask_2', '1', 'summarise')).err).toBe(
    'Prompts contain a summary of message 1 from the next cycle on. To restore it:\n  antiphon consent ask_2 1 restore\n',
  )
  expect((await run('inbox')).err).toBe('Nothing waits for an answer here.\n')
  const removed = await run('consent', 'ask_2', '2', 'remove', '--json')
  expect(JSON.parse(removed.out)).toEqual({ ask: 'ask_2', message: 2, inPrompts: 'removed' })
  expect((await run('consent', 'ask_2', '2', 'restore')).err).toBe('Prompts contain message 2 in full.\n')
})

it.each([
  [['consent', 'ask_9', '1', 'keep'], 'There is no ask ask_9.'],
  [['consent', 'ask_9', 'one', 'keep'], 'Expected a whole number'],
  [['consent', 'ask_9', '1', 'shorten'], 'Allowed choices are keep, summarise, remove, restore'],
])('refuses %j', async (args, words) => {
  const { run, path } = openLong()
  mkdirSync(path('.antiphon'))
  const { code, err } = await run(...args)
  expect(code).toBe(2)
  expect(err).toContain(words)
})
