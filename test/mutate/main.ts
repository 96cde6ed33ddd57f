// npm run mutate: faults are put into a copy of the source, one at a time; the test that is there for it must notice each.
import { fileURLToPath } from 'node:url'
import { is, problemOf } from '../../src/errors.ts'
import { copyRepository } from './copy.ts'
import { checkTests, tryMutation, type Verdict } from './judge.ts'
import type { Mutation } from './mutation.ts'
import { MUTATIONS } from './mutations.ts'
import { type Options, pick, readOptions } from './options.ts'

const HELP = `Puts faults into a copy of the source, one at a time, and runs for each the one test that must notice it.
A test that only waits in vain, until a time limit, has noticed it if the list says that it must.

Usage: npm run mutate -- [options]

  --only TEXT   those with this text in their name or file (may be given again)
  --list        says what there is, and runs nothing
  --json        prints the verdicts as JSON
  --help
`

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const TEST = 20_000
const WHOLE = 60_000

/** Exit codes: 0 all were caught, 1 some were not, 2 wrong options. */
async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args)
  if (options.help) return say(HELP)
  const mutations = pick(MUTATIONS, options.only)
  if (options.list) return say(options.json ? asJson(mutations) : mutations.map(inWords).join(''))
  const verdicts = await tryAll(mutations, options)
  const missed = verdicts.filter(({ verdict }) => verdict !== 'caught')
  say(options.json ? asJson(verdicts) : sum(verdicts))
  return missed.length === 0 ? 0 : 1
}

async function tryAll(mutations: readonly Mutation[], { json }: Options): Promise<readonly Verdict[]> {
  const limits = { test: TEST, whole: WHOLE, signal: endingSignal() }
  const copy = await copyRepository(ROOT)
  try {
    const faults = await checkTests(copy, mutations, limits)
    if (faults.length > 0) throw new Error(`without any mutation:\n${faults.join('\n')}`)
    const verdicts: Verdict[] = []
    for (const mutation of mutations) {
      const verdict = await tryMutation(copy, mutation, limits)
      verdicts.push(verdict)
      if (!json) say(progress(verdict, verdicts.length, mutations.length))
    }
    return verdicts
  } finally {
    await copy.remove()
  }
}

/** Ctrl-C and its like: what runs is ended, and the copy is removed. */
function endingSignal(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => controller.abort())
  return controller.signal
}

const asJson = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`

function inWords({ name, file, caughtBy: [test, title], hangs }: Mutation): string {
  return `${name}\n  ${file}\n  caught by ${hangs ? 'the time limit of ' : ''}${test}: ${title}\n`
}

function progress({ name, verdict, by, why, seconds }: Verdict, count: number, all: number): string {
  const how = by === undefined ? '' : ` by a ${by}`
  return `${count}/${all} ${verdict}${how}: ${name} (${seconds.toFixed(1)} s)\n  ${why}\n`
}

function sum(verdicts: readonly Verdict[]): string {
  const caught = verdicts.filter(({ verdict }) => verdict === 'caught')
  const late = caught.filter(({ by }) => by === 'time limit').length
  return `${caught.length} of ${verdicts.length} caught: ${caught.length - late} by what a test found, ${late} by a time limit.\n`
}

function say(text: string, code = 0): number {
  process.stdout.write(text)
  return code
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  const isInterrupted = error instanceof Error && error.name === 'AbortError'
  process.stderr.write(isInterrupted ? 'interrupted\n' : `${problemOf(error).message}\n`)
  process.exitCode = isInterrupted ? 130 : is(error, 'InvalidError') ? 2 : 1
}
