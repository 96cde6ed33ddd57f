import type { Command } from 'commander'
import { renderScale } from '../scale/command.ts'
import { tell, tellRow } from '../tell.ts'
import { measureUi, type UiSize } from './measure.ts'

const USUAL: UiSize = { runs: 100_000, steps: 10_000, events: 60, asks: 40 }
/** It shows that all works, and not how fast. */
const QUICK: UiSize = { runs: 200, steps: 300, events: 8, asks: 5 }

/** The command that measures the dashboard in Chromium. */
export function addUi(program: Command): void {
  program
    .command('ui')
    .description('the dashboard: from an event to the screen, a run of 10,000 steps, and lists of 100,000 runs')
    .option('--quick', 'a small folder: shows that all works, not how fast')
    .option('--runs <number>', 'runs in the folder', Number)
    .option('--json', 'the report as JSON', false)
    .action(
      async ({ quick, runs, json }: { readonly quick?: true; readonly runs?: number; readonly json: boolean }) => {
        const size = { ...(quick ? QUICK : USUAL), ...(runs !== undefined && { runs }) }
        const figures = await measureUi(size, (figure) => tellRow(renderScale(figure)))
        tell('')
        process.stdout.write(`${json ? JSON.stringify(figures, null, 2) : figures.map(renderScale).join('\n')}\n`)
        if (!quick && figures.some(({ value, floor }) => floor !== undefined && value > floor)) process.exitCode = 1
      },
    )
}
