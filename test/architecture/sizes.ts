import { execFileSync } from 'node:child_process'
import { partOf } from './check.ts'
import { codeFolders, ROOT, readPages, readPaths, readText, type Source } from './source.ts'

/** `build/sizes.json`: the lines that all parts may have together, and those that each may have. */
export type Sizes = { readonly total: number; readonly [part: string]: number }

type Lines = Pick<Source, 'path' | 'lines'>

/** Room that a part gets over its lines. Without it, each small change would change a number, too. */
const SLACK = 1.05

export const readSizes = (): Sizes => JSON.parse(readText('build/sizes.json'))

/** The files of `src`, `ui` and `packages` with their lines. */
export const readLines = (): readonly Lines[] => [
  ...codeFolders()
    .flatMap((folder) => readPaths(folder))
    .map(({ path }) => ({ path, lines: linesIn(readText(path)) })),
  ...readPages(),
]

export const linesIn = (text: string): number => text.trimEnd().split('\n').length

/** Which limits the files pass, and what to do. */
export function sizeFaults(files: readonly Lines[], { total, ...numbers }: Sizes): string[] {
  const parts = linesOfParts(files)
  const [lines, allowed] = [sum(parts.values()), sum(Object.values(numbers))]
  const most = Math.round(total * SLACK)
  return [
    ...[...parts]
      .filter(([part, lines]) => !(lines <= numbers[part]!))
      .map(([part, lines]) =>
        numbers[part] === undefined
          ? `${part} has no number in build/sizes.json. Give it ${numberFor(lines)}: its lines and 5 %.`
          : `${part} has ${lines} lines, and its number in build/sizes.json is ${numbers[part]}. Make it smaller, or raise its number and lower those of parts that have room.`,
      ),
    ...Object.keys(numbers)
      .filter((part) => !parts.has(part))
      .map((part) => `${part} has a number in build/sizes.json, and no file. Delete the number.`),
    ...(lines > total
      ? [
          `src, ui and packages have ${lines} lines, and \`total\` in build/sizes.json is ${total}, which never rises. Take out ${lines - total} lines, in whichever part: what nobody uses, and what is written twice.`,
        ]
      : []),
    ...(allowed > most
      ? [
          `The numbers of all parts in build/sizes.json are ${allowed} together, and \`total\` with 5 % is ${most}. Lower those of parts that have room by ${allowed - most}, or run \`node build/sizes.ts\`.`,
        ]
      : []),
  ]
}

/** The numbers of all parts that give each its lines and 5 %. The total stays. */
export function evenSizes(files: readonly Lines[], total: number): Sizes {
  const parts = [...linesOfParts(files)].sort(([a], [b]) => (a < b ? -1 : 1))
  return { total, ...Object.fromEntries(parts.map(([part, lines]) => [part, numberFor(lines)])) }
}

/** The lowest total that a commit of the folder holds; undefined for a shallow clone, and for a folder without a history. */
export function lowestTotal(folder = ROOT): number | undefined {
  const git = (...args: readonly string[]) =>
    execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  try {
    // the prefix is empty at the root of a repository
    if (git('rev-parse', '--show-prefix', '--is-shallow-repository') !== '\nfalse\n') return undefined
    const changes = git('log', '--patch', '--unified=0', '--format=', '--', 'build/sizes.json')
    return Math.min(...[...changes.matchAll(/^[+-] *"total": (\d+)/gm)].map(([, total]) => Number(total)))
  } catch {
    return undefined
  }
}

const linesOfParts = (files: readonly Lines[]): ReadonlyMap<string, number> =>
  new Map(
    [...Map.groupBy(files, ({ path }) => partOf(path))].map(([part, own]) => [part, sum(own.map((f) => f.lines))]),
  )

const numberFor = (lines: number) => Math.round((lines * SLACK) / 5) * 5

const sum = (numbers: Iterable<number>) => [...numbers].reduce((all, one) => all + one, 0)
