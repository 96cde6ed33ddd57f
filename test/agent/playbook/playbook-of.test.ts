import { describe, expect, test } from 'vitest'
import { callSchemaOf } from '../../../src/agent/playbook/call-schema.ts'
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
  ...{ round, tool, parameters, outcome: 'succeeded', result, isPure: /read|list|look/.test(tool) },
  ...{ isApproved: false, schema: { fields: Object.keys(parameters), fixed: {} }, ...more },
})
const read = (round: number, path: string, content: string, more?: Partial<DoneCall>) =>
  done(round, 'filesystem:read', { path }, { action: 'read', path, content, size: content.length }, more)
const append = (round: number, path: string, content: string, more?: Partial<DoneCall>) =>
  done(round, 'filesystem:append', { path, content }, { action: 'append', path, size: 77 }, more)
const goalOf = (goal: string, calls: readonly DoneCall[], more: Partial<CompletedGoal> = {}): CompletedGoal => ({
  ...{ agent: 'clerk', goal, instructions: 'You keep notes.', calls, answer: 'Done.' },
  ...more,
})

describe('a playbook', () => {
  test('has inputs for values of the goal and references for values of results', () => {
    const { document, form, steps, calls } = playbookOf(
      goalOf('Copy a.txt to log.txt', [read(1, 'a.txt', 'ebb at noon\n'), append(2, 'log.txt', 'ebb at noon')]),
    )
    expect(form).toMatchObject(['Copy ', { input: 'path' }, ' to ', { input: 'path_2' }])
    expect(document.inputs).toEqual({ path: { type: 'string' }, path_2: { type: 'string' } })
    expect(document.steps).toEqual([
      { id: 'read_1', tool: 'filesystem', action: 'read', parameters: { path: '{{ path }}' } },
      {
        ...{ id: 'append_2', tool: 'filesystem', action: 'append', dependencies: ['read_1'] },
        parameters: { path: '{{ path_2 }}', content: '{{ read_1.result.content | trim }}' },
      },
    ])
    expect(steps).toEqual([
      { id: 'read_1', call: 0 },
      { id: 'append_2', call: 1 },
    ])
    expect(calls[1]).toEqual({
      ...{ step: 'append_2', tool: 'filesystem:append' },
      values: [
        { name: 'path', from: ['input `path_2` of the goal'] },
        { name: 'content', from: ['copied from `content` of the result of read_1'] },
      ],
    })
  })

  test('takes the names of inputs from lines of the goal', () => {
    const { document } = playbookOf(goalOf('File done\n\nnote: my notes.txt', [append(1, 'my notes.txt', 'File done')]))
    expect(document.inputs).toEqual({ note: { type: 'string' } })
    expect(document.steps).toMatchObject([{ parameters: { path: '{{ note }}', content: 'File done' } }])
  })

  test('keeps the type of numbers', () => {
    const { document } = playbookOf(goalOf('Close issue 41', [done(1, 'tracker:delete', { issue: 41 }, {})]))
    expect(document).toMatchObject({
      inputs: { issue: { type: 'number' } },
      steps: [{ parameters: { issue: '{{ issue }}' } }],
    })
  })

  test('makes independent calls side by side, and keeps calls with effects in their order', () => {
    const { document } = playbookOf(
      goalOf('Join a.txt and b.txt in log.txt, end.txt and top.txt', [
        read(1, 'a.txt', 'ebb'),
        read(2, 'b.txt', 'flood'),
        append(3, 'log.txt', 'ebb'),
        append(4, 'end.txt', 'flood'),
        append(4, 'top.txt', 'ebb'),
      ]),
    )
    const waits = Object.fromEntries(document.steps.map(({ id, dependencies = [] }) => [id, dependencies]))
    expect(waits).toEqual({
      ...{ read_1: [], read_2: [], append_3: ['read_1', 'read_2'] },
      ...{ append_4: ['append_3'], append_5: ['append_3'] },
    })
  })

  test('has no gate of its own, and later steps need the approval of a call that waited', () => {
    const { document } = playbookOf(
      goalOf('Copy a.txt to log.txt and end.txt', [
        read(1, 'a.txt', 'ebb'),
        append(2, 'log.txt', 'ebb', { isApproved: true }),
        append(3, 'end.txt', 'ebb'),
      ]),
    )
    expect(document.steps).toMatchObject([
      { id: 'read_1' },
      { id: 'append_2', dependencies: ['read_1'] },
      { id: 'append_3', dependencies: ['append_2'], condition: "{{ append_2.status == 'completed' }}" },
    ])
  })

  test('reads a list by position only while it has the same length', () => {
    const list = done(
      1,
      'filesystem:list',
      { path: 'x' },
      { items: [{ path: 'x/a.txt' }, { path: 'x/b.txt' }], count: 2 },
    )
    const calls = [
      ...[list, read(2, 'x/a.txt', 'ebb'), read(2, 'x/b.txt', 'flood')],
      ...[append(3, 'log.txt', 'ebb'), append(3, 'log.txt', 'flood')],
    ]
    const { document } = playbookOf(
      goalOf('Join the notes in log.txt', calls, { instructions: 'Notes lie in the folder `x`.' }),
    )
    const condition = '{{ (list_1.result.items | length) == 2 }}'
    expect(document.steps).toMatchObject([
      { id: 'list_1' },
      { parameters: { path: '{{ list_1.result.items[0].path }}' }, condition },
      { parameters: { path: '{{ list_1.result.items[1].path }}' }, condition },
      { id: 'append_4', condition },
      { id: 'append_5', condition },
    ])
  })

  test('answers with the text of the goal when that only reports, else with the last results', () => {
    const calls = [append(1, 'log.txt', 'big news')]
    const goal = 'Append "big news" to log.txt'
    const reports = playbookOf(goalOf(goal, calls, { answer: 'Done: appended to log.txt.' }))
    expect(reports.document.outputs).toEqual({ answer: 'Done: appended to {{ path }}.' })
    const judges = playbookOf(goalOf(goal, calls, { answer: 'The tide is high.' }))
    expect(judges.document.outputs).toEqual({ append_1: '{{ append_1.result }}' })
  })

  test('reports nothing that the result of its last call may deny', () => {
    const send = done(1, 'mail:send', { to: 'ann@lab' }, { delivered: true })
    const { document } = playbookOf(goalOf('Send it to ann@lab', [send], { answer: 'Sent.' }))
    expect(document.outputs).toEqual({ send_1: '{{ send_1.result }}' })
  })

  test('answers with values of results when the goal only asks for them', () => {
    const { document } = playbookOf(goalOf('Read a.txt', [read(1, 'a.txt', 'ebb at noon')], { answer: 'ebb at noon' }))
    expect(document.outputs).toEqual({ answer: '{{ read_1.result.content }}' })
  })

  test('keeps values that the instructions name, and those that the tool fixes', () => {
    const schema = callSchemaOf({
      properties: { path: {}, content: {}, mode: { enum: ['plain'] }, kind: { const: 1 }, to: { enum: ['a', 'b'] } },
    })
    expect(schema.fixed).toEqual({ mode: 'plain', kind: 1 })
    const calls = [
      done(1, 'notes:append', { path: 'index.txt', content: 'big news', mode: 'plain', force: true }, {}, { schema }),
    ]
    const instructions = 'You keep index.txt. Write with force: true.'
    const { calls: described } = playbookOf(goalOf('Note "big news"', calls, { instructions: `${instructions} force` }))
    expect(described[0]!.values.map(({ from }) => from[0])).toEqual([
      '"index.txt", from the instructions',
      'input `content` of the goal',
      '"plain", the only value that the tool takes',
      'true, from the instructions',
    ])
  })

  test('is certain only if all values are of the goal and nothing was seen before a call', () => {
    const isCertain = (goal: CompletedGoal) => playbookOf(goal).isCertain
    const note = goalOf('Append "big news" to log.txt', [append(1, 'log.txt', 'big news')])
    expect(isCertain(note)).toBe(true)
    expect(isCertain({ ...note, remembers: true })).toBe(false)
    expect(isCertain({ ...note, instructions: 'You keep log.txt.' })).toBe(true)
    expect(isCertain(goalOf('Append "big news"', note.calls, { instructions: 'You keep log.txt.' }))).toBe(false)
    expect(isCertain(goalOf('Copy a.txt to b.txt', [read(1, 'a.txt', 'ebb'), append(2, 'b.txt', 'ebb')]))).toBe(false)
    const twice = [append(1, 'log.txt', 'big news'), append(2, 'end.txt', 'big news')]
    expect(isCertain(goalOf('Append "big news" to log.txt and end.txt', twice))).toBe(false)
  })
})

describe('a goal gives no playbook when', () => {
  const items = { items: [{ path: 'x/a.txt' }, { path: 'x/b.txt' }] }
  const copy = [read(1, 'a.txt', 'ebb at noon'), append(2, 'b.txt', 'ebb at noon')]
  const pay = (parameters: Fields) => [done(1, 'bank:pay', parameters, {})]
  test.each<[string, CompletedGoal, RegExp]>([
    [
      'its answer is the work of the model',
      goalOf('Read a.txt', [read(1, 'a.txt', 'ebb')], { answer: 'It ebbs.' }),
      /answer/,
    ],
    [
      'it also answered from what it read',
      goalOf('Copy a.txt to b.txt', copy, { answer: 'Urgent.' }),
      /its answer is the work of the model/,
    ],
    [
      'a word of the goal answers what it asks',
      goalOf('Copy a.txt to b.txt, high', copy, { answer: 'high' }),
      /its answer is the work of the model/,
    ],
    ['no call was made', goalOf('Go', []), /no call was made/],
    [
      'a look failed',
      goalOf('Go to a.txt', [read(1, 'a.txt', '', { outcome: 'failed' }), append(2, 'a.txt', 'Go')]),
      /filesystem:read did not succeed/,
    ],
    [
      'a person rejected a call',
      goalOf('Go to a.txt', [append(1, 'a.txt', 'Go', { outcome: 'rejected' })]),
      /filesystem:append did not succeed/,
    ],
    [
      'the model wrote a word',
      goalOf('Label a.txt', [append(1, 'a.txt', 'urgent')]),
      /the model wrote content.*"urgent"/,
    ],
    ['the model wrote a number', goalOf('Pay 12 hours to Ann', pay({ to: 'Ann', sum: 480 })), /sum of bank:pay: 480/],
    ['the model wrote a small number', goalOf('Pay "Ann"', pay({ to: 'Ann', sum: 3 })), /sum of bank:pay: 3/],
    ['the model set a switch', goalOf('Delete tmp-1', pay({ name: 'tmp-1', force: true })), /force of bank:pay: true/],
    ['the model wrote null', goalOf('Delete tmp-1', pay({ name: 'tmp-1', until: null })), /until of bank:pay: null/],
    ['the model wrote an empty text', goalOf('Empty tmp-1', pay({ name: 'tmp-1', text: '' })), /text of bank:pay: ""/],
    [
      'the model wrote an empty list',
      goalOf('Empty tmp-1', pay({ name: 'tmp-1', tags: [] })),
      /tags of bank:pay: \[\]/,
    ],
    [
      'the model put a value of the goal into a text of its own',
      goalOf('Archive april.txt', [append(1, 'old/april.txt', 'april.txt')]),
      /path of filesystem:append: "old\/"/,
    ],
    [
      'the model put marks between two values',
      goalOf('Add a.txt to b.txt', [read(1, 'a.txt', 'ebb'), append(2, 'b.txt', 'a.txt: ebb')]),
      /content of filesystem:append: ": "/,
    ],
    [
      'the model named a field',
      goalOf('Label "rope"', [
        done(1, 'notes:set', { labels: { urgent: 'rope' } }, {}, { schema: { fields: ['labels'], fixed: {} } }),
      ]),
      /the name "urgent" in a call of notes:set/,
    ],
    [
      'a switch stands in the instructions without its name',
      goalOf('Delete tmp-1', pay({ name: 'tmp-1', force: true }), { instructions: 'Be true to your word.' }),
      /force of bank:pay: true/,
    ],
    [
      'a look went into no value',
      goalOf('Append "ebb" to b.txt', [read(1, 'a.txt', 'x'), append(2, 'b.txt', 'ebb')], {
        instructions: 'See a.txt.',
      }),
      /looked at something by filesystem:read/,
    ],
    [
      'the result of an effect was seen before it went on',
      goalOf('Reserve "rope" in a.txt', [
        done(1, 'shop:reserve', { item: 'rope' }, { left: 3 }),
        append(2, 'a.txt', 'rope'),
      ]),
      /looked at something by shop:reserve/,
    ],
    [
      'it chose one of the labels of its instructions by what it read',
      goalOf('Copy a.txt to b.txt', [...copy, done(3, 'notes:set', { label: 'urgent' }, {})], {
        instructions: 'Labels are urgent and normal.',
      }),
      /may have chosen label of notes:set by what it read: "urgent"/,
    ],
    [
      'a text has a piece of a result',
      goalOf('Copy a.txt to b.txt', [read(1, 'a.txt', 'ebb at noon'), append(2, 'b.txt', 'noon')]),
      /content of filesystem:append: "noon"/,
    ],
    [
      'a value stands in two results',
      goalOf('Copy a.txt to b.txt', [read(1, 'a.txt', 'ebb'), read(1, 'b.txt', 'ebb'), append(2, 'b.txt', 'ebb')]),
      /several places/,
    ],
    [
      'a value of the goal stands in a result',
      goalOf('Move 3 of "rope" to a.txt', [
        done(1, 'shop:look', { item: 'rope' }, { stock: 3 }),
        done(2, 'shop:move', { item: 'rope', count: 3, to: 'a.txt' }, {}),
      ]),
      /count of shop:move may come from the goal or from a result: "3"/,
    ],
    [
      'a number only stands in a result by accident',
      goalOf('Order "rope"', [
        done(1, 'shop:look', { item: 'rope' }, { item: 'rope', stock: 3 }),
        done(2, 'shop:order', { item: 'rope', count: 3 }, {}),
      ]),
      /count of shop:order: 3/,
    ],
    [
      'the model chose from a list',
      goalOf('Fill "x"', [done(1, 'filesystem:list', { path: 'x' }, items, {}), append(2, 'x/b.txt', 'x')], {
        instructions: 'Fill path: x and content: x.',
      }),
      /chose among the items/,
    ],
    ['the goal asks for a decision', goalOf('Copy a.txt to b.txt if it is new', copy), /asks for a decision: "if"/],
    [
      'a text contains the name of a secret',
      goalOf('Append it to a.txt', [append(1, 'a.txt', 'secret://KEY')], { instructions: 'It is secret://KEY.' }),
      /contains template syntax/,
    ],
    ['the goal is long', goalOf('x'.repeat(5000), [append(1, 'a', 'x')]), /more than 4000 characters/],
  ])('%s', (_, goal, reason) => {
    expect(() => playbookOf(goal)).toThrow(reason)
  })

  test('a value of the goal stays in the form when the calls also use it in another case', () => {
    const { form } = playbookOf(
      goalOf('File Ebb here', [append(1, 'Ebb', 'File Ebb'), append(2, 'log/ebb.txt', 'File Ebb')], {
        instructions: 'You keep log/ebb.txt.',
      }),
    )
    expect(form).toEqual(['File Ebb here'])
  })
})
