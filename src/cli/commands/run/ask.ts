import { readFile, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { Command, InvalidArgumentError, Option } from 'commander'
import { ACCEPTED_MODALITIES } from '../../../chain/protocol/modality.ts'
import { RECURSION_MODES, type RecursionMode } from '../../../chain/protocol/recursion.ts'
import { InvalidError, is, NotFoundError, problemOf } from '../../../errors.ts'
import type { Client } from '../../../http/client/client.ts'
import type { AskRequest } from '../../../runtime/ports/threads.ts'
import { checkTexts, MOST } from '../../../runtime/threads/source-file.ts'
import { ownThread } from '../../arguments/ids.ts'
import { collect, DATA_OPTION, dollars, examples, existingFile, newId } from '../../arguments/options.ts'
import type { Cli } from '../../cli.ts'
import { type Session, withRuntime } from '../../connect/session.ts'
import type { Whereabouts } from '../../connect/target.ts'
import { viewAsk } from '../../render/live-view.ts'
import { printAnswer, printJson } from '../../render/print.ts'
import { shortPath } from '../../terminal/errors.ts'

type ModelChoice = { readonly [phase: string]: readonly string[] }

type Options = Whereabouts & {
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
    .description('Ask a question. The answer goes to stdout, with the places in the files it rests on.')
    .argument('<question>', 'the question, in quotes', question)
    .option(
      '--thread <id>',
      'the conversation that it belongs to; absent: one of its own, where nothing was said before',
    )
    .addOption(new Option('--continue', 'go on with the newest thread, with its texts').conflicts('thread'))
    .option('--file <path>', 'a file to answer from; may be given several times', collect)
    .option(
      '--model <[phase=]id,…>',
      'who answers, or who does in a phase; of several each stands in for those before it',
      choose,
    )
    .addOption(
      new Option('--modality <name>', 'what it is about; else told from the question').choices(ACCEPTED_MODALITIES),
    )
    .option('--domain <name>', 'the field it belongs to, where phases or pools of yours are for one')
    .addOption(
      new Option(
        '--recursion <mode>',
        'whether it goes round again: auto (Understanding decides), never, or step (it waits each time for "antiphon decide")',
      ).choices(RECURSION_MODES),
    )
    .option('--quick', 'look into the files and answer with one model call, without the other phases')
    .addOption(
      new Option('--budget <dollars>', 'what all questions on this thread may cost together, from now on').argParser(
        dollars,
      ),
    )
    .option('--id <id>', 'take up the question of that id; the same id gets the same answer')
    .option('--json', 'print the answer as JSON (text, citations, basis, model), or the problem of an ask that fails')
    .option(...DATA_OPTION)
    .addHelpText('after', CALLS)
    .addHelpText(
      'after',
      examples(
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
Model calls: an ask makes 6 with files and 5 without. Each further round makes up to 5 more; there are at most 3 rounds, so at most 16 calls.
With --quick it makes 1. A reply that does not have the form asked for is asked for once more.`

function question(text: string): string {
  if (text.trim() !== '') return text
  throw new InvalidArgumentError('A question is expected.')
}

/** `yield=openai/gpt-5` for one phase, `openai/gpt-5` for all that nobody is named for; several with commas. */
function choose(text: string, before: ModelChoice = {}): ModelChoice {
  const [phase = '', said = ''] = text.includes('=') ? text.split('=', 2) : ['default', text]
  const ids = said.split(',').map((id) => id.trim())
  if (!/^[a-z.]+$/.test(phase) || ids.includes(''))
    throw new InvalidArgumentError('A model is expected, such as ollama/llama3.2 or yield=ollama/llama3.2.')
  const named = Object.hasOwn(before, phase) ? before[phase]! : []
  return { ...before, [phase]: [...named, ...ids] }
}

/** Asks. With `--json` a failure is printed as an object, too, and thrown all the same. */
async function ask(cli: Cli, prompt: string, { id = newId('ask'), ...options }: Options): Promise<number> {
  const thread = options.thread ?? (options.continue ? undefined : ownThread(id))
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
    const thread = named ?? (goesOn ? await newestThread(session.client) : ownThread(id))
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
  // an admin sees the threads of all owners; only those of others have a colon
  const own = (await client.threads()).find(({ id }) => !id.includes(':'))
  if (own) return own.id
  throw new NotFoundError('There is no thread to continue.', { hint: 'Ask without --continue to begin one.' })
}

/** What stands in files, for a server that does not have them; InvalidError for one that is too large for a question. */
function textsOf(files: readonly string[], folder: string) {
  return Promise.all(files.map(async (file) => textOf(file, shortPath(file, folder))))
}

async function textOf(file: string, name: string) {
  const { size } = await stat(file)
  if (size <= MOST) return { name, text: await readFile(file, 'utf8') }
  throw new InvalidError(`${name} is larger than ${MOST / 1024 / 1024} MiB.`, {
    code: 'too_large',
    hint: 'Give a file that holds what the question is about.',
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
    // between the durable events there is what models write
    for await (const { body } of client.askEvents(request.thread, request.id, { signal: either }))
      if (!either.aborted) view.take(body)
  }
  const following = untilThere(follow, either).catch(() => {})
  try {
    return await client.ask(request, signal)
  } finally {
    // a question that fails has last events, too: they say which phase it was
    if (!signal.aborted) await Promise.race([following, sleep(LAST_EVENTS)])
    answered.abort()
    view.close()
  }
}

/** A server knows of no question before it has come. */
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

/** How long (ms) the last events may come after the answer. */
const LAST_EVENTS = 200
