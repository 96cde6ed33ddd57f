import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Copy, copyRepository } from './copy.ts'
import { judge, tryMutation } from './judge.ts'
import { type Mutation, mutate, type NamedTest } from './mutation.ts'
import { MUTATIONS } from './mutations.ts'
import { pick, readOptions } from './options.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const LIMITS = { test: 10_000, whole: 25_000, signal: new AbortController().signal }

/** The quickest of the list. */
const [SAMPLE] = pick(MUTATIONS, ['a commit is not counted']) as readonly [Mutation]

describe('the list', () => {
  test('applies to the source as it is', () => {
    const faults = MUTATIONS.flatMap((mutation) => faultOf(mutation) ?? [])
    expect(faults).toEqual([])
  })

  test('names each mutation once', () => {
    expect(new Set(MUTATIONS.map(({ name }) => name)).size).toBe(MUTATIONS.length)
  })

  test('names tests that are there', async () => {
    const tests = await testsIn(new Set(MUTATIONS.map(({ caughtBy: [file] }) => file)))
    const isThere = ([file, title]: NamedTest) =>
      tests.some((test) => test.file === join(ROOT, file) && test.title.includes(title))
    expect(MUTATIONS.map(({ caughtBy }) => caughtBy).filter((named) => !isThere(named))).toEqual([])
  })
})

async function testsIn(files: Iterable<string>): Promise<{ readonly file: string; readonly title: string }[]> {
  // what stands behind `--json` would be taken for a file to write to
  const list = [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'list', ...files, '--json']
  const { stdout } = await promisify(execFile)(process.execPath, list, { cwd: ROOT, maxBuffer: 1e7 })
  const listed = JSON.parse(stdout) as { readonly file: string; readonly name: string }[]
  return listed.map(({ file, name }) => ({ file, title: name.replaceAll(' > ', ' ') }))
}

function faultOf(mutation: Mutation): string | undefined {
  try {
    const source = readFileSync(`${ROOT}${mutation.file}`, 'utf8')
    return mutate(source, mutation) === source ? `"${mutation.name}" changes nothing` : undefined
  } catch (error) {
    return (error as Error).message
  }
}

describe('a mutation', () => {
  const missing: Mutation = { ...SAMPLE, name: 'sample', file: 'a.ts', find: 'x', replace: 'y' }

  test('replaces what is there once, as it is written', () => {
    expect(mutate('a x b', { ...missing, replace: '$& $1' })).toBe('a $& $1 b')
  })

  test.each([
    ['a b', '"sample" no longer applies: its text is not in a.ts'],
    ['x x x', '"sample" no longer applies: its text is 3 times in a.ts'],
  ])('of %j is refused', (source, message) => {
    expect(() => mutate(source, missing)).toThrow(message)
  })
})

describe('in a copy of the repository', () => {
  // dear: each mutation starts vitest in a copy of the checkout
  test('a mutation is caught by its test, survives another, and leaves the copy as it was', async () => {
    const copy = await openCopy()
    const before = read(copy)
    expect(await tryMutation(copy, SAMPLE, LIMITS)).toMatchObject({ verdict: 'caught' })
    expect(read(copy)).toBe(before)
    const blind: Mutation = { ...SAMPLE, caughtBy: ['test/kernel/schema.test.ts', 'parse names the whole'] }
    expect(await tryMutation(copy, blind, LIMITS)).toMatchObject({ verdict: 'SURVIVED' })
    expect(await tryMutation(copy, { ...SAMPLE, find: 'no such text' }, LIMITS)).toMatchObject({
      verdict: 'NO LONGER APPLIES',
    })
  })
})

test('a mutation that never comes to its end is killed', async () => {
  const copy = await openCopy()
  const endless: Mutation = { ...SAMPLE, replace: 'seq: (() => { for (;;); })(),' }
  const verdict = await tryMutation(copy, endless, { ...LIMITS, whole: 4_000 })
  expect(verdict).toMatchObject({ verdict: 'HANGS', by: 'time limit' })
})

async function openCopy(): Promise<Copy> {
  const copy = await copyRepository(ROOT)
  onTestFinished(copy.remove)
  return copy
}

const read = ({ folder }: Copy) => readFileSync(`${folder}/${SAMPLE.file}`, 'utf8')

describe('the verdict', () => {
  const hangs: Mutation = { ...SAMPLE, hangs: true }
  const ran = (passed: boolean, message = '') => ({
    tests: [{ title: 'it', passed, messages: [message] }],
    unable: [],
  })
  const timeout = ran(false, 'Error: STACK_TRACE_ERROR\n at …')
  const inVain = ran(false, 'TimeoutError: not within 10 s: …')
  const [found, limit] = ['finding', 'time limit']

  test.each([
    ['a test that fails', SAMPLE, ran(false, 'expected 1 to be 2\nat …'), 'caught', found, 'expected 1 to be 2'],
    ['a test that passes', SAMPLE, ran(true), 'SURVIVED', undefined, 'passes all the same'],
    ['a test that takes too long', SAMPLE, timeout, 'HANGS', limit, 'STACK_TRACE_ERROR'],
    ['one that is expected to', hangs, timeout, 'caught', limit, 'STACK_TRACE_ERROR'],
    ['a test that waits in vain', SAMPLE, inVain, 'HANGS', limit, 'not within'],
    ['tests that were killed', SAMPLE, undefined, 'HANGS', limit, 'did not end'],
    ['those that are expected to be', hangs, undefined, 'caught', limit, 'did not end'],
    ['one that is expected to hang and fails', hangs, ran(false, 'no'), 'ENDS', found, 'no'],
    ['a source that cannot be read', SAMPLE, { tests: [], unable: ['syntax'] }, 'BROKEN', undefined, 'syntax'],
    ['a test that is not there', SAMPLE, { tests: [], unable: [] }, 'BROKEN', undefined, 'there is no test'],
  ])('on %s', (_what, mutation, runs, verdict, by, why) => {
    expect(judge(mutation, runs)).toEqual({ verdict, by, why: expect.stringContaining(why) })
  })
})

describe('options', () => {
  test('pick by name or file', () => {
    expect(pick(MUTATIONS, [])).toBe(MUTATIONS)
    expect(pick(MUTATIONS, ['kernel/open-cell.ts', 'a commit is not counted']).map(({ file }) => file)).toEqual([
      'src/kernel/commit.ts',
      'src/kernel/open-cell.ts',
      'src/kernel/open-cell.ts',
      'src/kernel/open-cell.ts',
    ])
    expect(() => pick(MUTATIONS, ['no such'])).toThrow('no mutation has "no such" in its name or file')
  })

  test('are read, and refused by name', () => {
    expect(readOptions(['--only', 'a', '--only', 'b', '--json'])).toMatchObject({ only: ['a', 'b'], json: true })
    expect(() => readOptions(['--onyl'])).toThrow('--onyl')
  })
})
