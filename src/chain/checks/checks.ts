import { linesOf } from '../../model/text/blocks.ts'
import { sentenceRanges } from '../../model/text/sentences.ts'
import type { AnswerCheck } from '../../thread/protocol/domain.ts'
import type { Hit } from '../../thread/protocol/phase-types.ts'
import { isStated, quantitiesIn } from './quantities.ts'

/** An answer with its citation tags, and what it cites. `now`: ms since the epoch. */
type AnswerToCheck = { readonly text: string; readonly cited: readonly Hit[]; readonly now: number }

type Check = (answer: AnswerToCheck) => readonly string[]

const MAX_FAULTS = 8
const MAX_SHOWN = 160
const DAY_MS = 86_400_000

const CHECKS: { readonly [name: string]: Check } = { cited, numbers, quotes }

/** The checks of an answer, by name: `cited`, `numbers`, `quotes`, and `fresh: 90d` with an age in days. */
export function checkAnswer(names: readonly string[], answer: AnswerToCheck): readonly AnswerCheck[] {
  return names.map((check) => ({ check, faults: checkNamed(check)(answer).slice(0, MAX_FAULTS) }))
}

function checkNamed(name: string): Check {
  const days = /^fresh: ?(\d+)d$/.exec(name)?.[1]
  return days === undefined ? CHECKS[name]! : (answer) => fresh(answer, Number(days))
}

/** Every sentence has a citation. */
function cited({ text }: AnswerToCheck): readonly string[] {
  return claimsOf(text)
    .filter(({ isCited }) => !isCited)
    .map((claim) => `no text is cited for ${shown(claim.text)}`)
}

/** Every number, date and unit occurs in a cited text. */
function numbers({ text, cited }: AnswerToCheck): readonly string[] {
  const stated = cited.flatMap((hit) => quantitiesIn(`${hit.heading}\n${hit.text}`))
  const faults = claimsOf(text).flatMap((claim) => {
    const said = quantitiesIn(claim.text)
    // a number that can be read in two ways needs to be stated in one
    const isFound = (written: string) => said.some((one) => one.text === written && isStated(one, stated))
    const missing = new Set(said.map((one) => one.text).filter((written) => !isFound(written)))
    return [...missing].map((written) => `no cited text states ${written}, as in ${shown(claim.text)}`)
  })
  return [...new Set(faults)]
}

const QUOTED = /"([^"\n]{2,500})"|“([^”\n]{2,500})”|„([^“”\n]{2,500})[“”]|«([^»\n]{2,500})»/g
const QUOTED_LINE = /^[^\S\r\n]*>[^\S\r\n]?(.{2,2000})$/gm

/** Every quote stands word for word in a text that is cited. */
function quotes({ text, cited }: AnswerToCheck): readonly string[] {
  const plain = text.replace(/(?<!\s)\s*<vid>[^<]{0,200}<\/vid>/gi, '')
  const lines = [...plain.matchAll(QUOTED_LINE)].map(([, line = '']) => line)
  const words = [...plain.replace(QUOTED_LINE, '').matchAll(QUOTED)].map((found) => found.slice(1).find(Boolean)!)
  const texts = cited.map((hit) => evened(`${hit.heading}\n${hit.text}`))
  return [...new Set([...lines, ...words])]
    .filter((quote) => !texts.some((one) => one.includes(evened(quote).replace(/[.,;]$/, ''))))
    .map((quote) => `no cited text says ${shown(quote)} word for word`)
}

/** White space, quote marks and emphasis are not part of the words. */
const evened = (text: string) =>
  text
    .replace(/[“”„«»]/g, '"')
    .replace(/[‘’]/g, "'")
    .replace(/[*_`]/g, '')
    .replace(/\s+/g, ' ')
    .trim()

/** All cited texts are newer than a number of days. */
function fresh({ cited, now }: AnswerToCheck, days: number): readonly string[] {
  const sources = new Map(cited.map((hit) => [hit.file, hit.changedAt]))
  return [...sources].flatMap(([file, changedAt]) => {
    if (changedAt === undefined) return [`the age of ${file} is not known`]
    const age = Math.floor((now - changedAt) / DAY_MS)
    return age > days ? [`${file} is ${age} days old, and at most ${days} are allowed`] : []
  })
}

function shown(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return JSON.stringify(line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN)}…`.toWellFormed() : line)
}

/** A sentence of an answer without its citations. */
type Claim = { readonly text: string; readonly isCited: boolean }

const TAG = /(?<!\s)\s*<vid>[^<]{0,200}<\/vid>/gi
const MARK = /^\s*(?:[-*+•]|\d{1,3}[.)]|>)\s+/
const HEADING = /^\s*#{1,6}\s/
/** Lines that state nothing of a text: a line that leads to a list, and a part that nothing answers. */
const NO_CLAIM = /:$|^The texts do not say:/i

/** The sentences of an answer that state something. A citation belongs to the sentence before it, on its line. */
function claimsOf(answer: string): readonly Claim[] {
  return linesOf(answer)
    .map(({ start, end }) => answer.slice(start, end))
    .filter((line) => line.trim() !== '' && !HEADING.test(line))
    .flatMap(claimsOfLine)
}

function claimsOfLine(marked: string): readonly Claim[] {
  const line = marked.replace(MARK, '')
  const cites: number[] = []
  let removed = 0
  const text = line.replace(TAG, (tag, at: number) => {
    cites.push(at - removed)
    removed += tag.length
    return ''
  })
  const ranges = sentenceRanges(text, { start: 0, end: text.length })
  return ranges.flatMap(({ start, end }, place) => {
    const words = text.slice(start, end)
    const next = ranges[place + 1]?.start ?? text.length + 1
    // a sentence with its citation before the full stop is cited, too
    const isCited = cites.some((at) => at > start && at < next)
    return /[\p{L}\p{N}]/u.test(words) && !NO_CLAIM.test(words) ? [{ text: words, isCited }] : []
  })
}
