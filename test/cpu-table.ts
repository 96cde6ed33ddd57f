import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The variable that names the log of `cpu-runner.ts`. */
export const CPU_LOG = 'ANTIPHON_TEST_CPU'
const TICKS_PER_SECOND = 100
const DEAREST = 20

/** Seconds of CPU that a test takes without a reason. */
export const DEAR_TEST = 5

/** Seconds of CPU in the text of `/proc/PID/stat`: of the process, and of its children that have ended. */
export function secondsOf(stat: string): number {
  // the name before the last bracket may have blanks
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS_PER_SECOND
}

/** A test that took more than `DEAR_TEST` seconds. */
export type DearTest = readonly [name: string, seconds: number]

type Cost = readonly [file: string, seconds: number, ...dearTests: readonly DearTest[]]

/** The seconds of CPU that the tests of each folder of `test/` may take in the gate. */
type Budgets = { readonly [folder: string]: number }

const folderOf = (file: string) => file.split('/')[1]!

/** The part of its budget that the middle folder takes on a quiet machine, and the slowest machine that counts. */
const USUAL_PART = 0.45
const MOST_SLOW = 2.5

const sumsOf = (costs: readonly Cost[]): ReadonlyMap<string, number> => {
  const sums = new Map<string, number>()
  for (const [file, seconds] of costs) sums.set(folderOf(file), (sums.get(folderOf(file)) ?? 0) + seconds)
  return sums
}

/**
 * How many times slower than a quiet machine this one was, 1 to 2.5. A core that others share needs more seconds for the same
 * work, and so do all folders alike: the middle one of those with a budget tells by how much. One that grew moves it little.
 */
export function slownessOf(costs: readonly Cost[], budgets: Budgets): number {
  const parts = [...sumsOf(costs)].flatMap(([folder, seconds]) => (budgets[folder] ? [seconds / budgets[folder]] : []))
  const middle = parts.toSorted((a, b) => a - b)[Math.floor((parts.length - 1) / 2)] ?? USUAL_PART
  return Math.min(MOST_SLOW, Math.max(1, middle / USUAL_PART))
}

/** A line for each folder that takes more than its budget, or has none. */
export function overBudget(costs: readonly Cost[], budgets: Budgets, slowness: number): readonly string[] {
  return [...sumsOf(costs)].flatMap(([folder, seconds]) => {
    const budget = budgets[folder] ?? budgets['*'] ?? 0
    const taken = Math.round(seconds / slowness)
    return taken > budget ? [`test/${folder} takes ${taken} s of CPU, and build/cpu.json allows ${budget} s.`] : []
  })
}

/** A line for each file with a test that takes more than `DEAR_TEST` seconds, and no comment that says why. */
export function unexplained(
  costs: readonly Cost[],
  read: (file: string) => string,
  slowness: number,
): readonly string[] {
  return costs.flatMap(([file, , ...tests]) => {
    const dear = tests.filter(([, seconds]) => seconds / slowness > DEAR_TEST).map(([name]) => name)
    if (dear.length === 0 || /^\s*\/\/ dear: \S/m.test(read(file))) return []
    const reason = 'Make it smaller, or say why above it, as "// dear: REASON"'
    return [`${file} has a test over ${DEAR_TEST} s of CPU. ${reason}: ${dear.join(', ')}`]
  })
}

/** The lines that tell the dearest files. */
export function tableOf(costs: readonly Cost[]): readonly string[] {
  const total = costs.reduce((sum, [, seconds]) => sum + seconds, 0)
  const dearest = costs.toSorted((a, b) => b[1] - a[1]).slice(0, DEAREST)
  const rows = dearest.map(([file, seconds]) => `${seconds.toFixed(1).padStart(8)} s  ${file}`)
  return [`CPU of ${costs.length} files: ${Math.round(total)} s. The dearest:`, ...rows]
}

/** Prints the table of the log that is named. Fails when a folder or a test takes more CPU than it may. */
function main(log: string): void {
  const costs = readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Cost)
  const read = (path: string) => readFileSync(join(import.meta.dirname, '..', path), 'utf8')
  const budgets: Budgets = JSON.parse(read('build/cpu.json'))
  const slowness = slownessOf(costs, budgets)
  const over = [...overBudget(costs, budgets, slowness), ...unexplained(costs, read, slowness)]
  const machine = `The machine was ${slowness.toFixed(2)} times as slow as a quiet one; budgets are seconds of a quiet one.`
  console.log([...tableOf(costs), machine, ...over].join('\n'))
  if (over.length > 0) process.exitCode = 1
}

if (import.meta.main) main(process.argv[2]!)
