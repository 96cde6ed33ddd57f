import { expect, test } from 'vitest'
import { overBudget, secondsOf, slownessOf, tableOf, unexplained } from './cpu-table.ts'

test('the CPU of a process counts the children that it waited for', () => {
  const stat = '42 (node (a b)) S 1 2 3 4 5 6 7 8 9 10 250 50 100 25 20 0'
  expect(secondsOf(stat)).toBe(4.25)
})

test('the dearest files come first, and a folder over its budget is named', () => {
  const costs = [
    ['test/ui/a.test.ts', 2],
    ['test/ui/b.test.ts', 9.5],
    ['test/new.test.ts', 1],
    ['test/lib/c.test.ts', 3],
  ] as const
  expect(tableOf(costs).slice(0, 2)).toEqual(['CPU of 4 files: 16 s. The dearest:', '     9.5 s  test/ui/b.test.ts'])
  expect(overBudget(costs, { ui: 11, lib: 3, '*': 5 }, 1)).toEqual([
    'test/ui takes 12 s of CPU, and build/cpu.json allows 11 s.',
  ])
  expect(overBudget(costs, { ui: 12, lib: 3, '*': 0 }, 1)).toEqual([
    'test/new.test.ts takes 1 s of CPU, and build/cpu.json allows 0 s.',
  ])
  expect(overBudget(costs, { ui: 8, lib: 1, '*': 5 }, 1.5)).toEqual([
    'test/lib takes 2 s of CPU, and build/cpu.json allows 1 s.',
  ])
})

test('a slow machine slows all folders, and a folder that grows alone stays over its budget', () => {
  const budgets = { a: 10, b: 20, c: 30, '*': 5 }
  const taken = (a: number, b: number, c: number) =>
    slownessOf(
      [
        ['test/a/1.test.ts', a],
        ['test/b/1.test.ts', b / 2],
        ['test/b/2.test.ts', b / 2],
        ['test/c/1.test.ts', c],
        ['test/other.test.ts', 90],
      ],
      budgets,
    )
  expect(taken(4.5, 9, 13.5)).toBe(1)
  expect(taken(2, 4, 6)).toBe(1)
  expect(taken(90, 9, 13.5)).toBe(1)
  expect(taken(9, 18, 27)).toBe(2)
  expect(taken(90, 180, 270)).toBe(2.5)
})

test('a file whose dear tests have no reason is named', () => {
  const texts: { readonly [file: string]: string } = {
    a: '  // dear: each kill is a process\n',
    b: '// dear: \n',
    c: '',
  }
  const costs = [
    ['a', 30, ['is killed', 30]],
    ['b', 17, ['loads', 6], ['ends', 11]],
    ['c', 90],
  ] as const
  expect(unexplained(costs, (file) => texts[file]!, 2)).toEqual([
    'b has a test over 5 s of CPU. Make it smaller, or say why above it, as "// dear: REASON": ends',
  ])
  expect(unexplained(costs, (file) => texts[file]!, 1)).toEqual([
    'b has a test over 5 s of CPU. Make it smaller, or say why above it, as "// dear: REASON": loads, ends',
  ])
})
