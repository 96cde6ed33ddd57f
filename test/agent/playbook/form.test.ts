import { expect, test } from 'vitest'
import { type Form, formOf, matchForm } from '../../../src/agent/playbook/learn/form.ts'
import { valuesIn } from '../../../src/agent/playbook/learn/goal-values.ts'

/** The form of a goal in which the given texts have become inputs, named by their order. */
function learn(goal: string, ...texts: readonly string[]): Form {
  const values = texts.map((text, place) => ({
    ...valuesIn(goal).find((one) => one.text === text)!,
    input: `v${place}`,
  }))
  return formOf(goal, values)
}

test.each<[string, readonly string[], string, object | undefined]>([
  ['Copy a.txt to b.txt.', ['a.txt', 'b.txt'], 'Copy c.txt to d/e.txt.', { v0: 'c.txt', v1: 'd/e.txt' }],
  ['Copy a.txt to b.txt', ['a.txt', 'b.txt'], '  Copy c.txt to d.txt\n', { v0: 'c.txt', v1: 'd.txt' }],
  ['Say "good day" twice', ['good day'], 'Say "see you" twice', { v0: 'see you' }],
  ['File it\n\nnote: a b.txt\nday: 4', ['a b.txt', '4'], 'File it\n\nnote: c.txt\nday: 12', { v0: 'c.txt', v1: '12' }],
  ['Close issue 4', ['4'], 'Close issue 17', { v0: '17' }],
  ['Move (a.txt) away', ['a.txt'], 'Move (b.txt) away', { v0: 'b.txt' }],
  // more than the value differs
  ['Copy a.txt to b.txt', ['a.txt', 'b.txt'], 'Copy a.txt to b.txt and delete it', undefined],
  ['Copy a.txt to b.txt', ['a.txt', 'b.txt'], 'Copy a.txt to b.txt.', undefined],
  ['Copy a.txt', ['a.txt'], 'Copy a.txt and b.txt', undefined],
  ['Copy a.txt', ['a.txt'], 'Copy', undefined],
  // the value is of another kind
  ['Delete a.txt', ['a.txt'], 'Delete everything', undefined],
  ['Read a.txt', ['a.txt'], 'Read a.pdf', undefined],
  ['Close issue 4', ['4'], 'Close issue four', undefined],
  ['Say "good day" twice', ['good day'], 'Say "" twice', undefined],
])('%s with %j and the goal %s', (goal, texts, other, inputs) => {
  expect(matchForm(learn(goal, ...texts), other)).toEqual(inputs)
})

test('a value that occurs twice is one input', () => {
  const goal = 'Compare a.txt with a.txt'
  const form = formOf(
    goal,
    valuesIn(goal)
      .filter(({ text }) => text === 'a.txt')
      .map((value) => ({ ...value, input: 'file' })),
  )
  expect(matchForm(form, 'Compare b.txt with b.txt')).toEqual({ file: 'b.txt' })
  expect(matchForm(form, 'Compare b.txt with c.txt')).toBeUndefined()
})

test('matching is linear in the length of the goal', () => {
  const form = learn('Copy a.txt to "b c" now', 'a.txt', 'b c')
  const long = `Copy ${'a'.repeat(200_000)}.txt to "${'b '.repeat(200_000)}`
  const before = performance.now()
  for (let round = 0; round < 20; round++) expect(matchForm(form, long)).toBeUndefined()
  expect(performance.now() - before).toBeLessThan(2000)
})
