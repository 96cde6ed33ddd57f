import { expect, test } from 'vitest'
import type { InboxItem, StepItem } from '../../src/client.ts'
import { heldAmong } from '../../ui/chat/held.ts'
import { hasWords } from '../../ui/lib/format.ts'
import { fieldsFor, inputOf } from '../../ui/start/fields.ts'

const step = (run: string, given: Partial<StepItem> = {}): StepItem => ({
  ...{ run, owner: 'local', step: 'call_1', signal: 'call:call_1', since: 1, kind: 'approval', title: 'Call refund?' },
  expects: { type: 'approval', choices: ['approve', 'reject'] },
  ...given,
})

test('an item is found by words of its title, its arguments and its customer', () => {
  const item = step('lamp.m1.1', { content: { order: '1789', nested: [{ Colour: 'Green' }] }, owner: 'anna' })
  for (const text of ['', 'refund', 'REFUND 1789', ' anna  green '])
    expect([text, hasWords(item, text)]).toEqual([text, true])
  // names of fields and the choices of the form are no words of it
  for (const text of ['approve', 'colour', 'refund 1790']) expect([text, hasWords(item, text)]).toEqual([text, false])
})

test('a conversation is held by what waits for it, also if the name of another one begins alike', () => {
  const threads = [
    { id: 'shop', owner: 'local' },
    { id: 'shop.m1', owner: 'local' },
    { id: 'lamp', owner: 'anna' },
    { id: 'ben:lamp', owner: 'ben' },
    { id: 'tide', owner: 'local' },
  ]
  const goal = { kind: 'goal', goal: 'ben:lamp.m1', agent: 'desk', owner: 'ben', since: 1, title: 'Too little money' }
  const items: readonly InboxItem[] = [
    step('shop.m1.m1.1'),
    step('anna:lamp.m1.1', { owner: 'anna' }),
    { ...goal, kind: 'goal', expects: { type: 'resume' } },
    step('run_1'),
    step('tide.m1.1', { kind: 'provider', expects: { type: 'nothing' } }),
  ]
  expect([...heldAmong(threads, items)]).toEqual(['shop.m1', 'lamp', 'ben:lamp'])
})

test('an object makes a form whose texts make the object, and an empty text is a text', () => {
  const content = {
    order: '1789',
    cents: 4900,
    paid: false,
    note: '',
    letter: 'Dear\nAnna',
    items: [{ n: 1 }],
    by: null,
  }
  const fields = fieldsFor(content)!
  expect(fields.map(({ type }) => type)).toEqual(['text', 'number', 'boolean', 'text', 'long', 'json', 'json'])
  expect(inputOf(fields, {})).toEqual({ input: content, wrong: {} })
  expect(inputOf(fields, { order: '', cents: '4800.5', paid: 'true', items: '[]' }).input).toEqual({
    ...content,
    ...{ order: '', cents: 4800.5, paid: true, items: [] },
  })
  expect(Object.keys(inputOf(fields, { cents: 'x', items: '[' }).wrong)).toEqual(['cents', 'items'])
  expect(Object.keys(inputOf(fields, { cents: '' }).wrong)).toEqual(['cents'])
  for (const other of ['text', null, {}, [1], Object.fromEntries(Array.from({ length: 13 }, (_, n) => [n, n]))])
    expect(fieldsFor(other)).toBeUndefined()
})
