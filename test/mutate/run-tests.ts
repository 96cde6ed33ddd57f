import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Copy } from './copy.ts'
import type { NamedTest } from './mutation.ts'

/** How a test ended; a test that was not run is not told. */
export type Ran = { readonly title: string; readonly passed: boolean; readonly messages: readonly string[] }

/** What came of a run of tests: how each ended, and why others could not even begin; undefined: it was killed as it did not end. */
export type Runs = { readonly tests: readonly Ran[]; readonly unable: readonly string[] } | undefined

export type Limits = {
  /** ms that one test may take, and all of them together */
  readonly test: number
  readonly whole: number
  readonly signal: AbortSignal
}

/** Runs these tests in the copy as it is, up to the first that fails. */
export async function runTests(copy: Copy, tests: readonly NamedTest[], limits: Limits): Promise<Runs> {
  limits.signal.throwIfAborted()
  const report = join(copy.temporary, 'report.json')
  await rm(report, { force: true })
  const ended = await runVitest(copy, [...argumentsFor(tests, limits), `--outputFile=${report}`], limits)
  limits.signal.throwIfAborted()
  return ended ? readReport(report) : undefined
}

function argumentsFor(tests: readonly NamedTest[], { test }: Limits): readonly string[] {
  const files = new Set(tests.map(([file]) => file))
  const titles = tests.map(([, title]) => escaped(title)).join('|')
  return ['run', ...files, '-t', titles, '--bail=1', '--reporter=json', `--testTimeout=${test}`]
}

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

/** Whether it ended by itself. What does not end may not heed any request: its whole group is killed. */
async function runVitest(copy: Copy, args: readonly string[], { whole, signal }: Limits): Promise<boolean> {
  const entry = join(copy.folder, 'node_modules/vitest/vitest.mjs')
  const env = { ...process.env, TMPDIR: copy.temporary }
  const child = spawn(process.execPath, [entry, ...args], { cwd: copy.folder, env, stdio: 'ignore', detached: true })
  const late = AbortSignal.any([signal, AbortSignal.timeout(whole)])
  const kill = () => process.kill(-child.pid!, 'SIGKILL')
  late.addEventListener('abort', kill, { once: true })
  const [, killed] = await once(child, 'exit')
  late.removeEventListener('abort', kill)
  return killed === null
}

type Report = {
  readonly testResults: readonly {
    readonly message: string
    readonly status: string
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly failureMessages: readonly string[]
    }[]
  }[]
}

async function readReport(path: string): Promise<Runs> {
  const { testResults } = JSON.parse(await readFile(path, 'utf8')) as Report
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults)
  const isUnable = ({ status, assertionResults }: Report['testResults'][number]) =>
    status === 'failed' && !assertionResults.some((test) => test.status === 'failed')
  return {
    tests: tests
      .filter(({ status }) => status === 'passed' || status === 'failed')
      .map(({ fullName, status, failureMessages }) => ({
        title: fullName,
        passed: status === 'passed',
        messages: failureMessages,
      })),
    unable: testResults.filter(isUnable).map(({ message }) => message),
  }
}
