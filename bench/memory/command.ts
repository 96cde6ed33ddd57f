import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { tell, tellRow } from '../tell.ts'
import { type MemoryFigure, type MemorySize, measureMemory } from './measure.ts'

const USUAL: MemorySize = { records: 100_000, owners: 100, queries: 50, mastra: 500 }
/** It shows that all works, and not how fast. */
const QUICK: MemorySize = { records: 600, owners: 3, queries: 4, mastra: 100 }

/** The command that measures memories beside bare libSQL and Mastra's LibSQLVector. */
export function addMemory(program: Command): void {
  program
    .command('memory')
    .description('a memory of 100,000 records beside bare libSQL with FTS5 and vectors, and Mastra’s LibSQLVector')
    .option('--quick', 'a small memory: shows that all works, not how fast')
    .option('--json', 'the report as JSON', false)
    .action(async ({ quick, json }: { readonly quick?: true; readonly json: boolean }) => {
      const folder = await mkdtemp(join(tmpdir(), 'antiphon-memory-'))
      try {
        const figures = await measureMemory(folder, quick ? QUICK : USUAL, {
          tell,
          onFigure: (figure) => tellRow(renderFigure(figure)),
        })
        tell('')
        process.stdout.write(`${json ? JSON.stringify(figures, null, 2) : renderMemory(figures)}\n`)
        if (!quick && figures.some((figure) => !holds(figure, figure.floor))) process.exitCode = 1
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    })
}

/** Whether a figure reaches a goal; without a goal it does. */
export function holds({ ratio, atMost }: MemoryFigure, goal: number | undefined): boolean {
  if (goal === undefined || ratio === undefined) return true
  return atMost ? ratio <= goal : ratio >= goal
}

const HEAD = ['', 'antiphon', 'bare libSQL', 'Mastra*', 'ratio', 'floor', 'aim'] as const

/** A figure in one line, for a person who watches. */
export function renderFigure(figure: MemoryFigure): string {
  const [name, ...cells] = columnsOf(figure)
  const shown = cells.flatMap((cell, at) => (cell === '' ? [] : [`${HEAD[at + 1]} ${cell}`]))
  return `${name}: ${shown.join(', ')}`
}

function columnsOf(figure: MemoryFigure): readonly string[] {
  const shown = (value: number | undefined) =>
    value === undefined ? '' : value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(2)
  const goal = (of: number | undefined, words: readonly [string, string]) =>
    of === undefined ? '' : `${figure.atMost ? '≤' : '≥'} ${of} ${words[holds(figure, of) ? 0 : 1]}`
  const { name, ours, bare, mastra, ratio, unit, floor, aim } = figure
  return [
    name,
    `${shown(ours)} ${unit}`.trimEnd(),
    shown(bare),
    shown(mastra),
    bare === undefined ? '' : shown(ratio),
    goal(floor, ['holds', 'FAILS']),
    goal(aim, ['reached', 'not yet']),
  ]
}

/** The figures as a table. */
export function renderMemory(figures: readonly MemoryFigure[]): string {
  const lines = [HEAD, ...figures.map(columnsOf)]
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)))
  const table = lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  )
  return [
    ...table,
    '',
    '* LibSQLVector with 500 of the records; empty: not installed (npm ci --prefix bench/peers)',
  ].join('\n')
}
