import { sentenceRanges } from '../../text/sentences.ts'

const ORDER =
  /^(?:please |now |then |kindly |(?:can|could|would|will) you |i (?:want|need) you to |your task is to |you (?:should|must|are to) )*(?:summari[sz]e|sum up|condense|shorten|list|enumerate|name|classify|categori[sz]e|label|choose|select|pick|decide|extract|find|identify|get|collect|quote|rewrite|rephrase|translate|correct|improve|convert|expand|simplify|write|compose|draft|generate|create|answer|explain|describe|analy[sz]e|review|compare|evaluate|rate|count|return|respond|reply|give|provide|use|do not|don't|only|read|based on|using|from the|in (?:one|two|three|\d))\b/i
const LONGEST_ORDER = 300
const HEAD = /^([^:\n]{4,200}):\s+(?=\S)/

/** A prompt without delimiters in two: sentences at its edges that order or ask are the instruction, the rest is data. */
export function partUndelimited(text: string): { readonly instruction: string; readonly data: string } {
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
  return sentence.length <= LONGEST_ORDER && (ORDER.test(sentence.trim()) || /\?\s*$/.test(sentence))
}

function paragraphsOf(text: string): { start: number; end: number }[] {
  let start = 0
  return text.split(/(\n\s*\n)/).map((piece) => {
    const range = { start, end: start + piece.length }
    start = range.end
    return range
  })
}
