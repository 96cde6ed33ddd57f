import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { linesIn, type Sizes } from '../architecture/sizes.ts'

export const ROOT = join(import.meta.dirname, '../..')
export const PAGE = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8')

/** Texts by their paths. */
type Texts = ReadonlyMap<string, string>

/** The files of a recipe in CONTRIBUTING.md: those that it adds, and those that it changes. */
export type RecipeFiles = { readonly added: Texts; readonly changed: Texts }

/** The recipes of the page in their order, each by its heading. A recipe may change the files of an earlier one. */
export function readRecipes(): ReadonlyMap<string, RecipeFiles> {
  const before = new Map<string, string>()
  return new Map(
    [...PAGE.matchAll(/^## (Add an? .*)\n/gm)].map(([, heading]) => {
      const recipe = readRecipe(heading!, before)
      for (const [path, text] of [...recipe.added, ...recipe.changed]) before.set(path, text)
      return [heading!, recipe]
    }),
  )
}

/** All files of the recipes, as they are after the last one. */
export function filesOf(recipes: ReadonlyMap<string, RecipeFiles>): Texts {
  return new Map([...recipes.values()].flatMap(({ added, changed }) => [...added, ...changed]))
}

/** `build/sizes.json` with all recipes: their lines are added to the total, since recipes are examples that leave nothing out. */
export function sizesWith(files: Texts): Sizes {
  const { total, ...numbers } = JSON.parse(files.get('build/sizes.json')!) as Sizes
  const added = [...files]
    .filter(([path]) => /^(?:src|ui)\//.test(path))
    .map(
      ([path, text]) =>
        linesIn(text) - (existsSync(join(ROOT, path)) ? linesIn(readFileSync(join(ROOT, path), 'utf8')) : 0),
    )
  return { total: total + added.reduce((sum, lines) => sum + lines, 0), ...numbers }
}

/** The commands of a program that recipes tell to run, by their headings. */
export function commandsOf(headings: Iterable<string>, program: string): readonly string[] {
  return [...headings].flatMap((heading) =>
    [...sectionOf(heading).matchAll(/`([^`\n]+)`/g)]
      .map(([, code]) => code!)
      .filter((code) => code.startsWith(program)),
  )
}

const sectionOf = (heading: string) => PAGE.split(`\n## ${heading}\n`)[1]!.split('\n## ')[0]!

/** Reads the recipe under a heading: a `ts` or `tsx` block is a file that names itself, and a `diff` block changes files. */
function readRecipe(heading: string, before: Texts): RecipeFiles {
  const blocks = [...sectionOf(heading).matchAll(/^```(tsx?|diff)\n(.*?)^```$/gms)].map(([, language, text]) => ({
    language,
    text: text!,
  }))
  const added = blocks
    .filter(({ language }) => language !== 'diff')
    .map(({ text }) => [text.match(/^\/\/ (\S+)/)![1]!, text.slice(text.indexOf('\n') + 1)] as const)
  const patches = blocks
    .filter(({ language }) => language === 'diff')
    .flatMap(({ text }) => text.split(/^--- /m).slice(1))
  return { added: new Map(added), changed: new Map(patches.map((patch) => patched(patch, before))) }
}

/**
 * The file that a patch names, changed. Each line with a space or a minus must be in the file, after the one before it. A new line
 * stands behind the line before it; at the beginning of a patch, before the line behind it.
 */
function patched(patch: string, before: Texts): readonly [path: string, text: string] {
  const [path = '', ...changes] = patch.trimEnd().split('\n')
  const lines = (before.get(path) ?? readFileSync(join(ROOT, path), 'utf8')).split('\n')
  const first = changes.find((change) => !change.startsWith('+'))
  let at = Math.max(0, lines.indexOf(first?.slice(1) ?? ''))
  for (const change of changes) {
    const [mark, line] = [change[0], change.slice(1)]
    if (mark === '+') {
      lines.splice(at++, 0, line)
      continue
    }
    const found = lines.indexOf(line, at)
    if (found < 0)
      throw new Error(`CONTRIBUTING.md: ${path} has no line \`${line}\` after its line ${at}. Mend the recipe.`)
    if (mark === '-') lines.splice(found, 1)
    at = mark === '-' ? found : found + 1
  }
  return [path, lines.join('\n')]
}
