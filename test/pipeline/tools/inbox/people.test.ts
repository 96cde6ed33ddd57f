import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Json } from '../../../../src/kernel/schema.ts'
import { callbackTools } from '../../../../src/pipeline/tools/callback-tools.ts'
import type { StepParameters } from '../../../../src/step/record/outcome.ts'
import { until } from '../../../../src/testing/index.ts'
import { openWorkshop, type Workshop } from '../../workshop.ts'

const RUN = { kind: 'run', key: 'run_1' }
const answer = ({ engine }: Workshop, value: Json) => engine.ask(RUN, { type: 'signal', name: 'a', value })

function text(tool: string, parameters: StepParameters): string {
  return `name: people\nsteps:\n  - { id: a, tool: ${tool}, parameters: ${JSON.stringify(parameters)} }\noutputs: { a: "{{ a.result }}", shown: "{{ a }}" }`
}

/** A run of one step, with all that is said to it; what it refused, and how it ended. */
async function tell(tool: string, parameters: StepParameters, ...said: readonly Json[]) {
  const workshop = openWorkshop({ tools: callbackTools })
  const ending = workshop.run(text(tool, parameters))
  const refused: string[] = []
  for (const value of said) {
    await until(async () => (await workshop.engine.view.list('step', { where: { inbox: 1 } })).length > 0)
    await answer(workshop, value).catch((error: Error) => refused.push(error.message))
  }
  const { status, outputs, problem } = await ending
  return { status, problem, refused, ...((outputs ?? {}) as { a?: Json; shown?: string }) }
}

const API = { context: 'api' }

describe('user-prompt', () => {
  test.each<[parameters: StepParameters, said: Json, value: Json]>([
    [{}, 'Ada', 'Ada'],
    [{ input_type: 'number' }, '2.5', 2.5],
    [{ input_type: 'boolean' }, 'yes', true],
    [{ input_type: 'multiline' }, 'a\nb', 'a\nb'],
    [{ choices: ['red', 'blue'] }, 'blue', 'blue'],
    [{ input_type: 'choice', choices: '["red", " blue "]' }, ' blue', 'blue'],
    [{ input_type: 'choice', choices: 'red, blue' }, 'red', 'red'],
    [{ input_type: 'choice', choices: [1, 2] }, 2, 2],
    [{ validation_pattern: '[a-z]+$' }, 'abc', 'abc'],
    [{ default: ' x ' }, '', 'x'],
    [{ input_type: 'number', default: ' 3 ' }, null, 3],
  ])('%j takes %j as %j', async (parameters, said, value) => {
    const { status, a } = await tell('user-prompt', { prompt: 'p', ...API, ...parameters }, said)
    expect(status).toBe('completed')
    const isEmpty = said === null || said === ''
    expect(a).toEqual({ value, response_time: expect.any(Number), skipped: false, used_default: isEmpty, retries: 0 })
  })

  test('says what is wrong, counts, and at last fails', async () => {
    const parameters = { prompt: 'p', ...API, input_type: 'choice', choices: ['red'], max_retries: 1 }
    expect(await tell('user-prompt', parameters, 'green', 'red')).toMatchObject({
      status: 'completed',
      refused: ['Expected one of red, got "green".'],
      a: { value: 'red', retries: 1 },
    })
    expect(await tell('user-prompt', parameters, 'green', 'grey')).toMatchObject({
      status: 'failed',
      refused: ['Expected one of red, got "green".', 'Expected one of red, got "grey".'],
      problem: { step: 'a', code: 'bad_value' },
    })
    const once = { ...parameters, retry_on_invalid: 'false' }
    expect(await tell('user-prompt', once, 'green')).toMatchObject({ status: 'failed', problem: { code: 'bad_value' } })
  })

  test.each<[parameters: StepParameters, code: string]>([
    [{ input_type: "{{ 'password' }}" }, 'not_supported'],
    [{ input_type: 'choice' }, 'missing_parameter'],
    [{ validation_pattern: '(?=a)' }, 'template_failed'],
    [{ input_type: 'number', default: 'many' }, 'bad_value'],
    [{ timeout: 0.01 }, 'timeout'],
    [{ context: 'cli' }, 'no_terminal'],
  ])('%j fails with %s', async (parameters, code) => {
    const { status, problem } = await tell('user-prompt', { prompt: 'p', ...API, ...parameters })
    expect({ status, problem }).toMatchObject({ status: 'failed', problem: { step: 'a', code } })
  })

  test('asks for no passwords, and that is said before anything runs', () => {
    const given = text('user-prompt', { prompt: 'p', input_type: 'password' })
    expect(() => openWorkshop({ tools: callbackTools }).compile(given)).toThrow(
      /not_supported.*input_type password is not supported: a run stores its answers, and never a password.*antiphon keys set NAME/,
    )
  })

  test('takes its default where nobody is at a terminal, and when nobody answers in time', async () => {
    const parameters = { prompt: 'p', default: 'x' }
    expect((await tell('user-prompt', parameters)).a).toMatchObject({ value: 'x', skipped: true, used_default: true })
    const late = { ...parameters, ...API, timeout: 0.01 }
    expect((await tell('user-prompt', late)).a).toMatchObject({ value: 'x', skipped: true, used_default: true })
  })
})

const CONTENT = 'Dear all'

describe('approval-gate', () => {
  test.each<[said: Json, result: Json]>([
    ['approve', { approved: true, action: 'approve', status: 'approved', reason: null, modified_content: null }],
    [true, { approved: true }],
    [false, { approved: false, action: 'reject', status: 'rejected', rejection_reason: null }],
    [
      { action: 'reject', reason: 'too long' },
      { approved: false, rejection_reason: 'too long', reason: null },
    ],
    [
      { approved: true, reason: 'fine' },
      { approved: true, reason: 'fine' },
    ],
    [
      { action: 'approve', content: null },
      { status: 'approved', modified_content: null },
    ],
    [
      { action: 'modify', content: 'Dear Ada' },
      { approved: true, status: 'modified', modified_content: 'Dear Ada' },
    ],
  ])('takes %j', async (said, result) => {
    const parameters = { title: 't', content: CONTENT, allow_modifications: true }
    expect(await tell('approval-gate', parameters, said)).toMatchObject({ status: 'completed', a: result })
  })

  test.each<[parameters: StepParameters, said: Json]>([
    [{}, 'maybe'],
    [{}, { action: 'modify', content: 'x' }],
    [{ allow_modifications: true }, 'modify'],
    [{ require_reason: true }, 'approve'],
    [{}, { action: 'approve', why: 'x' }],
    [{ allow_modifications: true }, { action: 'approve', content: 'Dear Ada' }],
    [{ allow_modifications: true }, { approved: true, modified_content: 'Dear Ada' }],
    [{}, 7],
  ])('%j refuses %j and goes on waiting', async (parameters, said) => {
    const { status, refused, a } = await tell('approval-gate', parameters, said, { action: 'reject', reason: 'r' })
    expect({ status, a }).toMatchObject({ status: 'completed', a: { approved: false } })
    expect(refused).toHaveLength(1)
  })

  test('approves nothing by itself, but what is known by its hash', async () => {
    const hash = createHash('sha256').update(CONTENT).digest('hex')
    const known = await tell('approval-gate', { content: CONTENT, auto_approve_hash: hash })
    expect(known).toMatchObject({ status: 'completed', a: { approved: true, auto_approved: true } })
    const changed = { content: `${CONTENT}!`, auto_approve_hash: hash, timeout: 0.01 }
    expect(await tell('approval-gate', changed)).toMatchObject({ status: 'failed', problem: { code: 'timeout' } })
    expect(await tell('approval-gate', { context: 'cli' })).toMatchObject({ problem: { code: 'no_terminal' } })
  })
})

const QUESTIONS = [
  { id: 'stars', type: 'rating', text: 'How many?' },
  { id: 'again', type: 'boolean', text: 'Again?' },
  { id: 'how', type: 'choice', options: ['fast', 'slow'] },
  { id: 'more', type: 'text' },
]

describe('feedback-collection', () => {
  test('reads the answers by the types of their questions', async () => {
    const said = { stars: '4', again: 'no', how: 'fast' }
    const parameters = { title: 't', questions: JSON.stringify(QUESTIONS), required_questions: ['stars'] }
    expect((await tell('feedback-collection', parameters, said)).a).toMatchObject({
      feedback_id: expect.stringMatching(/^feedback_/),
      responses: { stars: 4, again: false, how: 'fast', more: null },
      summary: { rating_average: 4, boolean_summary: { again: false }, answered: 3 },
    })
  })

  test.each<[said: Json]>([['x'], [{}], [{ stars: 'many' }], [{ stars: 1, how: 'so' }], [{ stars: 1, who: 'me' }]])(
    'refuses %j',
    async (said) => {
      const parameters = { questions: QUESTIONS, required_questions: ['stars'] }
      const { refused, status } = await tell('feedback-collection', parameters, said, { stars: 1 })
      expect({ status, refused }).toEqual({ status: 'completed', refused: [expect.any(String)] })
    },
  )

  test('names questions as it likes', async () => {
    const questions = ['constructor', 'toString'].map((id) => ({ id, text: 'how?', type: 'text' }))
    const { a } = (await tell('feedback-collection', { questions }, { toString: 'well' })) as unknown as {
      a: { responses: object }
    }
    expect(Object.entries(a.responses)).toEqual([
      ['constructor', null],
      ['toString', 'well'],
    ])
  })

  test('knows the questions that need an answer', async () => {
    const parameters = { questions: QUESTIONS, required_questions: ['nobody'] }
    expect(await tell('feedback-collection', parameters)).toMatchObject({ problem: { code: 'bad_value' } })
  })
})
