import type { ModelTask } from '../../prompt/task.ts'
import { sentenceRanges } from '../../text/sentences.ts'

/** The intent of a free instruction, with its sign, or the reason why selecting text cannot fulfil it. */
export type Intent =
  | { readonly task: ModelTask; readonly why: string }
  | { readonly refused: string; readonly why: string }

const SUMMARY =
  /\b(?:summari[sz]e|summary|sum up|condense|shorten|tl;?dr|digest|recap|gist|key (?:points|takeaways|findings)|main (?:points|ideas))\b/i
const POLITE =
  '(?:please |now |then |kindly |(?:can|could|would|will) you |i (?:want|need) you to |your task is to |you (?:should|must|are to) )*'
const INVENTION = new RegExp(
  `^${POLITE}(?:write|compose|draft|generate|create|brainstorm|design|propose|suggest|come up with|plan|tell me a)\\b`,
  'i',
)
/** Words that ask for a changed text, summarised or not. */
const CHANGE = new RegExp(
  `^${POLITE}(?:invent|imagine|make up|translate|rewrite|rephrase|paraphrase|correct|fix|improve|polish|convert|expand|elaborate|simplify)\\b`,
  'i',
)
const LANGUAGE =
  /\b(?:in|into|to) (?:arabic|chinese|czech|danish|dutch|finnish|french|german|greek|hebrew|hindi|hungarian|italian|japanese|korean|latin|norwegian|polish|portuguese|romanian|russian|spanish|swedish|thai|turkish|ukrainian|vietnamese)\b/i
const YES_OR_NO = /\b(?:yes or no|true or false|yes\/no|true\/false)\b/i
const LISTING = /\b(?:list|enumerate|itemi[sz]e|name (?:all|each|every)|bullet(?:ed)? list)\b/i
const EXTRACTION = /\b(?:extract|pull out|find (?:all|every|each)|collect|identify|quote|get (?:all|the))\b/i

/** The table of signs: the first match decides. Inventing is looked for only at the start of each sentence. */
const INTENT_SIGNS: readonly (readonly [ModelTask['kind'], RegExp])[] = [
  ['summarise', SUMMARY],
  ['list', LISTING],
  ['extract', EXTRACTION],
]

/** Characters of an instruction that are considered. */
const MAX_INSTRUCTION_LENGTH = 4000
const NUMBERS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten']
const COUNTED =
  /\b(\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|single) (?:[\w-]{1,20} ){0,2}?(bullets?|bullet points?|points?|sentences?|items?|things|reasons|words?|lines?|facts|examples|takeaways|findings|names)\b/i
/** Words that introduce choices; `as` and `into` do so for sorting. */
const CHOICE_LEAD =
  '\\b(?:one of|either)\\b\\s*[:(]?|\\b(?:options?|choices|labels?|categor(?:y|ies))\\s*[:(]|' +
  '\\b(?:classif|categori[sz]|label|sort|tag|rate|mark|count)[^.?!\\n]{0,80}?(?<!such )\\b(?:as|into)\\b\\s*[:(]?'
const CHOICE_LIST = new RegExp(
  `(?:${CHOICE_LEAD})\\s*((?:["'\`]?[\\w /-]{1,30}["'\`]?\\s*[,|;]\\s*){1,20}(?:or |and )?["'\`]?[\\w /-]{1,30}["'\`]?)`,
  'i',
)
const CHOICE_PAIR =
  /\b(?:positive|negative|either|whether (?:it|this) is|is (?:it|this)) ?["'`]?([\w-]{0,20})["'`]? or ["'`]?([\w-]{2,20})["'`]?/i

/** Recognises an instruction in plain English by a closed table of signs. Anything else counts as a question. */
export function readTask(said: string, given: readonly string[] = []): Intent {
  const instruction = said.slice(0, MAX_INSTRUCTION_LENGTH)
  const choices = given.length > 1 ? given : choicesIn(instruction)
  const bounds = boundsIn(instruction)
  if (YES_OR_NO.test(instruction))
    return { task: { kind: 'decide', question: questionIn(instruction) }, why: 'asks for yes or no' }
  if (choices.length > 1) {
    const described = Object.fromEntries(choices.map((choice) => [choice, '']))
    return { task: { kind: 'choose', choices: described }, why: `names ${choices.length} choices` }
  }
  const sign = INTENT_SIGNS.find(([, words]) => words.test(instruction))
  if (isBeyond(instruction, sign?.[0] === 'summarise'))
    return { refused: 'this asks for text that is not in it', why: 'asks to write' }
  if (sign)
    return { task: { kind: sign[0], question: instruction, ...bounds }, why: `says ${sign[1].exec(instruction)![0]}` }
  if (instruction.trim() === '') return { task: { kind: 'summarise' }, why: 'asks nothing' }
  return { task: { kind: 'answer', question: questionIn(instruction), ...bounds }, why: 'taken as a question' }
}

/** A summary is selected sentences, so it is always in the language of the text. */
function isBeyond(instruction: string, isSummary: boolean): boolean {
  if (isSummary && LANGUAGE.test(instruction)) return true
  const sentences = instruction.split(/[.?!\n]\s*/).map((sentence) => sentence.trim())
  return sentences.some((sentence) => CHANGE.test(sentence) || (!isSummary && INVENTION.test(sentence)))
}

/** The last sentence with a question mark, else the whole text. */
function questionIn(instruction: string): string {
  const sentences = instruction
    .split('\n')
    .flatMap((line) =>
      sentenceRanges(line, { start: 0, end: line.length }).map(({ start, end }) => line.slice(start, end)),
    )
  return sentences.findLast((sentence) => /[?？؟]$/.test(sentence)) ?? instruction
}

function boundsIn(instruction: string): Pick<ModelTask, 'count' | 'words'> {
  const [, figure = '', unit = ''] = COUNTED.exec(instruction) ?? []
  const number = NUMBERS.includes(figure.toLowerCase())
    ? NUMBERS.indexOf(figure.toLowerCase())
    : Number(figure.replace(/single/i, '1'))
  if (figure === '' || number === 0) return {}
  return /^words?$/i.test(unit) ? { words: number } : { count: number }
}

/** `one of: a, b or c` and `positive or negative`. */
function choicesIn(instruction: string): readonly string[] {
  const list = CHOICE_LIST.exec(instruction)?.[1]
  if (list !== undefined) return splitChoices(list.replace(/\b(?:or|and)\b/g, ','))
  const pair = CHOICE_PAIR.exec(instruction)
  if (!pair) return []
  return [pair[1] || pair[0].split(' ')[0]!, pair[2]!]
}

/** The entries of a list that is written with commas, with bars, or on separate lines. */
export function splitChoices(text: string): string[] {
  const entries = text.split(/[\n,|;]/).map((entry) =>
    entry
      .replace(/^\s*(?:[-*]|\d{1,2}[.)])\s+/, '')
      .replace(/["'`().]/g, '')
      .trim(),
  )
  return [...new Set(entries.filter(Boolean))]
}
