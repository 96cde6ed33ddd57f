import { readFile, stat } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import ignore, { type Ignore } from 'ignore'

/** The rules of one `.gitignore`, which count from its folder down. */
type Rules = { readonly folder: string; readonly rules: Ignore }

/** The rules that count in a folder, outermost first. */
export type IgnoreRules = readonly Rules[]

/** A larger `.gitignore` is not read. */
const MAX_RULES_BYTES = 1024 * 1024

/**
 * The rules of the folders above `folder`, up to the top of its git repository. There are none outside a repository.
 * Rules that ignore the folder itself do not count, since the caller named it.
 */
export async function rulesAbove(folder: string): Promise<IgnoreRules> {
  const above: string[] = []
  let top = folder
  while (!(await exists(join(top, '.git')))) {
    const next = dirname(top)
    if (next === top) return []
    above.unshift(next)
    top = next
  }
  let rules: IgnoreRules = []
  for (const each of above) rules = await withRulesOf(each, rules)
  return isIgnored(folder, true, rules) ? [] : rules
}

/** The rules with those of a folder's own `.gitignore`. */
export async function withRulesOf(folder: string, rules: IgnoreRules): Promise<IgnoreRules> {
  const text = await rulesIn(join(folder, '.gitignore'))
  if (text === undefined) return rules
  const own = ignore({ ignorecase: process.platform !== 'linux' }).add(text)
  return [...rules, { folder, rules: own }]
}

/** Whether a path is ignored. The innermost rules that say anything about it decide. */
export function isIgnored(path: string, isFolder: boolean, rules: IgnoreRules): boolean {
  for (const { folder, rules: own } of rules.toReversed()) {
    const name = relative(folder, path).split(sep).join('/')
    const { ignored, unignored } = own.test(isFolder ? `${name}/` : name)
    if (ignored || unignored) return ignored
  }
  return false
}

async function rulesIn(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined)
  if (!found?.isFile() || found.size > MAX_RULES_BYTES) return undefined
  return readFile(path, 'utf8')
}

const exists = async (path: string) => (await stat(path).catch(() => undefined)) !== undefined
