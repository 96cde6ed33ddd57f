import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { budgetRef } from '../../../src/budget/scope.ts'
import type { BudgetState } from '../../../src/budget/state.ts'
import type { EngineView } from '../../../src/engine/engine.ts'
import type { Case } from './case.ts'

/** What each file and folder below a folder is: who may touch it, and what it holds but for times. */
export function filesIn(folder: string): { readonly [path: string]: string } {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true })
  // a simulated process that died may be writing a draft yet
  const entries = found
    .filter(({ name }) => !name.endsWith('.part'))
    .map((entry) => {
      const path = join(entry.parentPath, entry.name)
      const mode = (statSync(path).mode & 0o777).toString(8)
      const text = () => readFileSync(path, 'latin1').replaceAll(TIMES, '')
      return [relative(folder, path), entry.isFile() ? `${mode} ${text()}` : mode] as const
    })
  return Object.fromEntries(entries)
}

const TIMES = /\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)|(?<=(?:duration|response_time)"?: )[\d.e-]+/g

/** Those that a case made: they are called as it is, or lie in a folder that is. */
export function filesOf({ name }: Case, files: { readonly [path: string]: string }) {
  const own = Object.entries(files).filter(([path]) => new RegExp(`^${name}(?:$|/|\\.(?!yaml$))`).test(path))
  return Object.fromEntries(own)
}

export type Spent = Pick<BudgetState, 'spent' | 'reserved' | 'calls'> & { readonly waiting: number }

/** What was spent by scope, and what is still reserved or waited for. */
export async function budgetsIn(view: EngineView): Promise<{ readonly [scope: string]: Spent }> {
  const listed = await view.list('budget', { limit: 1000 })
  const all = listed.map(async ({ key }) => {
    const { spent, reserved, calls, waiting } = (await view.peek(budgetRef(key))) as BudgetState
    return [key, { spent, reserved, calls, waiting: waiting.length }] as const
  })
  return Object.fromEntries(await Promise.all(all))
}

/** Those of a case's runs, and of all runs of its pipeline. */
export function budgetsOf({ name }: Case, budgets: { readonly [scope: string]: Spent }) {
  return Object.fromEntries(
    Object.entries(budgets).filter(([scope]) =>
      new RegExp(`^(?:run/${name}(?:$|[-.])|pipeline.*/${name}$)`).test(scope),
    ),
  )
}
