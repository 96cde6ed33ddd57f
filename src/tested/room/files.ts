import { randomBytes } from 'node:crypto'
import { readdir, readFile, rm, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { tryParse } from '../../kernel/json.ts'
import { present } from '../../lib/json/present.ts'
import { placesIn } from '../../store/data-folder/layout.ts'
import { makeFolder, writeWhole } from '../../store/files/durable-file.ts'
import { ignoreMissing } from '../../store/files/private.ts'
import { bounded, MAX_RESULT_BYTES } from './bounds.ts'
import { type TestCaseResult, type TestDocument, type TestResult, type TestSummary, testResult } from './documents.ts'
import { noResult, type TestsPort } from './port.ts'

/** Results that are kept of a test. */
const MAX_RESULTS = 20
/** Tests of which results are kept; the one that was not run for the longest time goes first. */
const MAX_TESTS = 100

const TEST = /^[0-9a-f]{16}$/
// a time in base 36 has eight digits until the year 2059, so names sort by time
const RESULT = /^[0-9a-z]{8}-[0-9a-f]{8}$/
const ENDING = '.json'

/**
 * Opens the results of tests below a data folder: a folder for each test, with a file for each result. A result is
 * written beside its place and renamed, so several processes may write and read at once, and a kill loses that result
 * alone.
 */
export function openTests(data: string): TestsPort {
  const root = placesIn(data).tests
  const folderOf = (test: string) => join(root, test)

  const testNames = async () => (await namesIn(root)).filter((name) => TEST.test(name))

  /** Ids of results, the newest first. */
  async function idsOf(test: string): Promise<readonly string[]> {
    if (!TEST.test(test)) return []
    const names = await namesIn(folderOf(test))
    const ids = names.flatMap((name) => (name.endsWith(ENDING) ? [name.slice(0, -ENDING.length)] : []))
    return ids.filter((id) => RESULT.test(id)).toSorted((one, other) => (one < other ? 1 : -1))
  }

  /** A result; undefined when it is gone, or is none that this version reads. */
  async function read(test: string, id: string): Promise<TestResult | undefined> {
    const text = await readFile(join(folderOf(test), id + ENDING), 'utf8').catch(ignoreMissing)
    if (text === undefined || text.length > 2 * MAX_RESULT_BYTES) return undefined
    // a file that another program wrote is no result
    return testResult.safeParse(tryParse(text)).data as TestResult | undefined
  }

  async function readAll(test: string): Promise<readonly TestResult[]> {
    const found = await Promise.all((await idsOf(test)).slice(0, MAX_RESULTS).map((id) => read(test, id)))
    return found.filter((one) => one !== undefined)
  }

  async function summaryOf(test: string): Promise<TestSummary[]> {
    const ids = await idsOf(test)
    for (const id of ids) {
      const found = await read(test, id)
      if (found) return [summarised(found, Math.min(ids.length, MAX_RESULTS))]
    }
    return []
  }

  async function removeTest(test: string): Promise<void> {
    await rm(folderOf(test), { recursive: true, force: true })
  }

  /** Removes what is beyond the limits. */
  async function prune(test: string): Promise<void> {
    const old = (await idsOf(test)).slice(MAX_RESULTS)
    for (const id of old) await rm(join(folderOf(test), id + ENDING), { force: true })
    await removeDrafts(folderOf(test))
    const tests = await testNames()
    if (tests.length <= MAX_TESTS) return
    const newest = await Promise.all(tests.map(async (name) => ({ name, id: (await idsOf(name))[0] ?? '' })))
    newest.sort((one, other) => (one.id < other.id ? 1 : -1))
    for (const { name } of newest.slice(MAX_TESTS)) if (name !== test) await removeTest(name)
  }

  return {
    async list() {
      const found = (await Promise.all((await testNames()).map(summaryOf))).flat()
      return { items: found.toSorted((one, other) => other.last.at - one.last.at) }
    },
    async get(test) {
      const results = await readAll(test)
      if (!results[0]) throw noResult(test)
      return documentOf(results[0], results)
    },
    async result(test, id) {
      const found = TEST.test(test) && RESULT.test(id) ? await read(test, id) : undefined
      if (!found) throw noResult(test, id)
      return found
    },
    async save(given) {
      const { test, at } = given
      const id = `${at.toString(36).padStart(8, '0')}-${randomBytes(4).toString('hex')}`
      const fitted = bounded({ ...given, id })
      const result = { ...fitted, cases: withChanges(fitted.cases, await readAll(test)) }
      await makeFolder(folderOf(test))
      // a draft beside its place: its name is none of a result, and an erasure removes it with the others
      await writeWhole(join(folderOf(test), id + ENDING), JSON.stringify(result), folderOf(test))
      await prune(test)
      return result
    },
    async forget({ dryRun }) {
      const tests = await testNames()
      const counts = await Promise.all(tests.map(async (test) => (await idsOf(test)).length))
      if (!dryRun) {
        for (const test of tests) await removeTest(test)
        await rmdir(root).catch(ignoreMissing)
      }
      return counts.reduce((sum, count) => sum + count, 0)
    },
  }
}

/** Removes what killed processes were writing. */
async function removeDrafts(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    if (name.endsWith(ENDING)) continue
    const found = await stat(join(folder, name)).catch(ignoreMissing)
    if (found && Date.now() - found.mtimeMs > OLD_DRAFT_MS) await rm(join(folder, name), { force: true })
  }
}

/** ms after which nobody writes a draft any more. */
const OLD_DRAFT_MS = 3_600_000

const namesIn = async (folder: string) => (await readdir(folder).catch(ignoreMissing)) ?? []

function summarised({ test, file, agent, notes: _, cases, ...head }: TestResult, results: number): TestSummary {
  const failed = cases.filter(({ passed }) => !passed).length
  const broke = cases.flatMap(({ change, name }) => (change === 'broke' ? [name] : []))
  return { test, file, agent, results, last: { ...head, cases: cases.length, failed, broke } }
}

function documentOf({ test, file, agent }: TestResult, results: readonly TestResult[]): TestDocument {
  return {
    test,
    file,
    agent,
    results: results.map(({ test: _, file: __, agent: ___, notes: ____, cases, ...head }) => ({
      ...head,
      cases: cases.map(({ name, passed, score, ms, rounds, tokens, cost, change, differs }) => ({
        name,
        passed,
        ms,
        rounds,
        tokens,
        cost,
        ...present({ score, change, differs }),
      })),
    })),
  }
}

type Earlier = Pick<TestResult, 'cases'>

/**
 * Says of each case what changed since the newest earlier result that has a case of its name. `earlier`: the newest
 * first. A result of a few chosen cases hides none of the others. Pure.
 */
export function withChanges(cases: readonly TestCaseResult[], earlier: readonly Earlier[]): TestCaseResult[] {
  const last = new Map<string, TestCaseResult>()
  for (const one of earlier.toReversed().flatMap((result) => result.cases)) last.set(one.name, one)
  return cases.map((one) => {
    const before = last.get(one.name)
    const change = earlier.length === 0 ? undefined : changeOf(one, before)
    const differs = before !== undefined && isOther(before, one)
    return { ...one, ...(change && { change }), ...(differs && { differs }) }
  })
}

function changeOf({ passed }: TestCaseResult, before: TestCaseResult | undefined): TestCaseResult['change'] {
  if (!before) return 'new'
  if (passed === before.passed) return undefined
  return passed ? 'mended' : 'broke'
}

/** Whether the answers differ, as far as both are stored. */
function isOther(before: TestCaseResult, { answer, cut = [] }: TestCaseResult): boolean {
  if (answer === undefined || before.answer === undefined) return answer !== before.answer
  const isCut = [...cut, ...(before.cut ?? [])].includes('answer')
  const length = isCut ? Math.min(answer.length, before.answer.length) : undefined
  return answer.slice(0, length) !== before.answer.slice(0, length)
}
