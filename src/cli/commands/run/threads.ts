import type { AskDocument, ThreadSummary } from '../../../thread/room/port.ts'
import { parseLimit } from '../../arguments/options.ts'
import type { Cli } from '../../cli.ts'
import { command } from '../../command.ts'
import { withReader } from '../../connect/reader.ts'
import { withRuntime } from '../../connect/session.ts'
import { targetOf } from '../../connect/target.ts'
import { printJson, showList } from '../../render/print.ts'
import { printTable } from '../../render/table.ts'
import { fileLine } from '../../render/text.ts'
import { singleLine } from '../../terminal/escape.ts'
import { formatCount, localTime } from '../../terminal/format.ts'
import type { Terminal } from '../../terminal/terminal.ts'

const threadsListCommand = command({
  name: 'list',
  about: 'List threads, the newest first by their first message.',
  options: [
    ['--json', 'print them as JSON'],
    ['--limit <number>', 'maximum number of threads, up to 1000', { parse: parseLimit, default: 20 }],
  ],
  at: 'server',
  examples: ['threads list', 'threads list --json'],
  run(cli, { json, limit, ...where }) {
    const show = (threads: readonly ThreadSummary[]) => showThreads(cli, threads, { json, limit })
    const reader = { command: 'antiphon threads list', ...targetOf(where), empty: () => show([]) }
    return withReader(cli, reader, async ({ client }) => show(await client.threads.list({ limit })))
  },
})

function showThreads(
  { terminal }: Cli,
  threads: readonly ThreadSummary[],
  { json, limit }: { readonly json: boolean | undefined; readonly limit: number },
): number {
  const none = 'There are no threads here yet. Begin one with: antiphon chat AGENT, or antiphon ask "QUESTION"'
  const rows = threads.map(({ id, name = '', status, asked, updatedAt }) => [
    ...[id, status, String(asked), localTime(updatedAt), name],
  ])
  const print = () => printTable(terminal, ['THREAD', 'STATUS', 'MESSAGES', 'CHANGED', 'NAME'], rows)
  return showList(terminal, threads, { json, limit, none, print })
}

const threadsShowCommand = command({
  name: 'show',
  about: 'Print the newest messages of a thread with their answers.',
  args: [['<thread>', 'id of the thread']],
  options: [
    ['--json', 'print the thread and its messages as JSON'],
    ['--limit <number>', 'maximum number of messages, up to 100', { parse: parseLimit, default: 20 }],
  ],
  at: 'server',
  examples: ['threads show letters', 'threads show letters --json'],
  run(cli, id, { json, limit, ...where }) {
    const reader = { command: 'antiphon threads show', ...targetOf(where) }
    return withReader(cli, reader, async ({ client }) => {
      const { asks, ...thread } = await client.threads.get(id)
      const shown = asks.slice(-limit)
      const before = shown[0] ? shown[0].n : 0
      if (json) printJson(cli.terminal, { ...thread, asks: shown })
      else {
        cli.terminal.say(`${id}: ${formatCount(thread.asked, 'message')}, ${thread.status}`)
        if (before > 1) cli.terminal.say(`${formatCount(before - 1, 'earlier message')} not shown.`)
        for (const ask of shown) printAsk(cli.terminal, ask)
      }
      return 0
    })
  },
})

function printAsk(terminal: Terminal, ask: AskDocument): void {
  const { id, prompt, files = [], resultOf, agent, answer, reply = answer, status, problem, goal } = ask
  if (resultOf) terminal.out(`[the result of ${resultOf.calls.join(', ')} of the run ${resultOf.run}]`)
  else terminal.out(`> ${prompt.replaceAll('\n', '\n> ')}`)
  for (const file of files) terminal.out(`> ${fileLine(file)}`)
  if (reply !== '') terminal.out(reply)
  if (status === 'completed') return
  const of = ` (${agent === undefined ? id : (goal ?? agent)})`
  terminal.out(singleLine(`[${status}${of}]${problem === undefined ? '' : ` ${problem.message}`}`))
}

const threadsNameCommand = command({
  name: 'name',
  about: 'Give a thread a name, which `threads list` shows. An empty one removes it.',
  args: [
    ['<thread>', 'id of the thread'],
    ['<name>', 'its name for people, up to 200 characters'],
  ],
  at: 'server',
  examples: ['threads name letters "Letters of June"'],
  run(cli, id, name, where) {
    const session = { command: 'antiphon threads name', ...targetOf(where) }
    return withRuntime(cli, session, async ({ client }) => {
      await client.threads.name(id, name)
      cli.terminal.say(name === '' ? `${id} no longer has a name.` : `${id} has the name ${name}.`)
      return 0
    })
  },
})

const threadsStopCommand = command({
  name: 'stop',
  about: 'Stop the work on the messages of a conversation. Messages that wait are cancelled, too.',
  args: [['<thread>', 'id of the conversation']],
  options: [['--reason <text>', 'why; stored with the messages', { default: 'cancelled by the user' }]],
  at: 'server',
  examples: ['threads stop letters'],
  run(cli, id, { reason, ...where }) {
    const session = { command: 'antiphon threads stop', ...targetOf(where) }
    return withRuntime(cli, session, async ({ client }) => {
      await client.conversations.stop(id, reason)
      cli.terminal.say(`${id} is stopped: no message of it is answered any more.`)
      return 0
    })
  },
})

const threadsRemoveCommand = command({
  name: 'remove',
  about: 'Remove a thread with its messages, answers and goals.',
  args: [['<thread>', 'id of the thread']],
  at: 'server',
  notes:
    'The command fails while the thread still answers a message. For a month, a removed\nthread refuses messages. After that its id is free again.',
  examples: ['threads remove letters'],
  run(cli, id, where) {
    const session = { command: 'antiphon threads remove', ...targetOf(where) }
    return withRuntime(cli, session, async ({ client }) => {
      await client.threads.remove(id)
      cli.terminal.say(`${id} is removed.`)
      return 0
    })
  },
})

/** `threads list|show|name|stop|remove`: the conversations with agents, and the threads of questions. */
export const threadsCommand = command({
  name: 'threads',
  about: 'Show, name, stop and remove threads and conversations.',
  commands: [threadsListCommand, threadsShowCommand, threadsNameCommand, threadsStopCommand, threadsRemoveCommand],
})
