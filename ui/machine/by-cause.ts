import { addTo } from '../lib/group.ts'

type Failed = { readonly to: string; readonly problem: { readonly code: string; readonly message: string } }

/** Letters with the same kind of actor and the same error, the largest group first. Pure. */
export function byCause<Letter extends Failed>(letters: readonly Letter[]): readonly (readonly Letter[])[] {
  const groups = new Map<string, Letter[]>()
  for (const letter of letters) {
    const { to, problem } = letter
    addTo(groups, `${to.split('/')[0]} ${problem.code} ${problem.message}`, letter)
  }
  return [...groups.values()].toSorted((a, b) => b.length - a.length)
}
