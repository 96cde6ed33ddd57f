import type { InboxItem, StepItem } from '../../src/client.ts'
import { FileChips } from '../chat/files.tsx'
import { asText, capitalized, formatSpan, now } from '../lib/format.ts'
import { href } from '../lib/router.ts'
import { client, may, type Scope } from '../lib/server.ts'
import { Action, Actions, Command, Text } from '../parts/basics.tsx'
import { MAX_FIELDS } from '../start/fields.ts'
import { Buttons, Money } from './buttons.tsx'
import { StepForm } from './step-form.tsx'
import { isOpen, placeOf } from './waiting.ts'

/** An item of the inbox with its whole content and the form that answers it. `done`: called after an answer. */
export function InboxCard({ item, done }: { readonly item: InboxItem; done(): void }) {
  return (
    <article class={`card item${isOpen(item) ? ' chosen' : ''}`} aria-label={item.title}>
      <header>
        <span class="tag person">{kindOf(item)}</span>
        <h3>{may('read') ? <a href={placeOf(item)}>{titleOf(item)}</a> : titleOf(item)}</h3>
        <p class="quiet small">
          <Origin item={item} /> · waits for {formatSpan(Math.max(1000, now.value - item.since))}
          {unanswered(item)}
        </p>
      </header>
      {'content' in item && item.content !== undefined && (
        <Content of={item.content} files={'files' in item ? item.files : undefined} />
      )}
      {'run' in item && <Doubt item={item} />}
      {'run' in item && item.lastMessage !== undefined && <Quote of={item.lastMessage} name="They wrote last" />}
      {'run' in item && <FileChips files={[...(item.files ?? []), ...(item.lastFiles ?? [])]} owner={item.owner} />}
      {'changes' in item && item.changes && <Text of={item.changes.join('\n')} name="What has changed" />}
      {'arrived' in item && item.arrived && (
        <Text of={item.arrived.map(arrivedLine).join('\n')} name="What came for it" />
      )}
      {'text' in item && item.text !== undefined && <Text of={item.text} name="The fact" />}
      {may(scopeFor(item)) ? (
        <Form item={item} done={done} />
      ) : (
        <p class="quiet">You may read this, but not answer it.</p>
      )}
    </article>
  )
}

/** What is known of a call that may have taken place, to look it up at the other service. */
function Doubt({ item: { idempotencyKey, sentAt, lastWords, progress, lookedUp } }: { readonly item: StepItem }) {
  return (
    <>
      {idempotencyKey !== undefined && (
        <p class="quiet small">
          {sentAt !== undefined && `Sent at ${new Date(sentAt).toLocaleString()}. `}Its idempotency key:{' '}
          <code>{idempotencyKey}</code>
        </p>
      )}
      {lastWords !== undefined && <Quote of={lastWords} name="The last words of the service" />}
      {progress !== undefined && <Quote of={JSON.stringify(progress)} name="The call last said" />}
      {lookedUp && (
        <p class="quiet small">
          Looked up at {new Date(lookedUp.at).toLocaleString()}: {lookedUp.found}
        </p>
      )}
    </>
  )
}

export const Quote = ({ of, name }: { readonly of: string; readonly name: string }) => (
  <>
    <p class="quiet small">{name}</p>
    <blockquote>{of}</blockquote>
  </>
)

/** What happens if nobody answers. */
function unanswered(item: InboxItem): string {
  const until = 'until' in item && item.until !== undefined ? new Date(item.until).toLocaleString() : undefined
  if (item.expects.type === 'nothing') return until === undefined ? '' : ` · it tries again at ${until}`
  return until === undefined ? ' · it waits without a limit' : ` · without an answer it ends at ${until}`
}

type Arrived = NonNullable<Extract<InboxItem, { readonly run: string }>['arrived']>[number]

/** A signal that a step has not taken. */
const arrivedLine = ({ at, problem, value }: Arrived) =>
  `${new Date(at).toLocaleString()}, ${problem === undefined ? 'waits for code' : `does not fit: ${problem}`}${value === undefined ? '' : `\n${asText(value)}`}`

function scopeFor(item: InboxItem): Scope {
  if (item.kind === 'fact') return 'memory'
  if (item.kind === 'decision' || item.kind === 'consent') return 'ask'
  return 'run' in item && item.kind !== 'signal' && item.expects.type !== 'money' ? 'approve' : 'run'
}

/** The kind of an item, as a word for people. */
export const kindOf = ({ kind, expects }: InboxItem): string =>
  expects.type === 'money' ? 'money' : (KINDS[kind] ?? kind)

const KINDS: { readonly [kind: string]: string } = {
  unknown: 'unknown outcome',
  prompt: 'question',
  signal: 'answer',
}

/** The question of an item, on one line. */
export const titleOf = (item: InboxItem): string =>
  capitalized(item.title.replace(/^waits for the signal /, 'An answer is awaited: ')) + callIn(item)

/** The arguments of a call in doubt: the question whether it took place names only its tool. */
function callIn(item: InboxItem): string {
  if (item.kind !== 'unknown' || typeof item.content !== 'object') return ''
  const short = Object.entries(item.content ?? {}).filter(([, value]) => `${value}`.length <= 40)
  const named = short.flatMap(([name, value]) => (typeof value === 'object' ? [] : [`${name} ${value}`]))
  return named.length === 0 ? '' : ` (${named.slice(0, 2).join(', ')})`
}

/** For whom an item is, and where it waits. `isShort`: it stands in a row. */
export function Origin({ item, isShort = false }: { readonly item: InboxItem; readonly isShort?: boolean }) {
  if (item.kind === 'goal')
    return (
      <>
        {may('read') ? <a href={href(['goals', item.goal])}>a goal</a> : 'a goal'} of the agent {item.agent}
        <Customer item={{ owner: item.owner }} />
      </>
    )
  if (!('run' in item)) return <>{'thread' in item ? `conversation ${item.thread}` : `memory ${item.space}`}</>
  const { run, step, tool, agent } = item
  if (agent !== undefined)
    return (
      <>
        agent {agent}
        {tool && ` calls ${tool}`}
        <Customer item={item} />
      </>
    )
  if (!may('read')) return <>{tool ? `calls ${tool}` : `step ${step}`}</>
  return (
    <>
      step <code>{step}</code> of{' '}
      <a href={href(['runs', run], { step })}>{isShort && run.startsWith('run_') ? run.slice(0, 12) : run}</a>
      {tool && ` · calls ${tool}`}
      <Customer item={item} />
    </>
  )
}

/** The owner of the work, and its conversation or its goal, one click away. */
function Customer({ item }: { readonly item: Pick<StepItem, 'owner' | 'conversation' | 'goal'> }) {
  const { owner, conversation, goal } = item
  const path = conversation === undefined ? ['goals', goal ?? ''] : ['threads', `${owner}:${conversation}`]
  const name = conversation === undefined ? goal && 'its goal' : `conversation ${conversation}`
  return (
    <>
      {owner !== LOCAL && ` · for ${owner}`}
      {name && ' · '}
      {name && (may('read') ? <a href={href(path)}>{name}</a> : name)}
    </>
  )
}

/** The user of the data folder, who needs no name. */
const LOCAL = 'local'

type ContentProps = { readonly of: unknown; readonly name?: string; readonly files?: StepItem['files'] }

/** What an item is about: arguments as a table, with their JSON one click away, and all else as a text. */
export function Content({ of, name: title = 'What it is about', files = [] }: ContentProps) {
  const nameOf = (value: unknown) =>
    files.find(({ file }) => file === (value as { readonly file?: string } | null)?.file)?.name
  const entries = typeof of === 'object' && of !== null && !Array.isArray(of) ? Object.entries(of) : []
  if (entries.length === 0 || entries.length > MAX_FIELDS) return <Text of={asText(of)} name={title} />
  return (
    <>
      <table class="arguments" aria-label={title}>
        <tbody>
          {entries.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{nameOf(value) ?? (typeof value === 'string' ? value : JSON.stringify(value))}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <details>
        <summary>As JSON</summary>
        <Text of={asText(of)} name="As JSON" />
      </details>
    </>
  )
}

function Form({ item, done }: { readonly item: InboxItem; done(): void }) {
  if ('run' in item) return <StepForm item={item} done={done} />
  switch (item.kind) {
    case 'decision':
      return (
        <Buttons
          choices={item.expects.choices}
          send={(choice) => client.inbox.decide(item.ask, { decision: choice }, { thread: item.thread })}
          words={(choice) => ['decide', item.ask, choice]}
          done={done}
        />
      )
    case 'goal':
      if (item.expects.type === 'money')
        return <Money scope={(item.signal ?? '').replace(/^budget:/, '')} done={done} />
      return (
        <>
          <Actions>
            <Action kind="primary" label="Resume" does={() => client.goals.resume(item.goal).then(done)} />
          </Actions>
          <Command words={['agent', 'resume', item.goal]} />
        </>
      )
    case 'fact':
      return (
        <Buttons
          choices={item.expects.choices}
          send={(choice) =>
            choice === 'accept' ? client.memory.accept(item.record) : client.memory.decline(item.record)
          }
          words={(choice) => ['memory', choice, item.record]}
          done={done}
        />
      )
    case 'money':
      return <Money scope={item.signal.replace(/^budget:/, '')} done={done} />
    case 'consent':
      return (
        <>
          {item.messages.map((message) => (
            <div key={message.message}>
              <Text of={message.text} name="The message" />
              <Buttons
                choices={item.expects.choices}
                send={(choice) =>
                  client.inbox.consent(item.ask, [{ message: message.message, answer: choice } as never], {
                    thread: item.thread,
                  })
                }
                words={(choice) => ['consent', item.ask, String(message.message), choice]}
                done={done}
              />
            </div>
          ))}
        </>
      )
    default:
      return <p class="quiet">It continues by itself.</p>
  }
}
