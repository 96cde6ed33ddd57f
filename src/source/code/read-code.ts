import type { Passage } from '../../model/text/passages.ts'
import type { CodeFacts } from './facts.ts'
import { languageOf, type Syntax } from './languages.ts'
import { hasParser, installParser, withTree } from './parser.ts'
import { unitsOfCode } from './units.ts'
import { readTree } from './walk.ts'

/** Code as it is read. Absent `units`: not parsed, so blocks between blank lines are units, and a gap says why. */
type CodeReading = {
  readonly units?: readonly Passage[]
  readonly facts?: CodeFacts
  readonly gaps: readonly string[]
}

/** Maximum characters of a code that is parsed, and ms that it may take. */
const MAX_CODE_LENGTH = 1024 * 1024
const PARSE_MS = 5_000

/** Whether the code of a file with this name is parsed here: its language is known, and the parser is installed. */
export const isParsed = (name: string): boolean => languageOf(name) !== undefined && hasParser()

/** Reads the code of a file. Names without a language give nothing. No error comes from what the code is. */
export async function readCode(name: string, text: string, deadline = PARSE_MS): Promise<CodeReading> {
  const language = languageOf(name)
  if (!language) return { gaps: [] }
  if (!hasParser()) return { gaps: [blocks(`the parser for ${language.name} is not installed (${installParser()})`)] }
  if (text.length > MAX_CODE_LENGTH) return { gaps: [blocks('it is longer than 1 MiB')] }
  const parsed = await withTree(language, { text, deadline }, (tree, isLate) => readTree(tree, language, text, isLate))
  if ('reason' in parsed) return { gaps: [blocks(parsed.reason)] }
  const { definitions, facts, fault, cut } = parsed.result
  return {
    units: unitsOfCode(text, definitions),
    facts,
    gaps: [
      ...(fault === undefined ? [] : [faultAt(fault, language)]),
      ...cut.map((list) => `only the first ${facts[list].length} ${list} are known`),
    ],
  }
}

const blocks = (why: string) => `it is read in blocks of lines, since ${why}`

const faultAt = (line: number, { name }: Syntax) =>
  `line ${line} does not parse as ${name}, so definitions from there on may be missing`
