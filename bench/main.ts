import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createProgram, type Request } from './command.ts'
import { ROWS } from './engine/rows.ts'
import { probeMachine } from './machine.ts'
import { measureRows } from './measure.ts'
import type { Report } from './report.ts'
import { summariseRow } from './summary.ts'
import { renderReport } from './table.ts'

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort())

await createProgram(ROWS, run).parseAsync()

async function run(request: Request): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-bench-'))
  try {
    const report = await measure(request, folder)
    process.stdout.write(`${request.json ? JSON.stringify(report, null, 2) : renderReport(report)}\n`)
  } catch (error) {
    if (!stop.signal.aborted) throw error
    process.exitCode = 130
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure(request: Request, folder: string): Promise<Report> {
  const { rows, rounds, seconds } = request
  const at = new Date().toISOString()
  const machine = await probeMachine(folder)
  const onStart = (name: string, round: number) => tell(`round ${round} of ${rounds}: ${name}`)
  const measured = await measureRows({ rows, rounds, seconds, folder, signal: stop.signal, onStart })
  tell('')
  const summaries = rows.map((row) => summariseRow(row, (name) => measured.get(name)!))
  if (summaries.some(({ absent }) => absent !== undefined)) process.exitCode = 1
  return { concern: 'engine', at, rounds, seconds, machine, rows: summaries }
}

/** One line that is written over, for who watches. */
function tell(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`)
}
