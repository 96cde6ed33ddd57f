import { existsSync, readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { openBench, type Running } from './commands.ts'
import { REAL } from './programs.ts'

/** A folder with a pipeline whose second step waits until there is a file `go`, and a Restate server over it once `dev` was called. */
export function openCluster() {
  const bench = openBench(REAL)
  bench.write('first.sh', 'echo first >> log')
  bench.write('wait.sh', 'echo wait >> log', 'while ! [ -e go ]; do sleep 0.02; done')
  bench.write(
    'held.yaml',
    'name: held',
    'steps:',
    '  - { id: first, tool: terminal, action: execute, effect: idempotent, parameters: { command: sh first.sh } }',
    '  - { id: held, tool: terminal, action: execute, effect: idempotent, depends_on: [first], parameters: { command: sh wait.sh } }',
  )
  const dev = async (): Promise<Running> => {
    const running = bench.start(['cluster', 'dev'])
    await running.said('Ctrl-C stops everything')
    return running
  }
  return { ...bench, dev, log: () => logIn(bench) }
}

/** What the steps of a folder have said so far. */
const logIn = ({ path }: { path(name: string): string }) =>
  existsSync(path('log')) ? readFileSync(path('log'), 'utf8') : ''

/** A folder with a pipeline whose second of three steps waits until there is a file `go`, and says in `who` which process runs it; every step says so in `log`. */
export function openServing(...engine: readonly string[]) {
  const bench = openBench(REAL)
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
  const run = (...args: readonly string[]) => bench.run(...args, ...engine)
  const serve = async (...args: readonly string[]): Promise<Running> => {
    const running = bench.start(['serve', ...args, ...engine])
    await running.said('use it now')
    return running
  }
  const log = () => logIn(bench)
  /** Starts the pipeline, whose second step is then under way. */
  async function begin(): Promise<string> {
    const { out } = await run('run', 'held.yaml', '--detach')
    await expect.poll(log).toBe('first\nheld\n')
    return out.trim()
  }
  const signal = (name: NodeJS.Signals) => process.kill(bench.owner()!.pid, name)
  const document = async (id: string) => JSON.parse((await run('resume', id, '--json')).out)
  return { ...bench, run, serve, log, begin, signal, document }
}
