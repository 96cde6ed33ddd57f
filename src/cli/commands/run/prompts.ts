import { is } from '../../../errors.ts'
import type { Client } from '../../../http/client/client.ts'
import { asText, isJsonObject, type Json } from '../../../kernel/json.ts'
import type { StepItem } from '../../../run/room/documents.ts'
import { jsonOrText } from '../../../yaml/json-or-text.ts'
import { singleLine } from '../../terminal/escape.ts'
import type { Terminal } from '../../terminal/terminal.ts'

/** Asks the questions of a run at the terminal, one at a time; other answers may still come from elsewhere. */
export interface Prompter {
  /** Reads the open questions of the run, and asks them. */
  look(run: string): void
  /** A step was answered, here or elsewhere: its question is dropped. */
  over(run: string, step: string): void
  /** Aborted when the person has ended the input, as with Ctrl-D: nothing more is asked. */
  readonly gone: AbortSignal
  /** Resolves when no question is open at the terminal. */
  close(): Promise<void>
}

/** Items that can be asked at the terminal; signals and money come from elsewhere. */
const PROMPTED_KINDS: readonly StepItem['kind'][] = ['prompt', 'approval', 'feedback', 'unknown']

/** Pauses the picture of a run while a question is asked. */
type ViewPause = { hold(): void; release(): void }

export function createPrompter(terminal: Terminal, client: Client, room: ViewPause, signal: AbortSignal): Prompter {
  const asked = new Set<string>()
  const current = new Map<string, AbortController>()
  const gone = new AbortController()
  let work: Promise<void> = Promise.resolve()

  async function askAll(run: string): Promise<void> {
    for (const item of await client.inbox.list({ run, content: 'whole' })) {
      const name = `${item.run} ${item.step} ${item.since}`
      if (signal.aborted || gone.signal.aborted || !PROMPTED_KINDS.includes(item.kind) || asked.has(name)) continue
      asked.add(name)
      await askNow(item)
    }
  }

  async function askNow(item: StepItem): Promise<void> {
    const end = new AbortController()
    const name = nameOf(item.run, item.step)
    current.set(name, end)
    room.hold()
    try {
      const until = AbortSignal.any([signal, end.signal])
      const isAnswered = await askOne(terminal, client, item, until)
      if (isAnswered || until.aborted) return
      // the line of the prompt is still open
      terminal.say('')
      gone.abort()
    } finally {
      current.delete(name)
      room.release()
    }
  }

  return {
    look(run) {
      if (!terminal.read) return
      work = work
        .then(() => askAll(run))
        .catch((error: unknown) => {
          if (!signal.aborted) terminal.say(error instanceof Error ? error.message : String(error))
        })
    },
    gone: gone.signal,
    over: (run, step) => current.get(nameOf(run, step))?.abort(),
    close: () => work,
  }
}

const nameOf = (run: string, step: string) => `${run} ${step}`

/** Repeats the question until the answer is valid (true), or the person is gone. */
async function askOne(terminal: Terminal, client: Client, item: StepItem, signal: AbortSignal): Promise<boolean> {
  const { run, signal: name, title, content, digest, expects } = item
  terminal.say(singleLine(title))
  if (content !== undefined) terminal.say(typeof content === 'string' ? content : JSON.stringify(content, null, 2))
  for (;;) {
    const value = await readAnswer(terminal, expects, signal)
    if (value === undefined) return false
    try {
      await client.runs.signal(run, name, digest === undefined ? value : namingDigest(value, digest))
      return true
    } catch (error) {
      if (!is(error) || error.code !== 'bad_value') throw error
      terminal.say(error.message)
    }
  }
}

/** The person has seen all of the content. */
function namingDigest(value: Json, digest: string): Json {
  return isJsonObject(value) && 'action' in value ? { ...value, digest } : value
}

type Expected = StepItem['expects']

/** Undefined: the person is gone. */
async function readAnswer(terminal: Terminal, expects: Expected, signal: AbortSignal): Promise<Json | undefined> {
  const { type, choices = [] } = expects
  const line = (prompt: string) => terminal.read!(prompt, signal)
  if (type === 'answers') return readAnswers(expects, line)
  if (type === 'approval') return readDecision(expects, line)
  if (type === 'settlement') return readSettlement(choices, line)
  if (type === 'multiline') return readLines(line)
  for (const [place, choice] of choices.entries()) terminal.say(`  ${place + 1}. ${asText(choice)}`)
  const shown = expects.default === undefined ? '' : ` [${asText(expects.default)}]`
  const answer = await line(`${HINTS[type] ?? ''}${shown}> `)
  if (answer === undefined) return undefined
  return type === 'choice' && /^\d+$/.test(answer.trim()) ? (choices[Number(answer) - 1] ?? answer) : answer
}

const HINTS: { readonly [type: string]: string } = { number: 'a number', boolean: 'yes or no', choice: 'which' }

type Line = (prompt: string) => Promise<string | undefined>

async function readDecision({ choices = [], reason: needed }: Expected, line: Line): Promise<Json | undefined> {
  const action = await line(`${choices.map(asText).join(', ')}> `)
  if (action === undefined) return undefined
  const word = action.trim().toLowerCase()
  const content = word === 'modify' ? await line('the new content> ') : undefined
  const reason = await line(needed ? 'reason> ' : 'reason (may be empty)> ')
  return { action: word, ...(reason?.trim() && { reason }), ...(content !== undefined && { content }) }
}

async function readSettlement(choices: readonly Json[], line: Line): Promise<Json | undefined> {
  const outcome = (await line(`${choices.map(asText).join(', ')}> `))?.trim().toLowerCase()
  const given = outcome === 'done' ? await line('what it returned, as JSON (may be empty)> ') : ''
  if (outcome === undefined || given === undefined) return undefined
  return { outcome, ...(given.trim() !== '' && { result: jsonOrText(given) }) }
}

async function readAnswers({ questions = [] }: Expected, line: Line): Promise<Json | undefined> {
  const answers: { [id: string]: Json } = {}
  for (const { id, type, text, question } of questions) {
    const answer = await line(`${asText(text ?? question ?? id ?? '')} (${asText(type ?? '')})> `)
    if (answer === undefined) return undefined
    if (answer.trim() !== '') answers[asText(id ?? '')] = answer
  }
  return answers
}

async function readLines(line: Line): Promise<Json | undefined> {
  const lines: string[] = []
  for (let prompt = 'several lines, an empty one ends> '; ; prompt = '> ') {
    const next = await line(prompt)
    if (next === undefined) return lines.length === 0 ? undefined : lines.join('\n')
    if (next === '') return lines.join('\n')
    lines.push(next)
  }
}
