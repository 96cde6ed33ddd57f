import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { tell, tellRow } from '../tell.ts'
import { measureScale, type ScaleFigure, type ScaleSize } from './measure.ts'

const USUAL: ScaleSize = { runs: 300_000, records: 200_000, searches: 40 }
/** It shows that all works, and not how fast. */
const QUICK: ScaleSize = { runs: 3_000, records: 2_000, searches: 10 }

/** The command that measures what grows with all that is kept. */
export function addScale(program: Command): void {
  program
    .command('scale')
    .description('commands and searches in a folder with 300,000 kept runs, and a memory of 200,000 records')
    .option('--quick', 'a small folder: shows that all works, not how fast')
    .option('--json', 'the report as JSON', false)
    .action(async ({ quick, json }: { readonly quick?: true; readonly json: boolean }) => {
      const folder = await mkdtemp(join(tmpdir(), 'antiphon-scale-'))
      try {
        const figures = await measureScale(folder, quick ? QUICK : USUAL, (figure) => tellRow(renderScale(figure)))
        tell('')
        process.stdout.write(`${json ? JSON.stringify(figures, null, 2) : figures.map(renderScale).join('\n')}\n`)
        if (!quick && figures.some(({ value, floor }) => floor !== undefined && value > floor)) process.exitCode = 1
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    })
}

/** A figure in one line. */
export function renderScale({ name, value, unit, floor, aim }: ScaleFigure): string {
  const goal = (word: string, most: number | undefined, [good, bad]: readonly [string, string]) =>
    most === undefined ? [] : [`${word} ≤ ${most} ${unit} ${value <= most ? good : bad}`]
  const goals = [...goal('floor', floor, ['holds', 'FAILS']), ...goal('aim', aim, ['reached', 'not yet'])]
  return [`${name}: ${value.toFixed(value < 1 ? 2 : 1)} ${unit}`, ...goals].join(', ')
}
