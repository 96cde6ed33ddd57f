import type { AskDocument } from '../../../thread/room/port.ts'
import { command } from '../../cli.ts'
import { limitOption, listCommand, showCommand } from '../../client-command.ts'
import { singleLine } from '../../terminal/escape.ts'
import { fileLine, formatCount, localTime } from '../../terminal/format.ts'
import type { Terminal } from '../../terminal/terminal.ts'

const listThreadsCommand = listCommand({
  about: 'List threads, the newest first by their first message.',
  options: [['--json', 'print them as JSON'], limitOption('threads', 20)],
  examples: ['threads list', 'threads list --json'],
  ask: ({ threads }, query) => threads.list(query),
  none: 'There are no threads here yet. Begin one with: antiphon chat AGENT, or antiphon ask "QUESTION"',
  head: ['THREAD', 'STATUS', 'MESSAGES', 'CHANGED', 'NAME'],
  row: ({ id, name = '', status, asked, updatedAt }) => [id, status, String(asked), localTime(updatedAt), name],
})

const showThreadCommand = showCommand({
  about: 'Print the newest messages of a thread with their answers.',
  args: [['<thread>', 'id of the thread']],
  options: [['--json', 'print the thread and its messages as JSON'], limitOption('messages', 20, 100)],
  examples: ['threads show letters', 'threads show letters --json'],
  async ask({ threads }, id, { limit }) {
    const thread = await threads.get(id)
    return { ...thread, asks: thread.asks.slice(-limit) }
  },
  print({ id, asked, status, asks }, terminal) {
    terminal.say(`${id}: ${formatCount(asked, 'message')}, ${status}`)
    const before = asks[0] ? asks[0].n : 0
    if (before > 1) terminal.say(`${formatCount(before - 1, 'earlier message')} not shown.`)
    for (const ask of asks) printAsk(terminal, ask)
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

const nameThreadCommand = showCommand({
  name: 'name',
  about: 'Give a thread a name, which `threads list` shows. An empty one removes it.',
  args: [
    ['<thread>', 'id of the thread'],
    ['<name>', 'its name for people, up to 200 characters'],
  ],
  examples: ['threads name letters "Letters of June"'],
  opens: {},
  ask: ({ threads }, id, name) => threads.name(id, name),
  print: (_, terminal, id, name) =>
    terminal.say(name === '' ? `${id} no longer has a name.` : `${id} has the name ${name}.`),
})

const stopThreadCommand = showCommand({
  name: 'stop',
  about: 'Stop the work on the messages of a conversation. Messages that wait are cancelled, too.',
  args: [['<thread>', 'id of the conversation']],
  options: [['--reason <text>', 'why; stored with the messages', { default: 'cancelled by the user' }]],
  examples: ['threads stop letters'],
  opens: {},
  ask: ({ conversations }, id, { reason }) => conversations.stop(id, reason),
  print: (_, terminal, id) => terminal.say(`${id} is stopped: no message of it is answered any more.`),
})

const removeThreadCommand = showCommand({
  name: 'remove',
  about: 'Remove a thread with its messages, answers and goals.',
  args: [['<thread>', 'id of the thread']],
  notes:
    'The command fails while the thread still answers a message. For a month, a removed\nthread refuses messages. After that its id is free again.',
  examples: ['threads remove letters'],
  opens: {},
  ask: ({ threads }, id) => threads.remove(id),
  print: (_, terminal, id) => terminal.say(`${id} is removed.`),
})

export const threadsCommand = command({
  name: 'threads',
  about: 'Show, name, stop and remove threads and conversations.',
  commands: [listThreadsCommand, showThreadCommand, nameThreadCommand, stopThreadCommand, removeThreadCommand],
})
