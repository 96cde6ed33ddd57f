import { useState } from 'preact/hooks'
import type { InboxItem, StepItem } from '../../src/client.ts'
import { FileChips } from '../chat/files.tsx'
import { answerCommand, command } from '../lib/commands.ts'
import { asText, capitalized, formatSpan } from '../lib/format.ts'
import { now } from '../lib/live.ts'
import { href } from '../lib/router.ts'
import { client } from '../lib/server.ts'
import { Action, Command, Text } from './basics.tsx'

/** An item of the inbox with its whole content and the form that answers it. `done`: called after an answer. */
export function InboxCard({ item, done }: { readonly item: InboxItem; done(): void }) {
  return (
    <article class="card item" aria-label={item.title}>
      <header>
        <span class="tag person">{kindOf(item)}</span>
        <h3>{capitalized(item.title)}</h3>
        <p class="quiet small">
          <Origin item={item} /> · waits for {formatSpan(Math.max(1000, now.value - item.since))}
          {'until' in item && item.until !== undefined && `, until ${new Date(item.until).toLocaleString()}`}
        </p>
      </header>
      {'content' in item && item.content !== undefined && <Text of={asText(item.content)} name="What it is about" />}
      {'files' in item && <FileChips files={item.files} owner={item.owner} />}
      {'changes' in item && item.changes && <Text of={item.changes.join('\n')} name="What has changed" />}
      {'text' in item && item.text !== undefined && <Text of={item.text} name="The fact" />}
      <Form item={item} done={done} />
    </article>
  )
}

/** The kind of an item, as a word for people. */
export const kindOf = ({ kind, expects }: InboxItem): string =>
  expects.type === 'money' ? 'money' : kind === 'unknown' ? 'unknown outcome' : kind

function Origin({ item }: { readonly item: InboxItem }) {
  if ('run' in item)
    return (
      <>
        step <code>{item.step}</code> of <a href={href(['runs', item.run], { step: item.step })}>{item.run}</a>
        {item.tool && ` · calls ${item.tool}`}
        {item.agent && ` · for the agent ${item.agent}`}
      </>
    )
  if (item.kind === 'goal')
    return (
      <>
        goal <a href={href(['goals', item.goal])}>{item.goal}</a> of the agent {item.agent}
      </>
    )
  return <>{'thread' in item ? `thread ${item.thread}` : `memory ${item.space}`}</>
}

function Form({ item, done }: { readonly item: InboxItem; done(): void }) {
  if ('run' in item) return <StepForm item={item} done={done} />
  switch (item.kind) {
    case 'decision':
      return (
        <Buttons
          choices={item.expects.choices}
          send={(choice) => client.inbox.decide(item.ask, { decision: choice }, { thread: item.thread })}
          words={(choice) => command('decide', item.ask, choice)}
          done={done}
        />
      )
    case 'goal':
      if (item.expects.type === 'money')
        return <Money scope={(item.signal ?? '').replace(/^budget:/, '')} done={done} />
      return (
        <>
          <p class="buttons">
            <Action kind="primary" label="Resume" does={() => client.goals.resume(item.goal).then(done)} />
          </p>
          <Command text={command('agent', 'resume', item.goal)} />
        </>
      )
    case 'fact':
      return (
        <Buttons
          choices={item.expects.choices}
          send={(choice) =>
            choice === 'accept' ? client.memory.accept(item.record) : client.memory.decline(item.record)
          }
          words={(choice) => command('memory', choice, item.record)}
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
                words={(choice) => command('consent', item.ask, String(message.message), choice)}
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

/** The outcomes of a call that was cut off, as a person says them. None is the one to expect. */
const OUTCOMES: { readonly [outcome: string]: string } = {
  done: 'It took place',
  'not-done': 'It did not: make it now',
  fail: 'Let its step fail',
}

function Buttons<Choice extends string>({
  choices,
  labels,
  send,
  words,
  done,
}: {
  readonly choices: readonly Choice[]
  /** words for the choices; absent: the first choice is the one to expect */
  readonly labels?: { readonly [choice: string]: string }
  send(choice: Choice): Promise<unknown>
  words(choice: Choice): string
  done(): void
}) {
  return (
    <>
      <p class="buttons">
        {choices.map((choice, index) => (
          <Action
            key={choice}
            label={labels?.[choice] ?? choice}
            kind={index === 0 && !labels ? 'primary' : ''}
            does={() => send(choice).then(done)}
          />
        ))}
      </p>
      <Command text={words(choices[0]!)} />
    </>
  )
}

function StepForm({ item, done }: { readonly item: StepItem; done(): void }) {
  const { run, step, signal, expects } = item
  const send = (value: unknown) => client.runs.signal(run, signal, value as never).then(done)
  switch (expects.type) {
    case 'approval':
      return <Approval item={item} send={send} />
    case 'settlement':
      return (
        <>
          <p class="quiet small">
            Look where the call would have left its mark. If it took place, it is not made again. If it did not, it is
            made now, under its key.
          </p>
          <Buttons
            choices={['done', 'not-done', 'fail'] as const}
            labels={OUTCOMES}
            send={(outcome) => client.runs.settle(run, step, { outcome }).then(done)}
            words={(outcome) => answerCommand(item, outcome)}
            done={() => {}}
          />
        </>
      )
    case 'money':
      return <Money scope={signal.replace(/^budget:/, '')} done={done} />
    case 'nothing':
      return <p class="quiet">It continues by itself.</p>
    case 'choice':
      return <Choices item={item} send={send} values={expects.choices ?? []} />
    case 'boolean':
      return <Choices item={item} send={send} values={[true, false]} />
    default:
      return <Words item={item} send={send} />
  }
}

type SendProps = { readonly item: StepItem; send(value: unknown): Promise<unknown> }

function Approval({ item, send }: SendProps) {
  const [reason, setReason] = useState('')
  const [changed, setChanged] = useState<string | undefined>()
  const { digest, content, expects } = item
  const said = reason.trim() === '' ? {} : { reason: reason.trim() }
  const approved = { action: 'approve', ...said, ...(digest !== undefined && { digest }) }
  const isModifiable = content !== undefined && (expects.choices ?? []).includes('modify')
  const modify = async () => {
    const isText = typeof content === 'string'
    return send({ action: 'modify', ...said, content: isText ? changed : JSON.parse(changed ?? 'null') })
  }
  return (
    <>
      {changed !== undefined && (
        <label class="field">
          The content that you approve
          <textarea rows={8} value={changed} onInput={({ currentTarget }) => setChanged(currentTarget.value)} />
        </label>
      )}
      <label class="field">
        Reason{expects.reason ? '' : ' (optional)'}
        <input value={reason} onInput={({ currentTarget }) => setReason(currentTarget.value)} />
      </label>
      <p class="buttons">
        {changed === undefined ? (
          <Action
            kind="primary"
            label="Approve"
            disabled={expects.reason === true && reason.trim() === ''}
            does={() => send(approved)}
          />
        ) : (
          <Action kind="primary" label="Approve this change" does={modify} />
        )}
        <Action label="Reject" does={() => send({ action: 'reject', ...said })} />
        {isModifiable && (
          <button type="button" onClick={() => setChanged(changed === undefined ? asText(content) : undefined)}>
            {changed === undefined ? 'Change it' : 'Leave it as it was'}
          </button>
        )}
      </p>
      <Command text={answerCommand(item, Object.keys(approved).length === 1 ? 'approve' : approved)} />
    </>
  )
}

function Choices({ item, send, values }: SendProps & { readonly values: readonly unknown[] }) {
  return (
    <>
      <p class="buttons">
        {values.map((value) => (
          <Action
            key={asText(value)}
            label={value === true ? 'yes' : value === false ? 'no' : asText(value)}
            does={() => send(value)}
          />
        ))}
      </p>
      <Command text={answerCommand(item, values[0])} />
    </>
  )
}

/** A text, a number, or for other questions JSON. */
function Words({ item, send }: SendProps) {
  const { type, default: given, questions } = item.expects
  const [text, setText] = useState(given === undefined ? '' : asText(given))
  const isJson = type === 'any' || type === 'answers'
  const value = () => (type === 'number' ? Number(text) : isJson ? JSON.parse(text) : text)
  return (
    <>
      {questions && <Text of={asText(questions)} name="The questions" />}
      {type === 'multiline' || isJson ? (
        <label class="field">
          {isJson ? 'Answer, as JSON' : 'Answer'}
          <textarea rows={5} value={text} onInput={({ currentTarget }) => setText(currentTarget.value)} />
        </label>
      ) : (
        <label class="field">
          Answer
          <input
            value={text}
            inputMode={type === 'number' ? 'decimal' : 'text'}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        </label>
      )}
      <p class="buttons">
        <Action kind="primary" label="Send" does={async () => send(value())} />
      </p>
      <Command text={answerCommand(item, text || 'TEXT')} />
    </>
  )
}

function Money({ scope, done }: { readonly scope: string; done(): void }) {
  const [dollars, setDollars] = useState('')
  return (
    <>
      <label class="field">
        New limit of the budget {scope}, in dollars
        <input
          type="number"
          min="0"
          step="any"
          value={dollars}
          onInput={({ currentTarget }) => setDollars(currentTarget.value)}
        />
      </label>
      <p class="buttons">
        <Action
          kind="primary"
          label="Raise"
          disabled={dollars === ''}
          does={() => client.budgets.raise(scope, Number(dollars)).then(done)}
        />
      </p>
      <Command text={command('budget', 'raise', scope, dollars || 'DOLLARS')} />
    </>
  )
}
