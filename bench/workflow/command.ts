import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { renderScale } from '../scale/command.ts'
import { tell, tellRow } from '../tell.ts'
import { measureWorkflows, type WorkflowSize } from './measure.ts'

const USUAL: WorkflowSize = { steps: 1_000, seconds: 3, slices: 9, sleeping: 10_000 }
/** It shows that all works, and not how fast. */
const QUICK: WorkflowSize = { steps: 100, seconds: 0.2, slices: 1, sleeping: 50 }

/** The command that measures workflows. */
export function addWorkflow(program: Command): void {
  program
    .command('workflow')
    .description('steps of workflows beside a pipeline, a cold replay, and runs that sleep')
    .option('--quick', 'little of each: shows that all works, not how fast')
    .option('--json', 'the report as JSON', false)
    .action(async ({ quick, json }: { readonly quick?: true; readonly json: boolean }) => {
      const folder = await mkdtemp(join(tmpdir(), 'antiphon-workflow-'))
      try {
        const say = (figure: Parameters<typeof renderScale>[0]) => tellRow(renderScale(figure))
        const figures = await measureWorkflows(folder, quick ? QUICK : USUAL, say)
        tell('')
        process.stdout.write(`${json ? JSON.stringify(figures, null, 2) : figures.map(renderScale).join('\n')}\n`)
        if (!quick && figures.some(({ value, floor }) => floor !== undefined && value > floor)) process.exitCode = 1
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    })
}
