import type { Path, Report } from '../diagnostics/finding.ts'

/** Whether a name of a list is not taken yet; one that is stands twice, as a key of a map may not. `what`: what there are two of. */
export function isFirst(name: string, taken: Set<string>, path: Path, what: string, report: Report): boolean {
  if (taken.has(name)) report('yaml_duplicate_key', path, `there are two ${what}`, { hint: 'keep one of them' })
  const isNew = !taken.has(name)
  taken.add(name)
  return isNew
}
