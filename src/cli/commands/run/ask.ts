import { readFile, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { Command, InvalidArgumentError, Option } from 'commander'
import { ACCEPTED_MODALITIES } from '../../../chain/protocol/modality.ts'
import { RECURSION_MODES, type RecursionMode } from '../../../chain/protocol/recursion.ts'
import { InvalidError, is, NotFoundError, problemOf } from '../../../errors.ts'
import type { Client } from '../../../http/client/client.ts'
import type { AskRequest } from '../../../runtime/ports/threads.ts'
import { checkTexts, MAX_SOURCE_BYTES } from '../../../runtime/threads/source-file.ts'
import { threadOfAsk } from '../../arguments/ids.ts'
import {
  collectRepeated,
  DATA_OPTION,
  exampleText,
  existingFile,
  newId,
  parseDollars,
} from '../../arguments/options.ts'
import type { Cli } from '../../cli.ts'
import { type Session, withRuntime } from '../../connect/session.ts'
import type { ConnectionTarget } from '../../connect/target.ts'
import { viewAsk } from '../../render/live-view.ts'
import { printAnswer, printJson } from '../../render/print.ts'
import { shortPath } from '../../terminal/errors.ts'
import { formatSize } from '../../terminal/format.ts'

type ModelChoice = { readonly [phase: string]: readonly string[] }

type Options = ConnectionTarget & {
  readonly thread?: string
  readonly continue?: true
  readonly file?: readonly string[]
  readonly id?: string
  readonly model?: ModelChoice
  readonly modality?: string
  readonly domain?: string
  readonly recursion?: RecursionMode
  readonly quick?: true
  readonly budget?: number
  readonly json?: boolean
}

/** `ask "…"`: one question through the phase chain. */
export function askCommand(cli: Cli): Command {
  return new Command('ask')
    .description('Ask a question and print the answer with its sources. Sources are places in the files that you give.')
    .argument('<question>', 'the question, in quotes', question)
    .option('--thread <id>', 'ask on this thread, with its earlier messages (default: a new thread)')
    .addOption(new Option('--continue', 'continue the newest thread, with its files').conflicts('thread'))
    .option('--file <path>', 'answer from this file; can be repeated', collectRepeated)
    .option(
      '--model <[phase=]id,…>',
      'model for the answer or for one phase; later ids in a list are fallbacks',
      choose,
    )
    .addOption(
      new Option('--modality <name>', 'what the question is about')
        .choices(ACCEPTED_MODALITIES)
        .default(undefined, 'derived from it'),
    )
    .option('--domain <name>', 'subject area, if you have phases or pools for one')
    .addOption(
      new Option(
        '--recursion <mode>',
        'further cycles; auto: Understanding decides, step: wait for "antiphon decide"',
      ).choices(RECURSION_MODES),
    )
    .option('--quick', 'search the files and answer with one model call; skip the other phases')
    .addOption(
      new Option('--budget <dollars>', 'limit for all questions on this thread from now on').argParser(parseDollars),
    )
    .option('--id <id>', 'id of the question; the same id gets the same answer')
    .option('--json', 'print the answer, or the problem, as JSON')
    .option(...DATA_OPTION)
    .addHelpText('after', CALLS)
    .addHelpText(
      'after',
      exampleText(
        'ask "Who pays?" --file contract.txt',
        'ask "And when?" --continue',
        'ask "Who pays?" --file contract.txt --quick',
        'ask "Who pays?" --file lease.md --model ollama/llama3.2 --model yield=openai/gpt-5',
        'ask "Who pays?" --thread lease --file lease.md --json',
      ),
    )
    .action(async (prompt: string, options: Options) => cli.exit(await ask(cli, prompt, options)))
}

const CALLS = `
Model calls: an ask makes 6 with files and 5 without. Each further cycle makes up
to 5 more; there are at most 3 cycles, so at most 16 calls. With --quick it makes
1. A reply in the wrong format is requested once more.`

function question(text: string): string {
  if (text.trim() !== '') return text
  throw new InvalidArgumentError('Expected a question, got an empty text.')
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

/** Asks. With `--json` a failure is printed as an object, too, and thrown all the same. */
async function ask(cli: Cli, prompt: string, { id = newId('ask'), ...options }: Options): Promise<number> {
  const thread = options.thread ?? (options.continue ? undefined : threadOfAsk(id))
  try {
    return await askOn(cli, prompt, { ...options, id })
  } catch (error) {
    if (options.json && is(error)) printJson(cli.terminal, { id, thread, status: 'failed', problem: problemOf(error) })
    throw error
  }
}

function askOn(
  cli: Cli,
  prompt: string,
  {
    thread: named,
    continue: goesOn,
    file = [],
    id,
    model,
    modality,
    domain,
    recursion,
    quick,
    budget,
    json = false,
    ...where
  }: Options & { readonly id: string },
): Promise<number> {
  const files = file.map((path) => existingFile(path, cli.terminal.folder))
  checkTexts(files)
  return withRuntime(cli, { command: 'antiphon ask', creates: true, ...where }, async (session) => {
    const thread = named ?? (goesOn ? await newestThread(session.client) : threadOfAsk(id))
    const paths = file.flatMap((path) => ['--file', path])
    const mode = [...(recursion ? ['--recursion', recursion] : []), ...(quick ? ['--quick'] : [])]
    session.goOnWith(session.command('ask', prompt, '--thread', thread, '--id', id, ...paths, ...mode))
    const from = session.isAway ? { texts: await textsOf(files, cli.terminal.folder) } : { files }
    const chosen = {
      ...(model && { models: model }),
      ...(modality !== undefined && { modality }),
      ...(domain !== undefined && { domain }),
      ...(recursion && { recursion }),
      ...(quick && { quick }),
      ...(budget !== undefined && { budget }),
    }
    const answer = await watch(cli, session, { prompt, thread, id, ...from, ...chosen })
    printAnswer(cli.terminal, answer, json)
    return answer.status === 'completed' ? 0 : 1
  })
}

async function newestThread(client: Client): Promise<string> {
  // an admin sees the threads of all owners; only threads of others have a colon
  const own = (await client.threads.list()).find(({ id }) => !id.includes(':'))
  if (own) return own.id
  throw new NotFoundError('There is no thread to continue.', { hint: 'Ask without --continue to begin one.' })
}

/** The texts of files, for a server that does not have them. InvalidError if a file is too large for a question. */
function textsOf(files: readonly string[], folder: string) {
  return Promise.all(files.map(async (file) => textOf(file, shortPath(file, folder))))
}

async function textOf(file: string, name: string) {
  const { size: bytes } = await stat(file)
  if (bytes <= MAX_SOURCE_BYTES) return { name, text: await readFile(file, 'utf8') }
  throw new InvalidError(`${name} is larger than ${formatSize(MAX_SOURCE_BYTES)}.`, {
    code: 'too_large',
    hint: 'Give a smaller file with the part that the question is about.',
  })
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
