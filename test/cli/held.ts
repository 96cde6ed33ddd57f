import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { openBench, type Running } from './commands.ts'

export const REAL = [process.execPath, fileURLToPath(new URL('../../bin/antiphon.js', import.meta.url))]

/** A folder with a pipeline whose second of three steps waits until there is a file `go`, and says in `who` which process runs it; every step says so in `log`. */
export function openServing(...engine: readonly string[]) {
  const bench = openBench()
  const step = (id: string, ...lines: readonly string[]) => bench.write(`${id}.sh`, `echo ${id} >> log`, ...lines)
  step('first')
  step('held', 'echo $PPID > who', 'while ! [ -e go ]; do sleep 0.02; done')
  step('last')
  const execute = (id: string, more = '') =>
    `  - { id: ${id}, tool: terminal, action: execute, effect: idempotent, ${more}parameters: { command: sh ${id}.sh } }`
  bench.write(
    'held.yaml',
    'name: held',
    'steps:',
    execute('first'),
    execute('held', 'depends_on: [first], '),
    execute('last', 'depends_on: [held], '),
  )
  const run = (...args: readonly string[]) => bench.start([...args, ...engine], REAL).ended
  const serve = async (...args: readonly string[]): Promise<Running> => {
    const running = bench.start(['serve', ...args, ...engine], REAL)
    await running.said('use it now')
    return running
  }
  const log = () => (existsSync(bench.path('log')) ? readFileSync(bench.path('log'), 'utf8') : '')
  /** Starts the pipeline, whose second step is then under way. */
  async function begin(): Promise<string> {
    const { out } = await run('run', 'held.yaml', '--detach')
    await expect.poll(log, { timeout: 10_000 }).toBe('first\nheld\n')
    return out.trim()
  }
  const signal = (name: NodeJS.Signals) => process.kill(bench.owner()!.pid, name)
  const document = async (id: string) => JSON.parse((await run('resume', id, '--json')).out)
  return { ...bench, run, serve, log, begin, signal, document }
}
