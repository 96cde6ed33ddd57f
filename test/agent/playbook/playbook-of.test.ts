import { describe, expect, test } from 'vitest'
import type { CompletedGoal, DoneCall } from '../../../src/agent/playbook/learn/completed-goal.ts'
import { playbookOf } from '../../../src/agent/playbook/learn/playbook-of.ts'
import type { Json } from '../../../src/kernel/schema.ts'

type Fields = { readonly [name: string]: Json }

const done = (
  round: number,
  tool: string,
  parameters: Fields,
  result: Json,
  more: Partial<DoneCall> = {},
): DoneCall => ({
  ...{ round, tool, parameters, outcome: 'succeeded', result, isPure: !/append|write|delete/.test(tool) },
  ...{ isApproved: false, constants: [], ...more },
})
const read = (round: number, path: string, content: string, more?: Partial<DoneCall>) =>
  done(round, 'filesystem:read', { path }, { action: 'read', path, content, size: content.length }, more)
const append = (round: number, path: string, content: string, more?: Partial<DoneCall>) =>
  done(round, 'filesystem:append', { path, content }, { action: 'append', path, size: content.length }, more)
const goalOf = (goal: string, calls: readonly DoneCall[], more: Partial<CompletedGoal> = {}): CompletedGoal => ({
  ...{ agent: 'clerk', goal, known: 'You keep notes.', calls, answer: 'Done.' },
  ...more,
})

describe('a playbook', () => {
  test('has inputs for values of the goal and references for values of results', () => {
    const { document, form, steps } = playbookOf(
      goalOf('Copy a.txt to log.txt', [read(1, 'a.txt', 'ebb at noon\n'), append(2, 'log.txt', '- ebb at noon')]),
    )
    expect(form).toMatchObject(['Copy ', { input: 'path' }, ' to ', { input: 'path_2' }])
    expect(document.inputs).toEqual({ path: { type: 'string' }, path_2: { type: 'string' } })
    expect(document.steps).toEqual([
      { id: 'read_1', tool: 'filesystem', action: 'read', parameters: { path: '{{ path }}' } },
      {
        ...{ id: 'append_2', tool: 'filesystem', action: 'append', dependencies: ['read_1'] },
        parameters: { path: '{{ path_2 }}', content: '- {{ read_1.result.content | trim }}' },
      },
    ])
    expect(steps).toEqual([
      { id: 'read_1', call: 0 },
      { id: 'append_2', call: 1 },
    ])
  })

  test('takes the names of inputs from lines of the goal', () => {
    const { document } = playbookOf(goalOf('File this\n\nnote: my notes.txt', [append(1, 'my notes.txt', 'x')]))
    expect(document.inputs).toEqual({ note: { type: 'string' } })
    expect(document.steps).toMatchObject([{ parameters: { path: '{{ note }}', content: 'x' } }])
  })

  test('keeps the type of numbers', () => {
    const { document } = playbookOf(goalOf('Close issue 41', [done(1, 'tracker:delete', { issue: 41 }, {})]))
    expect(document).toMatchObject({
      inputs: { issue: { type: 'number' } },
      steps: [{ parameters: { issue: '{{ issue }}' } }],
    })
  })

  test('leaves out pure calls whose results nothing uses, and their values stay in the form', () => {
    const { document, form } = playbookOf(
      goalOf('Copy a.txt, not b.txt, to the log', [
        read(1, 'a.txt', 'ebb'),
        read(1, 'b.txt', 'flood'),
        append(2, 'log.txt', 'ebb'),
      ]),
    )
    expect(document.steps.map(({ id }) => id)).toEqual(['read_1', 'append_2'])
    expect(form).toMatchObject(['Copy ', { input: 'path' }, ', not b.txt, to the log'])
  })

  test('makes independent calls side by side, and keeps calls with effects in their order', () => {
    const { document } = playbookOf(
      goalOf('Join a.txt and b.txt', [
        read(1, 'a.txt', 'ebb'),
        read(2, 'b.txt', 'flood'),
        append(3, 'log.txt', 'ebb, flood'),
        append(4, 'end.txt', 'x'),
        append(4, 'top.txt', 'y'),
      ]),
    )
    const waits = Object.fromEntries(document.steps.map(({ id, dependencies = [] }) => [id, dependencies]))
    expect(waits).toEqual({
      ...{ read_1: [], read_2: [], append_3: ['read_1', 'read_2'] },
      ...{ append_4: ['append_3'], append_5: ['append_3'] },
    })
  })

  test('has a gate where a person approved, and later steps need the approval', () => {
    const { document } = playbookOf(
      goalOf('Copy a.txt', [
        read(1, 'a.txt', 'ebb'),
        append(2, 'log.txt', 'ebb', { isApproved: true }),
        append(3, 'end.txt', 'x'),
      ]),
    )
    expect(document.steps).toMatchObject([
      { id: 'read_1' },
      { id: 'approve_append_2', tool: 'approval-gate', dependencies: ['read_1'] },
      { id: 'append_2', dependencies: ['approve_append_2'], condition: '{{ approve_append_2.approved }}' },
      { id: 'append_3', dependencies: ['append_2'], condition: '{{ approve_append_2.approved }}' },
    ])
  })

  test('reads a list by position only while it has the same length', () => {
    const list = done(
      1,
      'filesystem:list',
      { path: '.' },
      { items: [{ path: 'x/a.txt' }, { path: 'x/b.txt' }], count: 2 },
    )
    const calls = [list, read(2, 'x/a.txt', 'ebb'), read(2, 'x/b.txt', 'flood'), append(3, 'log.txt', 'ebb, flood')]
    const { document } = playbookOf(goalOf('Join the notes', calls))
    const condition = '{{ (list_1.result.items | length) == 2 }}'
    expect(document.steps).toMatchObject([
      { id: 'list_1' },
      { parameters: { path: '{{ list_1.result.items[0].path }}' }, condition },
      { parameters: { path: '{{ list_1.result.items[1].path }}' }, condition },
      { id: 'append_4', condition },
    ])
  })

  test('answers with the text of the goal when that only reports, else with the last results', () => {
    const calls = [append(1, 'log.txt', 'x')]
    const reports = playbookOf(goalOf('Append to log.txt', calls, { answer: 'Done: appended to log.txt.' }))
    expect(reports.document.outputs).toEqual({ answer: 'Done: appended to {{ path }}.' })
    const judges = playbookOf(goalOf('Append to log.txt', calls, { answer: 'The tide is high.' }))
    expect(judges.document.outputs).toEqual({ append_1: '{{ append_1.result }}' })
  })

  test('answers with values of results when the goal only asks for them', () => {
    const { document } = playbookOf(goalOf('Read a.txt', [read(1, 'a.txt', 'ebb at noon')], { answer: 'ebb at noon' }))
    expect(document.outputs).toEqual({ answer: '{{ read_1.result.content }}' })
  })
})

describe('a goal gives no playbook when', () => {
  const items = { items: [{ path: 'x/a.txt' }, { path: 'x/b.txt' }] }
  test.each<[string, CompletedGoal, RegExp]>([
    [
      'its answer is the work of the model',
      goalOf('Read a.txt', [read(1, 'a.txt', 'ebb')], { answer: 'It ebbs.' }),
      /answer/,
    ],
    ['no call succeeded', goalOf('Go', [read(1, 'a', '', { outcome: 'failed' })]), /no call succeeded/],
    [
      'a call with effects failed',
      goalOf('Go', [append(1, 'a', 'x', { outcome: 'failed' })]),
      /may have done something/,
    ],
    [
      'the model wrote a text',
      goalOf('Go', [append(1, 'a', 'Ships leave harbour early every morning')]),
      /the model wrote content/,
    ],
    [
      'a text has a piece of a result',
      goalOf('Go', [read(1, 'a', 'ebb at noon'), append(2, 'b', 'noon')]),
      /the word noon of an earlier result/,
    ],
    [
      'the model chose from a list',
      goalOf('Go', [done(1, 'filesystem:list', {}, items), append(2, 'x/b.txt', 'x')]),
      /chose among the items/,
    ],
    ['a text has marks of templates', goalOf('Go', [append(1, 'a', 'secret://KEY')]), /marks of templates/],
    ['the goal is long', goalOf('x'.repeat(5000), [append(1, 'a', 'x')]), /more than 4000 characters/],
  ])('%s', (_, goal, reason) => {
    expect(() => playbookOf(goal)).toThrow(reason)
  })

  test('a value of the goal stays in the form when the calls also use it in another case', () => {
    const { form } = playbookOf(goalOf('File Ebb here', [append(1, 'Ebb', 'x'), append(2, 'log/ebb.txt', 'x')]))
    expect(form).toEqual(['File Ebb here'])
  })
})
