import { is, unlessMissing } from '../../../../errors.ts'
import { newId } from '../../../arguments/options.ts'
import type { Cli } from '../../../cli.ts'
import { isGone, type Session } from '../../../connect/session.ts'
import { explainError } from '../../../terminal/errors.ts'
import { formatCount } from '../../../terminal/format.ts'
import type { Chat } from '../chat.ts'
import { createAttachments } from './attachments.ts'
import { growingAnswer } from './growing-answer.ts'
import { createChatInput } from './input.ts'
import { followMessage, printReply } from './reply.ts'

const HELP = `Each line is a message. A line that ends with \\ goes on in the next one.
/file PATH  add a file to your next message, as dropping one here does; an empty line sends files alone
/stop   stop the work on your messages, as Ctrl-C does
/new    begin a new conversation
/tools  list the tools of the agent
/exit   end this program, as Ctrl-D does; the conversation stays`

/** Talks with an agent at the terminal until the person ends it. Returns the exit code. */
export async function talk(
  cli: Cli,
  session: Session,
  chat: Chat & { readonly conversation: string },
): Promise<number> {
  const { terminal } = cli
  const { client, signal, command } = session
  const { agent, json, budget, priority, file = [] } = chat
  const input = createChatInput(terminal, signal)
  const growing = json ? undefined : growingAnswer(terminal)
  // a picture that is redrawn would hide what the person types
  const plain = { ...terminal, live: false, read: input.read }
  const shown = { terminal: plain, session, pauses: input.pauses, ...(growing && { growing }) }
  const goals = new Set<string>()
  const attachments = createAttachments(client, terminal)
  let { conversation } = chat
  let replies: Promise<void> = Promise.resolve()
  let working = 0
  let isStopping = false

  function showReply(id: string): void {
    const at = conversation
    working++
    replies = replies.then(async () => {
      try {
        const goalsBefore = goals.size
        const reply = await followMessage({ ...shown, conversation: at, goals }, id)
        // the answer to a message that has joined another one was printed with that
        const isNew = goals.size > goalsBefore || reply.goal === undefined
        const wasShown = reply.status === 'completed' && growing?.wasShown(reply.answer)
        if (!signal.aborted && isNew && !wasShown) printReply(terminal, reply, json)
      } catch (error) {
        if (!signal.aborted && !isGone(error)) sayError(error)
      } finally {
        working--
        isStopping &&= working > 0
      }
    })
  }

  const sayError = (error: unknown) => terminal.say(explainError(error, terminal.folder).text)

  async function send(text: string): Promise<void> {
    const sent = { agent, text, conversation, id: newId('msg'), interactive: true, ...attachments.fields() }
    const { id, status } = await client.conversations.post({
      ...sent,
      ...(budget !== undefined && { budget }),
      ...(priority && { priority }),
    })
    attachments.clear()
    session.goOnWith(command('chat', agent, '--conversation', conversation))
    if (status === 'joined') terminal.say('It joins the work on your earlier message.')
    if (status === 'queued') terminal.say('It waits for your earlier message.')
    showReply(id)
  }

  async function stop(): Promise<void> {
    if (working === 0) return terminal.say('The agent does nothing now.')
    isStopping = true
    await client.conversations.stop(conversation, 'the person has stopped it')
  }

  const commands: { readonly [name: string]: () => unknown } = {
    stop,
    new() {
      conversation = newId('chat')
      terminal.say(`This is a new conversation: ${conversation}`)
    },
    tools: () => sayTools(cli, session, agent),
    help: () => terminal.say(HELP),
  }

  async function take(text: string): Promise<void> {
    const [, name, written] = /^\/(\w+)(?:[ \t]+(.*))?$/.exec(text) ?? []
    if (name === 'file') return attachments.add(written ?? '')
    if (await attachments.drop(text)) return
    if (name === undefined || written !== undefined) return send(text)
    const act = Object.hasOwn(commands, name) ? commands[name] : undefined
    if (act) await act()
    else terminal.say(`There is no command /${name}. See /help. To send it as a message, begin with a blank.`)
  }

  session.onInterrupt(() => {
    // a second Ctrl-C ends the command
    if (working === 0 || isStopping) return false
    stop().catch(sayError)
    return true
  })
  for (const id of await openMessages(cli, session, conversation)) showReply(id)
  for (const path of file) await attachments.add(path)
  for (let text = await input.next(); text !== undefined && text.trim() !== '/exit'; text = await input.next()) {
    const isBlank = text.trim() === ''
    if (isBlank && !attachments.fields().files) continue
    // the conversation stays usable after a mistake
    await (isBlank ? send('') : take(text.trimEnd())).catch((error: unknown) => {
      if (isGone(error) || !is(error)) throw error
      sayError(error)
    })
  }
  if (signal.aborted) return 130
  terminal.say(`To go on: ${command('chat', agent, '--conversation', conversation)}`)
  return 0
}

/** Prints the size of a conversation, and returns the messages that an agent still works on. */
async function openMessages({ terminal }: Cli, { client }: Session, conversation: string): Promise<readonly string[]> {
  const thread = await client.threads.get(conversation).catch(unlessMissing)
  if (!thread) {
    terminal.say('Write a message. /help lists what else you can do.')
    return []
  }
  terminal.say(`The conversation has ${formatCount(thread.asked, 'message')}.`)
  return thread.asks.filter(({ agent, endedAt }) => agent !== undefined && endedAt === undefined).map(({ id }) => id)
}

async function sayTools({ terminal }: Cli, { client }: Session, agent: string): Promise<void> {
  const { tools } = await client.goals.tools(agent)
  terminal.say(tools.length === 0 ? 'The agent has no tools.' : tools.join('\n'))
}
