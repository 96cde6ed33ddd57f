import { expect, test } from 'vitest'
import { z } from 'zod'
import { inlineEngine } from '../../../src/engine/inline/engine.ts'
import { runRef } from '../../../src/house/actors.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import { runActor } from '../../../src/run/actor/run-actor.ts'
import type { Language } from '../../../src/run/language.ts'
import { NEW_HEAD, peekRun, type RunHead, runIndex } from '../../../src/run/run.ts'
import { newStart } from '../../../src/run/start.ts'
import { failedEnd } from '../../../src/step/messages/step-end.ts'
import { simulatedClock } from '../../../src/testing/index.ts'

/** A language that notes what its runs are asked. It begins by a message that has its name. */
function noting(
  name: string,
  notes: string[],
): Language<RunHead, { readonly type: string }, { readonly type: string }> {
  const note = (what: string) => {
    notes.push(`${name}: ${what}`)
    return {}
  }
  const typed = (type: string) => z.object({ type: z.literal(type) })
  return {
    name,
    first: { [name]: typed(name) },
    message: { [`of-${name}`]: typed(`of-${name}`) },
    begin(_first, effects) {
      note('begin')
      const run: RunHead = { ...NEW_HEAD, status: 'running', name: `run of ${name}` }
      return {
        state: run,
        parts: { start: newStart({ inputs: { inline: null } }, effects, false) },
        index: runIndex(run, {}),
      }
    },
    ended: (_state, report) => note(`ended ${report.type}`),
    waits: () => note('waits'),
    died: (_state, { step, problem }) => note(`died ${step} ${problem.code}`),
    receive: (_state, { type }) => note(`receive ${type}`),
    cancel(state, { problem, undo }) {
      note(`cancel ${problem.message}${undo ? ', undo' : ''}`)
      return undo ? { refuse: { ...problem, code: 'no_undo' } } : { state: { ...state, status: 'cancelled', problem } }
    },
    undo: (_state, { type }) => note(type),
  }
}

function openRuns(...names: string[]) {
  const notes: string[] = []
  const clock = simulatedClock(0)
  const languages = names.map((name) => noting(name, notes))
  const engine = inlineEngine({ actors: [runActor({ languages })], clock })
  const tell = async (run: string, body: Json) => {
    await engine.tell(runRef(run), body, { correlationId: run })
    await clock.advance(0)
  }
  return { engine, notes, clock, tell, head: (run: string) => peekRun(engine.view, run) }
}

test('the first message says the language of a run, and its head keeps it', async () => {
  const { tell, head, notes } = openRuns('one', 'two')
  await tell('a', { type: 'two' })
  expect(await head('a')).toMatchObject({ language: 'two', name: 'run of two', status: 'running' })
  expect(notes).toEqual(['two: begin'])
})

test('a run takes the messages of its own language alone', async () => {
  const { tell, notes, engine } = openRuns('one', 'two')
  await tell('a', { type: 'one' })
  await tell('a', { type: 'of-two' })
  await tell('a', { type: 'of-one' })
  await expect(engine.ask(runRef('a'), { type: 'two' })).rejects.toMatchObject({ code: 'run_exists' })
  expect(notes).toEqual(['one: begin', 'one: receive of-one'])
})

test('ends of steps go to the language while the run has not ended', async () => {
  const { tell, notes, engine, clock } = openRuns('one')
  const problem = { code: 'broken', name: 'TerminalError', message: 'broken', terminal: true }
  const end = failedEnd('s', problem) as unknown as Json
  await tell('a', end)
  await tell('a', { type: 'one' })
  await tell('a', end)
  await engine.cancel(runRef('a'), 'a', 'enough')
  await clock.advance(0)
  await engine.tell(runRef('a'), end, { correlationId: 'other' })
  await clock.advance(0)
  expect(notes).toEqual(['one: begin', 'one: ended step-end', 'one: cancel enough'])
})

test('a run is undone early only where its language can, and before it ends', async () => {
  const { tell, engine, notes, clock } = openRuns('one')
  const undo = { type: 'undo-run', reason: 'wrong' }
  await expect(engine.ask(runRef('a'), undo)).rejects.toMatchObject({ code: 'run_over' })
  await tell('a', { type: 'one' })
  await expect(engine.ask(runRef('a'), undo)).rejects.toMatchObject({ code: 'no_undo' })
  await engine.cancel(runRef('a'), 'a', '')
  await clock.advance(0)
  await expect(engine.ask(runRef('a'), undo)).rejects.toMatchObject({ code: 'run_over' })
  expect(notes).toEqual(['one: begin', 'one: cancel wrong, undo', 'one: cancel the run was cancelled'])
})

test('only its goal has an ended run undone', async () => {
  const { tell, engine, notes, clock } = openRuns('one')
  await tell('a', { type: 'one' })
  await engine.cancel(runRef('a'), 'a', 'enough')
  await clock.advance(0)
  await expect(engine.ask(runRef('a'), { type: 'undo', goal: 'g' })).rejects.toMatchObject({ code: 'run_exists' })
  expect(await engine.ask(runRef('none'), { type: 'undo', goal: 'g' })).toMatchObject({ type: 'undo-end', undone: 0 })
  expect(notes).not.toContain('one: undo')
})

test('a run whose language is missing cannot be read, and says which', () => {
  const { check } = runActor({ languages: [noting('one', [])] })
  expect(() => check!({ ...NEW_HEAD, language: 'one' }, 'a')).not.toThrow()
  expect(() => check!(NEW_HEAD as unknown as Json, 'a')).not.toThrow()
  expect(() => check!({ ...NEW_HEAD, language: 'other' } as unknown as Json, 'a')).toThrow('no language other')
})
