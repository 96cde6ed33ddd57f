import type { Document } from '../../prompt/task.ts'
import { linesOf } from '../../text/blocks.ts'
import { sentenceRanges } from '../../text/sentences.ts'
import { splitChoices } from './intent.ts'

/** A prompt in its parts: text between delimiters is data unless its label says otherwise. */
export type PromptParts = {
  readonly documents: Document[]
  readonly instructions: string[]
  readonly choices: string[]
}

const OPENING = /<([A-Za-z][\w-]{0,60})((?:\s+[\w-]{1,40}="[^"]{0,200}")*)\s*>/g
const INSTRUCTION_TAG = /^(?:\w+_)?(?:instructions?|question|query|task|prompt)$/i
const CHOICES_TAG = /^(?:options?|choices?|labels?|categories)$/i
const IGNORED_TAG = /^(?:model_config|think|thinking|examples?)$/i
const NAME_ATTRIBUTE = /(?:name|id|source|path|title)="([^"]*)"/
const FENCES = ['```', '~~~', '"""']
const DATA_LABEL =
  /^\s*(?:#+\s*)?(text|context|documents?|input|data|article|content|passage|notes?|review|email|message|transcript|source|readme|log|report|comment)\s*:\s*/i
const INSTRUCTION_LABEL = /^\s*(?:#+\s*)?(?:question|q|task|instructions?|query|request)\s*:\s*/i
const CHOICES_LABEL = /^\s*(?:options|choices|labels|categories)\s*:\s*/i
const ANSWER_LABEL = /^\s*(?:answer|a|output|response|result|summary|label|category)\s*:\s*$/i

/** Moves tags, fences and labelled blocks of a prompt into `parts`; returns the text outside of them. */
export function extractDelimited(text: string, parts: PromptParts): string {
  const rest = FENCES.reduce((left, fence) => takeBetween(left, fence, parts), takeTags(text, parts))
  return takeLabelled(rest, parts)
}

function takeTags(text: string, parts: PromptParts): string {
  const unclosed = new Set<string>()
  let [rest, from] = ['', 0]
  for (const match of text.matchAll(OPENING)) {
    const [opening, tag = '', attributes = ''] = match
    if (match.index < from || unclosed.has(tag)) continue
    const start = match.index + opening.length
    const end = text.indexOf(`</${tag}>`, start)
    if (end === -1) {
      unclosed.add(tag)
      continue
    }
    takeTag(tag, attributes, text.slice(start, end), parts)
    rest += `${text.slice(from, match.index)}\n`
    from = end + tag.length + 3
  }
  return rest + text.slice(from)
}

function takeTag(tag: string, attributes: string, inner: string, parts: PromptParts): void {
  if (IGNORED_TAG.test(tag)) return
  if (INSTRUCTION_TAG.test(tag)) parts.instructions.push(inner.trim())
  else if (CHOICES_TAG.test(tag)) takeChoices(inner, parts)
  else parts.documents.push({ name: NAME_ATTRIBUTE.exec(attributes)?.[1] ?? tag, text: inner })
}

function takeChoices(text: string, { choices }: PromptParts): void {
  for (const choice of splitChoices(text)) choices.push(choice)
}

/** Takes the text between pairs of fences. A last fence without a partner counts as text. */
function takeBetween(text: string, fence: string, parts: PromptParts): string {
  const pieces = text.split(fence)
  const paired = pieces.length % 2 === 1 ? pieces : [...pieces.slice(0, -2), pieces.slice(-2).join(fence)]
  for (const inner of paired.filter((_, at) => at % 2 === 1))
    parts.documents.push({ name: 'block', text: fence === '"""' ? inner : inner.replace(/^[^\n]*\n/, '') })
  return paired.filter((_, at) => at % 2 === 0).join('\n')
}

function takeLabelled(text: string, parts: PromptParts): string {
  const free: string[] = []
  let data: { name: string; lines: string[] } | undefined
  const close = () => data && parts.documents.push({ name: data.name, text: data.lines.join('\n') })
  for (const { text: line } of linesOf(text)) {
    const label = DATA_LABEL.exec(line)
    const ends = label ?? INSTRUCTION_LABEL.exec(line) ?? CHOICES_LABEL.exec(line) ?? ANSWER_LABEL.exec(line)
    if (!ends) {
      ;(data?.lines ?? free).push(line)
      continue
    }
    close()
    const said = line.slice(ends[0].length)
    data = label ? { name: label[1]!.toLowerCase(), lines: [said] } : undefined
    if (INSTRUCTION_LABEL.test(line)) parts.instructions.push(said)
    else if (CHOICES_LABEL.test(line)) takeChoices(said, parts)
  }
  close()
  return free.join('\n')
}

const ORDER =
  /^(?:please |now |then |kindly |(?:can|could|would|will) you |i (?:want|need) you to |your task is to |you (?:should|must|are to) )*(?:summari[sz]e|sum up|condense|shorten|list|enumerate|name|classify|categori[sz]e|label|choose|select|pick|decide|extract|find|identify|get|collect|quote|rewrite|rephrase|translate|correct|improve|convert|expand|simplify|write|compose|draft|generate|create|answer|explain|describe|analy[sz]e|review|compare|evaluate|rate|count|return|respond|reply|give|provide|use|do not|don't|only|read|based on|using|from the|in (?:one|two|three|\d))\b/i
const MAX_ORDER_LENGTH = 300
const HEAD = /^([^:\n]{4,200}):\s+(?=\S)/

/** Splits a prompt without delimiters: sentences at its edges that order or ask instruct, the rest is data. */
export function splitUndelimited(text: string): { readonly instruction: string; readonly data: string } {
  const head = HEAD.exec(text)
  if (head && isOrder(head[1]!)) return { instruction: head[1]!, data: text.slice(head[0].length).trim() }
  const ranges = paragraphsOf(text).flatMap((range) => sentenceRanges(text, range))
  const orders = ranges.map(({ start, end }) => isOrder(text.slice(start, end)))
  const first = orders.indexOf(false)
  const last = orders.lastIndexOf(false)
  if (first === -1) return { instruction: text.trim(), data: '' }
  const [from, to] = [ranges[first]!.start, ranges[last]!.end]
  return {
    instruction: [text.slice(0, from).trim(), text.slice(to).trim()].filter(Boolean).join('\n'),
    data: text.slice(from, to),
  }
}

function isOrder(sentence: string): boolean {
  return sentence.length <= MAX_ORDER_LENGTH && (ORDER.test(sentence.trim()) || /\?\s*$/.test(sentence))
}

function paragraphsOf(text: string): { start: number; end: number }[] {
  let start = 0
  return text.split(/(\n\s*\n)/).map((piece) => {
    const range = { start, end: start + piece.length }
    start = range.end
    return range
  })
}
