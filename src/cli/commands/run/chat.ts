import { InvalidError } from '../../../errors.ts'
import { present } from '../../../lib/json/present.ts'
import { newId, parseDollars, priorityOption } from '../../arguments/options.ts'
import { FILE_OPTION, uploadFiles } from '../../arguments/uploads.ts'
import { type Cli, type ConnectionTarget, command, type OptionRecord, type OptionsOf, targetOf } from '../../cli.ts'
import { type Session, withRuntime } from '../../connect/session.ts'
import { talk } from './chat/dialog.ts'
import { followMessage, printReply } from './chat/reply.ts'

const OPTIONS = [
  FILE_OPTION,
  [
    '--conversation <id>',
    'continue this conversation, or begin it (default: a new one); OWNER:ID for one of another owner',
  ],
  ['--budget <dollars>', 'limit for the answer to each message', { parse: parseDollars }],
  priorityOption('as the agent says'),
  ['--json', 'print each reply as a line of JSON'],
] as const satisfies readonly OptionRecord[]
type Options = ConnectionTarget & OptionsOf<typeof OPTIONS>

/** The fields that all messages of this command share. */
export type Chat = {
  readonly agent: string
  readonly json: boolean
  readonly budget?: number
  readonly priority?: NonNullable<Options['priority']>
  /** paths of files that go with the first message */
  readonly file?: readonly string[]
}

/** The size of a message from standard input. One byte more is read, so that a longer one is refused. */
const MAX_MESSAGE_BYTES = 1024 * 1024

const NOTES = `
At a terminal, each line is a message. A line that ends with \\ continues in the next
line, and a pasted text is one message. A dropped file goes with the next message. If you send a message while the agent works,
it joins the work. Ctrl-C stops the work; /help lists more. Piped input is one message:
the answer goes to stdout, and the exit code is 1 if the agent does not answer it.`

export const chatCommand = command({
  name: 'chat',
  about: 'Talk with an agent. The agent sees the earlier messages of the conversation.',
  args: [['<agent>', 'name of the agent, or the path of its file']],
  options: OPTIONS,
  at: 'server',
  notes: NOTES,
  examples: ['chat clerk', 'chat clerk --conversation letters', 'chat clerk --file photo.png < question.txt'],
  run(cli, agent, options) {
    const { json = false, budget, priority, file, conversation = newId('chat') } = options
    const chat: Chat = { agent, json, ...present({ budget, priority, file }) }
    const where = { command: `antiphon chat ${agent}`, creates: true, ...targetOf(options) }
    const act = cli.terminal.read ? talk : sendInput
    return withRuntime(cli, { ...where, door: 'chat' }, (session) => act(cli, session, { ...chat, conversation }))
  },
})

/** The message on standard input. It may be empty if files go with it. */
async function readInput({ terminal }: Cli, { agent, file = [] }: Chat): Promise<string> {
  const text = (await terminal.handed?.(MAX_MESSAGE_BYTES))?.trim() ?? ''
  if (text !== '' || file.length > 0) return text
  throw new InvalidError('Expected a message on standard input, or a terminal.', {
    hint: `For example: echo "Hello." | antiphon chat ${agent}`,
  })
}

/** Sends standard input as one message and prints its reply. */
async function sendInput(
  cli: Cli,
  session: Session,
  { json, conversation, file = [], ...chat }: Chat & { readonly conversation: string },
): Promise<number> {
  const { terminal } = cli
  const text = await readInput(cli, { ...chat, json, file })
  const { client, signal, command } = session
  const files = await uploadFiles(client, file, terminal.folder)
  const message = { ...chat, conversation, text, id: newId('msg'), ...(files.length > 0 && { files }) }
  const { id } = await client.conversations.post(message)
  session.goOnWith(command('threads', 'show', conversation))
  const reply = await followMessage({ terminal, session, conversation, goals: new Set() }, id)
  if (signal.aborted) return 130
  printReply(terminal, reply, json)
  return EXIT_CODES[reply.status] ?? 1
}

const EXIT_CODES: { readonly [status: string]: number } = { completed: 0, cancelled: 130 }
