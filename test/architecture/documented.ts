import { posix } from 'node:path'
import { isPackaged } from './check.ts'
import { DOORS, WITHOUT_DOOR } from './rules.ts'
import { readText } from './source.ts'

/** Exports of a file, also those it hands on, whose declaration has no doc comment right above it. */
export function undocumentedExports(path: string, read: (path: string) => string = readText): string[] {
  const text = read(path)
  const own = [...text.matchAll(DECLARATION)].map((match) => match[2]!)
  const handedOn = [...text.matchAll(HANDED_ON)].flatMap(([, names, from]) =>
    namesIn(names!).filter((name) => !isDocumented(posix.join(posix.dirname(path), from!), name, read)),
  )
  return [...handedOn, ...own.filter((name) => !isDocumented(path, name, read))]
}

const DECLARATION =
  /^export (?:declare )?(?:abstract )?(async function\*?|function\*?|const|class|type|interface) (\w+)/gm
const HANDED_ON = /^export (?:type )?\{([^}]*)\} from '(\.[^']+)'/gm

function namesIn(list: string): string[] {
  return list
    .split(',')
    .map(
      (name) =>
        name
          .trim()
          .replace(/^type /, '')
          .split(' as ')[0]!,
    )
    .filter((name) => name !== '')
}

function isDocumented(path: string, name: string, read: (path: string) => string): boolean {
  const text = read(path)
  for (const match of text.matchAll(DECLARATION))
    if (match[2] === name) return /\*\/\n(\/\/ biome-ignore[^\n]*\n)?$/.test(text.slice(0, match.index))
  for (const [, names, from] of text.matchAll(HANDED_ON))
    if (namesIn(names!).includes(name)) return isDocumented(posix.join(posix.dirname(path), from!), name, read)
  return false
}

/** Doors of folders that are missing, or that do not open with a paragraph: two sentences or more, above the imports. */
export function silentDoors(sources: readonly { readonly path: string }[], read: (path: string) => string): string[] {
  const paths = new Set(sources.map(({ path }) => path))
  const folders = new Set([...paths].flatMap((path) => path.match(/^src\/([a-z]+)\//)?.[1] ?? []))
  const doors = [...folders]
    .filter((folder) => !WITHOUT_DOOR.includes(folder))
    .map((folder) => {
      const own = `src/${folder}/${DOORS[folder] ?? `${folder}.ts`}`
      return paths.has(own) ? own : `src/${folder}/room.ts`
    })
  return [...doors, ...packageDoors(sources)].filter((path) => !paths.has(path) || sentencesAbove(read(path)) < 2)
}

/** The file of each package that users import. */
export function packageDoors(sources: readonly { readonly path: string }[]): readonly string[] {
  const packages = sources.filter(({ path }) => isPackaged(path)).map(({ path }) => path.split('/')[1]!)
  return [...new Set(packages)].map((name) => `packages/${name}/src/index.ts`)
}

/** The sentences of the comment with which a file opens, above an empty line. */
function sentencesAbove(text: string): number {
  const [, comment = ''] = text.match(/^\/\*\*(.*?)\*\/\n\n/s) ?? []
  return comment.match(/\.\s/g)?.length ?? 0
}
