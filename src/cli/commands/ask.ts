import { setTimeout as sleep } from 'node:timers/promises'
import { Command, InvalidArgumentError } from 'commander'
import type { AskRequest } from '../../runtime.ts'
import type { Cli } from '../cli.ts'
import { collect, DATA_OPTION, examples, existingFile, newId } from '../options.ts'
import { printAnswer } from '../print.ts'
import { type Session, withRuntime } from '../session.ts'
import { viewAsk } from '../view.ts'

type Options = {
  readonly thread: string
  readonly file?: readonly string[]
  readonly id?: string
  readonly json?: boolean
  readonly data?: string
}

/** `ask "…"`: one question through the phase chain. */
export function askCommand(cli: Cli): Command {
  return new Command('ask')
    .description('Ask a question. The answer goes to stdout, with the places in the files it rests on.')
    .argument('<question>', 'the question, in quotes', question)
    .option('--thread <id>', 'the conversation it belongs to; what was said there is known', 'main')
    .option('--file <path>', 'a file to answer from; may be given several times', collect)
    .option('--id <id>', 'take up the question of that id; the same id gets the same answer')
    .option('--json', 'print the answer as JSON: text, citations, model')
    .option(...DATA_OPTION)
    .addHelpText(
      'after',
      examples(
        'ask "Who pays?" --file contract.txt',
        'ask "And when?"',
        'ask "Who pays?" --thread lease --file lease.md --json',
      ),
    )
    .action(async (prompt: string, options: Options) => cli.exit(await ask(cli, prompt, options)))
}

function question(text: string): string {
  if (text.trim() !== '') return text
  throw new InvalidArgumentError('A question is expected.')
}

function ask(
  cli: Cli,
  prompt: string,
  { thread, file = [], id = newId('ask'), json = false, data }: Options,
): Promise<number> {
  const files = file.map((path) => existingFile(path, cli.terminal.folder))
  const request = { prompt, thread, id, files }
  return withRuntime(cli, { command: 'antiphon ask', data }, async (session) => {
    const paths = file.flatMap((path) => ['--file', path])
    session.goOnWith(session.command('ask', prompt, '--thread', thread, '--id', id, ...paths))
    const answer = await watch(cli, session, request)
    printAnswer(cli.terminal, answer, json)
    return answer.status === 'completed' ? 0 : 1
  })
}

async function watch({ terminal }: Cli, { client, signal }: Session, request: AskRequest & { readonly id: string }) {
  const view = viewAsk(terminal)
  const answered = new AbortController()
  const either = AbortSignal.any([signal, answered.signal])
  either.addEventListener('abort', () => view.close(), { once: true })
  const follow = async () => {
    for await (const { n, body } of client.askEvents(request.thread, request.id, { signal: either }))
      if (n !== undefined && !either.aborted) view.take(body)
  }
  const following = follow().catch(() => {})
  try {
    const answer = await client.ask(request, signal)
    await Promise.race([following, sleep(LAST_EVENTS)])
    return answer
  } finally {
    answered.abort()
  }
}

/** How long (ms) the last events may come after the answer. */
const LAST_EVENTS = 200
