import { useEffect, useMemo, useState } from 'preact/hooks'
import { is, type MessageReply, type ThreadMessage, type ThreadSummary } from '../../src/client.ts'
import { InboxCard } from '../inbox/card.tsx'
import { CardList } from '../inbox/cards.tsx'
import { useKept } from '../lib/kept.ts'
import { useLoaded } from '../lib/load.ts'
import { go, href, route } from '../lib/router.ts'
import { client, may, offeredAgents } from '../lib/server.ts'
import { Action, Empty, Loading, Shown, Status } from '../parts/basics.tsx'
import { Chip } from '../parts/filters.tsx'
import { Composer } from './composer.tsx'
import { Exchange, OPEN, type Said } from './exchange.tsx'
import type { Need } from './live.ts'
import { useLive } from './live-text.ts'
import { ThreadRows } from './thread-rows.tsx'

const PAGE = 50
const MOST = 1000
/** Messages of one request. */
const MESSAGES = 1000
/** Conversations that are looked through for the name of one. */
const NAMES = 200
/** Conversations that are looked at, to say whether they wait for a person. */
const MAX_LOOKED_AT = 10
/** Characters of the first message that name a conversation. */
const NAME_LENGTH = 60

/** The pages of a caller that may talk, and read no other work: its conversations, and one of them. */
export function TalkPages() {
  const [first, second] = route.value.path
  if (first === 'threads' && second !== undefined) return <Talk key={second} id={second} />
  return <Talks />
}

/** The caller's conversations, and the form that begins another one. */
function Talks() {
  const [size, setSize] = useState(PAGE)
  const threads = useLoaded(`threads ${size}`, () => client.threads.list({ limit: size }), ['threads'])
  const changed = threads.value?.map(({ id, updatedAt }) => `${id} ${updatedAt}`).join() ?? ''
  const held = useLoaded(`held ${changed}`, () => findHeld(threads.value ?? []), ['threads']).value
  return (
    <>
      <h1>Conversations</h1>
      <NewTalk />
      <section>
        <Shown of={threads} lines={4}>
          {(found) =>
            found.length > 0 && (
              <ThreadRows
                threads={found}
                known={({ id }) => ({ isHeld: held?.includes(id) ?? false })}
                more={found.length >= size && size < MOST ? () => setSize(Math.min(MOST, size + 2 * PAGE)) : undefined}
              />
            )
          }
        </Shown>
      </section>
    </>
  )
}

/** The conversations, among the newest that are running, that wait for a person or for the operator of the server. */
async function findHeld(threads: readonly ThreadSummary[]): Promise<readonly string[]> {
  const running = threads.filter(({ status }) => OPEN.includes(status)).slice(0, MAX_LOOKED_AT)
  const newest = await Promise.all(
    running.map(async ({ id, asked }) => {
      const [message] = await client.threads.messages(id, { after: Math.max(0, 2 * asked - 2), limit: 1 })
      return { id, isHeld: message !== undefined && isHeldUp(await replyOf(id, message.ask)) }
    }),
  )
  return newest.flatMap(({ id, isHeld }) => (isHeld ? [id] : []))
}

const isHeldUp = (reply: MessageReply | undefined): boolean =>
  reply?.status === 'waiting' && (reply.for === 'person' || reply.problem !== undefined)

/** A new conversation begins with its first message, to one of the agents that the program offers. */
function NewTalk() {
  const agents = offeredAgents()
  const [chosen, choose] = useState(agents?.[0] ?? '')
  const [id, keepId, clearId] = useKept('new conversation', () => `chat_${crypto.randomUUID().slice(0, 13)}`)
  // a reload brings its message back
  useEffect(() => keepId(id), [id])
  const sent = (text: string) => {
    clearId()
    void begun(id, text)
  }
  if (agents?.length === 0) return <Empty title="There is no agent to talk with." />
  return (
    <section class="card">
      <h2>{agents?.length === 1 ? `Talk with ${chosen}` : 'New conversation'}</h2>
      {agents === undefined && (
        <label class="field">
          Agent
          <input value={chosen} onInput={({ currentTarget }) => choose(currentTarget.value)} />
        </label>
      )}
      {agents !== undefined && agents.length > 1 && (
        <ul class="chips choices">
          {agents.map((name) => (
            <li key={name}>
              <Chip isOn={name === chosen} press={() => choose(name)}>
                {name}
              </Chip>
            </li>
          ))}
        </ul>
      )}
      {chosen.trim() !== '' && <Composer key={id} thread={id} agent={chosen.trim()} isBusy={false} sent={sent} />}
    </section>
  )
}

/** Shows a conversation that has begun. Its first words name it in lists; without them its id does. */
async function begun(id: string, text: string): Promise<void> {
  const name = text.trim().split('\n')[0]!.slice(0, NAME_LENGTH)
  if (name !== '') await client.threads.name(id, name).catch(() => undefined)
  go(href(['threads', id]))
}

/** A conversation: its messages, what it waits for, and the form for the next message. */
function Talk({ id }: { readonly id: string }) {
  const topics = ['threads', `thread/${id}`]
  const ended = useMemo(() => new Map<string, MessageReply>(), [])
  const talk = useLoaded(`talk ${id}`, () => readTalk(id, ended), topics)
  const isNew = talk.value?.length === 0 || talk.failure?.code === 'not_found'
  const live = useLive(id, talk.value !== undefined && !isNew)
  const summary = useLoaded(`talk-name ${id}`, () => findSummary(id), topics).value
  const wanted = route.value.query.get('agent') ?? onlyOne(offeredAgents())
  const agent = live.value.agent ?? wanted
  if (talk.value === undefined && talk.failure === undefined) return <Loading />
  if (isNew && wanted === undefined)
    return <Empty title={`There is no conversation ${id}.`} way={[href([]), 'All conversations']} />
  const said = isNew ? [] : (talk.value ?? [])
  const isBusy = said.some(({ status }) => OPEN.includes(status))
  const isHeld = said.some((one) => one.isHeld)
  return (
    <>
      <p class="crumbs">
        <a href={href([])}>Conversations</a>
      </p>
      <header class="run-head">
        <h1>
          {summary?.name ?? id}{' '}
          {summary && <Status of={isHeld ? 'waiting' : isBusy ? 'running' : (said.at(-1)?.status ?? summary.status)} />}
        </h1>
        {agent && <p class="quiet">with {agent}</p>}
        {isBusy && (
          <div class="buttons">
            <Action
              kind="danger"
              label="Stop"
              does={() => client.conversations.stop(id, 'stopped on the dashboard').then(talk.reload)}
            />
          </div>
        )}
      </header>
      {!isNew && (
        <Shown of={talk}>
          {() => (
            <ol class="talk">
              {said.map((one) => (
                <li key={one.id}>
                  <Exchange
                    ask={one}
                    isHeld={one.isHeld}
                    live={OPEN.includes(one.status) ? live.value : undefined}
                    thread={id}
                  />
                </li>
              ))}
            </ol>
          )}
        </Shown>
      )}
      <CardList
        items={isHeld ? live.value.needs : []}
        keyOf={keyOfNeed}
        done={talk.reload}
        card={(need, answered) => <NeedCard need={need} done={answered} />}
      />
      {agent !== undefined && (offeredAgents()?.includes(agent) ?? true) && (
        <Composer thread={id} agent={agent} isBusy={isBusy} sent={talk.reload} />
      )}
    </>
  )
}

const onlyOne = (names: readonly string[] = []) => (names.length === 1 ? names[0] : undefined)

const keyOfNeed = ({ run, signal }: Need) => `${run} ${signal}`

type NeedCardProps = { readonly need: Need; done(): void }

/** A call that waits for a person: most visitors wait with it, and one with the scope `approve` answers. */
const NeedCard = (props: NeedCardProps) =>
  props.need.run !== undefined && may('approve') ? <AnswerCard {...props} /> : <WaitCard {...props} />

/** The call as the inbox has it, with its whole content: nobody approves what is not shown. */
function AnswerCard({ need, done }: NeedCardProps) {
  const { run = '', signal } = need
  const read = async () =>
    (await client.inbox.list({ run, content: 'whole' })).find((item) => item.signal === signal) ?? null
  const item = useLoaded(`need ${keyOfNeed(need)}`, read)
  return (
    <Shown of={item} lines={4}>
      {(found) => (found ? <InboxCard item={found} done={done} /> : <WaitCard need={need} />)}
    </Shown>
  )
}

const WaitCard = ({ need: { title } }: Pick<NeedCardProps, 'need'>) => (
  <article class="card item" aria-label={title}>
    <header>
      <span class="tag person">waits</span>
      <h3>{title}</h3>
    </header>
    <p class="quiet">It waits for a person. The answer follows here.</p>
  </article>
)

async function findSummary(id: string) {
  return (await client.threads.list({ limit: NAMES })).find((one) => one.id === id)
}

type Message = Said & {
  /** it waits for a person, or for the operator of the server */
  readonly isHeld: boolean
}

/** The messages of a conversation with their answers. `ended`: the ends of messages that are known, by their ids. */
async function readTalk(id: string, ended: Map<string, MessageReply>): Promise<readonly Message[]> {
  const messages: ThreadMessage[] = []
  for (let after: number | undefined = 0; after !== undefined; ) {
    const page: readonly ThreadMessage[] = await client.threads.messages(id, { after, limit: MESSAGES })
    messages.push(...page)
    after = page.length < MESSAGES ? undefined : page.at(-1)!.n
  }
  const answers = new Map(messages.flatMap((one) => (one.role === 'assistant' ? [[one.ask, one] as const] : [])))
  const newest = messages.at(-1)?.ask
  return Promise.all(
    messages
      .filter(({ role }) => role === 'user')
      .map(async (message): Promise<Message> => {
        const { ask, text, at } = message
        const answer = answers.get(ask)
        const reply = answer && ask !== newest ? undefined : (ended.get(ask) ?? (await replyOf(id, ask)))
        if (reply && reply.status !== 'waiting') ended.set(ask, reply)
        return {
          id: ask,
          prompt: text,
          answer: answer?.text ?? (reply?.status === 'completed' ? reply.answer : ''),
          status: reply === undefined ? 'completed' : reply.status === 'waiting' ? 'running' : reply.status,
          isHeld: isHeldUp(reply),
          ...(message.files && { files: message.files }),
          ...(answer?.files && { answerFiles: answer.files }),
          ...(message.resultOf && { resultOf: message.resultOf }),
          ...(at !== undefined && { askedAt: at }),
          ...(answer?.at !== undefined && { endedAt: answer.at }),
          ...(reply && 'problem' in reply && reply.problem && { problem: reply.problem }),
        }
      }),
  )
}

/** How a message stands; undefined: it is a question that no agent answers. */
async function replyOf(conversation: string, message: string): Promise<MessageReply | undefined> {
  try {
    return await client.conversations.get(conversation, message)
  } catch (error) {
    if (is(error) && error.code === 'not_found') return undefined
    throw error
  }
}
