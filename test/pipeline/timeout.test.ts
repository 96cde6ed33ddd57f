import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { executeTool } from '../../src/tool/builtin/terminal.ts'
import { runs } from '../tool/builtin/terminal/runs.ts'
import { openWorkshop } from './workshop.ts'

test('a command that takes too long is tried as often as its author says, and leaves no process behind (A42)', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-timeout-'))
  const { run } = openWorkshop({ tools: [executeTool], services: { root: folder, roots: [folder] } })
  const end = await run(`
name: x
steps:
  - id: slow
    tool: terminal
    action: execute
    timeout: 0.3
    max_retries: 2
    retry_config: { initial_delay: 0 }
    parameters: { command: "echo $$ >> pids; sleep 60 & echo $! >> pids; wait", shell: true }`)
  expect(end.steps.slow).toMatchObject({ status: 'failed', attempts: 2, problem: { name: 'TimeoutError' } })
  const processes = readFileSync(join(folder, 'pids'), 'utf8').trim().split('\n').map(Number)
  expect(processes).toHaveLength(4)
  expect(processes.filter(runs)).toEqual([])
  rmSync(folder, { recursive: true })
})
