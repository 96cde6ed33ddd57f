import { expect, test } from 'vitest'
import { actionPhase } from '../../../src/chain/phases/action.ts'
import { vectorsPhase, webPhase } from '../../../src/chain/phases/experience.ts'
import { intentionPhase } from '../../../src/chain/phases/intention.ts'
import { observationPhase } from '../../../src/chain/phases/observation.ts'
import { understandingPhase } from '../../../src/chain/phases/understanding.ts'
import { yieldPhase } from '../../../src/chain/phases/yield.ts'
import { MAX_OUTPUT_SIZE } from '../../../src/chain/protocol/bounds.ts'
import type { PhaseResult, SourceReport } from '../../../src/thread/protocol/phase-types.ts'
import { contextOf, hit, inputOf, runOnce, withHits } from './fixture.ts'

const huge = 'words and "quotes" '.repeat(20_000)
const many = <T>(item: T) => Array.from({ length: 500 }, () => item)
const found = {
  hits: many(hit('v1', huge.slice(0, 600))),
  sources: many({ source: 's', file: 'a.md', status: 'failed' as const, passages: 0, reason: huge.slice(0, 900) }),
}
const judgement = { loop: true, synthesis: huge, reasoning: huge, gaps: many(huge) }
const connections = many({ source: huge, target: 'b', type: huge, confidence: 0.9 })
const input = inputOf({ prompt: huge.slice(0, 32_000), ...withHits(hit('v1')) })

test.each<[string, () => Promise<PhaseResult>]>([
  ['action', () => runOnce(actionPhase, input, contextOf({ text: huge }).context)],
  ['experience.vectors', () => runOnce(vectorsPhase, input, contextOf({ text: huge }, found).context)],
  [
    'intention',
    () =>
      runOnce(
        intentionPhase,
        input,
        contextOf({
          object: { explicitIntent: huge, implicitIntent: huge, priorities: many({ id: 'v1', alignment: 9 }) },
        }).context,
      ),
  ],
  [
    'observation',
    () => runOnce(observationPhase, input, contextOf({ object: { observations: many(huge), connections } }).context),
  ],
  ['understanding', () => runOnce(understandingPhase, input, contextOf({ object: judgement }).context)],
])('the output of %s stays within its bounds for any reply of a model', async (_, run) => {
  const { output, state } = await run()
  expect(JSON.stringify(output).length).toBeLessThanOrEqual(MAX_OUTPUT_SIZE)
  expect(JSON.stringify(state).length).toBeLessThan(64 * 1024)
})

test('state grows no further however many asks there are', async () => {
  let state = yieldPhase.initial('text')
  let action = actionPhase.initial('text')
  for (let ask = 1; ask <= 100; ask++) {
    const { context } = contextOf({ text: huge })
    state = (await yieldPhase.run(state, { ...input, ask }, context)).state
    action = (await actionPhase.run(action, { ...input, ask }, context)).state
  }
  expect(JSON.stringify(state).length).toBeLessThan(32 * 1024)
  expect(JSON.stringify(action).length).toBeLessThan(32 * 1024)
  expect(state.finalResponses.at(-1)).toMatchObject({ ask: 100 })
})

test('states are tagged by modality', () => {
  for (const phase of [
    actionPhase,
    vectorsPhase,
    webPhase,
    intentionPhase,
    observationPhase,
    understandingPhase,
    yieldPhase,
  ])
    expect(phase.initial('code').modality).toBe('code')
})

test('without a search service the web leg says so, and calls no model', async () => {
  const { context, asked } = contextOf(new Error('not to be asked'))
  expect(await runOnce(webPhase, inputOf(), context)).toMatchObject({
    status: 'skipped',
    problem: { message: expect.stringContaining('no web search is configured') },
  })
  expect(asked).toEqual([])
})

test('without files there is nothing to retrieve, and no model is asked', async () => {
  const { context, asked } = contextOf({ text: 'x' })
  expect(await runOnce(vectorsPhase, inputOf(), context)).toMatchObject({ status: 'skipped', output: { hits: [] } })
  expect(asked).toEqual([])
})

test('if the model fails, the found texts stay', async () => {
  const { context } = contextOf(new Error('down'), { hits: [hit('v1')], sources: [] })
  const result = await runOnce(vectorsPhase, inputOf(withHits()), context)
  expect(result).toMatchObject({ status: 'degraded', output: { hits: [{ vid: 'v1' }], summary: '' } })
})

test('one unreadable file of many is reported, wherever it stands', async () => {
  const report = (at: number, status: SourceReport['status'], reason?: string): SourceReport => ({
    source: `s${at}`,
    file: `notes/chapter-${at}.md`,
    status,
    passages: 1,
    ...(reason && { reason }),
  })
  const read = Array.from({ length: 63 }, (_, at) => report(at, 'read'))
  const { context } = contextOf(
    { text: 'summary' },
    { hits: [hit('v1')], sources: [...read, report(63, 'failed', 'no such file')] },
  )
  const { problem, output } = await runOnce(vectorsPhase, inputOf(withHits()), context)
  expect(problem?.message).toBe('notes/chapter-63.md: no such file')
  expect(output.sources[0]).toMatchObject({ file: 'notes/chapter-63.md', status: 'failed' })
})

test('a model that declines makes a degraded first answer', async () => {
  const { context } = contextOf({ text: 'I only select.', refused: 'no text was given' })
  expect(await runOnce(actionPhase, inputOf(), context)).toMatchObject({
    status: 'degraded',
    output: { response: '', confidence: 0 },
    problem: { code: 'refused' },
  })
})

test('only connections that are likely and lead elsewhere are kept, each once', async () => {
  const link = (target: string, confidence: number) => ({ source: 'a', target, type: 'uses', confidence })
  const reply = { object: { connections: [link('b', 0.9), link('c', 0.5), link('a', 0.9), link('b', 0.8)] } }
  const { output, state } = await runOnce(observationPhase, inputOf(), contextOf(reply).context)
  expect(output.connections.map(({ target }) => target)).toEqual(['b', 'b'])
  expect(state.semanticConnections).toEqual([link('b', 0.8)])
})

test('Yield sees the passage first that Intention ranks highest', async () => {
  const given = withHits(hit('v1', 'less'), hit('v2', 'more'))
  const priorities = [{ id: 'v2', alignment: 0.9 }]
  const intention = { explicitIntent: '', implicitIntent: '', goal: 'answer' as const, confidence: 1, priorities }
  const { context, asked } = contextOf({ text: 'x' })
  await runOnce(yieldPhase, inputOf({ ...given, outputs: { ...given.outputs, intention } }), context)
  expect(asked[0]!.documents.slice(0, 2).map(({ name }) => name)).toEqual(['v2', 'v1'])
})

test('a model that only selects is given passages under names that say their kind, and no notes', async () => {
  const { context, asked } = contextOf(
    { text: 'x', citations: [{ document: 'v1.md', text: 'text', start: 0, end: 4 }] },
    undefined,
    true,
  )
  const { output } = await runOnce(yieldPhase, inputOf(withHits(hit('v1'))), context)
  expect(asked[0]).toMatchObject({ task: { kind: 'answer', question: 'why?' }, documents: [{ name: 'v1.md' }] })
  expect(output.answer).toBe('x <vid>v1</vid>')
})

test('a judgement of a model that only selects never asks for another round', async () => {
  const { context } = contextOf({ text: 'draft', confidence: 0.7 }, undefined, true)
  const { decision, output } = await runOnce(understandingPhase, inputOf(withHits(hit('v1'))), context)
  expect(decision).toEqual({ decision: 'yield', reason: 'complete' })
  expect(output).toMatchObject({ synthesis: 'draft', confidence: 0.7 })
})

test.each([
  ['Summarize the changes', 'summarise'],
  ['List all tools', 'list'],
  ['What is a summary judgement in law for?', 'summarise'],
  ['Why is the sky blue?', 'answer'],
])('%s', async (prompt, goal) => {
  const { context } = contextOf({ object: { explicitIntent: 'x' } })
  expect((await runOnce(intentionPhase, inputOf({ prompt }), context)).output.goal).toBe(goal)
})
