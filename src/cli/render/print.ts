import { stringify } from 'yaml'
import type { Json } from '../../kernel/json.ts'
import { causeLines } from '../../lib/stack.ts'
import type { RunDocument, StepDocument } from '../../run/document.ts'
import type { Answer } from '../../thread/room/port.ts'
import { shortPath } from '../terminal/errors.ts'
import { indentLines } from '../terminal/escape.ts'
import { formatDuration, oneLine } from '../terminal/format.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { doneFact } from './facts.ts'

/** A run's result on stdout, as the whole document or as its outputs; how it ended on stderr. */
export function printRun(terminal: Terminal, run: RunDocument, json: boolean): void {
  if (json) terminal.json(run)
  else if (Object.keys(run.outputs).length > 0) terminal.data(outputsText(run.outputs))
  for (const warning of run.warnings ?? []) terminal.say(indentLines(`Note: ${warning}`))
  for (const line of endLines(run)) terminal.say(indentLines(line))
}

/** Outputs as a person reads them: a string as it is, everything else as YAML. */
export function outputsText(outputs: Json): string {
  return (typeof outputs === 'string' ? outputs : stringify(outputs, { lineWidth: 0 })).trimEnd()
}

const SHOWN_FAILURES = 10

function endLines(run: RunDocument): readonly string[] {
  const { execution_id: id, status, error, counts } = run
  const took = run.duration === null ? '' : ` in ${formatDuration(run.duration * 1000)}`
  const degraded = Object.values(run.steps).filter((step) => step.degraded).length
  const facts = [
    doneFact({ done: counts.done, reused: reusedIn(run), looped: loopStepsIn(run) }),
    ...(counts.failed > 0 ? [`${counts.failed} failed`] : []),
    ...(counts.skipped > 0 ? [`${counts.skipped} skipped`] : []),
    ...(degraded > 0 ? [`${degraded} degraded`] : []),
  ]
  const failed = [...failures(run), ...lackLines(run)]
  // the line of a failed step has the problem
  const problem = error === null || counts.failed > 0 ? [] : errorLines('', run)
  return [`Run ${id} ${status}${took}: ${facts.join(', ')}.`, ...problem, ...failed]
}

function reusedIn({ steps }: RunDocument): number {
  return Object.values(steps).filter(({ reused, status }) => reused && status === 'completed').length
}

function loopStepsIn(run: RunDocument): number {
  return Object.values(run.steps).filter((step) => step.status === 'completed' && depthOf(step, run) > 0).length
}

/** The number of loops around a step; a step of an iteration is named `<loop>_<index>_<step>`. */
export function depthOf({ id }: Pick<StepDocument, 'id'>, { steps }: Pick<RunDocument, 'steps'>): number {
  let depth = 0
  for (const { index } of id.matchAll(/_\d+_/g)) if (Object.hasOwn(steps, id.slice(0, index))) depth++
  return depth
}

function failures({ steps }: RunDocument): readonly string[] {
  const failed = Object.values(steps).filter(({ status }) => status === 'failed')
  const lines = failed.slice(0, SHOWN_FAILURES).flatMap((step) => errorLines(`${step.id}: `, step))
  const more = failed.length - SHOWN_FAILURES
  return [...lines, ...(more > 0 ? [`  … and ${more} more`] : [])]
}

const SHOWN_LACKS = 10

function lackLines({ lacks = [] }: RunDocument): readonly string[] {
  const more = lacks.length - SHOWN_LACKS
  return [...lacks.slice(0, SHOWN_LACKS).map((lack) => `  ${lack}`), ...(more > 0 ? [`  … and ${more} more`] : [])]
}

type Told = Pick<RunDocument, 'error' | 'error_hint' | 'error_stack'>

/** Lines shown of a stack, beside its causes; `logs` and `--json` have all of it. */
const SHOWN_FRAMES = 3

function errorLines(whose: string, { error, error_hint: hint, error_stack: stack }: Told): readonly string[] {
  const lines = stack?.split('\n') ?? []
  const shown = [...lines.slice(0, SHOWN_FRAMES), ...causeLines(lines.slice(SHOWN_FRAMES).join('\n'))]
  const frames = shown.map((line) => `    ${line}`)
  return [`  ${whose}${error ?? 'no reason was given'}`, ...(hint === undefined ? [] : [`    ${hint}`]), ...frames]
}

/** A list is shown as JSON, by `print`, or, if it is empty, by the sentence `none`. */
type ListView = {
  readonly json: boolean | undefined
  /** the maximum number of items */
  readonly limit: number
  readonly none: string
  print(): void
}

/** Prints a list on stdout, and on stderr a note if the limit was reached. Returns the exit code. */
export function showList(terminal: Terminal, items: readonly unknown[], { json, limit, none, print }: ListView): 0 {
  if (json) terminal.json(items)
  else if (items.length === 0) terminal.say(none)
  else print()
  if (items.length === limit) terminal.say(`There may be more: the list is limited to ${limit} (--limit).`)
  return 0
}

/** An answer and its sources on stdout; degraded phases on stderr. */
export function printAnswer(terminal: Terminal, answer: Answer, json: boolean): void {
  if (json) terminal.json(answer)
  else terminal.data(answerText(answer, terminal.folder))
  const passed = answer.checks?.flatMap(({ check, faults }) => (faults.length === 0 ? [check] : [])) ?? []
  if (passed.length > 0) terminal.say(`Checked: ${passed.join(', ')}.`)
  if (answer.shared === 'agreed') terminal.say('Shared, as you have agreed: antiphon ledger share')
  const isGood = answer.citations.length > 0 && !answer.unsure
  // a phase that found nothing is no loss beside an answer that stands on its own
  for (const { phase, reason, completed, declined } of answer.degraded)
    if (!(isGood && declined))
      terminal.say(completed ? `Note: ${reason}` : `Note: ${phase} did not complete: ${reason}`)
}

function answerText({ unsure, ...answer }: Answer, folder: string): string {
  const text = withSources(answer, folder)
  return unsure ? `Not sure; this may not answer the question:\n\n${text}` : text
}

type Citation = Answer['citations'][number]
type PlaceInSource = Pick<Citation, 'file' | 'line' | 'record' | 'at' | 'tool'> & { readonly endLine?: number }

/** Where a citation is: lines or a page of a file, a URL, a record of the memory, or the run that called a tool. */
export function placeOf({ file, line, endLine = line, record, at, tool }: PlaceInSource, folder: string): string {
  if (/^https?:/.test(file)) return file
  if (file === record) return `memory ${record}`
  if (tool !== undefined) return `${tool}, run ${file}`
  const path = shortPath(file, folder)
  if (at === undefined) return `${path}:${line}${endLine > line ? `-${endLine}` : ''}`
  // a document without lines and pages has the first words of the passage, which follow anyway
  const time = /(?:^|&)t=([\d.]+)/.exec(at)?.[1]
  if (time !== undefined) return `${path}, at ${clockTime(Number(time))}`
  const pages = [...at.matchAll(/(?:^|&)page=(\d+)/g)].map(([, page]) => page)
  return pages.length === 0 ? path : `${path}, ${pages.length === 1 ? 'page' : 'pages'} ${pages.join(' and ')}`
}

/** `1:05`, or `1:02:05` after an hour. */
function clockTime(seconds: number): string {
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds % 60)]
  const digits = (part: number) => String(part).padStart(2, '0')
  return hours > 0 ? `${hours}:${digits(minutes)}:${digits(rest)}` : `${minutes}:${digits(rest)}`
}

function withSources({ answer, citations }: Pick<Answer, 'answer' | 'citations'>, folder: string): string {
  if (citations.length === 0) return `${answer}\n\nNo source: the answer is not based on a text that you gave.`
  const sources = new Map<string, string>()
  const left = Map.groupBy(citations.flatMap(quotesOf), ({ vid }) => vid)
  /** The number of a place, which is that of its first mention. */
  const numberOf = (quote: Citation) => {
    const place = placeOf(quote, folder)
    const key = `${place} ${quote.at}`
    if (!sources.has(key)) sources.set(key, `${place}  ${oneLine(quote.text, 80)}`)
    return [...sources.keys()].indexOf(key) + 1
  }
  const text = answer.replace(/(?<!\s)\s*<vid>([^<\n]*)<\/vid>/g, (tag, vid: string) => {
    const quotes = left.get(vid)
    // the last place is that of all further marks
    const quote = quotes && quotes.length > 1 ? quotes.shift() : quotes?.[0]
    return quote ? ` [${numberOf(quote)}]` : tag
  })
  // a phase of your own may cite without a mark
  citations.flatMap(quotesOf).forEach(numberOf)
  return [text, '', 'Sources:', ...[...sources.values()].map((source, at) => `  [${at + 1}] ${source}`)].join('\n')
}

/** A citation with the place of each of its marks, in their order. */
export const quotesOf = (citation: Citation): Citation[] =>
  (citation.quotes ?? [citation]).map((quote) => ({ ...citation, ...quote }))
