import { setTimeout as sleep } from 'node:timers/promises'
import { InvalidArgumentError } from 'commander'
import { InvalidError, is, NotFoundError, problemOf } from '../../../errors.ts'
import type { Client } from '../../../http/client/client.ts'
import { encodingOf } from '../../../lib/encoding/encoding.ts'
import { present } from '../../../lib/json/present.ts'
import { MODALITIES } from '../../../lib/media/modality.ts'
import { RECURSION_MODES } from '../../../thread/protocol/cycle-decision.ts'
import { checkName } from '../../../thread/protocol/domain.ts'
import type { AskRequest } from '../../../thread/room/port.ts'
import { checkTexts } from '../../../thread/room/sources.ts'
import { threadOfAsk } from '../../arguments/ids.ts'
import { collectRepeated, existingSource, newId, parseDollars, priorityOption } from '../../arguments/options.ts'
import { type Cli, type ConnectionTarget, command, type OptionRecord, type OptionsOf } from '../../cli.ts'
import { type Session, withRuntime } from '../../connect/session.ts'
import { viewAsk } from '../../render/live-view.ts'
import { printAnswer } from '../../render/print.ts'
import { filterIn, parseMoment } from '../data/memory/options.ts'
import { type AskNote, readPrompt, textsOf } from './ask-texts.ts'

type ModelChoice = { readonly [phase: string]: readonly string[] }

const CALLS = `
Model calls: 6 with texts, else 5. Each further cycle makes up to 5 more: at most
16 in all, and more with hits of the web or with --tools. --quick makes 1.
--about makes 8 more, once in a thread.
A reply in the wrong format is requested once more.`

const OPTIONS = [
  ['--thread <id>', 'ask on this thread (default: a new thread)'],
  ['--continue', 'continue the newest thread, with its files', { conflicts: 'thread' }],
  ['--file <path>', 'answer from this file, folder or "src/**/*.ts"; can be repeated', { parse: collectRepeated }],
  ['--about <model>', 'probe this model with eight calls, and answer from what they show'],
  ['--encoding <name>', 'encoding of the files (default: detected)', { parse: knownEncoding }],
  [
    '--model <[phase=]id,…>',
    'model for the answer or for one phase; later ids in a list are fallbacks',
    { parse: choose },
  ],
  [
    '--modality <name>',
    `what it is about: ${MODALITIES.join(', ')}, or a modality of your phases`,
    { shown: 'derived from it' },
  ],
  ['--domain <name>', 'subject area: a domain of antiphon.yaml, or auto'],
  [
    '--recursion <mode>',
    'further cycles; auto: Understanding decides, step: wait for "antiphon decide"',
    { choices: RECURSION_MODES },
  ],
  ['--quick', 'search the texts and answer with one model call'],
  ['--tools <name,…>', 'tools that the model may call, such as read or grep', { parse: collectNames }],
  ['--no-web', 'do not search the web'],
  [
    '--check <name>',
    'check the answer: cited, numbers, quotes or "fresh: 90d"; can be repeated',
    { parse: collectChecks },
  ],
  ['--space <path>', 'search only this space of the memory'],
  ['--as-of <time>', 'use the facts that were true at this time', { parse: parseMoment }],
  ['--known-at <time>', 'use what the memory knew at this time', { parse: parseMoment }],
  ['--no-memory', 'neither search the memory nor add to it'],
  ['--share', 'share the question with all users, without a name'],
  ['--no-share', 'do not share it (default: as "antiphon ledger share" says)'],
  ['--priors', 'also search questions that others have shared'],
  ['--remember', 'add the question and its answer to the memory'],
  ['--budget <dollars>', 'limit for all questions on this thread from now on', { parse: parseDollars }],
  priorityOption('high'),
  ['--id <id>', 'id of the question; the same question with the same id gets the same answer'],
  ['--json', 'print the answer, or the problem, as JSON'],
] as const satisfies readonly OptionRecord[]
type Options = ConnectionTarget & OptionsOf<typeof OPTIONS>

export const askCommand = command({
  name: 'ask',
  about: 'Ask a question. The answer names its sources in your files and your memory.',
  args: [['<question>', 'the question, in quotes; - reads it from standard input', { parse: question }]],
  options: OPTIONS,
  at: 'server',
  notes: CALLS,
  examples: [
    'ask "Who pays?" --file contract.txt',
    'ask "And when?" --continue',
    'ask "Who pays?" --file contract.txt --quick',
    'ask "Who pays?" --file lease.md --model ollama/llama3.2 --model yield=openai/gpt-5',
    'ask - --file contract.txt < question.txt',
    'ask "Which note names the pier?" --tools read,grep',
    'ask "Does it call tools?" --about ollama/llama3.2 --budget 0.10',
    'ask "Where does Eve live?" --space people --as-of 2026-02-01',
  ],
  async run(cli, given, { id: repeated, ...options }) {
    const id = repeated ?? newId('ask')
    const thread = options.thread ?? (options.continue ? undefined : threadOfAsk(id))
    const notes: AskNote[] = []
    try {
      const prompt = given === '-' ? await readPrompt(cli.terminal) : given
      return await askOn(cli, prompt, { ...options, id, isRepeatable: repeated !== undefined, notes })
    } catch (error) {
      // with --json a failure is printed as an object too
      const failure = { id, thread, status: 'failed', ...(notes.length > 0 && { degraded: notes }) }
      if (options.json && is(error)) cli.terminal.json({ ...failure, problem: problemOf(error) })
      throw error
    }
  },
})

function question(text: string): string {
  if (text.trim() !== '') return text
  throw new InvalidArgumentError('Expected a question, got an empty text.')
}

function knownEncoding(name: string): string {
  if (encodingOf(name) !== undefined) return name
  throw new InvalidArgumentError('Expected an encoding, such as windows-1252, utf-16le or shift_jis.')
}

/** Names with commas, or several options. */
function collectNames(given: string, earlier: readonly string[] = []): readonly string[] {
  const names = given.split(',').map((name) => name.trim())
  if (!names.includes('')) return [...earlier, ...names]
  throw new InvalidArgumentError('Expected names of tools, such as read,word-count.')
}

function collectChecks(name: string, before: readonly string[] = []): readonly string[] {
  const read = checkName.safeParse(name)
  if (read.success) return [...before, name]
  throw new InvalidArgumentError(`${read.error.issues[0]!.message.replace(/^e/, 'E')}.`.replace('?.', '?'))
}

/** `yield=openai/gpt-5` for one phase, `openai/gpt-5` for all other phases; several with commas. */
function choose(text: string, before: ModelChoice = {}): ModelChoice {
  const [phase = '', said = ''] = text.includes('=') ? text.split('=', 2) : ['default', text]
  const ids = said.split(',').map((id) => id.trim())
  if (!/^[a-z.]+$/.test(phase) || ids.includes(''))
    throw new InvalidArgumentError('Expected a model, such as ollama/llama3.2 or yield=ollama/llama3.2.')
  const named = Object.hasOwn(before, phase) ? before[phase]! : []
  return { ...before, [phase]: [...named, ...ids] }
}

async function askOn(
  cli: Cli,
  prompt: string,
  options: Options & { readonly id: string; readonly isRepeatable: boolean; readonly notes: AskNote[] },
): Promise<number> {
  const {
    thread: named,
    continue: goesOn,
    file = [],
    encoding,
    id,
    about,
    model,
    modality,
    domain,
    recursion,
    quick,
    tools,
    web,
    check,
    share,
    priors,
    budget,
    priority,
    json = false,
    isRepeatable,
    notes,
    ...where
  } = options
  const files = file.map((path) => existingSource(path, cli.terminal.folder))
  await checkTexts(files)
  const memory = memoryIn(where, cli.terminal)
  return withRuntime(cli, { command: 'antiphon ask', creates: true, ...where }, async (session) => {
    const thread = named ?? (goesOn ? await newestThread(session.client) : threadOfAsk(id))
    session.goOnWith(session.command('ask', prompt, ...wordsOf({ ...options, thread, continue: false })))
    const isHere = !session.isAway && encoding === undefined
    const from = isHere ? { files } : { texts: await textsOf(files, cli.terminal, encoding, notes) }
    const chosen = {
      ...present({ about, models: model, modality, domain, recursion, quick, tools, checks: check, share }),
      ...present({ budget, priority }),
      ...(priors && { priors }),
      ...(!web && { web }),
      ...memory,
    }
    const request = { prompt, thread, id, ...from, ...chosen }
    // a question that is refused shows nothing of an earlier one with its id
    if (isRepeatable) await session.client.threads.startAsk(request)
    const answer = await watch(cli, session, request)
    printAnswer(cli.terminal, json ? { ...answer, degraded: [...notes, ...answer.degraded] } : answer, json)
    return answer.status === 'completed' ? 0 : 1
  })
}

function wordsOf(options: Options): readonly string[] {
  return OPTIONS.flatMap(([flags]) => {
    const [option, no, name] = /^--(no-)?([a-z-]+)/.exec(flags)!
    const value: unknown = options[camelCase(name!) as keyof Options]
    if (typeof value === 'boolean') return value === (no === undefined) ? [option] : []
    return wordsFor(name!, value).flatMap((word) => [option, word])
  })
}

const camelCase = (name: string) => name.replace(/-./g, ([, letter]) => letter!.toUpperCase())

function wordsFor(name: string, value: unknown): readonly string[] {
  if (value === undefined) return []
  if (name === 'model') return Object.entries(value as ModelChoice).map(([phase, ids]) => `${phase}=${ids.join(',')}`)
  return [value]
    .flat()
    .map((one) => (/^(?:as-of|known-at)$/.test(name) ? new Date(Number(one)).toISOString() : String(one)))
}

/** How the ask uses the memory, as a request says it. */
function memoryIn(
  { memory, remember, ...filters }: Omit<Options, 'web' | 'tools' | 'share' | 'priors'>,
  terminal: Cli['terminal'],
) {
  const used = { ...filterIn(filters, terminal), ...(remember && { remember }) }
  if (memory) return Object.keys(used).length > 0 ? { memory: used } : {}
  if (Object.keys(used).length === 0) return { memory: false } as const
  throw new InvalidError('Expected --no-memory or options of the memory, got both.')
}

async function newestThread(client: Client): Promise<string> {
  // an admin sees the threads of all owners; only threads of others have a colon
  const own = (await client.threads.list()).find(({ id }) => !id.includes(':'))
  if (own) return own.id
  throw new NotFoundError('There is no thread to continue.', { hint: 'Ask without --continue to begin one.' })
}

async function watch(
  { terminal }: Cli,
  { client, signal, command }: Session,
  request: AskRequest & { readonly id: string },
) {
  const view = await viewAsk(terminal, command('decide', request.id, 'accept'))
  const answered = new AbortController()
  const either = AbortSignal.any([signal, answered.signal])
  either.addEventListener('abort', () => view.close(), { once: true })
  const follow = async (): Promise<void> => {
    // between durable events come the texts that models write
    for await (const { body } of client.threads.askEvents(request.thread, request.id, { signal: either }))
      if (!either.aborted) view.take(body)
  }
  const following = untilThere(follow, either).catch(() => {})
  try {
    return await client.threads.ask(request, signal)
  } finally {
    // a question that fails has last events, too: they say which phase it was
    if (!signal.aborted) await Promise.race([following, sleep(LAST_EVENTS_TIMEOUT_MS)])
    answered.abort()
    view.close()
  }
}

/** A server does not know a question before it arrives. */
async function untilThere(follow: () => Promise<void>, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      return await follow()
    } catch (error) {
      if (!is(error, 'NotFoundError') || signal.aborted) throw error
      await sleep(100)
    }
  }
}

/** The last events may come this long (ms) after the answer. */
const LAST_EVENTS_TIMEOUT_MS = 200
