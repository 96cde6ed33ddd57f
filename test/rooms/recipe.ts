import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

/** The files of a recipe in CONTRIBUTING.md: those that it adds, and those that it changes. */
export type RecipeFiles = {
  readonly added: ReadonlyMap<string, string>
  readonly changed: ReadonlyMap<string, string>
}

/** Reads the recipe under a heading: a `ts` block is a file that names itself, and a `diff` block changes files. */
export function readRecipe(heading: string): RecipeFiles {
  const page = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8')
  const section = page.split(`\n## ${heading}\n`)[1]!.split('\n## ')[0]!
  const blocks = [...section.matchAll(/^```(ts|diff)\n(.*?)^```$/gms)].map(([, language, text]) => ({
    language,
    text: text!,
  }))
  const added = blocks
    .filter(({ language }) => language === 'ts')
    .map(({ text }) => [text.match(/^\/\/ (\S+)/)![1]!, text] as const)
  const patches = blocks
    .filter(({ language }) => language === 'diff')
    .flatMap(({ text }) => text.split(/^--- /m).slice(1))
  return { added: new Map(added), changed: new Map(patches.map(patched)) }
}

/** The file that a patch names, changed. Each line with a space or a minus must be in the file, after the one before it. */
function patched(patch: string): readonly [path: string, text: string] {
  const [path = '', ...changes] = patch.trimEnd().split('\n')
  const lines = readFileSync(join(ROOT, path), 'utf8').split('\n')
  let at = 0
  for (const change of changes) {
    const [mark, line] = [change[0], change.slice(1)]
    if (mark === '+') {
      lines.splice(at++, 0, line)
      continue
    }
    const found = lines.indexOf(line, at)
    if (found < 0) throw new Error(`${path} has no line ${line} after line ${at}`)
    if (mark === '-') lines.splice(found, 1)
    at = mark === '-' ? found : found + 1
  }
  return [path, lines.join('\n')]
}
