import { createHash } from 'node:crypto'
import { existsSync, globSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { parse } from 'yaml'
import { splitPassages } from '../../src/model/text/passages.ts'
import { readAsked } from '../offline/asked.ts'
import { HALVES, type Half } from '../offline/labels.ts'

/** The kinds of questions, in the order of the report. */
export const KINDS = ['two-part', 'code', 'domain', 'single', 'in-reach', 'partly', 'unanswerable'] as const
export type Kind = (typeof KINDS)[number]

/** What an answer must hold, one of `holds`, and where that stands: a file with its first and last line, from 1 on. */
export type Part = {
  readonly holds: readonly string[]
  readonly file: string
  readonly lines: readonly [number, number]
}

/** A question over files (absolute paths). Without parts, the files do not answer it. `domain`: the folder that describes it. */
export type ChainQuestion = {
  readonly kind: Kind
  readonly half: Half
  readonly question: string
  readonly files: readonly string[]
  readonly parts: readonly Part[]
  readonly domain?: string
}

type Unsplit = Omit<ChainQuestion, 'half'>
type Entry = {
  readonly question: string
  readonly files: readonly string[]
  readonly parts?: readonly { readonly holds: string | readonly string[]; readonly at: string }[]
}
type DomainEntry = { readonly question: string; readonly expect?: readonly string[]; readonly at?: string }

const SETS = join(import.meta.dirname, 'sets')
const ROOT = join(import.meta.dirname, '../..')
const OWN = KINDS.filter((kind) => kind !== 'domain')

/** All questions with their halves, which are the same for the same questions. */
export function readQuestions(): readonly ChainQuestion[] {
  const own = splitInHalves([...OWN.flatMap(readOwn), ...readDomains()])
  return [...own, ...HALVES.flatMap(readSingles)]
}

function readOwn(kind: Kind): readonly Unsplit[] {
  const entries = parse(readFileSync(join(SETS, `${kind}.yaml`), 'utf8')) as readonly Entry[]
  return entries.map(({ question, files, parts = [] }) => ({
    kind,
    question,
    files: files.flatMap((file) => filesAt(join(SETS, file))),
    parts: parts.map(({ holds, at }) => ({ holds: [holds].flat(), ...placeOf(at, SETS) })),
  }))
}

/** The questions of the examples; each is asked over all texts of its domain. */
function readDomains(): readonly Unsplit[] {
  const found = globSync('examples/domains/*/questions.yaml', { cwd: ROOT }).toSorted()
  return found.flatMap((path) => {
    const folder = dirname(join(ROOT, path))
    const entries = parse(readFileSync(join(ROOT, path), 'utf8')) as readonly DomainEntry[]
    return entries.map(({ question, expect = [], at = '' }) => ({
      kind: 'domain' as const,
      question,
      domain: basename(folder),
      files: filesAt(join(folder, 'texts')),
      parts: expect.map((words) => ({ holds: [words], ...placeOf(at, folder) })),
    }))
  })
}

/** The answered questions of bench/offline keep the halves that they have there. */
function readSingles(half: Half): readonly ChainQuestion[] {
  return readAsked(half)
    .filter(({ answers }) => answers.length > 0)
    .map(({ question, document, answers }) => ({
      kind: 'single',
      half,
      question,
      files: [join(ROOT, 'bench/offline/asked/texts', document.name)],
      parts: answers.slice(0, 1).map(({ start, end }) => ({
        holds: [document.text.slice(start, end), ...rowsAt(document, start)],
        file: join(ROOT, 'bench/offline/asked/texts', document.name),
        lines: [lineAt(document.text, start), lineAt(document.text, end)] as const,
      })),
    }))
}

/** A row of a table as it reads: with the names of its columns. */
const rowsAt = ({ name, text }: { readonly name: string; readonly text: string }, start: number) =>
  splitPassages(name, text)
    .filter((passage) => passage.kind === 'row' && passage.start === start)
    .map((passage) => passage.text)

/** Questions of one kind over files of one folder go to the halves in turn, in the order of their hash. */
function splitInHalves(questions: readonly Unsplit[]): readonly ChainQuestion[] {
  const groups = Object.values(Object.groupBy(questions, ({ kind, files }) => `${kind} ${dirname(files[0]!)}`))
  return groups.flatMap((group, nth) =>
    group!
      .toSorted((a, b) => (hashOf(a) < hashOf(b) ? -1 : 1))
      .map((question, at) => ({ ...question, half: HALVES[(nth + at) % HALVES.length]! })),
  )
}

const hashOf = ({ question }: Unsplit) => createHash('sha256').update(question).digest('hex')

function filesAt(path: string): readonly string[] {
  if (!existsSync(path)) throw new Error(`${relative(ROOT, path)} does not exist`)
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path)
    .toSorted()
    .map((name) => join(path, name))
}

/** `texts/lease.md:5-6` or `texts/lease.md:5`, from a folder. */
function placeOf(at: string, folder: string): Pick<Part, 'file' | 'lines'> {
  const [, file, first, last = first] = /^(.+):(\d+)(?:-(\d+))?$/.exec(at) ?? []
  if (!file) throw new Error(`expected FILE:LINES, got ${JSON.stringify(at)}`)
  return { file: resolve(folder, file), lines: [Number(first), Number(last)] }
}

const lineAt = (text: string, offset: number) => text.slice(0, offset).split('\n').length
