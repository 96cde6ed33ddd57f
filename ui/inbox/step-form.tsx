import type { StepItem } from '../../src/client.ts'
import { answerCommand, sampleAnswer } from '../lib/commands.ts'
import { asText, typedAnswer } from '../lib/format.ts'
import { useKept } from '../lib/kept.ts'
import { client } from '../lib/server.ts'
import { Action, Actions, Command, Text } from '../parts/basics.tsx'
import { Buttons, Money } from './buttons.tsx'
import { keyOf } from './waiting.ts'

/** The form that answers a step: an approval, a choice, a text, an unknown outcome, or more money. */
export function StepForm({ item, done }: { readonly item: StepItem; done(): void }) {
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
  const [reason, setReason, clearReason] = useKept(`reason ${keyOf(item)}`, () => '')
  const [changed, setChanged, clearChanged] = useKept<string | undefined>(`change ${keyOf(item)}`, () => undefined)
  const { digest, content, expects } = item
  const said = reason.trim() === '' ? {} : { reason: reason.trim() }
  const approved = { action: 'approve', ...said, ...(digest !== undefined && { digest }) }
  const isModifiable = content !== undefined && (expects.choices ?? []).includes('modify')
  const lacksReason = expects.reason === true && reason.trim() === ''
  const isText = typeof content === 'string'
  const answer = async (value: unknown) => {
    await send(value)
    clearReason()
    clearChanged()
  }
  const modify = async (text: string) =>
    answer({ action: 'modify', ...said, content: isText ? text : typedAnswer('any', text) })
  const plain = Object.keys(approved).length === 1 ? 'approve' : approved
  /** The change as JSON, as far as what is typed is JSON. */
  const changeIn = (text: string) =>
    `${JSON.stringify({ action: 'modify', ...said }).slice(0, -1)},"content":${isText ? JSON.stringify(text) : text}}`
  return (
    <>
      {changed !== undefined && (
        <label class="field">
          The content that you approve
          <textarea rows={8} value={changed} onInput={({ currentTarget }) => setChanged(currentTarget.value)} />
        </label>
      )}
      <label class="field">
        Reason{expects.reason ? ': this question needs one' : ' (optional)'}
        <input value={reason} onInput={({ currentTarget }) => setReason(currentTarget.value)} />
      </label>
      <Actions>
        {changed === undefined ? (
          <Action kind="primary" label="Approve" disabled={lacksReason} does={() => answer(approved)} />
        ) : (
          <Action kind="primary" label="Approve this change" disabled={lacksReason} does={() => modify(changed)} />
        )}
        <Action label="Reject" disabled={lacksReason} does={() => answer({ action: 'reject', ...said })} />
        {isModifiable && (
          <button type="button" onClick={() => setChanged(changed === undefined ? asText(content) : undefined)}>
            {changed === undefined ? 'Change it' : 'Leave it as it was'}
          </button>
        )}
      </Actions>
      <Command text={answerCommand(item, changed === undefined ? plain : changeIn(changed))} />
    </>
  )
}

function Choices({ item, send, values }: SendProps & { readonly values: readonly unknown[] }) {
  return (
    <>
      <Actions>
        {values.map((value) => (
          <Action
            key={asText(value)}
            label={value === true ? 'yes' : value === false ? 'no' : asText(value)}
            does={() => send(value)}
          />
        ))}
      </Actions>
      <Command text={answerCommand(item, values[0])} />
    </>
  )
}

/** A text, a number, or for other questions JSON. */
function Words({ item, send }: SendProps) {
  const { type, default: given, questions } = item.expects
  const [text, setText, clear] = useKept(`answer ${keyOf(item)}`, () => (given === undefined ? '' : asText(given)))
  const isJson = type === 'any' || type === 'answers'
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
      <Actions>
        <Action kind="primary" label="Send" does={async () => send(typedAnswer(type, text)).then(clear)} />
      </Actions>
      <Command text={answerCommand(item, text || sampleAnswer(item.expects))} />
    </>
  )
}

/** The outcomes of a call that was cut off, as a person says them. None is the one to expect. */
const OUTCOMES: { readonly [outcome: string]: string } = {
  done: 'It took place',
  'not-done': 'It did not: make it now',
  fail: 'Let its step fail',
}
